"""How much each expert counts, and how far the truth lies from what they say together. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from forecasting.grid import Floats
from forecasting.quantiles import LEVELS
from forecasting.solar.spread import Spread, learn_spread

_MEMORY_DAYS = 90.0
"""An error so old counts half."""
_SUM_TO_ONE = 1e3
_LEAST_ERROR = 1e-3
"""Of clearness: no expert is taken for perfect, not even of a plant that stands still."""
_NEXT_HOUR = 0.5
_SEASONAL_DAYS = 15.0
"""So many days learned from would leave twice the variance of many years."""
_FRESH_DAYS = 2.0
"""A run that is older than those learned from loses trust to 1/e in so many days."""


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Experts in a fixed order, the one that knows no weather first."""

    shares: Floats
    """What each counts for when all can speak; >= 0, their sum is 1."""
    error: Floats
    """Root mean square error of each alone, clearness."""
    spreads: tuple[Spread, ...]
    """Of the clearness in each hour."""
    brightest: Floats
    """Most clearness that was seen in each hour, shape (hours,)."""
    widening: float
    """Of the band, >= 1: few days have not shown all that the seasons bring."""

    def now(self, overdue_days: Floats) -> Floats:
        """Shares when runs are older than usual, shape (experts,); inf where an expert cannot speak.

        What the stale lose goes to the fresh, in proportion; where none is fresh, to the one without weather.
        """
        kept = self.shares * np.exp(-overdue_days / _FRESH_DAYS)
        lost = 1.0 - kept.sum()
        fresh = np.where(overdue_days == 0, kept, 0.0)
        fresh[0] = 0.0
        heir = fresh / fresh.sum() if fresh.sum() > 0 else np.eye(kept.size)[0]
        found: Floats = kept + lost * heir
        return found

    def quantiles(self, mean: Floats, shares: Floats, error: Floats) -> Floats:
        """Of a day's clearness, shape (len(LEVELS), hours), about its mean.

        shares, error: of the experts as they speak now; worse ones widen the band.
        """
        wider = self.widening * float(shares @ error / (self.shares @ self.error))
        band = np.empty((len(LEVELS), mean.size))
        for hour, spread in enumerate(self.spreads):
            band[:, hour] = spread(mean[hour : hour + 1])[:, 0]
        found: Floats = np.clip(mean + wider * (band - mean), 0.0, self.brightest)
        return found


def learn_blend(
    unseen: Floats, truth: Floats, steps: Floats, age_days: Floats, sun: Floats
) -> tuple[Blend, Floats]:
    """Blend, and what it would have foretold of each day, shape (days, hours).

    unseen: what each expert would have foretold without having seen the day, shape (experts, days, hours),
    NaN in days that an expert does not know; the first knows all. truth: shape (days, hours). steps: the
    truth in single steps, shape (days, hours, steps), NaN where unknown. age_days: shape (days,). sun: what
    each hour counts for, shape (hours,).
    """
    told = np.where(np.isfinite(unseen), unseen, unseen[0])
    weight = sun * np.sqrt(0.5 ** (age_days / _MEMORY_DAYS))[:, None]
    shares = _shares((told * weight).reshape(len(told), -1), (truth * weight).ravel())
    error = np.sqrt(np.average((told - truth) ** 2, axis=(1, 2), weights=np.broadcast_to(sun**2, told.shape)))
    mean = np.tensordot(shares, told, axes=1)
    spreads = tuple(_hourly_spread(mean, steps, hour) for hour in range(sun.size))
    widening = math.sqrt(1.0 + _SEASONAL_DAYS / len(truth))
    brightest = np.fmax(truth.max(axis=0), np.fmax.reduce(steps, axis=(0, 2)))
    return Blend(shares, np.maximum(error, _LEAST_ERROR), spreads, brightest, widening), mean


def _shares(told: Floats, truth: Floats) -> Floats:
    """Shares >= 0 with sum 1 that meet the truth best (stacking, Breiman 1996)."""
    one = _SUM_TO_ONE * (1.0 + np.linalg.norm(truth))
    found, _ = nnls(
        np.concatenate([told, np.full((len(told), 1), one)], axis=1).T, np.concatenate([truth, [one]])
    )
    shares: Floats = found / found.sum()
    return shares


def _hourly_spread(mean: Floats, steps: Floats, hour: int) -> Spread:
    """From the errors at an hour and, counting for less, at those next to it; else at the nearest known."""
    measured = np.flatnonzero(np.isfinite(steps).any(axis=(0, 2)))
    reach = max(1, int(np.abs(measured - hour).min()))
    hours = np.arange(max(0, hour - reach), min(mean.shape[1], hour + reach + 1))
    truth = steps[:, hours]
    weight = np.broadcast_to(np.where(hours == hour, 1.0, _NEXT_HOUR)[:, None], truth.shape)
    told = np.broadcast_to(mean[:, hours, None], truth.shape)
    known = np.isfinite(truth)
    return learn_spread(told[known], truth[known], weight[known])
