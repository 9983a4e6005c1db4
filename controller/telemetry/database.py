"""The blocking half of the store: what is written to telemetry.db, and how. Used from one thread only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from controller.telemetry.alarm_log import AlarmRecord, keep_alarms
from controller.telemetry.averaging import Period
from controller.telemetry.counter_breaks import StoredBreak, keep_counter_breaks
from controller.telemetry.decision_log import GENESIS_HASH, DecisionRecord, LogRow, seal
from controller.telemetry.issued import IssuedForecast, keep_issued
from controller.telemetry.opening import Restored, open_for_writing
from controller.telemetry.rollup import (
    backlog_until_s,
    roll_up_backlog,
    roll_up_quarters_of,
    roll_up_recent,
)
from controller.telemetry.schema import SeriesKey, StorageError
from controller.telemetry.transactions import committed, explained

_BATCHES_PER_FOLD = 60
_INSERT_RECENT = """
    INSERT INTO recent(series_id, at_s, mean, synchronised) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET mean = excluded.mean, synchronised = excluded.synchronised
        WHERE excluded.synchronised >= synchronised
"""
_INSERT_SAMPLE = """
    INSERT INTO sample(series_id, at_s, mean, synchronised) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET mean = excluded.mean, synchronised = excluded.synchronised
        WHERE excluded.synchronised >= synchronised
"""


AnswerRow = tuple[int, str, str, str, str, str]
"""A row of `request_outcome`."""


class TelemetryDatabase:
    """The connection that writes. Every method blocks, and raises StorageError when the disk refuses.

    Means are first stored in the order of time (`recent`) and sorted into their series (`sample`) by the
    hour: a batch then touches a few pages instead of one or two for every series, which spares the SD card
    most of the writes. No mean is in both tables. Quarter-hour means (`quarter`) are made on that occasion.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._series_ids: dict[SeriesKey, int] = {}
        self._batches = 0
        self._folded_until_s = 0
        self._backlog_until_s: int | None = None

    def open(self, boot_id: str, at_utc: datetime) -> Restored:
        """Check the file, set it aside when it is corrupt, create what is missing, read what was left.

        Raises SchemaError for a file of another program or a newer Tawan.
        """
        self.close()
        with explained(self._path):
            self._connection, restored = open_for_writing(self._path, boot_id, at_utc)
            self._backlog_until_s = backlog_until_s(self._connection)
        self._series_ids = {}
        self._folded_until_s = restored.folded_until_s
        self._fold()
        return restored

    def append_decisions(
        self, records: Sequence[DecisionRecord], memory: str, answers: Sequence[AnswerRow] = ()
    ) -> None:
        """Commit decisions, linked to the chain, the controller's memory (JSON) and what requests came to.

        All of it or nothing.
        """
        with self._transaction() as connection:
            head = connection.execute("SELECT seq, hash FROM decision ORDER BY seq DESC LIMIT 1").fetchone()
            last_seq, previous_hash = head or (0, GENESIS_HASH)
            rows: list[LogRow] = []
            for seq, record in enumerate(records, start=last_seq + 1):
                rows.append(seal(record, seq, previous_hash))
                previous_hash = rows[-1].hash
            connection.executemany("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "INSERT OR IGNORE INTO request_outcome(number, id, decided_utc, outcome, code, params)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                answers,
            )
            connection.execute("INSERT OR REPLACE INTO state VALUES ('memory', ?)", (memory,))

    def keep_state(self, key: str, value: str) -> None:
        """Commit something that outlives the process (JSON), beside the controller's memory."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def write_samples(self, periods: Sequence[Period]) -> None:
        """Commit the means of closed periods.

        A mean already stored for the same period gives way to the newer one, unless only the older was
        stamped by a synchronised clock.
        """
        with self._transaction() as connection:
            ids = self._with_ids(connection, {key for period in periods for key in period.sums})
            for period in periods:
                # After a step back of the clock the period may be in `sample`: then it goes there too.
                insert = _INSERT_RECENT if period.at_s > self._folded_until_s else _INSERT_SAMPLE
                rows = [(ids[key], period.at_s, mean, period.synchronised) for key, mean in period.means()]
                connection.executemany(insert, rows)
            late = (period.at_s for period in periods if period.at_s <= self._folded_until_s)
            roll_up_quarters_of(connection, late)
        self._series_ids = ids  # only now: a rolled-back id would be given away again
        self._batches += 1
        if self._batches >= _BATCHES_PER_FOLD:
            self._fold()
        elif self._backlog_until_s is not None:
            self._work_off_backlog(self._backlog_until_s)

    def keep_forecasts(self, forecasts: Sequence[IssuedForecast]) -> None:
        """Commit forecasts as they were issued, and forget the oldest."""
        with self._transaction() as connection:
            for forecast in forecasts:
                keep_issued(connection, forecast)

    def keep_alarms(self, records: Sequence[AlarmRecord]) -> None:
        """Commit alarms as they are now."""
        with self._transaction() as connection:
            keep_alarms(connection, records)

    def keep_counter_breaks(self, breaks: Sequence[StoredBreak]) -> None:
        """Commit places where energy counters do not go on from where they were."""
        with self._transaction() as connection:
            keep_counter_breaks(connection, breaks)

    def close(self) -> None:
        """Fold the WAL into the file and close; harmless when not open."""
        if self._connection is not None:
            with explained(self._path), closing(self._connection):
                self._connection = None

    def _fold(self) -> None:
        """Sort the recent means into their series, and the WAL into the file."""
        with self._transaction() as connection:
            newest_s = connection.execute("SELECT max(at_s) FROM recent").fetchone()[0]
            if newest_s is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO sample SELECT series_id, at_s, mean, synchronised FROM recent"
                    " ORDER BY series_id, at_s"
                )
                roll_up_recent(connection)
                connection.execute("DELETE FROM recent")
            folded_until_s = max(self._folded_until_s, newest_s or 0)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('folded_until_s', ?)", (str(folded_until_s),)
            )
        self._folded_until_s = folded_until_s
        self._batches = 0
        with explained(self._path):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _work_off_backlog(self, until_s: int) -> None:
        with self._transaction() as connection:
            roll_up_backlog(connection, until_s)
            left_s = backlog_until_s(connection)
        self._backlog_until_s = left_s

    def _with_ids(self, connection: sqlite3.Connection, keys: set[SeriesKey]) -> dict[SeriesKey, int]:
        ids = dict(self._series_ids)
        for key in sorted(keys - ids.keys()):
            connection.execute("INSERT INTO series(subject, point) VALUES (?, ?) ON CONFLICT DO NOTHING", key)
            found = connection.execute(
                "SELECT id FROM series WHERE subject = ? AND point = ?", key
            ).fetchone()
            ids[key] = found[0]
        return ids

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            msg = f"{self._path} is not open"
            raise StorageError(msg)
        with explained(self._path), committed(self._connection) as connection:
            yield connection
