"""What each array of a site really is, learned from what it gave. Pure; seconds for a year of eight arrays.

In turn: what the stamps mean, the plane and the capacity (orientation), the level of each day (days,
changes), the plane once more with the level taken out, then shade and the inverter's limit. What was held
back by someone counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, Floats, Grid
from forecasting.records import PvRecord
from forecasting.site import Place, PvArray, PvSite
from forecasting.solar.arrays import Panels, air_c, panels_of, power_in_air_w, with_ghi
from forecasting.solar.changes import LEAST_CHANGE, LevelPath, changes_of, find_level
from forecasting.solar.clear_sky import ClearSky, Rays, clear_sky
from forecasting.solar.days import Days, DaySigns, clear_signs, ratio_signs, solar_days
from forecasting.solar.learned import LearnedArray, LearnedSite
from forecasting.solar.orientation import Plane, agreement, find_plane, plane_prior
from forecasting.solar.shading import NO_SHADING, learn_shading
from forecasting.solar.stamps import stamp_shift_s

HISTORY_S = 400 * DAY_S
"""Older than this says little of today's plant."""
_PRIOR_CLEAR_DAYS = 2.0
"""So many clear days weigh as much as the nameplate's capacity."""
_FARTHEST_WRITTEN = 1.5
"""So many times more or less than the irradiance sensor says a nameplate may be believed."""
_SENSOR_WIDTH, _NEIGHBOUR_WIDTH = 0.05, 0.06
_LAGGING = 0.12
"""Behind the best array of the site, in the logarithm, before that tells something."""
_LEAST_GHI_WM2 = 50.0
_SENSOR_SHARE = 0.3
"""Of the steps with power that need an irradiance, to judge by it."""
_SENSIBLE = (0.5, 2.0)
"""Where `per_ghi` may lie: no air is so hazy, no sensor that works so wrong."""
_LIMIT_STEPS = 30
_LIMIT_MARGIN, _LIMIT_NEAR = 1.06, 1.02
_LIMIT_SHARE = 0.6
"""An inverter's limit: reached in so many steps, and in most of those in which the sun offers more."""


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One array with all that was measured and what the sky offered."""

    array: PvArray
    days: Days
    power: Floats
    sky: ClearSky
    temp_c: Floats
    measured: Rays | None
    """With the sensor's irradiance; NaN where it is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Plane and capacities at level 0, and the power that a clear sky (or the sensor's) then brings."""

    plane: Plane
    dc_w: float
    per_ghi: float
    expected: Floats
    by_sensor: Floats | None


def learn_arrays(records: Mapping[str, PvRecord], site: PvSite, until_s: float) -> LearnedSite:
    """All arrays of a site as they stand at a moment, from their records by array id.

    Only steps that had ended by `until_s` count. An array without a record, or with too little of it, stays
    close to its nameplate: `clear_days` says how sure it is.
    """
    known = {key: found for key, record in records.items() if (found := _recent(record, until_s)) is not None}
    longest = max(known.values(), key=lambda record: record.grid.count, default=None)
    shift_s = 0 if longest is None else stamp_shift_s(longest, site.place)
    skies: dict[Grid, ClearSky] = {}
    for record in known.values():
        if record.grid not in skies:
            skies[record.grid] = clear_sky(site.place, record.grid, shift_s)
    cases = [
        _case(array, known[array.id], skies[known[array.id].grid], site.place)
        for array in site.arrays
        if array.id in known
    ]
    fits = [_fit(case, case.power) for case in cases]
    learned = {
        case.array.id: _learn(case, fit, _neighbour_signs(position, cases, fits))
        for position, (case, fit) in enumerate(zip(cases, fits, strict=True))
    }
    arrays = tuple(learned.get(array.id) or _unseen(array, site.place) for array in site.arrays)
    return LearnedSite(site.place, arrays, shift_s)


def _recent(record: PvRecord, until_s: float) -> PvRecord | None:
    ended = record.before(until_s)
    return None if ended is None else ended.since(max(ended.grid.start_s, int(until_s) - HISTORY_S))


def _case(array: PvArray, record: PvRecord, sky: ClearSky, place: Place) -> _Case:
    power = record.offered_w
    bright = np.isfinite(power) & (sky.ghi_wm2 > _LEAST_GHI_WM2)
    seen = record.ghi_wm2 > _LEAST_GHI_WM2
    measured = None
    if (bright & seen).sum() > _SENSOR_SHARE * bright.sum():
        measured = with_ghi(sky, np.where(seen, record.ghi_wm2, np.nan))
    days = solar_days(record.grid, place.longitude_deg)
    return _Case(array, days, power, sky, air_c(sky, record.temp_c), measured)


def _fit(case: _Case, power: Floats) -> _Fit:
    """Plane and capacity on which clear moments agree; with a sensor that works, nearly all moments do."""
    place = case.sky.place
    prior = plane_prior(case.array.tilt_deg, case.array.azimuth_deg, place.latitude_deg)
    days = float(np.isfinite(power).sum()) * case.days.grid.step_s / DAY_S
    plane = find_plane(power, case.sky, case.temp_c, prior, days) or _nameplate(case.array, place)
    measured = case.measured
    if measured is not None:
        sensed = find_plane(power, measured, case.temp_c, prior, days)
        if sensed is not None and sensed.clear_days > plane.clear_days:
            plane = sensed
        else:  # stuck, shaded or broken: it explains less than a clear sky does
            measured = None
    unit = _unit_power(plane, case.sky, case.temp_c)
    capacity = _capacity_w(power, unit, days)
    if measured is None:
        dc_w = _believed_w(case.array, *capacity, None, place)
        return _Fit(plane, dc_w, 1.0, unit * dc_w, None)
    by_sensor = _unit_power(plane, measured, case.temp_c)
    sensor_dc_w, _ = _capacity_w(power, np.nan_to_num(by_sensor), days)
    dc_w = _believed_w(case.array, *capacity, sensor_dc_w, place)
    per_ghi = float(np.clip(sensor_dc_w / dc_w, *_SENSIBLE))
    return _Fit(plane, dc_w, per_ghi, unit * dc_w, by_sensor * sensor_dc_w)


def _believed_w(
    array: PvArray, found_w: float, clear_days: float, sensor_w: float | None, place: Place
) -> float:
    """The capacity that was found, drawn to what is written down while clear days are few.

    sensor_w: the capacity by the irradiance sensor. It is no matter of clouds: what is written down far from
    it was mistyped.
    """
    if array.dc_w is None and clear_days > 0.0:
        return found_w
    weight = clear_days / (clear_days + _PRIOR_CLEAR_DAYS)
    written_w = float(panels_of([array], place.latitude_deg).dc_w[0])
    if sensor_w is not None:
        written_w = float(np.clip(written_w, sensor_w / _FARTHEST_WRITTEN, sensor_w * _FARTHEST_WRITTEN))
    return float(np.exp(weight * np.log(found_w) + (1.0 - weight) * np.log(written_w)))


def _learn(case: _Case, fit: _Fit, neighbours: DaySigns | None) -> LearnedArray:
    capacity_w = fit.dc_w
    clear = clear_signs(case.days, case.power, fit.expected, capacity_w)
    signs = [clear]
    if fit.by_sensor is not None:
        signs.append(
            ratio_signs(case.days, case.power, fit.by_sensor, capacity_w * fit.per_ghi, _SENSOR_WIDTH)
        )
    if neighbours is not None:
        signs.append(neighbours)
    path = find_level(signs)
    if np.ptp(path.level) > LEAST_CHANGE:
        fit = _fit(case, case.power / np.exp(path.level)[case.days.row])
    return _learned(case, fit, path, clear)


def _learned(case: _Case, fit: _Fit, path: LevelPath, clear: DaySigns) -> LearnedArray:
    starts_s = case.days.starts_s()
    of_day = np.exp(np.where(np.isfinite(clear.level), clear.level, path.level))
    shading = NO_SHADING
    if fit.plane.clear_days > 0.0:
        shading = learn_shading(
            case.days, case.power, fit.expected * of_day[case.days.row], case.sky, clear.trust
        )
    free = fit.expected * np.exp(path.level)[case.days.row] * shading.at(case.sky)
    return LearnedArray(
        id=case.array.id,
        dc_w=fit.dc_w * float(np.exp(path.level[-1])),
        tilt_deg=fit.plane.tilt_deg,
        azimuth_deg=fit.plane.azimuth_deg,
        ac_w=_limit_w(case.power, free, case.array.ac_w),
        per_ghi=fit.per_ghi,
        shading=shading,
        clear_days=fit.plane.clear_days,
        day_starts_s=starts_s,
        level=np.exp(path.level - path.level[-1]),
        changes=changes_of(case.array.id, path, starts_s),
    )


def _neighbour_signs(position: int, cases: Sequence[_Case], fits: Sequence[_Fit]) -> DaySigns | None:
    """Where an array lags behind the best of those with the same grid: under one sky all should stand alike.

    Days on which it does not lag say nothing, so that a loss that all share is left to the other signals.
    """
    case, fit = cases[position], fits[position]
    peers = [
        other.power / np.maximum(found.expected, 1.0) * fit.expected
        for other, found in zip(cases, fits, strict=True)
        if other is not case and other.days.grid == case.days.grid
    ]
    if not peers:
        return None
    signs = [ratio_signs(case.days, case.power, peer, fit.dc_w, _NEIGHBOUR_WIDTH) for peer in peers]
    level = np.nanmin(np.stack([np.where(np.isfinite(one.level), one.level, 0.0) for one in signs]), axis=0)
    lagging = np.where(level < -_LAGGING, level, np.nan)
    return DaySigns(lagging, signs[0].trust, _NEIGHBOUR_WIDTH, signs[0].top)


def _unit_power(plane: Plane, rays: Rays, temp_c: Floats) -> Floats:
    """Power of a plant of 1 W in the plane, shape (n,)."""
    panels = Panels(*(np.array([value]) for value in (1.0, plane.tilt_deg, plane.azimuth_deg, np.inf)))
    found: Floats = power_in_air_w(panels, rays, temp_c)[0]
    return found


def _capacity_w(power: Floats, unit: Floats, days: float) -> tuple[float, float]:
    """The ratio on which most moments agree, and the days' worth of them."""
    usable = np.isfinite(power) & (power > 0.0) & (unit > 0.0)
    if not usable.any():
        return 1.0, 0.0
    dc_w, share = agreement(power[usable], unit[usable][None, :])
    return float(dc_w[0]), float(share[0]) * days


def _limit_w(power: Floats, free: Floats, written_w: float | None) -> float | None:
    """The power at which the array stays while the sun offers more; else what is written down."""
    known = np.isfinite(power)
    if known.sum() < _LIMIT_STEPS:
        return written_w
    top_w = float(np.quantile(power[known], 1.0 - _LIMIT_STEPS / 2.0 / known.sum()))
    offered_more = known & (free > _LIMIT_MARGIN * top_w)
    reached = power[offered_more] > top_w / _LIMIT_NEAR
    if reached.sum() >= _LIMIT_STEPS and reached.mean() > _LIMIT_SHARE:
        return top_w
    return written_w


def _nameplate(array: PvArray, place: Place) -> Plane:
    panels = panels_of([array], place.latitude_deg)
    return Plane(float(panels.dc_w[0]), float(panels.tilt_deg[0]), float(panels.azimuth_deg[0]), 0.0)


def _unseen(array: PvArray, place: Place) -> LearnedArray:
    plane = _nameplate(array, place)
    return LearnedArray(
        array.id, plane.dc_w, plane.tilt_deg, plane.azimuth_deg, array.ac_w, per_ghi=1.0, shading=NO_SHADING,
        clear_days=0.0, day_starts_s=np.zeros(0, dtype=np.int64), level=np.zeros(0), changes=(),
    )  # fmt: skip
