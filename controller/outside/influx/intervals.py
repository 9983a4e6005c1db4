"""Which periods of the store have arrived: a small set of intervals of their numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

MAX_INTERVALS = 64
"""Each outage may leave one gap; where there are more, new data wait for the gaps to be filled."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Periods that have arrived: numbers first to last, both included."""

    first: int
    last: int
    last_at_s: int
    """Unix seconds of the last one's start."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Periods that have not: numbers behind `after`, up to `last`."""

    after: int
    last: int
    after_at_s: int
    """Start of the period `after`, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """All that has arrived; sorted, never touching."""

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def from_json(cls, told: Any) -> Self:  # noqa: ANN401 - whatever a notebook may hold
        """From `to_json`; nothing has arrived where that cannot be read."""
        try:
            found = [Interval(int(first), int(last), int(at_s)) for first, last, at_s in told]
        except (TypeError, ValueError):
            return cls()
        in_order = all(before.last < after.first for before, after in pairwise(found))
        return cls(tuple(found)) if in_order and all(each.first <= each.last for each in found) else cls()

    def to_json(self) -> list[list[int]]:
        """As lists of numbers."""
        return [[each.first, each.last, each.last_at_s] for each in self.intervals]

    @property
    def newest(self) -> Interval | None:
        """The interval with the highest numbers."""
        return self.intervals[-1] if self.intervals else None

    def with_periods(self, after: int, last: int, last_at_s: int) -> Arrived:
        """Together with the periods behind `after`, up to `last`. Raises ValueError when there are none."""
        if last <= after:
            raise ValueError("no periods")
        added = Interval(after + 1, last, last_at_s)
        return Arrived(tuple(_merged(sorted((*self.intervals, added), key=lambda each: each.first))))

    def gaps(self) -> list[Gap]:
        """What has not arrived between what has, oldest first."""
        return [
            Gap(before.last, after.first - 1, before.last_at_s) for before, after in pairwise(self.intervals)
        ]


def _merged(ordered: Sequence[Interval]) -> Iterable[Interval]:
    current = ordered[0]
    for each in ordered[1:]:
        if each.first > current.last + 1:
            yield current
            current = each
        elif each.last > current.last:
            current = Interval(current.first, each.last, each.last_at_s)
    yield current
