"""What is forgotten, and when: by age, and earlier where the disk has no room.

10 s means are kept for 7 whole days, minutes for 90, quarters, decisions and alarms for ever. Over budget,
or with little free space on the disk, the oldest 10 s means go first, then the oldest minutes. A day is
forgotten only once its quarters are made. Free pages are used again: the file neither shrinks nor grows.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from controller.telemetry.sample_writer import SampleWriter
from controller.telemetry.schema import DAY_S, HOUR_S
from controller.telemetry.transactions import OpenDatabase

FINE_KEPT_S = 7 * DAY_S
MINUTES_KEPT_S = 90 * DAY_S
UNSTAMPED_HOURS = 90 * 24
"""So many hours without a true stamp are kept at most."""
LEAST_FREE_BYTES = 200_000_000
"""With less free space on the disk, room is made inside the file."""
ROOM_BYTES = 16_000_000
"""Free pages inside the file that are enough for days."""
NEVER_THINNED_S = DAY_S
"""The newest 10 s means stay, whatever the room."""
_HOURS_AT_ONCE = 26
"""A clock that was wrong for an hour shall not cost the whole week."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the store takes, in bytes."""

    used: int
    """Pages in use and the journal."""
    free_pages: int
    """Inside the file, to be used again."""
    free_disk: int


class Retention:
    """Forgets what is too old or has no room. Raises StorageError, and then goes on the next time."""

    def __init__(self, database: OpenDatabase, writer: SampleWriter, budget_bytes: float) -> None:
        self._database = database
        self._writer = writer
        self._budget_bytes = budget_bytes
        self.thinned_hours = 0
        """Hours of 10 s means, and minutes, forgotten before their time since the start."""

    def room(self) -> Room:
        """What there is now."""
        with self._database.reading() as connection:
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            disk = shutil.disk_usage(self._database.path.parent).free
        return Room(size * (pages - free) + self._writer.journal.size_bytes, size * free, disk)

    def forget_old(self) -> Iterator[None]:
        """Forget what is past its time, by the time of the newest sample."""
        newest_s = self._writer.newest_at_s
        if newest_s is None:
            return
        today_s = newest_s - newest_s % DAY_S
        for hour_s in self._starts("fine", today_s - FINE_KEPT_S, _HOURS_AT_ONCE):
            self._forget_fine(hour_s)
            yield
        for day_s in self._starts("minute", today_s - MINUTES_KEPT_S, 2):
            self._forget_minutes(day_s)
            yield
        with self._database.transaction() as connection:
            _forget_unstamped(connection)
        yield

    def thin(self) -> Iterator[None]:
        """Make room where there is too little, oldest and finest first."""
        newest_s = self._writer.newest_at_s or 0
        while self._too_full():
            hours = self._starts("fine", newest_s - NEVER_THINNED_S, 1)
            days = self._starts("minute", newest_s - NEVER_THINNED_S, 1)
            if hours:
                self._forget_fine(hours[0])
                self.thinned_hours += 1
            elif days:
                self._forget_minutes(days[0])
                self.thinned_hours += DAY_S // HOUR_S
            else:
                return
            yield

    def _too_full(self) -> bool:
        room = self.room()
        tight = room.free_disk < LEAST_FREE_BYTES and room.free_pages < ROOM_BYTES
        return tight or room.used > self._budget_bytes

    def _starts(self, table: str, before_s: int, limit: int) -> list[int]:
        """The oldest blocks of days that are rolled up."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT start_s FROM {table} WHERE start_s < ?"  # noqa: S608 - our own words
                f" AND start_s - start_s % {DAY_S} NOT IN (SELECT day_s FROM unrolled)"
                " ORDER BY start_s LIMIT ?",
                (before_s, limit),
            )
            return [start_s for (start_s,) in rows]

    def _forget_fine(self, hour_s: int) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM fine WHERE start_s = ?", (hour_s,))
            connection.execute(
                "DELETE FROM period_run WHERE at_s >= ? AND at_s < ?", (hour_s, hour_s + HOUR_S)
            )
        self._writer.stamps.forget_hour(hour_s)

    def _forget_minutes(self, day_s: int) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM minute WHERE start_s = ?", (day_s,))


def _forget_unstamped(connection: sqlite3.Connection) -> None:
    hours = connection.execute(
        "SELECT boot_id, start_s FROM unstamped GROUP BY boot_id, start_s ORDER BY max(rowid) DESC"
        " LIMIT -1 OFFSET ?",
        (UNSTAMPED_HOURS,),
    ).fetchall()
    connection.executemany("DELETE FROM unstamped WHERE boot_id = ? AND start_s = ?", hours)
