"""The blocking half of the store: opening, checking and writing telemetry.db. Used from one thread only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from controller.telemetry.averaging import Period
from controller.telemetry.decision_log import (
    GENESIS_HASH,
    DecisionRecord,
    LoggedDecision,
    LogRow,
    logged,
    seal,
)
from controller.telemetry.schema import SCHEMA_VERSION, TABLES, SeriesKey, StorageError, schema_version

_BUSY_S = 5.0
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BATCHES_PER_CHECKPOINT = 10
"""A page is rewritten by batch after batch; copying it from the WAL rarely spares the SD card."""
_REMEDIES: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "the disk is full: delete old logs or *.corrupt-* files",
    sqlite3.SQLITE_READONLY: "it cannot be written: check its owner; a failing SD card also turns read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder belongs to the controller's user",
    sqlite3.SQLITE_IOERR: "the disk does not answer: replace the SD card if this comes again",
    sqlite3.SQLITE_BUSY: "another program holds it: is a second controller running?",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restart the controller, which sets it aside and starts a new one",
}


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was found when the store was opened."""

    set_aside: Path | None
    """Where a corrupt file was moved to; a new and empty store took its place."""
    defects: tuple[str, ...]
    """What was wrong, sentences in English."""
    same_boot: bool
    """It was last opened in this boot of the host: the controller restarted, the power did not fail."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What the store held when it was opened."""

    report: OpenReport
    memory: Mapping[str, Any] | None
    decisions: tuple[LoggedDecision, ...]


class TelemetryDatabase:
    """The connection that writes. Every method blocks, and raises StorageError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._series_ids: dict[SeriesKey, int] = {}
        self._batches = 0

    def open(self, boot_id: str, at_utc: datetime) -> Restored:
        """Check the file, set it aside when it is corrupt, create what is missing, read what was left.

        Raises SchemaError for a file of another program or a newer Tawan.
        """
        self.close()
        with _explained(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            defect = _corruption(self._path)
            set_aside = _set_aside(self._path, at_utc) if defect else None
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
            try:
                restored = _prepare(connection, self._path, boot_id, set_aside, defect)
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        return restored

    def append_decisions(self, records: Sequence[DecisionRecord], memory: str) -> None:
        """Commit decisions, linked to the chain, and the controller's memory (JSON): both or neither."""
        with self._transaction() as connection:
            head = connection.execute("SELECT seq, hash FROM decision ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous_hash = head or (0, GENESIS_HASH)
            rows: list[LogRow] = []
            for record in records:
                row = seal(record, seq := seq + 1, previous_hash)
                previous_hash = row.hash
                rows.append(row)
            connection.executemany("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute("INSERT OR REPLACE INTO state VALUES ('memory', ?)", (memory,))

    def write_samples(self, periods: Sequence[Period]) -> None:
        """Commit the means of closed periods.

        A mean already stored for the same period gives way to the newer one, unless only the older was
        stamped by a synchronised clock.
        """
        with self._transaction() as connection:
            ids = self._with_ids(connection, {key for period in periods for key in period.sums})
            connection.executemany(
                "INSERT INTO sample VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET mean = excluded.mean, synchronised = excluded.synchronised"
                " WHERE excluded.synchronised >= synchronised",
                (
                    (ids[key], period.at_s, mean, period.synchronised)
                    for period in periods
                    for key, mean in period.means()
                ),
            )
        self._series_ids = ids  # only now: a rolled-back id would be given away again
        self._batches += 1
        if self._batches % _BATCHES_PER_CHECKPOINT == 0:
            with _explained(self._path):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Fold the WAL into the file and close; harmless when not open."""
        if self._connection is not None:
            with _explained(self._path), closing(self._connection):
                self._connection = None

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
        with _explained(self._path), _committed(self._connection) as connection:
            yield connection


@contextmanager
def _committed(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # what broke the transaction is already on its way up
                connection.execute("ROLLBACK")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the file system into a StorageError that says what to do."""
    try:
        yield
    except sqlite3.Error as err:
        remedy = _REMEDIES.get(_primary_code(err))
        msg = f"{path}: {remedy} ({err})" if remedy else f"{path}: {err}"
        raise StorageError(msg) from err
    except OSError as err:
        msg = f"{path}: {err.strerror or err}"
        raise StorageError(msg) from err


def _primary_code(err: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for the errors that the Python module raises by itself."""
    return getattr(err, "sqlite_errorcode", 0) & 0xFF


def _corruption(path: Path) -> str | None:
    """What is wrong with a file, None when it is sound or absent; read-only, so that it stays as found."""
    if not path.exists():
        return None
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as connection:
        try:
            findings = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as err:
            if _primary_code(err) not in _CORRUPT:
                raise
            findings = str(err)
    return None if findings == "ok" else f"the file was corrupt and was set aside ({findings})"


def _set_aside(path: Path, at_utc: datetime) -> Path:
    """Rename the file and its companions, never over another; returns the new name."""
    stem = f"{path.name}.corrupt-{at_utc:%Y%m%dT%H%M%SZ}"
    target = path.with_name(stem)
    number = 1
    while target.exists():  # without a battery clock every boot may show the same time
        number += 1
        target = path.with_name(f"{stem}-{number}")
    for suffix in ("", "-wal", "-shm"):  # the file first: it must never be taken for whole without its WAL
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    return target


def _prepare(
    connection: sqlite3.Connection, path: Path, boot_id: str, set_aside: Path | None, defect: str | None
) -> Restored:
    version = schema_version(connection, path)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    with _committed(connection):
        if version is None:
            for table in TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))
        last_boot = connection.execute("SELECT value FROM meta WHERE key = 'boot_id'").fetchone()
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('boot_id', ?)", (boot_id,))
    restored_memory, memory_defect = _stored_memory(connection)
    decisions, log_defect = _last_decisions(connection)
    report = OpenReport(
        set_aside=set_aside,
        defects=tuple(f"{path}: {what}" for what in (defect, memory_defect, log_defect) if what),
        same_boot=last_boot is not None and last_boot[0] == boot_id,
    )
    return Restored(report, restored_memory, decisions)


def _stored_memory(connection: sqlite3.Connection) -> tuple[Mapping[str, Any] | None, str | None]:
    """The controller's memory and what is wrong with it."""
    row = connection.execute("SELECT value FROM state WHERE key = 'memory'").fetchone()
    if row is None:
        return None, None
    try:
        memory = json.loads(row[0])
    except ValueError as err:
        return None, f"the controller's memory is not JSON and was ignored ({err})"
    if not isinstance(memory, dict):
        return None, "the controller's memory is not a JSON object and was ignored"
    return memory, None


def _last_decisions(connection: sqlite3.Connection) -> tuple[tuple[LoggedDecision, ...], str | None]:
    """The last decision of each subject and action, newest first, and what is wrong with them."""
    rows = connection.execute(
        "SELECT max(seq), at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
        " FROM decision GROUP BY subject, action ORDER BY 1 DESC"
    ).fetchall()
    try:
        return tuple(logged(LogRow._make(row)) for row in rows), None
    except (TypeError, ValueError) as err:
        return (), f"the decision log is damaged, `tawan audit` tells where ({err})"
