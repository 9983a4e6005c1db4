"""Reading a damaged SQLite file: what can be reached is handed out, and where something could not be is told.

SQLite stops at a damaged page. In a table with row numbers one can go on behind it: the first row number that
can be reached again is searched for, step by step at first, then in ever longer strides.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

BATCH = 100
"""Rows read at a time."""
_STEP_BY_STEP = 64
_FARTHEST = 2**40
_NEXT = "WHERE rowid > ? ORDER BY rowid LIMIT 1"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that follow each other in the order of their numbers."""

    rows: tuple[Row, ...]
    """Without their numbers."""
    last: int
    """Number of the last row; reading can go on behind it."""
    hole: tuple[int, int | None] | None = None
    """First and last number that cannot be reached behind these rows; the last is None where all that follows
    is lost."""


class DamagedFile:
    """A store set aside, read-only. Its methods skip what SQLite cannot read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Connect. Raises sqlite3.DatabaseError where not even the list of tables can be read."""
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("PRAGMA cell_size_check = ON")
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return cls(connection)

    def close(self) -> None:
        """Close."""
        self._connection.close()

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns; none where there is no such table, or none that can be found."""
        try:
            return tuple(row[1] for row in self._connection.execute(f"PRAGMA table_info({table})"))
        except sqlite3.DatabaseError:
            return ()

    def rows(self, table: str, columns: str) -> tuple[list[Row], bool]:
        """A small table as far as it can be reached, and whether that is all of it."""
        found, whole = self._until_damage(_select(columns, table))
        if whole:
            return found, True
        if self._until_damage(_select("rowid", table, "LIMIT 0"))[1]:
            return [row for batch in self.batches(table, columns, -1) for row in batch.rows], False
        try:
            facts = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
        except sqlite3.DatabaseError:
            return found, False
        key = [name for place, name in sorted((row[5], row[1]) for row in facts) if place]
        return self.along(table, columns, *key), False

    def along(self, table: str, columns: str, *key: str) -> list[Row]:
        """A table along a key that has an index, from both its ends to where that is damaged."""
        rows = [
            self._until_damage(
                _select(columns, table, "ORDER BY " + ", ".join(f"{name} {way}" for name in key))
            )
            for way in ("ASC", "DESC")
        ]
        return list(dict.fromkeys(row for found, _ in rows for row in found))

    def batches(self, table: str, columns: str, after: int) -> Iterator[Batch]:
        """The rows of a table with row numbers, from behind a number on."""
        query = _select(f"rowid, {columns}", table, f"WHERE rowid > ? ORDER BY rowid LIMIT {BATCH}")
        while True:
            found, whole = self._until_damage(query, after)
            after = found[-1][0] if found else after
            rows = tuple(row[1:] for row in found)
            if whole:
                yield Batch(rows, after)
                if len(rows) < BATCH:
                    return
                continue
            reached = self._behind_damage(table, after)
            yield Batch(rows, after, (after + 1, reached))
            if reached is None:
                return
            after = reached

    def newest(self, table: str, columns: str) -> Row | None:
        """The row with the highest number that can be reached."""
        found, whole = self._until_damage(_select(columns, table, "ORDER BY rowid DESC LIMIT 1"))
        if whole:
            return found[0] if found else None
        last = None
        for batch in self.batches(table, columns, -1):
            last = batch.rows[-1] if batch.rows else last
        return last

    def _behind_damage(self, table: str, after: int) -> int | None:
        """The least number behind which rows can be read again; None where there is no row any more."""
        failed, step = after, 1
        while not self._reaches(table, failed + step):
            failed += step
            step = step + 1 if step < _STEP_BY_STEP else step * 2
            if step > _FARTHEST:
                return None
        reached = failed + step
        while reached - failed > 1:
            middle = (failed + reached) // 2
            failed, reached = (failed, middle) if self._reaches(table, middle) else (middle, reached)
        return reached if self._until_damage(_select("rowid", table, _NEXT), reached)[0] else None

    def _reaches(self, table: str, number: int) -> bool:
        return self._until_damage(_select("rowid", table, _NEXT), number)[1]

    def _until_damage(self, query: str, *values: int) -> tuple[list[Row], bool]:
        """Rows of a query as far as they can be read, and whether that was all."""
        rows: list[Row] = []
        try:
            for row in self._connection.execute(query, values):
                rows.append(row)  # noqa: PERF402 - those before the damage count
        except sqlite3.DatabaseError:
            return rows, False
        return rows, True


def _select(columns: str, table: str, rest: str = "") -> str:
    return f"SELECT {columns} FROM {table} {rest}"  # noqa: S608 - our own words
