"""Periods on their way into the journal: who they belong to, whether they count, and what their number is."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from controller.telemetry.averaging import Period
from controller.telemetry.blocks import Series
from controller.telemetry.journal import Head, Replay, Row, read_bytes, replay
from controller.telemetry.journal_writer import SampleJournal
from controller.telemetry.packing import Floats
from controller.telemetry.schema import HOUR_S, PERIOD_S, SeriesKey
from controller.telemetry.snapshot import folded_generation
from controller.telemetry.stamps import StampIndex, read_runs
from controller.telemetry.transactions import OpenDatabase

MOST_ROWS = 400
"""A generation is closed when the hour is over, or when so many rows are in it."""
_OFFSETS = "boot_offsets"


class SampleWriter:
    """Writes periods of one boot into the journal. Blocking; raises StorageError and OSError."""

    def __init__(self, database: OpenDatabase, boot_id: str) -> None:
        """Find out what the database and the journal hold, and go on behind it."""
        self._database = database
        self.boot_id = boot_id
        self.stamps = StampIndex()
        self.journal = SampleJournal(database.path)
        self._ids: dict[SeriesKey, int] = {}
        self._head = Head(boot_id, ())
        self._hour: tuple[bool, int] | None = None
        self.newest_at_s: int | None = None
        """Stamp of the period with the highest number, Unix seconds."""
        with database.reading() as connection:
            self.folded = folded_generation(connection)
            """Up to which generation the journal is folded into the database."""
            found = replay(read_bytes(database.path), self.folded)
            self._index(connection, found)
            self._waiting = _unstamped_boots(connection) | {
                stretch.head.boot_id
                for stretch in found.stretches
                if any(row.seq is None for row in stretch.rows)
            }
            self.offsets = _kept_offsets(connection)
            """Boot -> Unix time less its monotonic clock [s], as far as it is known and needed."""
        self.offsets.pop(boot_id, None)  # the clock of this boot has yet to say that it can be trusted
        self.overlapping = 0
        """Periods given up since there were samples of the same time already."""
        self.damaged_bytes = found.damaged_bytes
        """Of the journal, found torn or spoilt when it was opened."""
        self.journal.open(found, self.folded)  # last: what goes wrong before leaves no file open
        generation = self.journal.generation
        self._rows = sum(len(each.rows) for each in found.stretches if each.generation == generation)

    def _index(self, connection: sqlite3.Connection, found: Replay) -> None:
        newest: tuple[int, int] | None = None
        for run in read_runs(connection):
            self.stamps.note_run(run)
            newest = run.first_seq + run.count - 1, run.at_s + PERIOD_S * (run.count - 1)
        for stretch in found.stretches:
            for row in stretch.rows:
                if row.seq is not None:
                    self.stamps.note(row.seq, row.start_s)
                    newest = max(newest or (0, 0), (row.seq, row.start_s))
        self.newest_at_s = None if newest is None else newest[1]

    def close(self) -> None:
        """Close the journal; harmless when not open."""
        self.journal.close()

    @property
    def closed_generations(self) -> range:
        """Those that wait to be folded."""
        return range(self.folded + 1, self.journal.generation)

    def write(self, periods: Sequence[Period]) -> None:
        """Put periods into the journal; those whose time is taken by others are given up."""
        kept: dict[tuple[int, bool], Period] = {}
        for period in periods:
            if period.synchronised and self.stamps.taken(period.at_s):
                self.overlapping += 1
            else:
                kept[period.at_s, period.synchronised] = period
        if not kept:
            return
        self._learn({key for period in kept.values() for key in period.sums})
        self._turn_if_due(next(iter(kept)))
        rows, newest_seq = [], self.stamps.newest_seq
        for (start_s, synchronised), period in kept.items():
            seq = max(newest_seq + 1, start_s // PERIOD_S) if synchronised else None
            newest_seq = newest_seq if seq is None else seq
            rows.append(Row(start_s, seq, self._values(period)))
        self.journal.append(self._head, rows)
        self._rows += len(rows)
        for row in rows:
            if row.seq is None:
                self._waiting.add(self.boot_id)
            else:
                self.stamps.note(row.seq, row.start_s)
                self.newest_at_s = row.start_s

    def turn(self) -> bool:
        """Begin a new generation, so that the one before can be folded; False while another still waits."""
        if self.closed_generations:
            return False
        if self._rows:
            self.journal.turn()
            self._rows, self._hour = 0, None
        return True

    @property
    def to_be_stamped(self) -> list[str]:
        """Boots with periods that wait for a true stamp that can be given to them now."""
        return sorted(self._waiting & self.offsets.keys())

    def set_offset(self, offset_s: float | None) -> None:
        """Take note of what the time is in this boot; what waits for its stamp gets it at the next fold.

        Where something waits it is noted on the disk too: power may fail before all is stamped.
        """
        self.offsets.pop(self.boot_id, None)
        if offset_s is None:
            return
        self.offsets[self.boot_id] = offset_s
        if self.boot_id in self._waiting:
            needed = {each: self.offsets[each] for each in self.to_be_stamped}
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_OFFSETS, json.dumps(needed))
                )
            self.turn()

    def all_stamped(self, boot_id: str) -> None:
        """Take note that nothing of a boot waits for its stamp any more."""
        self._waiting.discard(boot_id)

    def series_of(self, keys: Iterable[SeriesKey]) -> list[Series]:
        """The series as they are stored; new ones are stored now. Raises StorageError."""
        wanted = list(keys)
        new = sorted(set(wanted) - self._ids.keys())
        if new:
            with self._database.transaction() as connection:
                found = {key: _id_of(connection, key) for key in new}
            self._ids |= found  # only now: a rolled-back id would be given away again
        return [Series(self._ids[key], key) for key in wanted]

    def _turn_if_due(self, first: tuple[int, bool]) -> None:
        hour = first[1], first[0] // HOUR_S
        if self._hour is None:
            self._hour = hour
        elif (hour != self._hour and hour[1] > self._hour[1]) or self._rows >= MOST_ROWS:
            self.turn()
            self._hour = hour

    def _learn(self, keys: set[SeriesKey]) -> None:
        """Give new series their ids and columns."""
        if not keys <= set(self._head.keys):
            self.series_of(keys)
            self._head = Head(self.boot_id, tuple(sorted(keys | set(self._head.keys))))

    def _values(self, period: Period) -> Floats:
        means: Mapping[SeriesKey, float] = dict(period.means())
        return np.array([means.get(key, math.nan) for key in self._head.keys])


def _unstamped_boots(connection: sqlite3.Connection) -> set[str]:
    return {boot_id for (boot_id,) in connection.execute("SELECT DISTINCT boot_id FROM unstamped")}


def _kept_offsets(connection: sqlite3.Connection) -> dict[str, float]:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_OFFSETS,)).fetchone()
    return (
        {} if row is None else {str(boot): float(offset_s) for boot, offset_s in json.loads(row[0]).items()}
    )


def _id_of(connection: sqlite3.Connection, key: SeriesKey) -> int:
    connection.execute("INSERT INTO series(subject, point) VALUES (?, ?) ON CONFLICT DO NOTHING", key)
    found = connection.execute("SELECT id FROM series WHERE subject = ? AND point = ?", key).fetchone()
    return int(found[0])
