"""How a load hangs together over hours, days and weeks: the two structures that are tried. Pure.

Their numbers were found by the likelihood of measured village grids on one side, of schools and a student
residence on the other, then by walk-forward error, each time on one half of the time and confirmed on the
other; they are rounded, and the same for all feeders. Which of the two a feeder follows is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ive

from forecasting.grid import Floats

HARMONICS = 7
"""Of the day: finer than the smoothness of the shapes lets through."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the load that comes and goes: how large it is, and how long it lasts."""

    sd: float
    """Standard deviation on the logarithmic scale: about the share of the load."""
    days: float
    """Its memory: after so many days 1/e of it is left."""


@dataclass(frozen=True, slots=True)
class Structure:
    """The covariance of a load's logarithm, as a sum of independent parts."""

    lasting_shape: Part
    """Shape over the day, all days."""
    passing_shape: Part
    """Shape over the day, these days."""
    kind_shape: Part
    """Shape over the day, of one kind of day."""
    base: Part
    """Level, for years: the village grows."""
    level: Part
    """Level, for days."""
    moment: Part
    """Deviation for hours."""
    noise_sd: float
    """What the next hour has forgotten."""
    length: float
    """Length scale of the periodic kernel of the shapes: how smooth they are over the day."""

    @property
    def shape_shares(self) -> Floats:
        """Share of a shape's variance in the constant, the cosines and the sines of the day's harmonics.

        Fourier coefficients of the kernel exp(-2 sin^2(pi d / 24 h) / length^2) (MacKay 1998; in state space
        Solin and Sarkka 2014), shape (1 + 2 HARMONICS,), summing to 1 at any hour.
        """
        weights = ive(np.arange(HARMONICS + 1), 1.0 / self.length**2)
        shares = np.concatenate((weights[:1], 2 * weights[1:], 2 * weights[1:]))
        found: Floats = shares / (weights[0] + 2 * weights[1:].sum())
        return found


HOMES = Structure(
    lasting_shape=Part(0.50, 180.0),
    passing_shape=Part(0.10, 1.5),
    kind_shape=Part(0.115, 60.0),
    base=Part(0.50, 1000.0),
    level=Part(0.15, 5.0),
    moment=Part(0.25, 0.07),
    noise_sd=0.05,
    length=0.556,
)
"""A day is much like the day before; much of what happens is chance."""

INSTITUTIONS = Structure(
    lasting_shape=Part(0.15, 220.0),
    passing_shape=Part(0.03, 7.0),
    kind_shape=Part(0.22, 110.0),
    base=Part(0.50, 350.0),
    level=Part(0.054, 24.0),
    moment=Part(0.05, 1.0),
    noise_sd=0.11,
    length=0.60,
)
"""Kinds of day differ; what departs from them departs for weeks."""
