"""Stores of older versions: their samples become blocks in the background, newest first, an hour at a time.

Each hour and each month of quarters is taken over and deleted in one transaction: a power cut loses nothing,
and the next start goes on where it was. The old tables go when they are empty. What is taken over has no
numbers: there was nobody to send it to when it was recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np

from controller.telemetry.blocks import FINE_SLOTS, QUARTERS, Rolled, Series, rolled_row
from controller.telemetry.folding import Batch, Folding, Pace
from controller.telemetry.packing import Floats
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S, QUARTER_S
from controller.telemetry.transactions import OpenDatabase

EARLIER = "an earlier version"
"""In the place of the boot of samples whose stamps were false: when they were taken is not known any more."""
_ROWS_AT_ONCE = 3000
_NEWEST = "SELECT max((SELECT max(at_s) FROM sample WHERE series_id = series.id)) FROM series"


def to_be_converted(connection: sqlite3.Connection) -> bool:
    """Whether a store still has tables of an older version."""
    return bool(_tables(connection))


def gather_recent(connection: sqlite3.Connection) -> None:
    """Bring what an older version had not sorted yet to the rest; call within the migration."""
    connection.execute("INSERT OR REPLACE INTO sample SELECT series_id, at_s, mean, synchronised FROM recent")
    connection.execute("DROP VIEW IF EXISTS every_sample")
    connection.execute("DROP TABLE recent")
    connection.execute("DELETE FROM meta WHERE key IN ('folded_until_s', 'rolled_up_from_s')")


class Conversion:
    """Takes the old tables over. Raises StorageError, and then goes on the next time."""

    def __init__(self, database: OpenDatabase, folding: Folding) -> None:
        self._database = database
        self._folding = folding

    def quarters(self) -> Iterator[None]:
        """Take the quarters over: years of them are small, and forecasts learn from them."""
        with self._database.reading() as connection:
            if "quarter" not in _tables(connection):
                return
            waiting = _all_series(connection)
        for series in waiting:
            while self._some_quarters(series):
                yield
        with self._database.transaction() as connection:
            connection.execute("DROP TABLE quarter")

    def _some_quarters(self, series: Series) -> bool:
        """Take a part of a series over; whether there was one."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT at_s, mean, samples, typeof(mean) = 'real' FROM quarter WHERE series_id = ?"
                " ORDER BY at_s DESC LIMIT ?",
                (series.id, _ROWS_AT_ONCE),
            ).fetchall()
            days: dict[int, Rolled] = {}
            for at_s, mean, samples, sound in rows:
                if sound:
                    day = days.setdefault(at_s - at_s % DAY_S, Rolled.empty(QUARTERS.slots))
                    slot = at_s % DAY_S // QUARTER_S
                    day.mean[slot], day.samples[slot] = mean, samples
            made = [rolled_row(connection, QUARTERS, day_s, series, day) for day_s, day in days.items()]
        if rows:
            with self._database.transaction() as connection:
                connection.executemany(QUARTERS.insert, filter(None, made))
                connection.execute(
                    "DELETE FROM quarter WHERE series_id = ? AND at_s >= ?", (series.id, rows[-1][0])
                )
        return bool(rows)

    def samples(self) -> Iterator[bool]:
        """Take the 10 s means over, hour by hour; True when a day is complete."""
        with self._database.reading() as connection:
            if "sample" not in _tables(connection):
                return
            waiting = _all_series(connection)
            newest_s: int | None = connection.execute(_NEWEST).fetchone()[0]
        while newest_s is not None:
            hour_s = newest_s - newest_s % HOUR_S
            for _ in self._hour(waiting, hour_s):
                yield False
            with self._database.reading() as connection:
                newest_s = connection.execute(_NEWEST).fetchone()[0]
            yield newest_s is None or newest_s < hour_s - hour_s % DAY_S
        with self._database.transaction() as connection:
            connection.execute("DROP TABLE sample")

    def _hour(self, waiting: Sequence[Series], hour_s: int) -> Iterator[None]:
        batch, pace = Batch(), Pace()
        for series in waiting:
            with self._database.reading() as connection:
                rows = connection.execute(
                    "SELECT at_s, mean, synchronised FROM sample"
                    " WHERE series_id = ? AND at_s >= ? AND at_s < ? AND typeof(mean) = 'real'",
                    (series.id, hour_s, hour_s + HOUR_S),
                ).fetchall()
            true, false = (_hour_of(rows, hour_s, stamped) for stamped in (1, 0))
            if true is not None:
                batch.stamped.setdefault(hour_s, {})[series.key] = true
            if false is not None:
                batch.unstamped.setdefault(EARLIER, {}).setdefault(hour_s, {})[series.key] = false
            if pace.over():
                yield

        def forget(connection: sqlite3.Connection) -> None:
            for series in waiting:
                connection.execute(
                    "DELETE FROM sample WHERE series_id = ? AND at_s >= ? AND at_s < ?",
                    (series.id, hour_s, hour_s + HOUR_S),
                )

        yield from self._folding.store(batch, forget)


def _hour_of(rows: Sequence[tuple[int, float, int]], hour_s: int, stamped: int) -> Floats | None:
    found = np.full(FINE_SLOTS, np.nan)
    for at_s, mean, synchronised in rows:
        if synchronised == stamped:
            found[(at_s - hour_s) // PERIOD_S] = mean
    return None if np.isnan(found).all() else found


def _all_series(connection: sqlite3.Connection) -> list[Series]:
    rows = connection.execute("SELECT id, subject, point FROM series ORDER BY id")
    return [Series(number, (subject, point)) for number, subject, point in rows]


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE name IN ('sample', 'quarter')")
    return {name for (name,) in rows}
