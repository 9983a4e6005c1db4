"""Guards of measured loads: what no village draws is named and left out. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from controller.core.model import Reason
from forecasting.grid import DAY_S, HOUR_S, Bools, Floats
from forecasting.records import LoadRecord
from forecasting.sanity.sensors import COARSE, sensor_reason
from forecasting.sanity.series import finite, lasted_s, lasting, repeating, resolution, steps
from forecasting.sanity.thermometer import believed_c
from forecasting.sanity.units import far_too_great

_HIGH, _LOW = 0.99, 0.01
_BEYOND = 10.0
_NEVER_NEAR_ZERO = 0.1
_STUCK_S = DAY_S
_NO_ZERO_S = HOUR_S
_HABIT = 0.5
"""A feeder that shows nothing on so many of its days rests by habit, as street lights and pumps do."""


def inspect_load(record: LoadRecord, *, name: str = "load") -> tuple[LoadRecord, tuple[Reason, ...]]:
    """A record as far as it can be believed, NaN where not, and what was wrong with it.

    `name` is the feeder's, for the sentences.
    """
    record = replace(
        record, power_w=finite(record.power_w), temp_c=believed_c(finite(record.temp_c), record.grid)
    )
    power_w, grid = record.power_w, record.grid
    far = far_too_great(power_w, grid)
    drawing = np.abs(power_w[np.isfinite(power_w) & (power_w != 0) & ~far])
    if drawing.size == 0:
        return record, ()
    limit_w = _BEYOND * float(np.quantile(drawing, _HIGH))
    beyond = far | (power_w > limit_w)
    negative = power_w < 0
    stuck = _stuck(power_w, record)
    zeros = _zeros(record, drawing)
    peak = {"name": name, "peak_w": float(np.nanmax(power_w)), "limit_w": limit_w}
    told = (
        (beyond, Reason("load_beyond", peak)),
        (negative, sensor_reason("sensor_impossible", name, "power_w", negative, grid)),
        (stuck, sensor_reason("sensor_stuck", name, "power_w", stuck, grid)),
        (zeros, Reason("load_zeros", {"name": name, "lasted_s": lasted_s(zeros, grid)})),
    )
    believed = np.where(beyond | negative | stuck | zeros, np.nan, power_w)
    reasons = tuple(reason for mask, reason in told if mask.any())
    return replace(record, power_w=believed), reasons


def _stuck(power_w: Floats, record: LoadRecord) -> Bools:
    """Where the same value stands for a day. Lamps and routers do that for hours only."""
    return repeating(power_w, steps(record.grid, _STUCK_S)) & (power_w >= COARSE * resolution(power_w))


def _zeros(record: LoadRecord, drawing: Floats) -> Bools:
    """Zeros of an hour and more on a feeder that was not switched off, and else never comes near zero."""
    if np.quantile(drawing, _LOW) < _NEVER_NEAR_ZERO * np.median(drawing):
        return np.zeros_like(record.unserved)
    zeros = (record.power_w == 0) & ~record.unserved
    day = record.grid.starts_s // DAY_S
    if np.unique(day[zeros]).size > _HABIT * np.unique(day[np.isfinite(record.power_w)]).size:
        return np.zeros_like(record.unserved)
    return lasting(zeros, steps(record.grid, _NO_ZERO_S))
