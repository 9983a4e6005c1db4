"""Guards of what was measured of the sun: power that cannot be is named and left out. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from controller.core.model import Reason
from forecasting.grid import DAY_S, HOUR_S, Bools, Floats
from forecasting.records import PvRecord
from forecasting.sanity.irradiance import believed_ghi
from forecasting.sanity.sensors import COARSE, sensor_reason
from forecasting.sanity.series import (
    around,
    finite,
    highest_near,
    lasted_s,
    lasting,
    lowest_near,
    moved,
    repeats,
    resolution,
    steps,
)
from forecasting.sanity.sky import NIGHT_WM2, Sky, check_same_grid, night
from forecasting.sanity.thermometer import believed_c
from forecasting.sanity.time_shift import Light, proven_shift_h
from forecasting.sanity.units import far_too_great

_TOP = 0.995
_BRIGHT, _DARK = 0.02, 0.001
"""Parts of the plant's usual peak that are surely light, and surely none."""
_HIGH_SUN_WM2 = 250.0
"""Under a clear sky of this every inverter is awake, however thick the clouds."""
_NO_LIGHT_WM2, _STORM_WM2 = 1.0, 60.0
"""In the thickest storm a sensor sees something by day, and inverters may rest."""
_BEYOND = 1.5
_OTHER_UNIT = 5.0
_COMMON = 0.01
_STUCK_S = 2 * HOUR_S
_STUCK_STEPS = 4
_OF_A_LIMIT = 3
_LOST_S = 8 * HOUR_S
"""High sun without power for longer than on one day."""


def inspect_pv(
    record: PvRecord, sky: Sky, ceiling_w: float | None, *, name: str = "pv"
) -> tuple[PvRecord, tuple[Reason, ...]]:
    """A record as far as it can be believed, NaN where not, and what was wrong with it.

    Args:
        record: Of one array or of the whole site.
        sky: On the record's grid (ValueError if not).
        ceiling_w: What the plant can give at most [W]; None where nobody knows.
        name: Of the array, for the sentences.
    """
    check_same_grid(record.grid, sky)
    reasons: list[Reason] = []
    record = replace(record, power_w=finite(record.power_w), ghi_wm2=finite(record.ghi_wm2))
    record = replace(record, power_w=_in_one_unit(record, name, reasons))
    if top_w(record.power_w) > 0:
        record = _in_time(record, sky, name, reasons)
        record = replace(record, power_w=_within_plant(record, sky, ceiling_w, name, reasons))
        record = replace(record, power_w=_lit(record, sky, name, reasons))
    ghi_wm2 = believed_ghi(record, sky, top_w(record.power_w), name, reasons)
    temp_c = believed_c(record.temp_c, record.grid)
    return replace(record, ghi_wm2=ghi_wm2, temp_c=temp_c), tuple(reasons)


def top_w(power_w: Floats) -> float:
    """What the plant gives at its best [W], robustly, whatever its sign; 0 when it gave nothing."""
    sizes = np.abs(power_w[np.isfinite(power_w) & (power_w != 0)])
    return float(np.quantile(sizes, _TOP)) if sizes.size else 0.0


def _in_one_unit(record: PvRecord, name: str, reasons: list[Reason]) -> Floats:
    """Power [W], shape (n,), without days told in another unit."""
    far = far_too_great(record.power_w, record.grid)
    power_w: Floats = np.where(far, np.nan, record.power_w)
    if far.any():
        peak_w = float(np.max(record.power_w[far]))
        limit_w = _OTHER_UNIT * top_w(power_w)
        reasons.append(Reason("pv_beyond_plant", {"name": name, "peak_w": peak_w, "limit_w": limit_w}))
    return power_w


def _bright_w(record: PvRecord) -> float:
    """More power [W] than this comes from the sun, not from an offset or a single count of the meter."""
    return max(_BRIGHT * top_w(record.power_w), 2 * resolution(record.power_w))


def _in_time(record: PvRecord, sky: Sky, name: str, reasons: list[Reason]) -> PvRecord:
    """The record with its stamps put right, when sunrises and sunsets prove a shift by whole hours."""
    top = top_w(record.power_w)
    light = Light(
        record.grid,
        seen=record.offered_w,
        most=np.where(night(sky), _bright_w(record), np.inf),
        least=np.where(sky.ghi_wm2 > _HIGH_SUN_WM2, _DARK * top, -np.inf),
        clear=sky.ghi_wm2,
    )
    late_h = proven_shift_h([light])
    if late_h is None:
        return record
    by = late_h * HOUR_S // record.grid.step_s
    params = {"name": name, "shift_s": abs(late_h) * HOUR_S}
    reasons.append(Reason("pv_late", params) if late_h > 0 else Reason("pv_early", params))
    return replace(
        record,
        power_w=moved(record.power_w, by, fill=np.nan),
        held_back=moved(record.held_back, by, fill=False),
        ghi_wm2=moved(record.ghi_wm2, by, fill=np.nan),
        temp_c=moved(record.temp_c, by, fill=np.nan),
    )


def _within_plant(
    record: PvRecord, sky: Sky, ceiling_w: float | None, name: str, reasons: list[Reason]
) -> Floats:
    """Power [W], shape (n,), without what no plant of this size gives.

    A nameplate is often wrong: what is a little beyond it on every bright day is the plant, not an error.
    """
    power_w, top = record.power_w, top_w(record.power_w)
    limit_w = _BEYOND * ceiling_w if ceiling_w else _OTHER_UNIT * top
    beyond = power_w > limit_w
    by_day = ~night(sky)
    often = np.sum(beyond & by_day) > _COMMON * np.sum(by_day)
    if ceiling_w and top <= _OTHER_UNIT * ceiling_w and often:
        reasons.append(Reason("pv_nameplate_low", {"name": name, "peak_w": top, "ceiling_w": ceiling_w}))
        beyond = np.zeros_like(beyond)
    if beyond.any():
        params = {"name": name, "peak_w": float(np.nanmax(power_w)), "limit_w": limit_w}
        reasons.append(Reason("pv_beyond_plant", params))
    negative = power_w < -_BRIGHT * top
    if negative.any():
        reasons.append(sensor_reason("sensor_impossible", name, "power_w", negative, record.grid))
    return np.where(beyond | negative, np.nan, np.maximum(power_w, 0.0))


def _lit(record: PvRecord, sky: Sky, name: str, reasons: list[Reason]) -> Floats:
    """Power [W], shape (n,), without sun at night, what is stuck, and zeros in broad daylight."""
    grid = record.grid
    stuck = _stuck(record)
    dark_hours = highest_near(sky.ghi_wm2, steps(grid, HOUR_S)) < NIGHT_WM2
    at_night = (record.power_w > _bright_w(record)) & dark_hours & ~stuck
    zeros = _zeros(record, sky)
    told = (
        (stuck, sensor_reason("sensor_stuck", name, "power_w", stuck, grid)),
        (at_night, Reason("pv_at_night", {"name": name, "lasted_s": lasted_s(at_night, grid)})),
        (zeros, Reason("pv_zeros", {"name": name, "lasted_s": lasted_s(zeros, grid)})),
    )
    reasons += [reason for mask, reason in told if mask.any()]
    # Hours of sun at night say that the clock was wrong: then that day's noon stands in the wrong place too.
    wrong_day = around(lasting(at_night, steps(grid, HOUR_S)), steps(grid, DAY_S // 2))
    dropped = stuck | at_night | wrong_day | (zeros & ~_lost(record, sky, zeros))
    return np.where(dropped, np.nan, record.power_w)


def _stuck(record: PvRecord) -> Bools:
    """Where the same value stands for hours.

    A value that comes back on other days is no accident but the limit of an inverter.
    """
    power_w = record.power_w
    least = max(_STUCK_STEPS, steps(record.grid, _STUCK_S))
    found = [(first, end) for first, end in repeats(power_w, least) if not record.held_back[first:end].any()]
    times = Counter(float(power_w[first]) for first, _ in found)
    coarse_w = COARSE * resolution(power_w)
    stuck = np.zeros(record.grid.count, dtype=np.bool_)
    for first, end in found:
        stuck[first:end] = times[float(power_w[first])] < _OF_A_LIMIT and power_w[first] >= coarse_w
    return stuck


def _zeros(record: PvRecord, sky: Sky) -> Bools:
    """Where nothing came for an hour of high sun, and no sensor saw that a storm had made it dark."""
    high = lowest_near(sky.ghi_wm2, steps(record.grid, HOUR_S)) >= _HIGH_SUN_WM2
    storm = (record.ghi_wm2 > _NO_LIGHT_WM2) & (record.ghi_wm2 < _STORM_WM2)
    zeros = (record.power_w < _DARK * top_w(record.power_w)) & high & ~storm & ~record.held_back
    return lasting(zeros, steps(record.grid, HOUR_S))


def _lost(record: PvRecord, sky: Sky, zeros: Bools) -> Bools:
    """Zeros that have lasted for days up to the end: the plant may be lost, and the forecast must follow."""
    alive = (record.power_w > _bright_w(record)) & ~night(sky)
    since = int(np.flatnonzero(alive)[-1]) + 1 if alive.any() else 0
    lost = zeros.copy()
    lost[:since] = False
    return lost if lasted_s(lost, record.grid) >= _LOST_S else np.zeros_like(zeros)
