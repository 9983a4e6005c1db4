"""A calendar month on the village's clock, and its quarters of an hour. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from typing_extensions import override

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

QUARTER_S = 900
QUARTER_H = QUARTER_S / 3600
SLOTS = 96
"""Quarters of an hour in a day."""


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of the Gregorian calendar."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """From e.g. 2026-10. Raises ValueError for anything else, a Buddhist year included."""
        found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text)
        if found is None:
            msg = f"{text!r} is no month such as 2026-10"
            raise ValueError(msg)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which a day lies."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def next(self) -> Month:
        """The month after."""
        return Month.of(self.first + timedelta(days=31))

    @property
    def before(self) -> Month:
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def year_before(self) -> Month:
        """The same month a year earlier."""
        return Month(self.year - 1, self.month)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.next.first - self.first).days

    @override
    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


@dataclass(frozen=True)
class Steps:
    """The quarters of an hour of a month, in a place's local time; a month not over yet ends with `count`.

    Quarter i covers [start_s + 900 i, start_s + 900 (i + 1)), Unix seconds.
    """

    month: Month
    zone: ZoneInfo
    count: int
    """How many of its quarters have passed."""

    @classmethod
    def until(cls, month: Month, zone: ZoneInfo, now_s: float) -> Steps:
        """Those of a month that were over at now_s, Unix seconds; none of a month that is to come."""
        whole = cls.whole(month, zone)
        return cls(month, zone, min(whole.count, max(0, int((now_s - whole.start_s) // QUARTER_S))))

    @classmethod
    def whole(cls, month: Month, zone: ZoneInfo) -> Steps:
        """All of a month."""
        return cls(
            month, zone, (_midnight_s(month.next.first, zone) - _midnight_s(month.first, zone)) // QUARTER_S
        )

    @property
    def start_s(self) -> int:
        """The month's first local midnight, Unix seconds."""
        return _midnight_s(self.month.first, self.zone)

    @property
    def end_s(self) -> int:
        """End of the last quarter, Unix seconds."""
        return self.start_s + self.count * QUARTER_S

    @property
    def complete(self) -> bool:
        """Whether the month is over."""
        return self.end_s >= _midnight_s(self.month.next.first, self.zone)

    @property
    def days(self) -> int:
        """Days of the month, those to come included."""
        return self.month.days

    @cached_property
    def starts_s(self) -> Ints:
        """Start of each quarter, Unix seconds, shape (count,)."""
        return self.start_s + QUARTER_S * np.arange(self.count, dtype=np.int64)

    @cached_property
    def day(self) -> Ints:
        """Of each quarter its local day, 0 the first, shape (count,)."""
        return np.searchsorted(self._midnights_s, self.starts_s, side="right") - 1

    @cached_property
    def slot(self) -> Ints:
        """Of each quarter its place in the local day, 0 to 95, shape (count,)."""
        place: Ints = (self.starts_s - self._midnights_s[self.day]) // QUARTER_S
        return np.minimum(place, SLOTS - 1)  # the hour that a clock change adds counts with the last quarter

    @cached_property
    def _midnights_s(self) -> Ints:
        days = [self.month.first + timedelta(days=number) for number in range(self.days)]
        return np.array([_midnight_s(day, self.zone) for day in days], dtype=np.int64)

    def local(self, at_s: float) -> datetime:
        """A moment, given in Unix seconds, on the village's clock."""
        return datetime.fromtimestamp(at_s, self.zone)


def _midnight_s(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
