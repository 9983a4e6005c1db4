"""A store in which a meter was read through a time: a counter with physics, and whatever happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from controller.core.counters import BreakKind
from controller.telemetry.counter_breaks import StoredBreak, period_of
from controller.telemetry.schema import SeriesKey
from controller.telemetry.store import TelemetryStore

_PERIODS_PER_BATCH = 200


class StandingClock:
    """Stands still until it is told what time it is."""

    speed = 1.0

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.monotonic_s = 100.0

    def monotonic(self) -> float:
        return self.monotonic_s

    def utc_now(self) -> datetime:
        return self.at

    def synchronised(self) -> bool:
        return True

    async def sleep(self, duration_s: float) -> None:
        self.monotonic_s += duration_s

    async def sleep_until(self, monotonic_s: float) -> None:
        self.monotonic_s = max(self.monotonic_s, monotonic_s)


class MeteredHistory:
    """Writes readings into a store as the controller does, in as many steps as a test needs."""

    def __init__(self, path: Path, begin_utc: datetime) -> None:
        self.path = path
        self.clock = StandingClock(begin_utc)
        self._store = TelemetryStore(path, boot_id="a boot", clock=self.clock)
        self._periods = 0

    async def __aenter__(self) -> MeteredHistory:
        await self._store.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._store.close()

    @property
    def now(self) -> datetime:
        return self.clock.at

    async def read(self, values: Mapping[SeriesKey, float | None], *, synchronised: bool = True) -> None:
        """Keep readings of this moment."""
        self._store.add_samples(self.clock.at, synchronised, values)
        self._periods += 1
        if self._periods % _PERIODS_PER_BATCH == 0:
            self.clock.monotonic_s += 61
            self._store.add_samples(self.clock.at, synchronised, values)
            await self._store._on_thread(lambda: None)

    def wait(self, step: timedelta) -> None:
        self.clock.at += step

    async def count(
        self, key: SeriesKey, raw_wh: float, until: datetime, *, power_w: float, step: timedelta
    ) -> float:
        """Have a counter rise steadily from what it shows until then, read every step; what it shows then."""
        while self.now < until:
            await self.read({key: raw_wh})
            self.wait(step)
            raw_wh += power_w * step.total_seconds() / 3600
        return raw_wh

    async def break_off(
        self, key: SeriesKey, kind: BreakKind, before_wh: float, after_wh: float, offset_wh: float
    ) -> None:
        """Keep a break of the counter at this moment, as the controller that found it does."""
        at_s = period_of(self.now.timestamp())
        await self._store.keep_counter_breaks([StoredBreak(key, at_s, kind, before_wh, after_wh, offset_wh)])
