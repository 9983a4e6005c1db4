"""The quarters of an hour on which turns begin and end. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

QUARTER_S = 900.0


@dataclass(frozen=True, slots=True, eq=False)
class Quarters:
    """A row of quarters over the steps of a plan."""

    edges_s: Floats
    """Of the plan's steps, from now, shape (n + 1,)."""

    @property
    def begin_s(self) -> float:
        """Where the first quarter begins."""
        return float(self.edges_s[0])

    @property
    def count(self) -> int:
        """How many there are."""
        return quarters_of(float(self.edges_s[-1] - self.edges_s[0]))

    def energies_wh(self, steps_wh: Sequence[float]) -> Floats:
        """Energy of each quarter, shape (count,), from that of each step, shape (n,) [Wh]."""
        upto_wh = np.concatenate([[0.0], np.cumsum(steps_wh)])
        grid_s = self.begin_s + QUARTER_S * np.arange(self.count + 1)
        found: Floats = np.diff(np.interp(grid_s, self.edges_s, upto_wh))
        return found

    def drawn_wh(self, steps_w: Sequence[float]) -> Floats:
        """Energy of each quarter, shape (count,), from the power in each step, shape (n,) [W]."""
        hours = np.diff(self.edges_s) / 3600.0
        return self.energies_wh((np.asarray(steps_w, dtype=float) * hours).tolist())

    def first_from(self, time_s: float) -> int:
        """Index of the first quarter that begins at or after a moment."""
        return max(0, math.ceil((time_s - self.begin_s) / QUARTER_S - 1e-9))

    def within(self, from_s: float, to_s: float) -> slice:
        """The quarters that a stretch touches."""
        first = math.floor((from_s - self.begin_s) / QUARTER_S + 1e-9)
        return slice(max(0, first), min(self.count, self.first_from(to_s)))

    def time_s(self, index: int) -> float:
        """When a quarter begins, from now."""
        return self.begin_s + QUARTER_S * index


def quarters_of(duration_s: float) -> int:
    """How many quarters cover a duration."""
    return max(0, math.ceil(duration_s / QUARTER_S - 1e-9))


def runs(mask: Bools) -> list[tuple[int, int]]:
    """The stretches [first, last + 1) in which a mask holds, in order."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]
