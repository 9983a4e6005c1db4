"""outside.db: what the services of the outside process must remember when the power has failed.

Small and replaceable: everything in it is about how far something has come. Values are JSON; a service that
needs more makes tables of its own.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from controller.telemetry.decision_log import canonical_json
from controller.telemetry.schema import StorageError
from controller.telemetry.transactions import committed, explained, primary_code

_log = logging.getLogger(__name__)

_BUSY_S = 5.0
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SCHEMA = "CREATE TABLE IF NOT EXISTS note(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"


class Notebook:
    """The notebook at a path, open as long as the process lives; methods block, any thread may call them.

    A damaged file is set aside and a new one begun. Where none can be had, because the disk is full or
    read-only, it is kept in memory: `defect` says so. A write that the disk refuses later raises
    StorageError and leaves all as it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.defect: str | None = None
        """What is wrong with it, one English sentence; None when nothing is."""
        self._connection = self._opened()

    def note(self, key: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
        """What was kept under a key; None when nothing was, or it cannot be read. Raises StorageError."""
        with self._lock, explained(self._path):
            row = self._connection.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else json.loads(row[0])
        except ValueError:
            return None

    def keep(self, key: str, value: Any) -> None:  # noqa: ANN401 - likewise
        """Put a JSON value under a key, on the disk when this returns.

        Raises StorageError, and ValueError or TypeError for what JSON has no word for.
        """
        text = canonical_json(value)
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO note(key, value) VALUES (?, ?)", (key, text))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, on the disk when the block ends well, undone otherwise. Raises StorageError."""
        with self._lock, explained(self._path), committed(self._connection) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to select with. Raises StorageError."""
        with self._lock, explained(self._path):
            yield self._connection

    def ensure(self, *tables: str) -> None:
        """Make what a service needs: statements such as CREATE TABLE IF NOT EXISTS. Raises StorageError."""
        with self.writing() as connection:
            for table in tables:
                connection.execute(table)

    def close(self) -> None:
        """Nothing may be asked of it afterwards."""
        with self._lock:
            self._connection.close()

    def _opened(self) -> sqlite3.Connection:
        try:
            with explained(self._path):
                return self._on_disk()
        except StorageError as error:
            self.defect = f"what was done so far is kept in memory only: {error}"
            _log.warning("%s", self.defect)
            return _prepared(":memory:")

    def _on_disk(self) -> sqlite3.Connection:
        try:
            _check(self._path)
            return _prepared(self._path)
        except sqlite3.DatabaseError as error:
            if primary_code(error) not in _CORRUPT:
                raise
            aside = _set_aside(self._path)
        self.defect = f"{self._path} was damaged and set aside as {aside.name}; a new one was begun"
        _log.warning("%s", self.defect)
        return _prepared(self._path)


def _check(path: Path) -> None:
    """Raises sqlite3.DatabaseError for a damaged file, which is left as found."""
    if not path.exists():
        return
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as connection:
        finding = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if finding != "ok":
        error = sqlite3.DatabaseError(finding)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _prepared(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 250")
        connection.execute(_SCHEMA)
    except BaseException:  # a connection left open would keep the file locked, whatever went wrong
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> Path:
    """Rename the file and its companions; one is kept, an older one gives way. Returns the new name."""
    target = path.with_name(f"{path.name}.corrupt")
    for suffix in ("", "-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        new = target.with_name(target.name + suffix)
        new.unlink(missing_ok=True)
        if companion.exists():
            companion.rename(new)
    return target
