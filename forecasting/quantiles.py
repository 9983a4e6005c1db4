"""A forecast as quantiles: what is expected, and how sure that is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats, Grid

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The probabilities that every forecast gives."""
LEVELS_ARRAY: Floats = np.array(LEVELS)


@dataclass(frozen=True, slots=True, eq=False)
class QuantileForecast:
    """Quantiles of a mean power in each step of a grid, magnitudes >= 0 [W].

    Raises ValueError when the shape does not fit, a value is not finite or negative, or quantiles cross.
    """

    issued_s: int
    """When it was made, Unix seconds: nothing measured later went into it."""
    grid: Grid
    values_w: Floats
    """Shape (len(LEVELS), grid.count), rising along the first axis."""

    def __post_init__(self) -> None:
        shape = (len(LEVELS), self.grid.count)
        if self.values_w.shape != shape:
            msg = f"quantiles of shape {self.values_w.shape} do not fit a grid that needs {shape}"
            raise ValueError(msg)
        if not np.all(np.isfinite(self.values_w)) or np.any(self.values_w < 0):
            raise ValueError("quantiles of a power are finite magnitudes")
        if np.any(np.diff(self.values_w, axis=0) < 0):
            raise ValueError("quantiles must not cross: the lower ones lie above the higher ones")

    @property
    def median_w(self) -> Floats:
        """The middle of what is expected [W], shape (count,)."""
        return self.level(0.50)

    def level(self, probability: float) -> Floats:
        """One of the LEVELS [W], shape (count,). Raises ValueError for another probability."""
        found: Floats = self.values_w[LEVELS.index(probability)]
        return found


def tidy(values_w: Floats, ceiling_w: Floats | float | None = None) -> Floats:
    """Quantiles [W], shape (levels, n), in order and between 0 and a ceiling.

    Sorting crossed quantiles never makes their score worse (Chernozhukov et al. 2010).
    """
    tidied: Floats = np.sort(np.clip(values_w, 0.0, ceiling_w), axis=0)
    return tidied


def weighted_quantiles(values: Floats, weight: Floats, levels: Floats) -> Floats:
    """Quantiles of values, shape (m,), that count by their weight >= 0; straight between midpoints."""
    order = np.argsort(values)
    mass = weight[order]
    middle = np.cumsum(mass) - 0.5 * mass
    found: Floats = np.interp(levels * mass.sum(), middle, values[order])
    return found
