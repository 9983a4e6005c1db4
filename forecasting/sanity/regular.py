"""Raw rows, as loggers and people write them, brought onto a regular grid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.core.model import Reason
from forecasting.grid import DAY_S, Floats, Grid, Ints

FAR_OFF_S = 20 * 365 * DAY_S
"""A stamp so far from the middle one comes from a clock that had not been set (1970, 2106)."""


@dataclass(frozen=True, slots=True, eq=False)
class Regular:
    """Rows on a grid: means over each step, NaN where no row lies."""

    grid: Grid
    values: Floats
    """Shape (grid.count,) or (grid.count, columns), as the rows had it."""
    duplicated: int
    """Rows whose stamp had been there before."""
    backward: int
    """Rows stamped earlier than the one before them."""
    far_off: int
    """Rows left out, stamped decades away from the others."""
    empty: int
    """Steps between the first and the last row in which no row lies."""

    def reasons(self, name: str) -> tuple[Reason, ...]:
        """What was odd about the stamps of a file or device, for technicians."""
        told = (
            (self.duplicated, Reason("stamps_duplicated", {"name": name, "count": self.duplicated})),
            (self.backward, Reason("stamps_backward", {"name": name, "count": self.backward})),
            (self.far_off, Reason("stamps_far_off", {"name": name, "count": self.far_off})),
        )
        return tuple(reason for count, reason in told if count)


def usual_step_s(stamps_s: Ints) -> int:
    """The step at which rows usually follow each other: the median of what lies between them [s].

    Raises ValueError when fewer than two stamps differ.
    """
    gaps = np.diff(np.unique(stamps_s))
    if gaps.size == 0:
        raise ValueError("a step needs two different stamps")
    return int(np.median(gaps))


def regular(stamps_s: Ints, values: Floats, step_s: int) -> Regular:
    """Rows in any order on a grid of steps: first one value a stamp, then the mean of the stamps in a step.

    Args:
        stamps_s: Unix seconds, shape (rows,); duplicated, backward and irregular ones are survived.
        values: Shape (rows,) or (rows, columns), NaN where missing.
        step_s: Step of the grid wanted [s].

    Raises ValueError for no rows at all, or as many values as there are no stamps for.
    """
    if len(stamps_s) == 0 or len(stamps_s) != len(values):
        msg = f"{len(stamps_s)} stamps for {len(values)} rows of values"
        raise ValueError(msg)
    near = np.abs(stamps_s - np.median(stamps_s)) <= FAR_OFF_S
    kept_s, kept = stamps_s[near], values[near]
    unique_s, of_row = np.unique(kept_s, return_inverse=True)
    first = int(unique_s[0]) // step_s
    count = int(unique_s[-1]) // step_s - first + 1
    each = _means(of_row, kept, len(unique_s))
    on_grid = _means(unique_s // step_s - first, each, count)
    filled = np.unique(unique_s // step_s).size
    return Regular(
        grid=Grid(first * step_s, step_s, count),
        values=on_grid,
        duplicated=len(kept_s) - len(unique_s),
        backward=int(np.sum(np.diff(kept_s) < 0)),
        far_off=int(np.sum(~near)),
        empty=count - filled,
    )


def _means(group: Ints, values: Floats, groups: int) -> Floats:
    """The mean of the values that are there in each group; NaN where none is."""
    there = np.isfinite(values)
    sums = np.zeros((groups, *values.shape[1:]))
    counts = np.zeros_like(sums)
    np.add.at(sums, group, np.where(there, values, 0.0))
    np.add.at(counts, group, there)
    found: Floats = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return found
