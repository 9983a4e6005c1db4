"""Means over 10 s of what is sampled every second. Pure, bounded, indifferent to steps of the wall clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from controller.telemetry.schema import PERIOD_S, SeriesKey

MAX_PERIODS = 360
"""An hour of samples is held while the disk refuses them: some 7 MB for 90 series."""


@dataclass(slots=True)
class Period:
    """The sums of one period."""

    at_s: int
    """Its start, Unix seconds, a multiple of PERIOD_S."""
    synchronised: bool
    """Whether the wall clock was right."""
    sums: dict[SeriesKey, float] = field(default_factory=dict)
    counts: dict[SeriesKey, int] = field(default_factory=dict)

    def add(self, values: Mapping[SeriesKey, float | None]) -> None:
        """Take one sample of each series that is not missing."""
        sums, counts = self.sums, self.counts
        for key, value in values.items():
            if value is not None:
                sums[key] = sums.get(key, 0.0) + value
                counts[key] = counts.get(key, 0) + 1

    def merge(self, other: Period) -> None:
        """Take over the sums of the same period."""
        for key, total in other.sums.items():
            self.sums[key] = self.sums.get(key, 0.0) + total
            self.counts[key] = self.counts.get(key, 0) + other.counts[key]

    def means(self) -> Iterator[tuple[SeriesKey, float]]:
        """The mean of each series that had a value; one that is not a finite number is missing."""
        for key, total in self.sums.items():
            mean = total / self.counts[key]
            if math.isfinite(mean):
                yield key, mean


class SampleAverager:
    """Sorts samples into periods and hands the closed ones out.

    A period is known by its start and by whether the clock was right: after a step of the wall clock back
    into a period still held, samples join it, but those with a false stamp never mix with those with a true
    one.
    """

    def __init__(self, max_periods: int = MAX_PERIODS) -> None:
        self._max_periods = max_periods
        self._periods: dict[tuple[int, bool], Period] = {}
        self._current: Period | None = None
        self.dropped = 0
        """Means given up because too many were waiting."""

    def __len__(self) -> int:
        """Periods held."""
        return len(self._periods)

    def add(self, at_s: float, synchronised: bool, values: Mapping[SeriesKey, float | None]) -> None:
        """Take the values at a Unix time [s]; None is missing and counts for nothing."""
        start_s = int(at_s // PERIOD_S) * PERIOD_S
        current = self._current
        if current is None or current.at_s != start_s or current.synchronised != synchronised:
            current = self._periods.setdefault((start_s, synchronised), Period(start_s, synchronised))
            self._current = current
            self._trim()
        current.add(values)

    def take_closed(self) -> tuple[Period, ...]:
        """Hand out all periods but the one in progress, oldest sampled first."""
        closed = tuple(period for period in self._periods.values() if period is not self._current)
        for period in closed:
            del self._periods[period.at_s, period.synchronised]
        return closed

    def take_all(self) -> tuple[Period, ...]:
        """Hand out everything, the period in progress included."""
        self._current = None
        return self.take_closed()

    def put_back(self, periods: Iterable[Period]) -> None:
        """Take back what could not be stored; it counts as older than what came since."""
        since = self._periods
        self._periods = {(period.at_s, period.synchronised): period for period in periods}
        for key, period in since.items():
            older = self._periods.pop(key, None)
            if older is not None:
                period.merge(older)
            self._periods[key] = period
        self._trim()

    def _trim(self) -> None:
        while len(self._periods) > self._max_periods:
            oldest = next(period for period in self._periods.values() if period is not self._current)
            del self._periods[oldest.at_s, oldest.synchronised]
            self.dropped += len(oldest.sums)
