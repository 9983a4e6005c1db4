"""Transactions that hold wholly or not at all, and errors of SQLite in words that help."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.telemetry.schema import StorageError

_REMEDIES: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "the disk is full: delete old logs or *.corrupt-* files",
    sqlite3.SQLITE_READONLY: "it cannot be written: check its owner; a failing SD card also turns read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder belongs to the controller's user",
    sqlite3.SQLITE_IOERR: "the disk does not answer: replace the SD card if this comes again",
    sqlite3.SQLITE_BUSY: "another program holds it: is a second controller running?",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restart the controller, which sets it aside and starts a new one",
}


CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""SQLite's result codes for a damaged file."""


def damage_marker(path: Path) -> Path:
    """Beside a store that was found damaged while it was used: the next start sets the store aside."""
    return path.with_name(f"{path.name}.damaged")


@contextmanager
def committed(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction: committed when the block ends well, rolled back otherwise."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # what broke the transaction is already on its way up
                connection.execute("ROLLBACK")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the file system into a StorageError that says what to do."""
    try:
        yield
    except sqlite3.Error as err:
        remedy = _REMEDIES.get(primary_code(err))
        msg = f"{path}: {remedy} ({err})" if remedy else f"{path}: {err}"
        raise StorageError(msg) from err
    except OSError as err:
        msg = f"{path}: {err.strerror or err}"
        raise StorageError(msg) from err


class OpenDatabase:
    """A connection that writes, with the file's name for what goes wrong. Used from one thread only."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Committed when the block ends well. Raises StorageError."""
        with explained(self.path), self._marked(), committed(self._connection) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """To look something up. Raises StorageError."""
        with explained(self.path), self._marked():
            yield self._connection

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """Leave a mark where the file proves damaged: a big one is not checked as a whole at the start."""
        try:
            yield
        except sqlite3.DatabaseError as err:
            if primary_code(err) in CORRUPT:
                with suppress(OSError):
                    damage_marker(self.path).touch()
            raise

    def close(self) -> None:
        """Fold the WAL into the file and close. Raises StorageError."""
        with explained(self.path):
            self._connection.close()


def primary_code(err: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for the errors that the Python module raises by itself."""
    return getattr(err, "sqlite_errorcode", 0) & 0xFF
