"""What is readable of a damaged store goes into the new one that took its place.

What control needs at once (memory, series, alarms, the end of the decision log) is copied while the store is
opened; the bulk follows in slices beside the daily work, and `meta` holds how far that is, so that it goes on
after a power cut. Where SQLite could not read on, the file is searched page by page for what is missing.
Entries of the decision log say when a file was set aside, and in the end what of the log was lost.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from controller.telemetry.chain import LOST, SALVAGED, SET_ASIDE, UNDER_WAY, append_entries
from controller.telemetry.damaged import DamagedFile
from controller.telemetry.decision_log import GENESIS_HASH, DecisionRecord, seal
from controller.telemetry.leaf_pages import scrape
from controller.telemetry.salvaged_rows import Arrivals, Table, table_of
from controller.telemetry.schema import SeriesKey
from controller.telemetry.transactions import OpenDatabase

_META = ("boot_id", "folded_generation")
_AT_ONCE = ("state", "alarm", "request_outcome", "counter_break", "issued", "unrolled", "period_run")
"""Small, or needed at once; after `series`."""
_BULK = ("decision", "quarter_day", "minute", "fine", "unstamped")
"""What matters most first."""
_DONE = "salvaged"
"""Key of `meta`."""
_PAGES_AT_ONCE = 50
_LEAST_DECISION_BYTES = 100
"""So a file cannot hold more decisions than its length divided by it."""


@dataclass(slots=True)
class Salvage:
    """How far the salvage of a file is, and what it has come to."""

    file: str
    """The damaged store, set aside."""
    begun_utc: str
    """ISO 8601."""
    series: dict[int, SeriesKey] = field(default_factory=dict)
    """Old id -> name, as far as names could be read."""
    todo: list[str] = field(default_factory=lambda: list(_BULK))
    after: int = -1
    """Row number up to which the first table of `todo` is copied."""
    saved: dict[str, int] = field(default_factory=dict)
    """Table -> rows copied."""
    holes: dict[str, int] = field(default_factory=dict)
    """Table -> places where SQLite could not read on; what lay there may have been found nevertheless."""
    lost_decisions: list[tuple[int, int]] = field(default_factory=list)
    """First and last number of entries that were not found."""

    @property
    def params(self) -> Mapping[str, Any]:
        """What the sentence of SALVAGED tells, and what the audit needs."""
        return {
            "file": Path(self.file).name,
            "saved": sum(self.saved.values()),
            "holes": sum(self.holes.values()),
            "saved_of": self.saved,
            "holes_of": self.holes,
            LOST: [list(each) for each in self.lost_decisions],
        }


def under_way(connection: sqlite3.Connection) -> Salvage | None:
    """The salvage that is not finished yet; None where there is none."""
    return _noted(connection, UNDER_WAY)


def finished(connection: sqlite3.Connection) -> Salvage | None:
    """The last salvage that was finished; None where there was none."""
    return _noted(connection, _DONE)


def begin(connection: sqlite3.Connection, damaged: Path, boot_id: str, at_utc: datetime) -> None:
    """Copy what is needed at once, and note what is left to do; call within a transaction.

    connection: the new store's, its tables made and empty. Whatever cannot be read is counted, never raised.
    """
    salvage = Salvage(str(damaged), at_utc.isoformat())
    try:
        with closing(DamagedFile.open(damaged)) as source:
            _copy_first(source, connection, salvage)
    except sqlite3.DatabaseError:  # not one page can be found through SQLite
        salvage.holes = dict.fromkeys(("series", *_AT_ONCE, *_BULK), 1)
        salvage.todo.clear()
    _tell_set_aside(connection, damaged, boot_id, at_utc)
    _note(connection, UNDER_WAY, salvage)


def go_on(database: OpenDatabase, boot_id: str) -> Iterator[None]:
    """Copy the rest, a batch each time, and say in the decision log what came of it.

    Raises StorageError, and goes on there when it is called again.
    """
    with database.reading() as connection:
        salvage = under_way(connection)
    if salvage is None:
        return
    while salvage.todo:
        yield from _copy_table(database, salvage)
    if salvage.holes:
        yield from _search(database, salvage, [table for table in ("series",) if table in salvage.holes])
        yield from _search(database, salvage, [each for each in salvage.holes if each != "series"])
    with database.transaction() as connection:
        salvage.lost_decisions = _gaps(connection)
        connection.execute("DELETE FROM meta WHERE key = ?", (UNDER_WAY,))
        _note(connection, _DONE, salvage)
        begun_utc, host_s = datetime.fromisoformat(salvage.begun_utc), time.monotonic()
        append_entries(
            connection,
            [DecisionRecord(begun_utc, boot_id, host_s, "site", "salvage", SALVAGED, salvage.params)],
        )


def _copy_first(source: DamagedFile, connection: sqlite3.Connection, salvage: Salvage) -> None:
    arrivals = Arrivals(connection, salvage.series, salvage.saved)
    for key, value in source.rows("meta", "key, value")[0]:
        if key in _META:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
    for name in ("series", *_AT_ONCE):
        table = table_of(connection, name)
        columns = _in_both(source, table)
        rows, whole = source.rows(name, ", ".join(columns)) if columns else ([], True)
        if name == "series" and not whole:  # a name stands in the index too
            rows += source.along(name, ", ".join(columns), "subject", "point")
        arrivals.take(table, columns, rows)
        _count_hole(salvage, name, found=not whole)
    table = table_of(connection, "decision")
    columns = _in_both(source, table)
    newest = source.newest("decision", ", ".join(columns)) if columns else None
    if newest is not None:
        arrivals.take(table, columns, [newest])


def _tell_set_aside(connection: sqlite3.Connection, damaged: Path, boot_id: str, at_utc: datetime) -> None:
    """Append the entry with which the log goes on, with a number that no lost entry can have had."""
    record = DecisionRecord(
        at_utc, boot_id, time.monotonic(), "site", "set_aside", SET_ASIDE, {"file": damaged.name}
    )
    if connection.execute("SELECT 1 FROM decision").fetchone() is not None:
        append_entries(connection, [record])
        return
    with suppress(sqlite3.DatabaseError), closing(DamagedFile.open(damaged)) as source:
        if source.rows("decision", "seq") == ([], True) and source.columns("decision"):
            append_entries(connection, [record])
            return
    number = damaged.stat().st_size // _LEAST_DECISION_BYTES + 1
    row = seal(record, number, GENESIS_HASH)
    connection.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _copy_table(database: OpenDatabase, salvage: Salvage) -> Iterator[None]:
    """Copy the first table of `todo`, as far as SQLite can read it."""
    name = salvage.todo[0]
    with suppress(sqlite3.DatabaseError), closing(DamagedFile.open(Path(salvage.file))) as source:
        with database.reading() as connection:
            table = table_of(connection, name)
        columns = _in_both(source, table)
        for batch in source.batches(name, ", ".join(columns), salvage.after) if columns else ():
            with database.transaction() as connection:
                Arrivals(connection, salvage.series, salvage.saved).take(table, columns, batch.rows)
                salvage.after = (batch.hole and batch.hole[1]) or batch.last
                _count_hole(salvage, name, found=batch.hole is not None)
                _note(connection, UNDER_WAY, salvage)
            yield
    with database.transaction() as connection:
        del salvage.todo[0]
        salvage.after = -1
        _note(connection, UNDER_WAY, salvage)


def _search(database: OpenDatabase, salvage: Salvage, names: list[str]) -> Iterator[None]:
    """Look for rows of tables page by page."""
    with database.reading() as connection:
        tables = [table_of(connection, name) for name in names]
    pages = scrape(Path(salvage.file)) if tables else iter(())
    rest = True
    while rest:
        rest = False
        with database.transaction() as connection, suppress(OSError):
            arrivals = Arrivals(connection, salvage.series, salvage.saved)
            for _ in range(_PAGES_AT_ONCE):
                page = next(pages, None)
                if page is None:
                    break
                for table in tables:
                    rows = [row for found in page if (row := table.recognise(found)) is not None]
                    arrivals.take(table, table.columns, rows)
            else:
                rest = True
        yield


def _in_both(source: DamagedFile, table: Table) -> tuple[str, ...]:
    """The columns that the damaged file knows too; none where it has no such table."""
    theirs = source.columns(table.name)
    return tuple(column for column in table.columns if column in theirs)


def _gaps(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """First and last number of what is missing in the decision log."""
    return connection.execute(
        "SELECT before + 1, seq - 1 FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before"
        " FROM decision) WHERE seq > before + 1 ORDER BY seq"
    ).fetchall()


def _count_hole(salvage: Salvage, table: str, *, found: bool) -> None:
    if found:
        salvage.holes[table] = salvage.holes.get(table, 0) + 1


def _note(connection: sqlite3.Connection, key: str, salvage: Salvage) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(asdict(salvage))))


def _noted(connection: sqlite3.Connection, key: str) -> Salvage | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    told = json.loads(row[0])
    told["series"] = {int(number): (subject, point) for number, (subject, point) in told["series"].items()}
    told[LOST] = [(first, last) for first, last in told[LOST]]
    return Salvage(**told)
