"""Least squares that cannot run away: ridge regression on signals and random Fourier features. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from forecasting.grid import Floats, Ints

_WAVES = 200
_LENGTH = 4.6
"""How far apart, in standard deviations of the signals, two situations are before they count as unlike."""
_SEED = 1
_PENALTY = 200.0
_WAVE_PENALTY = 800.0
_FAR = 4.0
"""Standard deviations beyond which a signal is taken for that many: nobody has seen what happens there."""
_FOLDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """A smooth function of signals: linear, and waves in random directions for what is not.

    The waves stand for a Gaussian kernel (random Fourier features, Rahimi and Recht 2007), at a cost that
    grows with the samples only linearly.
    """

    centre: Floats
    """Mean of each signal where it was learned, shape (signals,)."""
    spread: Floats
    """Standard deviation of each signal, shape (signals,)."""
    weights: Floats
    """Shape (1 + signals + waves,)."""

    def __call__(self, signals: Floats) -> Floats:
        """Values for signals of shape (m, signals), shape (m,)."""
        found: Floats = _features(signals, self.centre, self.spread) @ self.weights
        return found


def fit(signals: Floats, wanted: Floats, weight: Floats) -> tuple[Smooth, Floats]:
    """The function that comes nearest to what is wanted, and what it would have said unseen.

    Rows of `signals`, shape (m, signals), in order of time; `wanted` and `weight` >= 0, shape (m,). Each
    quarter of the time is foretold by what the other three taught, shape (m,): the errors of these values are
    those to be expected. They also say how far to trust the function: it is drawn to 0 until its
    values, unseen, are neither too bold nor of the wrong sign.
    """
    centre, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    features = _features(signals, centre, spread)
    weight = weight / weight.mean()
    fold = np.arange(wanted.size) * _FOLDS // wanted.size
    grams, hits = _sums(features, wanted, weight, fold)
    penalty = np.full(features.shape[1], _WAVE_PENALTY)
    penalty[: centre.size + 1] = _PENALTY
    penalty[0] = 1e-6
    ridge = np.diag(penalty)
    unseen = np.empty_like(wanted)
    for left_out in range(_FOLDS):
        gram, hit = grams.sum(axis=0) - grams[left_out], hits.sum(axis=0) - hits[left_out]
        unseen[fold == left_out] = features[fold == left_out] @ np.linalg.solve(gram + ridge, hit)
    power = np.sum(weight * unseen**2)
    trust = np.clip(np.sum(weight * unseen * wanted) / power, 0.0, 1.0) if power > 0 else 0.0
    weights = trust * np.linalg.solve(grams.sum(axis=0) + ridge, hits.sum(axis=0))
    return Smooth(centre, spread, weights), trust * unseen


def _sums(features: Floats, wanted: Floats, weight: Floats, fold: Ints) -> tuple[Floats, Floats]:
    """Of each fold what the normal equations need: shapes (folds, k, k) and (folds, k)."""
    grams, hits = [], []
    for number in range(_FOLDS):
        part = features[fold == number]
        weighted = part * weight[fold == number, None]
        grams.append(weighted.T @ part)
        hits.append(weighted.T @ wanted[fold == number])
    return np.stack(grams), np.stack(hits)


def _features(signals: Floats, centre: Floats, spread: Floats) -> Floats:
    """One, the signals in standard deviations, and the waves; shape (m, 1 + signals + waves)."""
    near = np.clip((signals - centre) / spread, -_FAR, _FAR)
    directions, phases = _waves(centre.size)
    return np.hstack([np.ones((near.shape[0], 1)), near, np.cos(near @ directions + phases)])


@cache
def _waves(signals: int) -> tuple[Floats, Floats]:
    """Directions, shape (signals, waves), and phases, shape (waves,): always the same ones."""
    random = np.random.default_rng(_SEED)
    return random.standard_normal((signals, _WAVES)) / _LENGTH, random.uniform(0.0, 2.0 * np.pi, _WAVES)
