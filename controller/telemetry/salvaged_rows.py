"""Rows of a damaged store on their way into a new one: what they are, and whether they make sense there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass

from controller.telemetry.blocks import Series, fine_row, fine_values
from controller.telemetry.damaged import Row
from controller.telemetry.leaf_pages import Found
from controller.telemetry.packing import DamagedBlockError
from controller.telemetry.schema import DAY_S, SeriesKey

_OF_TYPE: Mapping[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "REAL": (float, int),
    "TEXT": (str,),
    "BLOB": (bytes,),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the new store."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    may_be_null: tuple[bool, ...]
    number_column: int | None
    """Which column is the row number; a page does not hold it a second time."""
    has_numbers: bool

    def recognise(self, found: Found) -> Row | None:
        """A row of a page as one of this table; None where it cannot be one.

        The text of `meta` looks like `state`, whose values are JSON objects.
        """
        if self.has_numbers != (found.number is not None) or len(found.values) != len(self.columns):
            return None
        values = list(found.values)
        if self.number_column is not None:
            if values[self.number_column] is not None:
                return None
            values[self.number_column] = found.number
        for value, kind, may_be_null in zip(values, self.types, self.may_be_null, strict=True):
            if not (may_be_null if value is None else isinstance(value, _OF_TYPE[kind])):
                return None
        if self.name == "state" and not str(values[1]).startswith("{"):
            return None
        return tuple(values)


def table_of(connection: sqlite3.Connection, name: str) -> Table:
    """What is known of a table."""
    facts = connection.execute(f"PRAGMA table_info({name})").fetchall()
    (without_numbers,) = connection.execute("SELECT wr FROM pragma_table_list(?)", (name,)).fetchone()
    keys = [place for place, fact in enumerate(facts) if fact[5]]
    alone = len(keys) == 1 and facts[keys[0]][2] == "INTEGER" and not without_numbers
    return Table(
        name=name,
        columns=tuple(fact[1] for fact in facts),
        types=tuple(fact[2] for fact in facts),
        may_be_null=tuple(not fact[3] and not fact[5] for fact in facts),
        number_column=keys[0] if alone else None,
        has_numbers=not without_numbers,
    )


class Arrivals:
    """Stores rows; a row that is there already, or is nonsense, is passed over."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        series: MutableMapping[int, SeriesKey],
        saved: MutableMapping[str, int],
    ) -> None:
        """series: old id -> name, of those that are known; it grows. saved: counts rows by table."""
        self._connection = connection
        self._series = series
        self._saved = saved
        self._ids: dict[int, int] = {}

    def take(self, table: Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Store rows of a table; within a transaction."""
        if table.name == "series":
            self._take_series(columns, rows)
        elif "series_id" in columns:
            place = columns.index("series_id")
            known = [row for row in rows if row[place] in self._series]
            renamed = [(*row[:place], self._id(row[place]), *row[place + 1 :]) for row in known]
            if table.name == "fine":
                self._take_hours(columns, renamed)
            else:
                self._store(table.name, columns, renamed)
        else:
            self._store(table.name, columns, rows)

    def _take_series(self, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """A number alone says nothing in the new store, which gives its own."""
        for row in rows:
            named = dict(zip(columns, row, strict=True))
            is_text = isinstance(named["subject"], str) and isinstance(named["point"], str)
            if is_text and named["id"] not in self._series:
                self._series[named["id"]] = (named["subject"], named["point"])
                self._store("series", columns, [row])

    def _id(self, old: int) -> int:
        if old not in self._ids:
            key = self._series[old]
            self._connection.execute(
                "INSERT INTO series(subject, point) VALUES (?, ?) ON CONFLICT DO NOTHING", key
            )
            (self._ids[old],) = self._connection.execute(
                "SELECT id FROM series WHERE subject = ? AND point = ?", key
            ).fetchone()
        return self._ids[old]

    def _take_hours(self, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Hours of 10 s means: what the journal has brought of the same hour meanwhile stays."""
        for row in rows:
            hour = dict(zip(columns, row, strict=True))
            subject, point = self._connection.execute(
                "SELECT subject, point FROM series WHERE id = ?", (hour["series_id"],)
            ).fetchone()
            series = Series(hour["series_id"], (subject, point))
            with suppress(DamagedBlockError, TypeError):
                values = fine_values(hour["data"], series.per_unit)
                merged = fine_row(self._connection, hour["start_s"], series, values)
                if merged is not None:
                    self._store("fine", ("start_s", "series_id", "data"), [merged], how="REPLACE")
                    day_s = hour["start_s"] - hour["start_s"] % DAY_S
                    self._connection.execute("INSERT OR IGNORE INTO unrolled VALUES (?)", (day_s,))

    def _store(
        self, table: str, columns: tuple[str, ...], rows: Iterable[Row], *, how: str = "IGNORE"
    ) -> None:
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        statement = f"INSERT OR {how} INTO {table}({names}) VALUES ({marks})"  # noqa: S608 - our own words
        before = self._connection.total_changes
        for row in rows:
            with suppress(sqlite3.IntegrityError, sqlite3.InterfaceError, UnicodeEncodeError, OverflowError):
                self._connection.execute(statement, row)
        self._saved[table] = self._saved.get(table, 0) + self._connection.total_changes - before
