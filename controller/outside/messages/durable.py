"""The notebook, or memory once the disk takes no more."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.outside.notebook import Notebook
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

_NOWHERE = Path(":memory:")
"""SQLite's name for a database without a file."""


class Durable:
    """Tables in the notebook. When a write is refused, they are copied into memory and go on there.

    People must hear of a full disk, and once only: so a disk that takes no note must not stop messages.
    """

    def __init__(self, notebook: Notebook, *tables: str) -> None:
        self._notebook = notebook
        self._tables = tables
        self.defect: str | None = notebook.defect
        """What is wrong with the disk, one English sentence; None when nothing is."""
        self.do(lambda _connection: None)

    def do(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Write, all or nothing; on the disk when this returns, as long as the disk works."""
        try:
            self._done(work)
        except StorageError as error:
            if self._tables_are_in_memory():
                raise
            self._move_into_memory(error)
            self._done(work)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to select with. Raises StorageError."""
        with self._notebook.reading() as connection:
            yield connection

    def _done(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with self._notebook.writing() as connection:
            for table in self._tables:
                connection.execute(table)
            work(connection)

    def _tables_are_in_memory(self) -> bool:
        with self._notebook.reading() as connection:
            return not connection.execute("PRAGMA database_list").fetchone()[2]

    def _move_into_memory(self, error: StorageError) -> None:
        self.defect = f"what people were told is kept in memory only: {error}"
        _log.warning("%s", self.defect)
        memory = Notebook(_NOWHERE)
        with suppress(StorageError), self._notebook.reading() as disk, memory.reading() as copy:
            disk.backup(copy)
        self._notebook = memory
