"""Local dates and moments as Unix seconds: the days of a trial are the village's days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)


def date_of(day: int) -> date:
    """The date of a count of days since 1970-01-01."""
    return _EPOCH + timedelta(days=day)


def local_moment(day: date, at: time, timezone: str) -> int:
    """Unix seconds at which the village's clock shows a date and time of day."""
    return int(datetime.combine(day, at, ZoneInfo(timezone)).timestamp())


def day_bounds(day: date, timezone: str) -> tuple[int, int]:
    """Begin and end of a local day, Unix seconds: 23 to 25 hours apart."""
    return local_moment(day, time(0), timezone), local_moment(day + timedelta(days=1), time(0), timezone)
