"""The host's time as the controller uses it: a jolt of the wall clock does not reach its stamps."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from controller.clock_trust import Belief, Known, Seen, look

_log = logging.getLogger(__name__)

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""The day this version was made; moved on with every release. No true clock shows less."""
TIMESYNC_FLAG = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd, or by deploy/tawan-battery-clock.service, once the clock has been set."""


def seen_now() -> Seen:
    """The host's clocks, and whether the host says that the wall clock has been set since boot."""
    return Seen(time.monotonic(), time.time(), TIMESYNC_FLAG.exists())


class TrustedClock:
    """The time of day runs on the monotonic clock, corrected slowly by a wall clock that can be believed.

    What is believed, and when, is told in controller/clock_trust.py. Every process that makes one judges for
    itself; only the controller's knows what the store holds (`remember`).
    """

    speed = 1.0

    def __init__(self, see: Callable[[], Seen] = seen_now, released: datetime = RELEASED) -> None:
        self._see = see
        self._known = Known(released_s=released.timestamp())
        self._belief: Belief | None = None

    def remember(self, newest: datetime | None) -> None:
        """Take note of the newest stamp in the store (aware; None: it is empty), before any of it is used."""
        self._known = replace(self._known, newest_s=None if newest is None else newest.timestamp())
        self._belief = None

    @property
    def belief(self) -> Belief:
        """What is believed now."""
        before, after = self._belief, look(self._belief, self._see(), self._known)
        self._belief = after
        _tell_change(before, after)
        return after

    def monotonic(self) -> float:
        """Seconds since boot."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The present; while not `synchronised` it may be wrong, and jump once."""
        return datetime.fromtimestamp(self.belief.utc_s, UTC)

    def synchronised(self) -> bool:
        """Whether the time is right as far as can be told."""
        return self.belief.synchronised

    async def sleep(self, duration_s: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, duration_s))

    async def sleep_until(self, monotonic_s: float) -> None:
        """Wait until an instant."""
        await asyncio.sleep(max(0.0, monotonic_s - time.monotonic()))


def _tell_change(before: Belief | None, after: Belief) -> None:
    """Log what a technician would want to find."""
    was_rival = before is not None and before.rival is not None
    if after.rival is not None and not was_rival:
        claimed = datetime.fromtimestamp(max(0.0, after.rival.offset_s + after.at_s), UTC)
        _log.warning("the wall clock shows %s, which contradicts what is known: not believed", claimed)
    elif before is not None and after.stepped_at_s != before.stepped_at_s:
        _log.warning(
            "the wall clock stood for over an hour: it is believed, a step of %.0f s", after.stepped_by_s
        )
    elif after.synchronised and (before is None or not before.synchronised):
        _log.info("the time is known: %s", datetime.fromtimestamp(after.utc_s, UTC))
