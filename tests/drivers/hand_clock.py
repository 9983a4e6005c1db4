"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class HandClock:
    speed = 1.0

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def utc_now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.now_s)

    def synchronised(self) -> bool:
        return True

    async def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s

    async def sleep_until(self, monotonic_s: float) -> None:
        self.now_s = max(self.now_s, monotonic_s)
