"""How far the truth lies from what was expected: quantiles of errors, by the expected value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats
from forecasting.quantiles import LEVELS_ARRAY, weighted_quantiles

_CENTRES = 6
_PER_CENTRE = 100
"""Fewer samples get fewer centres."""
_OVERLAP = 1.2
"""Reach of a centre in distances between two of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Quantiles of the error (truth less expected) at some expected values, straight in between."""

    expected: Floats
    """Rising, shape (centres,)."""
    errors: Floats
    """Shape (len(LEVELS), centres)."""

    def __call__(self, expected: Floats) -> Floats:
        """Quantiles of the truth where these values are expected, shape (len(LEVELS), m)."""
        errors = np.stack([np.interp(expected, self.expected, row) for row in self.errors])
        found: Floats = expected + errors
        return found


def learn_spread(expected: Floats, truth: Floats, weight: Floats, wider: float = 1.0) -> Spread:
    """From what was expected, unseen, and what came; all shape (m,), weights > 0.

    Errors are taken `wider` times as wide. The centres lie where equal numbers of values were expected;
    nearer neighbours count for more.
    """
    rank = np.argsort(np.argsort(expected)) / expected.size
    count = int(np.clip(expected.size // _PER_CENTRE, 1, _CENTRES))
    middles = (np.arange(count) + 0.5) / count
    centres = np.quantile(expected, middles)
    errors = [
        weighted_quantiles(truth - expected, weight * near, LEVELS_ARRAY)
        for near in (np.maximum(0.0, 1.0 - np.abs(rank - middle) * count / _OVERLAP) for middle in middles)
    ]
    return Spread(np.maximum.accumulate(centres), wider * np.stack(errors, axis=1))
