"""The shape within the hour: lamps go on at a quarter past six. Pure."""

from __future__ import annotations

import numpy as np

from forecasting.grid import DAY_S, Bools, Floats
from forecasting.load.day_table import HOURS, HOURS_TO_SLOTS, SLOTS
from forecasting.load.demand import plausible_w

_KEPT_DAYS = 42
_SMOOTH_DAYS = 5.0
"""So many measured days weigh as much as the assumption that the load runs smoothly from hour to hour."""


def shape_within_hours(by_slot_w: Floats) -> Floats:
    """Power in slots of five minutes as a multiple of its hour's mean, shape (SLOTS,).

    Args:
        by_slot_w: power by day and slot, newest day last, shape (days, SLOTS), NaN where missing.
    """
    parts = plausible_w(by_slot_w[-_KEPT_DAYS:]).reshape(-1, HOURS, HOURS_TO_SLOTS)
    whole: Bools = np.logical_and.reduce(np.isfinite(parts), axis=2)
    days = whole.sum(axis=0)
    mean_w = np.where(whole[:, :, None], parts, 0.0).sum(axis=0) / np.maximum(days, 1)[:, None]
    hour_w = mean_w.mean(axis=1)
    smooth = _smooth(hour_w)
    measured = np.where(hour_w[:, None] > 0, mean_w / np.where(hour_w > 0, hour_w, 1.0)[:, None], 1.0)
    weight = (days / (days + _SMOOTH_DAYS))[:, None]
    shape: Floats = (weight * measured + (1.0 - weight) * smooth).reshape(SLOTS)
    return shape


def _smooth(hour_w: Floats) -> Floats:
    """Lines between the middles of the hours, means kept, as multiples of the hour; shape (24, slots)."""
    middle = np.arange(HOURS) + 0.5
    at = (np.arange(SLOTS) + 0.5) / HOURS_TO_SLOTS
    lines_w = np.interp(at, middle, hour_w, period=HOURS).reshape(HOURS, HOURS_TO_SLOTS)
    mean_w = lines_w.mean(axis=1, keepdims=True)
    smooth: Floats = np.where(mean_w > 0, lines_w / np.where(mean_w > 0, mean_w, 1.0), 1.0)
    return smooth


def within_steps(within_hour: Floats, starts_h: Floats, step_s: int) -> Floats:
    """Power in steps as a multiple of their hour's mean.

    Args:
        within_hour: by shape_within_hours, shape (SLOTS,).
        starts_h: local hours at which the steps begin, shape (n,).
        step_s: their length.

    Returns shape (n,).
    """
    slots = np.arange(max(1, step_s * SLOTS // DAY_S))
    first = np.floor(starts_h * HOURS_TO_SLOTS + 1e-6).astype(np.int64)
    found: Floats = within_hour[(first[:, None] + slots) % SLOTS].mean(axis=1)
    return found
