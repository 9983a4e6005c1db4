"""Equal steps of time, and what the village's clock shows at them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

QUARTER_S = 900
"""The step of history and forecasts in operation."""
HOUR_S = 3600
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Grid:
    """Steps [start_s + i * step_s, start_s + (i + 1) * step_s), i in 0 .. count - 1; Unix seconds, UTC.

    A value on a grid is the mean over its step. Raises ValueError for a step or count that is not positive,
    or a start that is no multiple of the step.
    """

    start_s: int
    step_s: int
    count: int

    def __post_init__(self) -> None:
        if self.step_s <= 0 or self.count <= 0:
            msg = f"a grid needs a positive step and count, not {self.step_s} and {self.count}"
            raise ValueError(msg)
        if self.start_s % self.step_s:
            msg = f"a grid starts at a multiple of its step: {self.start_s} is none of {self.step_s}"
            raise ValueError(msg)

    @property
    def end_s(self) -> int:
        """End of the last step."""
        return self.start_s + self.count * self.step_s

    @property
    def starts_s(self) -> Ints:
        """Start of each step, shape (count,)."""
        return self.start_s + self.step_s * np.arange(self.count, dtype=np.int64)

    @property
    def centres_s(self) -> Ints:
        """Middle of each step, rounded down to a second: where the sun is looked up. Shape (count,)."""
        return self.starts_s + self.step_s // 2

    def before(self, at_s: float) -> Grid | None:
        """The steps that have ended by a moment; None when there is none."""
        count = min(self.count, int((at_s - self.start_s) // self.step_s))
        return Grid(self.start_s, self.step_s, count) if count > 0 else None

    def position(self, at_s: int) -> int:
        """Index of the step in which a moment lies; may lie outside 0 .. count - 1."""
        return (at_s - self.start_s) // self.step_s

    def since(self, at_s: int) -> Grid | None:
        """The steps from the one in which a moment lies; None when that is past the end."""
        first = max(0, self.position(at_s))
        return (
            Grid(self.start_s + first * self.step_s, self.step_s, self.count - first)
            if first < self.count
            else None
        )


@dataclass(frozen=True, slots=True)
class LocalTime:
    """What clock and calendar of the village show at moments; all shape (n,)."""

    day: Ints
    """Days since 1970-01-01 of the local date."""
    hour: Floats
    """Hours since local midnight, 0 to < 24, with fractions."""

    @property
    def dates(self) -> list[date]:
        """The local dates."""
        return [date(1970, 1, 1) + timedelta(days=int(day)) for day in self.day]

    @property
    def weekday(self) -> Ints:
        """0 Monday to 6 Sunday."""
        return (self.day + 3) % 7

    @property
    def month(self) -> Ints:
        """1 to 12."""
        return self.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def local_time(at_s: Ints, timezone: str) -> LocalTime:
    """Local day and hour of Unix times [s], daylight saving included; any shape, kept.

    Raises zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    local_s = at_s + utc_offset_s(at_s, timezone)
    return LocalTime(day=local_s // DAY_S, hour=(local_s % DAY_S) / HOUR_S)


def utc_offset_s(at_s: Ints, timezone: str) -> Ints:
    """Seconds by which the local clock is ahead of UTC at Unix times; looked up once a quarter of an hour."""
    zone = ZoneInfo(timezone)
    quarters, where = np.unique(np.asarray(at_s, dtype=np.int64) // QUARTER_S, return_inverse=True)
    if quarters.size == 0:
        return np.zeros_like(at_s)
    ends = [_offset_s(int(quarter) * QUARTER_S, zone) for quarter in (quarters[0], quarters[-1])]
    if ends[0] == ends[1] and not _changes(int(quarters[0]), int(quarters[-1]), zone):
        return np.full(np.shape(at_s), ends[0], dtype=np.int64)
    offsets = np.array([_offset_s(int(quarter) * QUARTER_S, zone) for quarter in quarters], dtype=np.int64)
    found: Ints = offsets[where].reshape(np.shape(at_s))
    return found


def _changes(first_quarter: int, last_quarter: int, zone: ZoneInfo) -> bool:
    """Whether the offset changes in between: zones keep one for weeks, so a look a week suffices."""
    week = 7 * DAY_S // QUARTER_S
    offsets = {
        _offset_s(quarter * QUARTER_S, zone)
        for quarter in (*range(first_quarter, last_quarter, week), last_quarter)
    }
    return len(offsets) > 1


def _offset_s(at_s: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at_s, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
