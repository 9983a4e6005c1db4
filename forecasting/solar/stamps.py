"""Whether a record's stamps mean what they say: the sun rises and sets at known times. Pure."""

from __future__ import annotations

import numpy as np

from forecasting.grid import Floats
from forecasting.records import PvRecord
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky

_COARSE_S = 1800
_LOW_WM2 = (1.0, 120.0)
"""Clear-sky irradiance at dawn and dusk: low enough that where panels look matters little."""
_FEWEST = 3
_DECISIVE = 0.5
"""So much nearer to even must another meaning bring dawn and dusk, in the logarithm."""


def stamp_shift_s(record: PvRecord, place: Place) -> int:
    """How far the sun must be moved for the record [s], see `clear_sky`: 0, half a step or a step back.

    Files with steps of half an hour or more stamp their start, middle or end, and seldom say which.
    With the wrong meaning dawn is too bright for the sun's height and dusk too dark, or the other way round.
    Finer steps are believed: there the difference is smaller than what a tilted array can feign.
    """
    if record.grid.step_s < _COARSE_S:
        return 0
    sensor = np.isfinite(record.ghi_wm2).sum() >= np.isfinite(record.power_w).sum() / 2
    signal = record.ghi_wm2 if sensor else record.offered_w
    shifts = (0, -record.grid.step_s // 2, -record.grid.step_s)
    uneven = [_unevenness(signal, record, place, shift_s) for shift_s in shifts]
    best = int(np.argmin(uneven))
    return shifts[best] if uneven[best] < uneven[0] - _DECISIVE else 0


def _unevenness(signal: Floats, record: PvRecord, place: Place, shift_s: int) -> float:
    """Logarithm, >= 0, by which dawn and dusk differ in what was measured over what a clear sky gives."""
    sky = clear_sky(place, record.grid, shift_s)
    low = (sky.ghi_wm2 > _LOW_WM2[0]) & (sky.ghi_wm2 < _LOW_WM2[1]) & np.isfinite(signal)
    sides = [low & (sky.azimuth_deg < 180.0), low & (sky.azimuth_deg >= 180.0)]
    if min(side.sum() for side in sides) < _FEWEST:
        return 0.0
    dawn, dusk = (float(signal[side].sum() / sky.ghi_wm2[side].sum()) for side in sides)
    return abs(float(np.log(max(dawn, 1e-6) / max(dusk, 1e-6))))
