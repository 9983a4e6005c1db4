"""One state of the store to read from: what is in the blocks, and what is only in the journal yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from controller.telemetry.blocks import (
    FINE_SLOTS,
    QUARTERS,
    Rolled,
    Series,
    Tier,
    read_fine,
    read_rolled,
    roll_up,
)
from controller.telemetry.journal import Replay, read_bytes, replay
from controller.telemetry.packing import Floats, Ints
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S, SeriesKey, has_blocks, reading
from controller.telemetry.stamps import Run, read_runs, runs_of

_NEWEST = "SELECT start_s FROM {} WHERE series_id = ? ORDER BY start_s DESC LIMIT 1"
_ATTEMPTS = 20
"""To find the journal at rest, which is written every 10 s."""
_NOTHING = (np.zeros(0, np.int64), np.zeros(0))


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot | None]:
    """The store at `path` as it is now; None while there is none to read. Raises StorageError.

    A store of an older version that its controller has not opened since is none.
    """
    with reading(path) as connection:
        if connection is None or not has_blocks(connection):
            yield None
            return
        contents = _begin(connection, path)
        yield Snapshot(connection, replay(contents, folded_generation(connection)))


def _begin(connection: sqlite3.Connection, path: Path) -> tuple[bytes, ...]:
    """Hold a state of the database, and read the journal that belongs to it.

    The journal comes first: what is folded in between is then in both, and counts once. Where it grew in
    between, all is read again: the database may hold periods that were stamped late, with higher numbers than
    the journal's new ones, and whoever goes along the numbers would miss these.
    """
    contents = read_bytes(path)
    for _ in range(_ATTEMPTS):
        connection.execute("BEGIN")
        folded_generation(connection)  # the first look at it, not BEGIN, is what holds a state
        before, contents = contents, read_bytes(path)
        if contents == before:
            break
        connection.execute("ROLLBACK")
    else:  # a writer that never rests, which no controller is
        contents = read_bytes(path)
        connection.execute("BEGIN")
    return contents


def folded_generation(connection: sqlite3.Connection) -> int:
    """Up to which generation the journal is folded; 0: nothing yet."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'folded_generation'").fetchone()
    return int(row[0]) if row else 0


class Snapshot:
    """Reads series in slots; the arrays are NaN where nothing is known. Only true stamps count."""

    def __init__(self, connection: sqlite3.Connection, journal: Replay) -> None:
        self.connection = connection
        self._journal = journal

    def find(self, keys: Sequence[SeriesKey]) -> dict[SeriesKey, Series]:
        """Those of the series that are known."""
        wanted = set(keys)
        rows = self.connection.execute("SELECT id, subject, point FROM series ORDER BY id").fetchall()
        return {(row[1], row[2]): Series(row[0], (row[1], row[2])) for row in rows if row[1:] in wanted}

    def all_series(self) -> list[Series]:
        """Every series ever sampled."""
        rows = self.connection.execute("SELECT id, subject, point FROM series ORDER BY id").fetchall()
        return [Series(number, (subject, point)) for number, subject, point in rows]

    def fine(self, series: Series, start_s: int, count: int) -> Floats:
        """10 s means from start_s on (Unix seconds, multiple of 10), shape (count,); a counter's readings."""
        found = np.full(count, np.nan)
        end_s = start_s + PERIOD_S * count
        hours = range(start_s - start_s % HOUR_S, end_s, HOUR_S)
        for hour_s, values in read_fine(self.connection, series, hours).items():
            at = (hour_s - start_s) // PERIOD_S
            first, last = max(0, at), min(count, at + FINE_SLOTS)
            found[first:last] = values[first - at : last - at]
        stamps, values = self._recent.get(series.key, _NOTHING)
        within = (stamps >= start_s) & (stamps < end_s)
        slots = (stamps[within] - start_s) // PERIOD_S
        found[slots] = np.where(np.isnan(found[slots]), values[within], found[slots])
        return found

    def rolled(self, tier: Tier, series: Series, start_s: int, count: int) -> Rolled:
        """Slots of a tier from start_s (a multiple of the slot) on, also of days not rolled up yet."""
        found = Rolled.empty(count)
        end_s = start_s + tier.slot_s * count
        days = range(start_s - start_s % DAY_S, end_s, DAY_S)
        for day_s, rolled in read_rolled(self.connection, tier, series, days).items():
            found.put((day_s - start_s) // tier.slot_s, rolled)
        for day_s in sorted(self._live_days & set(days)):
            first_s, last_s = max(day_s, start_s), min(day_s + DAY_S, end_s)
            fine = self.fine(series, first_s, (last_s - first_s) // PERIOD_S)
            rolled = roll_up(fine, tier.slot_s, counter=series.counter)
            found.put((first_s - start_s) // tier.slot_s, rolled)
        return found

    def latest(self, series: Sequence[Series]) -> dict[SeriesKey, tuple[int, float]]:
        """The newest value of each series, and the start of its period (of an old one, its quarter)."""
        found = {}
        for one in series:
            stamps, _ = self._recent.get(one.key, _NOTHING)
            row = self.connection.execute(_NEWEST.format("fine"), (one.id,)).fetchone()
            hours = [*(int(at_s) - int(at_s) % HOUR_S for at_s in stamps), *(row or ())]
            if hours:
                start_s, slot_s = max(hours), PERIOD_S
                values = self.fine(one, start_s, FINE_SLOTS)
            else:
                row = self.connection.execute(_NEWEST.format("quarter_day"), (one.id,)).fetchone()
                if row is None:
                    continue
                start_s, slot_s = row[0], QUARTERS.slot_s
                values = self.rolled(QUARTERS, one, start_s, QUARTERS.slots).mean
            known = np.flatnonzero(~np.isnan(values))
            if known.size:
                found[one.key] = start_s + slot_s * int(known[-1]), float(values[known[-1]])
        return found

    def span(self) -> tuple[int, int] | None:
        """Start of the first and end of the last period there is, Unix seconds; None while there is none."""
        days = self.connection.execute("SELECT min(start_s), max(start_s) FROM quarter_day").fetchone()
        known = [day_s for day_s in (*days, *self._live_days) if day_s is not None]
        found = [self._sampled_within(day_s) for day_s in ({min(known), max(known)} if known else ())]
        within = [each for each in found if each is not None]
        return (min(first for first, _ in within), max(last for _, last in within)) if within else None

    def _sampled_within(self, day_s: int) -> tuple[int, int] | None:
        """Start of the first and end of the last period of a UTC day, by its quarters where it is old."""
        ends: list[int] = []
        for one in self.all_series():
            known = np.flatnonzero(~np.isnan(self.fine(one, day_s, DAY_S // PERIOD_S)))
            slot_s = PERIOD_S
            if not known.size:
                slot_s = QUARTERS.slot_s
                known = np.flatnonzero(self.rolled(QUARTERS, one, day_s, QUARTERS.slots).samples)
            if known.size:
                ends += [day_s + slot_s * int(known[0]), day_s + slot_s * (int(known[-1]) + 1)]
        return (min(ends), max(ends)) if ends else None

    def first_days_s(self, series: Sequence[Series]) -> list[int]:
        """The UTC days in which the oldest quarter of the series may be."""
        marks = ", ".join("?" * len(series))
        rolled = self.connection.execute(
            f"SELECT start_s FROM quarter_day WHERE series_id IN ({marks}) ORDER BY start_s LIMIT 1",  # noqa: S608
            [each.id for each in series],
        ).fetchone()
        return [*self._live_days, *(rolled or ())]

    def runs(self, after_seq: int = 0) -> list[Run]:
        """The numbers above one, and what periods they name, in order."""
        recent = runs_of((seq, at_s) for seq, at_s in self._recent_stamps if seq > after_seq)
        # Periods that got their stamps late may be stored with higher numbers than some in the journal have.
        return sorted([*read_runs(self.connection, after_seq), *recent], key=lambda run: run.first_seq)

    @cached_property
    def _live_days(self) -> set[int]:
        """The UTC days that are not rolled up, or not wholly."""
        days = {day_s for (day_s,) in self.connection.execute("SELECT day_s FROM unrolled")}
        return days | {at_s - at_s % DAY_S for _, at_s in self._recent_stamps}

    @cached_property
    def _recent_stamps(self) -> list[tuple[int, int]]:
        rows = (row for stretch in self._journal.stretches for row in stretch.rows)
        return [(row.seq, row.start_s) for row in rows if row.seq is not None]

    @cached_property
    def _recent(self) -> dict[SeriesKey, tuple[Ints, Floats]]:
        """Stamps and values of each series in the journal."""
        parts: dict[SeriesKey, list[tuple[Ints, Floats]]] = {}
        for stretch in self._journal.stretches:
            rows = [row for row in stretch.rows if row.seq is not None]
            if rows:
                stamps = np.array([row.start_s for row in rows], np.int64)
                table = np.stack([row.values for row in rows], axis=1)
                for key, values in zip(stretch.head.keys, table, strict=True):
                    parts.setdefault(key, []).append((stamps, values))
        return {
            key: (np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found]))
            for key, found in parts.items()
        }
