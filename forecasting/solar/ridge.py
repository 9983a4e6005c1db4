"""Least squares that cannot run away: ridge regression on signals and random Fourier features. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np

from forecasting.grid import Floats

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
class Features:
    """Signals as the regression looks at them: linear, and waves in random directions for what is not.

    The waves stand for a Gaussian kernel (random Fourier features, Rahimi and Recht 2007), at a cost that
    grows with the samples only linearly.
    """

    centre: Floats
    """Mean of each signal where it was learned, shape (signals,)."""
    spread: Floats
    """Standard deviation of each signal, shape (signals,)."""

    @classmethod
    def of(cls, signals: Floats) -> Self:
        """For signals like these, shape (m, signals)."""
        return cls(signals.mean(axis=0), signals.std(axis=0) + 1e-9)

    def __call__(self, signals: Floats) -> Floats:
        """One, the signals in standard deviations, and the waves; shape (m, 1 + signals + waves)."""
        near = np.clip((signals - self.centre) / self.spread, -_FAR, _FAR)
        directions, phases = _waves(self.centre.size)
        return np.hstack([np.ones((near.shape[0], 1)), near, np.cos(near @ directions + phases)])


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """A smooth function of signals."""

    features: Features
    weights: Floats
    """Shape (1 + signals + waves,)."""

    def __call__(self, signals: Floats) -> Floats:
        """Values for signals of shape (m, signals), shape (m,)."""
        found: Floats = self.features(signals) @ self.weights
        return found


def fit(signals: Floats, wanted: Floats, weight: Floats) -> tuple[Smooth, Floats]:
    """The function that comes nearest to what is wanted, and what it would have said unseen.

    Rows of `signals`, shape (m, signals), in order of time; `wanted` and `weight` >= 0, shape (m,). Each
    quarter of the time is foretold by what the other three taught, shape (m,): the errors of these values are
    those to be expected. They also say how far to trust the function: it is drawn to 0 until its
    values, unseen, are neither too bold nor of the wrong sign.
    """
    features = Features.of(signals)
    parts = np.array_split(np.arange(wanted.size), _FOLDS)
    sums = [_sums(features(signals[part]), wanted[part], weight[part] / weight.mean()) for part in parts]
    gram = np.sum([part[0] for part in sums], axis=0) + np.diag(_penalties(signals.shape[1]))
    hits = np.sum([part[1] for part in sums], axis=0)
    unseen = np.concatenate(
        [
            features(signals[part]) @ np.linalg.solve(gram - own_gram, hits - own_hits)
            for part, (own_gram, own_hits) in zip(parts, sums, strict=True)
        ]
    )
    power = np.sum(weight * unseen**2)
    trust = np.clip(np.sum(weight * unseen * wanted) / power, 0.0, 1.0) if power > 0 else 0.0
    return Smooth(features, trust * np.linalg.solve(gram, hits)), trust * unseen


def _sums(features: Floats, wanted: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """What the normal equations need of some samples: shapes (k, k) and (k,)."""
    weighted = features * weight[:, None]
    return weighted.T @ features, weighted.T @ wanted


def _penalties(signals: int) -> Floats:
    """Of each feature; the constant is free but for what keeps the equations solvable."""
    return np.concatenate([[1e-6], np.full(signals, _PENALTY), np.full(_WAVES, _WAVE_PENALTY)])


@cache
def _waves(signals: int) -> tuple[Floats, Floats]:
    """Directions, shape (signals, waves), and phases, shape (waves,): always the same ones."""
    random = np.random.default_rng(_SEED)
    return random.standard_normal((signals, _WAVES)) / _LENGTH, random.uniform(0.0, 2.0 * np.pi, _WAVES)
