"""Guards of the irradiance sensor: stuck, dead, dirty, or brighter than the sky. Pure."""

from __future__ import annotations

import numpy as np

from controller.core.model import Reason
from forecasting.grid import DAY_S, HOUR_S, Bools, Floats
from forecasting.records import PvRecord
from forecasting.sanity.sensors import COARSE, sensor_reason
from forecasting.sanity.series import lasted_s, repeating, resolution, steps
from forecasting.sanity.sky import Sky, ceiling_wm2

_EDGE_OF_CLOUD = 1.25
"""A sensor sees more than a mean over a model's cell does: half as much again beside a cloud."""
_OFFSET_WM2 = 20.0
"""By night a thermopile shows some W/m2 below zero."""
_STUCK_S = 3 * HOUR_S
_STUCK_STEPS = 4
_DEAD_WM2 = 5.0
_PRODUCING = 0.15
"""Part of the plant's peak that takes more than _DEAD_WM2 of light."""
_WEEK_S = 7 * DAY_S
_LEAST_WEEKS = 8
_LIT_WM2 = 200.0
_LIT_S = 14 * HOUR_S
"""So much bright time a week is asked for."""
_DIRTY = 0.8


def believed_ghi(record: PvRecord, sky: Sky, top_w: float, name: str, reasons: list[Reason]) -> Floats:
    """Measured irradiance [W/m2], shape (n,), NaN where it cannot be believed; findings go to reasons."""
    ghi_wm2, grid = record.ghi_wm2, record.grid
    stuck = repeating(ghi_wm2, max(_STUCK_STEPS, steps(grid, _STUCK_S)))
    stuck &= np.abs(ghi_wm2) >= COARSE * resolution(ghi_wm2)
    impossible = (ghi_wm2 > _EDGE_OF_CLOUD * ceiling_wm2(sky)) | (ghi_wm2 < -_OFFSET_WM2)
    impossible &= ~stuck
    dead = (ghi_wm2 < _DEAD_WM2) & (record.power_w > _PRODUCING * top_w) & ~stuck & ~impossible
    dirty = _dirty(record, sky, np.where(stuck | impossible | dead, np.nan, ghi_wm2))
    told = (
        (stuck, sensor_reason("sensor_stuck", name, "ghi_wm2", stuck, grid)),
        (impossible, sensor_reason("sensor_impossible", name, "ghi_wm2", impossible, grid)),
        (dead, Reason("irradiance_sensor_dead", {"name": name, "lasted_s": lasted_s(dead, grid)})),
        (dirty, Reason("irradiance_sensor_dirty", {"name": name, "lasted_s": lasted_s(dirty, grid)})),
    )
    reasons += [reason for mask, reason in told if mask.any()]
    return np.where(stuck | impossible | dead | dirty, np.nan, np.maximum(ghi_wm2, 0.0))


def _dirty(record: PvRecord, sky: Sky, ghi_wm2: Floats) -> Bools:
    """Weeks in which the sensor saw much less for the same power, and much less of the sky, than usual.

    Both are asked for: panels that are repaired change the first alone, a cloudy week the second alone.
    """
    usable = np.isfinite(ghi_wm2) & (record.offered_w > 0) & (sky.ghi_wm2 > _LIT_WM2)
    week = (np.arange(record.grid.count) * record.grid.step_s) // _WEEK_S
    weeks = [
        where
        for index in range(int(week[-1]) + 1)
        if lasted_s(where := usable & (week == index), record.grid) > _LIT_S
    ]
    dirty = np.zeros_like(usable)
    if len(weeks) < _LEAST_WEEKS:
        return dirty
    per_power = np.array([ghi_wm2[where].sum() / record.power_w[where].sum() for where in weeks])
    brightest = np.array([np.quantile(ghi_wm2[where] / sky.ghi_wm2[where], 0.9) for where in weeks])
    low = (per_power < _DIRTY * np.median(per_power)) & (brightest < _DIRTY * np.median(brightest))
    for index in np.flatnonzero(low):
        dirty |= weeks[index]
    return dirty
