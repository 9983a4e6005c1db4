"""The same hour of the last weeks: a median and a mean that forget. Pure."""

from __future__ import annotations

import numpy as np

from forecasting.grid import Floats

KEPT_DAYS = 35
_MEDIAN_HALF_LIFE_DAYS = 7.0
_MEAN_HALF_LIFE_DAYS = 4.0
_FALLBACK_DAYS = 0.5
"""Weight of what another model says, in days of yesterday's weight: it speaks where there is no history."""


def recent_median_w(history_w: Floats, fallback_w: Floats) -> Floats:
    """Median of the same hour, the newer days with more weight [W].

    Args:
        history_w: hourly means of the last days, newest last, shape (days, 24), NaN where missing.
        fallback_w: one more observation, shape (24,).

    Returns shape (24,).
    """
    values_w = np.vstack([history_w, fallback_w])
    weights = _weights(history_w, _MEDIAN_HALF_LIFE_DAYS)
    order = np.argsort(values_w, axis=0)  # NaN last, and without weight
    running = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    middle = (running >= 0.5 * running[-1]).argmax(axis=0)
    found: Floats = np.take_along_axis(values_w, order, axis=0)[middle, np.arange(values_w.shape[1])]
    return found


def recent_mean_w(history_w: Floats, fallback_w: Floats) -> Floats:
    """Mean of the same hour, the newer days with more weight [W]; shapes as for the median."""
    weights = _weights(history_w, _MEAN_HALF_LIFE_DAYS)
    values_w = np.vstack([np.nan_to_num(history_w), fallback_w])
    mean_w: Floats = (weights * values_w).sum(axis=0) / weights.sum(axis=0)
    return mean_w


def _weights(history_w: Floats, half_life_days: float) -> Floats:
    """Weights of the days and, last, of the fallback; 0 where missing. Shape (days + 1, 24)."""
    age_days = np.arange(len(history_w), 0, -1)
    weights = np.where(np.isfinite(history_w), 0.5 ** (age_days / half_life_days)[:, None], 0.0)
    return np.vstack([weights, np.full((1, history_w.shape[1]), _FALLBACK_DAYS)])
