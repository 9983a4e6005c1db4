"""Means over 10 s of what is sampled every second. Pure, bounded, indifferent to steps of the wall clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from controller.telemetry.packing import is_counter
from controller.telemetry.schema import PERIOD_S, SeriesKey

MAX_PERIODS = 360
"""An hour of samples is held while the disk refuses them: some 7 MB for 90 series."""


@dataclass(slots=True)
class Period:
    """The sums of one period."""

    at_s: int
    """Its start, a multiple of PERIOD_S: Unix seconds, or those of the monotonic clock of this boot."""
    synchronised: bool
    """Whether the wall clock was right, and `at_s` is of it."""
    sums: dict[SeriesKey, float] = field(default_factory=dict)
    counts: dict[SeriesKey, int] = field(default_factory=dict)

    def add(self, values: Mapping[SeriesKey, float | None]) -> None:
        """Take one sample of each series that is not missing; of an energy counter the last one counts."""
        sums, counts = self.sums, self.counts
        for key, value in values.items():
            if value is None:
                continue
            if is_counter(key[1]):
                sums[key], counts[key] = value, 1
            else:
                sums[key] = sums.get(key, 0.0) + value
                counts[key] = counts.get(key, 0) + 1

    def merge(self, other: Period) -> None:
        """Take over the sums of the same period, sampled earlier."""
        for key, total in other.sums.items():
            if key not in self.sums or not is_counter(key[1]):
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
        self._offset_s: float | None = None

    def __len__(self) -> int:
        """Periods held."""
        return len(self._periods)

    @property
    def closed(self) -> bool:
        """Whether there are periods besides the one in progress."""
        return len(self._periods) > (self._current is not None)

    def add(self, at_s: float, synchronised: bool, values: Mapping[SeriesKey, float | None]) -> None:
        """Take the values at a Unix time [s]; None is missing and counts for nothing."""
        start_s = int(at_s // PERIOD_S) * PERIOD_S
        current = self._current
        if current is None or current.at_s != start_s or current.synchronised != synchronised:
            current = self._periods.setdefault((start_s, synchronised), Period(start_s, synchronised))
            self._current = current
            self._trim()
        current.add(values)

    def stamp(self, offset_s: float | None) -> None:
        """Give the periods of the monotonic clock their places in Unix time, which is offset_s later [s].

        Those put back later get them too, until the clock is in doubt again (None). A period moves to the one
        in which it began: so that of the moment when the clock became right is one, and none falls upon
        another.
        """
        self._offset_s = offset_s
        held, self._periods = self._periods, {}
        for period in held.values():
            self._hold(period)

    def _hold(self, period: Period) -> None:
        """Hold a period, sampled later than those of the same place."""
        if not period.synchronised and self._offset_s is not None:
            period.at_s = int((period.at_s + self._offset_s) // PERIOD_S) * PERIOD_S
            period.synchronised = True
        older = self._periods.pop((period.at_s, period.synchronised), None)
        if older is not None:
            period.merge(older)
            if older is self._current:
                self._current = period
        self._periods[period.at_s, period.synchronised] = period

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
        since, self._periods = self._periods, {}
        for period in (*periods, *since.values()):
            self._hold(period)
        self._trim()

    def _trim(self) -> None:
        while len(self._periods) > self._max_periods:
            oldest = next(period for period in self._periods.values() if period is not self._current)
            del self._periods[oldest.at_s, oldest.synchronised]
            self.dropped += len(oldest.sums)
