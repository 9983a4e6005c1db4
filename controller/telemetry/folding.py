"""From the journal into blocks, an hour at a time, and days of blocks into minutes and quarters.

The work comes as generators that yield between slices: who waits for the store's thread waits for one slice.
Everything is computed first and stored in one transaction, wholly from what is there, so that a power cut
leaves nothing half done and doing it again changes nothing.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from controller.telemetry.blocks import (
    FINE_SLOTS,
    MINUTES,
    QUARTERS,
    Series,
    fine_data,
    fine_row,
    fine_values,
    read_fine,
    roll_up,
    rolled_row,
)
from controller.telemetry.journal import Head, Row, read_bytes, replay
from controller.telemetry.packing import DamagedBlockError, Floats
from controller.telemetry.sample_writer import SampleWriter
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S, SeriesKey
from controller.telemetry.stamps import keep_runs, runs_of
from controller.telemetry.transactions import OpenDatabase

SLICE_S = 0.02
"""Of the host's time: on a Raspberry Pi a slice takes up to 50 ms."""
_ROLLED_AT_ONCE = 50
"""Series of a day that are stored in one transaction."""

Hours = dict[int, dict[SeriesKey, Floats]]
"""Start of an hour -> series -> its 10 s means, shape (360,), NaN missing."""


@dataclass(slots=True)
class Batch:
    """Periods on their way from the journal into blocks."""

    stamped: Hours = field(default_factory=dict)
    unstamped: dict[str, Hours] = field(default_factory=dict)
    """By boot; hours of its monotonic clock."""
    numbered: list[tuple[int, int]] = field(default_factory=list)
    """Periods that have their numbers: (seq, at_s)."""
    late: list[int] = field(default_factory=list)
    """Periods that get their stamps only now, Unix seconds."""

    def put(self, hours: Hours, at_s: int, keys: Iterable[SeriesKey], values: Floats) -> None:
        """Add the values of a period; a value that is there already stays."""
        hour_s = at_s - at_s % HOUR_S
        hour, slot = hours.setdefault(hour_s, {}), (at_s - hour_s) // PERIOD_S
        for key, value in zip(keys, values, strict=True):
            column = hour.get(key)
            if column is None:
                column = hour[key] = np.full(FINE_SLOTS, np.nan)
            if np.isnan(column[slot]):
                column[slot] = value


class Pace:
    """Says when a slice is over."""

    def __init__(self) -> None:
        self._until = time.perf_counter() + SLICE_S

    def over(self) -> bool:
        """Whether to let others have the thread; then the next slice begins."""
        now = time.perf_counter()
        if now < self._until:
            return False
        self._until = now + SLICE_S
        return True


class Folding:
    """The store's work in the background. Raises StorageError, and then begins anew the next time."""

    def __init__(self, database: OpenDatabase, writer: SampleWriter) -> None:
        self._database = database
        self._writer = writer

    def fold(self) -> Iterator[None]:
        """Fold all closed generations of the journal."""
        for generation in self._writer.closed_generations:
            found = replay(read_bytes(self._database.path), self._writer.folded)
            batch, pace = Batch(), Pace()
            for stretch in found.stretches:
                if stretch.generation == generation:
                    for row in stretch.rows:
                        self._sort(row, stretch.head, batch)
                        if pace.over():
                            yield
            yield from self.store(batch, partial(_note_folded, generation))
            self._writer.folded = generation

    def stamp_waiting(self) -> Iterator[None]:
        """Give periods that were folded without one their true stamps, where these are known by now."""
        for boot_id in self._writer.to_be_stamped:
            yield from self._stamp_boot(boot_id, self._writer.offsets[boot_id])
            self._writer.all_stamped(boot_id)

    def _stamp_boot(self, boot_id: str, offset_s: float) -> Iterator[None]:
        oldest = "SELECT min(start_s) FROM unstamped WHERE boot_id = ?"
        while True:
            with self._database.reading() as connection:
                start_s = connection.execute(oldest, (boot_id,)).fetchone()[0]
                columns = {} if start_s is None else _unstamped(connection, boot_id, start_s)
            if start_s is None:
                return
            batch = Batch()
            if columns:
                table = np.stack([*columns.values()])
                for slot in np.flatnonzero(~np.isnan(table).all(axis=0)).tolist():
                    self._stamp(batch, start_s + PERIOD_S * slot, offset_s, columns.keys(), table[:, slot])
            yield from self.store(batch, partial(_forget_unstamped, boot_id, start_s))

    def roll_up(self) -> Iterator[None]:
        """Make minutes and quarters of the days that are over."""
        today_s = (self._writer.newest_at_s or 0) // DAY_S * DAY_S
        with self._database.reading() as connection:
            days = [day_s for (day_s,) in connection.execute("SELECT day_s FROM unrolled ORDER BY day_s")]
        for day_s in days:
            if day_s != today_s:
                yield from self._roll_up_day(day_s)

    def _roll_up_day(self, day_s: int) -> Iterator[None]:
        pace = Pace()
        with self._database.reading() as connection:
            waiting = _series_of_day(connection, day_s)
        while waiting:
            part, waiting = waiting[:_ROLLED_AT_ONCE], waiting[_ROLLED_AT_ONCE:]
            rows: dict[str, list[tuple[int | bytes | None, ...]]] = {MINUTES.insert: [], QUARTERS.insert: []}
            for series in part:
                with self._database.reading() as connection:
                    fine = day_of_fine(connection, series, day_s)
                    for tier in (MINUTES, QUARTERS):
                        new = roll_up(fine, tier.slot_s, counter=series.counter)
                        row = rolled_row(connection, tier, day_s, series, new)
                        rows[tier.insert] += [] if row is None else [row]
                if pace.over():
                    yield
            with self._database.transaction() as connection:
                for statement, values in rows.items():
                    connection.executemany(statement, values)
                if not waiting:
                    connection.execute("DELETE FROM unrolled WHERE day_s = ?", (day_s,))
            yield
        with self._database.transaction() as connection:  # a day of which nothing is left
            connection.execute("DELETE FROM unrolled WHERE day_s = ?", (day_s,))

    def store(
        self, batch: Batch, also: Callable[[sqlite3.Connection], object] | None = None
    ) -> Iterator[None]:
        """Store a batch in one transaction, and whatever else is then to be noted in the same."""
        fine: list[tuple[int, int, bytes] | None] = []
        unstamped: list[tuple[str, int, int, bytes]] = []
        pace = Pace()
        for hour_s, columns in sorted(batch.stamped.items()):
            for series, values in zip(self._writer.series_of(columns), columns.values(), strict=True):
                with self._database.reading() as connection:
                    fine.append(fine_row(connection, hour_s, series, values))
                if pace.over():
                    yield
        for boot_id, hours in batch.unstamped.items():
            for start_s, columns in hours.items():
                unstamped += self._unstamped_rows(boot_id, start_s, columns)
                yield
        numbered = [*batch.numbered, *self._number(batch.late)]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO fine VALUES (?, ?, ?)", filter(None, fine))
            days = {hour_s - hour_s % DAY_S for hour_s in batch.stamped}
            connection.executemany("INSERT OR IGNORE INTO unrolled VALUES (?)", [(each,) for each in days])
            connection.executemany("INSERT OR REPLACE INTO unstamped VALUES (?, ?, ?, ?)", unstamped)
            keep_runs(connection, runs_of(numbered))
            if also is not None:
                also(connection)
        for seq, at_s in numbered:
            self._writer.stamps.note(seq, at_s)
        yield

    def _sort(self, row: Row, head: Head, batch: Batch) -> None:
        if row.seq is not None:
            batch.numbered.append((row.seq, row.start_s))
            batch.put(batch.stamped, row.start_s, head.keys, row.values)
        elif head.boot_id in self._writer.offsets:
            self._stamp(batch, row.start_s, self._writer.offsets[head.boot_id], head.keys, row.values)
        else:
            hours = batch.unstamped.setdefault(head.boot_id, {})
            batch.put(hours, row.start_s, head.keys, row.values)

    def _stamp(
        self, batch: Batch, start_s: int, offset_s: float, keys: Iterable[SeriesKey], values: Floats
    ) -> None:
        """Give a period its true stamp, if there are no samples of that time already."""
        at_s = stamp_of(start_s, offset_s)
        if self._writer.stamps.taken(at_s):
            self._writer.overlapping += 1
        else:
            batch.late.append(at_s)
            batch.put(batch.stamped, at_s, keys, values)

    def _number(self, late: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Numbers for periods that get their stamps now, above all that were given until this moment."""
        seq = self._writer.stamps.newest_seq
        for at_s in sorted(set(late)):
            seq = max(seq + 1, at_s // PERIOD_S)
            yield seq, at_s

    def _unstamped_rows(
        self, boot_id: str, start_s: int, columns: dict[SeriesKey, Floats]
    ) -> Iterator[tuple[str, int, int, bytes]]:
        with self._database.reading() as connection:
            known = _unstamped(connection, boot_id, start_s)
        for series, values in zip(self._writer.series_of(columns), columns.values(), strict=True):
            before = known.get(series.key)
            merged = values if before is None else np.where(np.isnan(before), values, before)
            data = fine_data(merged, series.per_unit)
            if data is not None:
                yield boot_id, start_s, series.id, data


def stamp_of(start_s: float, offset_s: float) -> int:
    """Start of the period of Unix time in which one of the monotonic clock began [s]."""
    return int((start_s + offset_s) // PERIOD_S) * PERIOD_S


def _note_folded(generation: int, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('folded_generation', ?)", (str(generation),))


def _forget_unstamped(boot_id: str, start_s: int, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM unstamped WHERE boot_id = ? AND start_s = ?", (boot_id, start_s))


def day_of_fine(connection: sqlite3.Connection, series: Series, day_s: int) -> Floats:
    """A UTC day of 10 s means, shape (8640,), NaN missing."""
    found = np.full(DAY_S // PERIOD_S, np.nan)
    for hour_s, values in read_fine(connection, series, range(day_s, day_s + DAY_S, HOUR_S)).items():
        at = (hour_s - day_s) // PERIOD_S
        found[at : at + FINE_SLOTS] = values
    return found


def _series_of_day(connection: sqlite3.Connection, day_s: int) -> list[Series]:
    rows = connection.execute(
        "SELECT id, subject, point FROM series WHERE id IN"
        " (SELECT series_id FROM fine WHERE start_s >= ? AND start_s < ?) ORDER BY id",
        (day_s, day_s + DAY_S),
    )
    return [Series(number, (subject, point)) for number, subject, point in rows]


def _unstamped(connection: sqlite3.Connection, boot_id: str, start_s: int) -> dict[SeriesKey, Floats]:
    """What is kept of an hour of a boot's monotonic clock."""
    rows = connection.execute(
        "SELECT subject, point, data, series_id FROM unstamped JOIN series ON id = series_id"
        " WHERE boot_id = ? AND start_s = ?",
        (boot_id, start_s),
    )
    found = {}
    for subject, point, data, number in rows:
        with suppress(DamagedBlockError):
            key = (subject, point)
            found[key] = fine_values(data, Series(number, key).per_unit)
    return found
