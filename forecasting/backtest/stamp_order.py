"""Rows as clocks write them: twice, backwards after a correction, years away after an empty battery. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, Ints

_AWAY_S = 365 * DAY_S
_FEW_FRAC = 0.01
"""So few rows of a file, a year away from all others, are a clock that was reset."""


@dataclass(frozen=True, slots=True, eq=False)
class StampOrder:
    """Which rows are used, in the order of time, and which stamps were strange. Indices of rows."""

    used: Ints
    backward: Ints
    """They stood below later ones, and are used where they belong."""
    repeated: Ints
    """Their stamp stood above already: left out."""
    stray: Ints
    """Years away from all others: left out."""

    def notes(self, line: Ints) -> tuple[str, ...]:
        """What was done, for people; `line` is that of each row."""
        told = (
            (self.backward, "rows stand below later ones and are sorted in"),
            (self.repeated, "rows repeat a stamp and are left out"),
            (self.stray, "rows are stamped years away from all others and are left out"),
        )
        return tuple(
            f"{rows.size} {what}, the first in line {int(line[rows].min())}"
            for rows, what in told
            if rows.size
        )


def stamp_order(at_s: Ints) -> StampOrder:
    """Sort rows by their stamps, shape (n,), as they stand in a file."""
    by_time = np.argsort(at_s, kind="stable")
    block = np.cumsum(np.diff(at_s[by_time], prepend=at_s[by_time[:1]]) > _AWAY_S)
    few = np.bincount(block) <= _FEW_FRAC * at_s.size
    stray = by_time[few[block]]
    near = np.setdiff1d(np.arange(at_s.size), stray)
    latest_s = np.maximum.accumulate(at_s[near])
    by_time = by_time[~few[block]]
    again = np.diff(at_s[by_time], prepend=at_s[by_time[:1]] - 1) == 0
    backward = np.setdiff1d(near[at_s[near] < latest_s], by_time[again])
    return StampOrder(by_time[~again], backward, by_time[again], stray)
