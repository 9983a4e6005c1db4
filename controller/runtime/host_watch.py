"""Looks now and then at what changes slowly: the memory card, the clock, backups, how often we start."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.clock import Clock
from controller.core.alarming.facts import Disk, HostFacts, NightOutlook, Wear

LOOK_EVERY_S = 30.0
"""Host seconds."""
ACCOUNTS_EVERY_S = 6 * 3600.0
"""On the site's clock: reading the accounts is work, and nobody is in a hurry."""
ACCOUNTS_AFTER_S = 600.0


@dataclass(slots=True)
class HostSources:
    """Whom it asks; each is quick, and called on the event loop, but for the accounts."""

    night: Callable[[], NightOutlook | None] = lambda: None
    wear: Callable[[], Wear | None] = lambda: None
    lived_s: Callable[[], float] = lambda: 0.0
    contacts_utc: Callable[[], datetime | None] = lambda: None
    low_accounts: Callable[[datetime], int | None] = lambda _: None
    """How many prepaid accounts run low, at an aware time; it may block, and is called on a thread."""


class HostWatch:
    """What the alarm rules are told of the host; never waits for the disk in a tick."""

    def __init__(
        self,
        telemetry: Path,
        zone: ZoneInfo,
        clock: Clock,
        last_backup: Callable[[Path], datetime | None],
        sources: HostSources,
        *,
        starts_in_hour: int = 1,
    ) -> None:
        """last_backup: of a store, when; reads a file. starts_in_hour: this start included."""
        self._telemetry = telemetry
        self._zone = zone
        self._clock = clock
        self._last_backup = last_backup
        self._sources = sources
        self._set_s = clock.monotonic()
        self._seen = HostFacts(starts_in_hour=starts_in_hour)
        self._backup_utc: datetime | None = None
        self._began_s = clock.monotonic()
        self._looked = False
        self._accounts_due_s = clock.monotonic() + ACCOUNTS_AFTER_S

    def facts(self) -> HostFacts:
        """As of the last look, and what is known without one."""
        now_s, now_utc, known = self._clock.monotonic(), self._clock.utc_now(), self._clock.synchronised()
        if known:
            self._set_s = now_s
        lived_s, confirmed_utc = self._sources.lived_s(), self._sources.contacts_utc()
        offset = now_utc.astimezone(self._zone).utcoffset() or timedelta()
        starts = self._seen.starts_in_hour if now_s - self._began_s < 3600 else 1
        return replace(
            self._seen,
            local_offset_s=offset.total_seconds(),
            night=self._sources.night() if known else None,
            wear=self._sources.wear(),
            clock_unset_s=now_s - self._set_s,
            backed_up=self._backup_utc is not None or not self._looked,
            backup_age_s=_age_s(self._backup_utc, now_utc) if known else None,
            lived_s=lived_s,
            contacts_age_s=lived_s if confirmed_utc is None else _age_s(confirmed_utc, now_utc, known=known),
            starts_in_hour=starts,
        )

    async def run(self) -> None:
        """Look for ever; cancel to stop."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look at disk and accounts, on a thread: a memory card may stall for seconds."""
        disk, backup_utc = await asyncio.to_thread(self._look_at_disk)
        self._seen, self._backup_utc = replace(self._seen, disk=disk), backup_utc
        self._looked = True
        if self._clock.synchronised() and self._clock.monotonic() >= self._accounts_due_s:
            self._accounts_due_s = self._clock.monotonic() + ACCOUNTS_EVERY_S
            low = await asyncio.to_thread(self._sources.low_accounts, self._clock.utc_now())
            self._seen = replace(self._seen, low_accounts=low)

    def _look_at_disk(self) -> tuple[Disk | None, datetime | None]:
        return disk_of(self._telemetry.parent), self._last_backup(self._telemetry)


def disk_of(folder: Path) -> Disk | None:
    """The file system of a folder; None where it cannot be asked."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    if found.f_blocks == 0:
        return None
    size = found.f_frsize
    return Disk(found.f_bavail * size, found.f_blocks * size, bool(found.f_flag & os.ST_RDONLY))


def _age_s(since_utc: datetime | None, now_utc: datetime, *, known: bool = True) -> float | None:
    if since_utc is None or not known:
        return None
    return max(0.0, (now_utc - since_utc).total_seconds())
