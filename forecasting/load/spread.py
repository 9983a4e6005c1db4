"""How far loads lie from what was expected of them, by time of day: from the walk through the past. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecasting.grid import HOUR_S, Floats
from forecasting.load.day_table import HOURS
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, weighted_quantiles

_HALF_LIFE_DAYS = 45.0
_NORMAL_DAYS = 5.0
"""So many days of errors weigh as much as the assumption that they are normal: those of a day go together."""
_POOLED_DAYS = 8.0
"""So many days of errors of an hour weigh as much as those of all hours together."""
_HOUR_WEIGHTS: Floats = np.array([0.25, 0.5, 1.0, 0.5, 0.25])
"""Errors of the hours around count too."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Quantiles at LEVELS of the error in standard deviations, by local hour, shape (7, 24) each."""

    hourly: Floats
    """Of hourly means."""
    fine: Floats
    """Of means over the steps of the record."""
    fine_step_s: int

    def at(self, step_s: int) -> Floats:
        """For means over steps of another length: between the two, and never beyond; shape (7, 24)."""
        if self.fine_step_s == HOUR_S:
            return self.hourly
        share = np.clip((HOUR_S - step_s) / (HOUR_S - self.fine_step_s), 0.0, 1.0)
        found: Floats = share * self.fine + (1.0 - share) * self.hourly
        return found


def spread_of(hourly_errors: Floats, fine_errors: Floats, fine_step_s: int) -> Spread:
    """Learn from errors in standard deviations, NaN where missing, newest day last.

    Args:
        hourly_errors: shape (days, 24).
        fine_errors: of the record's own steps, shape (days, steps a day).
        fine_step_s: length of these steps.
    """
    hourly = error_quantiles(hourly_errors)
    fine = hourly if fine_step_s == HOUR_S else error_quantiles(fine_errors)
    return Spread(hourly, fine, fine_step_s)


def error_quantiles(errors: Floats) -> Floats:
    """Weighted quantiles by hour, shrunk to those of all hours, these to the normal ones; shape (7, 24).

    Args:
        errors: shape (days, n) with n a multiple of 24, NaN where missing, newest day last.
    """
    days, steps = errors.shape
    by_hour = errors.reshape(days, HOURS, steps // HOURS)
    newness = 0.5 ** (np.arange(days, 0, -1) / _HALF_LIFE_DAYS)[:, None, None]
    weight = np.where(np.isfinite(by_hour), newness / by_hour.shape[2], 0.0)
    pooled = _shrunk(by_hour, weight, ndtri(LEVELS_ARRAY), _NORMAL_DAYS * HOURS)
    found = np.empty((len(LEVELS), HOURS))
    reach = _HOUR_WEIGHTS.size // 2
    for hour in range(HOURS):
        around = np.arange(hour - reach, hour + reach + 1) % HOURS
        nearby = weight[:, around] * _HOUR_WEIGHTS[:, None]
        found[:, hour] = _shrunk(by_hour[:, around], nearby, pooled, _POOLED_DAYS * _HOUR_WEIGHTS.sum())
    return found


def _shrunk(errors: Floats, weights: Floats, towards: Floats, towards_weight: float) -> Floats:
    """Quantiles of errors, a weighted mean with others that are believed; shape (7,)."""
    total = float(weights.sum())
    if total == 0:
        return towards
    known = weights > 0
    measured = weighted_quantiles(errors[known], weights[known], LEVELS_ARRAY)
    shrunk: Floats = (total * measured + towards_weight * towards) / (total + towards_weight)
    return shrunk
