"""The one source of time: injected everywhere, so that tests and the demo can run a day in minutes.

Every period, age and timeout uses `monotonic()`; `utc_now()` only labels what is stored or shown.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from controller.trusted_clock import TIMESYNC_FLAG, TrustedClock


class Clock(Protocol):
    """Time as the controller sees it."""

    @property
    def speed(self) -> float:
        """How many seconds pass on this clock in one second of the host."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never steps back."""
        ...

    def utc_now(self) -> datetime:
        """The present, as aware UTC."""
        ...

    def synchronised(self) -> bool:
        """Whether `utc_now` can be trusted (the Raspberry Pi has no battery clock)."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Wait for duration_s of this clock's seconds."""
        ...

    async def sleep_until(self, monotonic_s: float) -> None:
        """Wait until `monotonic()` reaches monotonic_s; return at once if it has."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The host's own clocks as they are: for commands that look at devices, not for what is stored."""

    speed: float = 1.0

    def monotonic(self) -> float:
        """Seconds since boot."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The host's wall clock."""
        return datetime.now(UTC)

    def synchronised(self) -> bool:
        """Whether systemd-timesyncd says that the clock has been set since boot."""
        return TIMESYNC_FLAG.exists()

    async def sleep(self, duration_s: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, duration_s))

    async def sleep_until(self, monotonic_s: float) -> None:
        """Wait until an instant."""
        await asyncio.sleep(max(0.0, monotonic_s - time.monotonic()))


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock `speed` times as fast as the host's, shared by all processes of the demo.

    CLOCK_MONOTONIC is the same in every process of a Linux host, so three numbers, handed over as
    `spec()`, are enough for them to agree on the time without ever talking about it.
    """

    speed: float
    origin_s: float
    origin_utc: datetime

    @classmethod
    def starting(cls, at_utc: datetime, speed: float) -> ScaledClock:
        """A clock that shows at_utc now."""
        return cls(speed, time.monotonic(), at_utc)

    @classmethod
    def parse(cls, spec: str) -> ScaledClock:
        """The clock that `spec()` described. Raises ValueError."""
        speed, origin_s, origin_utc = spec.split("@")
        return cls(float(speed), float(origin_s), datetime.fromisoformat(origin_utc))

    def spec(self) -> str:
        """Text from which another process makes the same clock."""
        return f"{self.speed!r}@{self.origin_s!r}@{self.origin_utc.isoformat()}"

    def monotonic(self) -> float:
        """Simulated seconds since the clock was made."""
        return (time.monotonic() - self.origin_s) * self.speed

    def utc_now(self) -> datetime:
        """The simulated date and time."""
        return self.origin_utc + timedelta(seconds=self.monotonic())

    def synchronised(self) -> bool:
        """Simulated time is always right."""
        return True

    async def sleep(self, duration_s: float) -> None:
        """Wait for simulated seconds."""
        await asyncio.sleep(max(0.0, duration_s / self.speed))

    async def sleep_until(self, monotonic_s: float) -> None:
        """Wait until a simulated instant."""
        await self.sleep(monotonic_s - self.monotonic())


def clock_from(spec: str | None) -> Clock:
    """The clock of this process: the host's as far as it can be believed, or the demo's shared one.

    Raises ValueError.
    """
    return TrustedClock() if spec is None else ScaledClock.parse(spec)
