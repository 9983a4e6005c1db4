"""One learner of the day-ahead forecast: from a day's signals to its profile of clearness. Pure.

Kernel ridge regression (Saunders et al. 1998), alike to a Gaussian process, with a Matern 3/2 kernel.
Profiles are told by their principal components; how much each is drawn to the mean is found by leaving days
out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Bools, Floats, Ints

_REACH = 3.0
"""Length scale of the kernel, in standard deviations of the signals."""
_TREND = 0.3
"""What a linear trend counts for beside it."""
_FARTHEST = 3.0
"""Signals beyond so many standard deviations count as this far: no forecast hangs on one strange number."""
_COMPONENTS = 5
_RIDGES: Floats = np.logspace(-0.5, 2.0, 11)
"""Noise over signal, tried for each component."""
_LEFT_OUT_DAYS = 10
"""Days in a row are alike: to leave out one alone would flatter."""
_KNOWN_FRAC = 0.5
_FEWEST_DAYS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Expert:
    """What was learned; days are those learned from."""

    used: Bools
    """Which signals it looks at, shape (signals,): those known on most days, and not always the same."""
    centre: Floats
    """Mean of the signals used."""
    scale: Floats
    """Their standard deviation."""
    scaled: Floats
    """Signals of the days, centred and scaled, shape (days, signals used)."""
    weights: Floats
    """Of the days for each hour, shape (days, hours)."""
    mean: Floats
    """Profile that stands when nothing is known, shape (hours,)."""
    rows: Ints
    """Which of the days handed over were learned from, shape (days,)."""
    unseen: Floats
    """What would have been foretold of each of them, had it not been learned from, shape (days, hours)."""

    def predict(self, signals: Floats) -> Floats:
        """Profiles of clearness, shape (m, hours), from signals, shape (m, signals), NaN where unknown."""
        found: Floats = self.mean + _kernel(self._scale(signals), self.scaled) @ self.weights
        return found

    def _scale(self, signals: Floats) -> Floats:
        return _scaled(signals[:, self.used], self.centre, self.scale)


def learn_expert(signals: Floats, profiles: Floats, sun: Floats) -> Expert | None:
    """Learn from days; None when there are too few.

    signals: shape (days, signals), NaN where unknown. profiles: clearness, shape (days, hours); days with NaN
    are left out. sun: what each hour counts for, shape (hours,), > 0.
    """
    rows = np.flatnonzero(np.isfinite(profiles).all(axis=1) & np.isfinite(signals).any(axis=1))
    if rows.size < _FEWEST_DAYS:
        return None
    signals, profiles = signals[rows], profiles[rows]
    used = np.isfinite(signals).mean(axis=0) > _KNOWN_FRAC
    used[used] = np.nanstd(signals[:, used], axis=0) > 0
    centre, scale = np.nanmean(signals[:, used], axis=0), np.nanstd(signals[:, used], axis=0)
    scaled = _scaled(signals[:, used], centre, scale)
    mean = profiles.mean(axis=0)
    anomaly = (profiles - mean) * sun
    directions = np.linalg.svd(anomaly, full_matrices=False)[2][:_COMPONENTS]
    weights, errors = _ridge(_kernel(scaled, scaled), anomaly @ directions.T)
    left_over = anomaly - (anomaly @ directions.T) @ directions
    unseen = profiles - (errors @ directions + left_over) / sun
    return Expert(used, centre, scale, scaled, weights @ directions / sun, mean, rows, unseen)


def _scaled(signals: Floats, centre: Floats, scale: Floats) -> Floats:
    """Centred and scaled; what is unknown is taken as usual."""
    scaled = np.clip((signals - centre) / scale, -_FARTHEST, _FARTHEST)
    return np.where(np.isfinite(scaled), scaled, 0.0)


def _kernel(left: Floats, right: Floats) -> Floats:
    """Likeness of days, shape (m, n): Matern 3/2 of the root mean square difference of signals, and a trend.

    The linear trend goes on where no day was alike.
    """
    together = left @ right.T / left.shape[1]
    square = (left**2).mean(axis=1)[:, None] + (right**2).mean(axis=1) - 2.0 * together
    apart = np.sqrt(3.0 * np.maximum(square, 0.0)) / _REACH
    likeness: Floats = (1.0 + apart) * np.exp(-apart) + _TREND * together
    return likeness


def _ridge(kernel: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Weights of the days, and errors when days are left out; both shape (days, components).

    Each component has the ridge with the least of these errors. One decomposition of the kernel serves all
    ridges, and leaving days out needs no second fit (Golub, Heath and Wahba 1979).
    """
    values, vectors = np.linalg.eigh(kernel)
    values = np.maximum(values, 0.0)
    turned = vectors.T @ wanted
    weights, errors = np.empty_like(wanted), np.empty_like(wanted)
    least = np.full(wanted.shape[1], np.inf)
    for ridge in _RIDGES:
        scaled = vectors / (values + ridge)
        tried = scaled @ turned
        missed = _left_out(scaled, vectors, tried)
        square = (missed**2).sum(axis=0)
        better = square < least
        weights[:, better], errors[:, better], least[better] = (
            tried[:, better],
            missed[:, better],
            square[better],
        )
    return weights, errors


def _left_out(scaled: Floats, vectors: Floats, weights: Floats) -> Floats:
    """Errors of days left out together, shape (days, components), from the weights of a fit with all."""
    errors = np.empty_like(weights)
    for first in range(0, len(weights), _LEFT_OUT_DAYS):
        part = slice(first, first + _LEFT_OUT_DAYS)
        errors[part] = np.linalg.solve(scaled[part] @ vectors[part].T, weights[part])
    return errors
