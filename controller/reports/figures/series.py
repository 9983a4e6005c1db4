"""Quarter-hour series of a month, and energies that say how much of them was measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.reports.figures.month import QUARTER_H, Floats, Steps

Key = tuple[str, str]
"""Subject and point, as in the store."""
ENOUGH_DAY_FRAC = 0.9
"""A day counts as measured when so many of its quarters are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One series in quarters of an hour, each array of shape (count,); NaN where it is missing."""

    mean: Floats
    """Mean of the quarter [the point's unit]; of an energy counter the last reading [Wh]."""
    low: Floats
    """The least 10 s mean within the quarter."""
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The series of a month on its quarters; one that was never sampled is missing throughout."""

    steps: Steps
    values: Mapping[Key, Column]

    def of(self, subject: str, point: str) -> Column:
        """A series; all NaN where it is not in the store."""
        found = self.values.get((subject, point))
        if found is not None:
            return found
        nothing = np.full(self.steps.count, np.nan)
        return Column(nothing, nothing, nothing)

    def mean(self, subject: str, point: str) -> Floats:
        """The means of a series."""
        return self.of(subject, point).mean


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Energy of a power over a month; what was not measured adds nothing, and is told apart."""

    wh: float | None
    """Of the quarters that were measured [Wh]; None when none was."""
    known_frac: float
    """The part of the month's quarters up to now that was measured."""
    by_day_wh: Floats
    """Shape (days,); NaN for days of which nothing was measured."""
    known_days: float
    """Measured time, in days."""

    @property
    def wh_per_day(self) -> float | None:
        """Mean energy of a measured day [Wh]; None when less than a day was measured."""
        return None if self.wh is None or self.known_days < 1 else self.wh / self.known_days


def flow(power_w: Floats, steps: Steps) -> Flow:
    """Energy of a power >= 0 [W, shape (count,)]: the sum of its quarter-hour means, times that quarter.

    Gaps (NaN) are left out and shown in `known_frac`, never filled.
    """
    known = np.isfinite(power_w)
    energy_wh = np.where(known, power_w, 0.0) * QUARTER_H
    by_day_wh = np.bincount(steps.day, weights=energy_wh, minlength=steps.days)
    seen = np.bincount(steps.day, weights=known, minlength=steps.days) > 0
    count = int(known.sum())
    return Flow(
        wh=float(energy_wh.sum()) if count else None,
        known_frac=count / steps.count if steps.count else 0.0,
        by_day_wh=np.where(seen, by_day_wh, np.nan),
        known_days=count * QUARTER_H / 24,
    )


def magnitude(power_w: Floats) -> Floats:
    """A power that flows one way, without the little that seems to flow the other; NaN stays NaN."""
    return np.maximum(power_w, 0.0)


def total_known(flows: Sequence[Flow]) -> float | None:
    """Sum of energies [Wh]; None when one of them is not known at all."""
    known = [each.wh for each in flows if each.wh is not None]
    return sum(known) if len(known) == len(flows) else None


def by_slot(values: Floats, steps: Steps, slots: int = 96) -> Floats:
    """Mean by the quarter of the local day, shape (slots,); NaN where no day is known."""
    known = np.isfinite(values)
    sums = np.bincount(steps.slot[known], weights=values[known], minlength=slots)
    counts = np.bincount(steps.slot[known], minlength=slots)
    found: Floats = np.divide(sums, counts, out=np.full(slots, np.nan), where=counts > 0)
    return found
