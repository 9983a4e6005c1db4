"""accounts.db: every payment, reading and closed month, each linked to the one before, none ever rewritten.

Only `tawan account` writes it, in short transactions that are on the disk when the command says so; a slip
is put right by a further entry. The hash of an entry is the SHA-256 of its canonical JSON together with the
hash of the entry before: `tawan account verify` recomputes them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from controller.telemetry.decision_log import GENESIS_HASH, canonical_json
from controller.telemetry.schema import StorageError
from controller.telemetry.transactions import committed, explained

FILE_NAME = "accounts.db"
"""Beside telemetry.db."""
_BUSY_S = 5.0
_COLUMNS = "number, at_utc, kind, household, day, who, params, previous_hash, hash"
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS entry(
        number INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, kind TEXT NOT NULL, household TEXT NOT NULL,
        day TEXT NOT NULL, who TEXT NOT NULL, params TEXT NOT NULL, previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL)
"""


class EntryKind(StrEnum):
    """What an entry tells."""

    PAYMENT = "payment"
    """{satang, receipt?}: money received."""
    READING = "reading"
    """{wh}: what a meter showed at the beginning of the day."""
    REPLACEMENT = "replacement"
    """{old_wh, new_wh}: a meter read by hand was replaced, or begun anew, on that day."""
    CHARGE = "charge"
    """{month, wh, known_frac, lines}: a month that was closed."""
    CANCEL = "cancel"
    """{number, because}: an earlier entry does not count."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be entered."""

    kind: EntryKind
    household: str
    day: date
    """The local day that it counts for."""
    who: str
    """Who entered it."""
    params: Mapping[str, Any]
    """JSON values; see `EntryKind`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger."""

    number: int
    """1 for the first; no gaps."""
    at_utc: datetime
    """When it was entered, by the clock of the host."""
    kind: EntryKind
    household: str
    day: date
    who: str
    params: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What `verify` found."""

    count: int
    head_hash: str
    """Of the newest entry; to be noted on paper."""
    broken: int | None = None
    """The first entry that does not fit; None: the chain is whole."""
    head_missing: bool = False
    """The head that was noted earlier is not in it: entries were cut off."""


class Ledger:
    """The ledger at a path. Every call opens and closes it. All raise StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entries: Sequence[NewEntry], at_utc: datetime) -> list[Entry]:
        """Enter all or none; they survive a power cut once this returns."""
        with self._open(writing=True) as connection, committed(connection):
            connection.execute(_SCHEMA)
            newest = connection.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")
            number, previous_hash = newest.fetchone() or (0, GENESIS_HASH)
            rows: list[tuple[Any, ...]] = []
            for number, new in enumerate(entries, start=number + 1):  # noqa: B020 - counts on from the newest
                rows.append(_sealed(number, at_utc, new, previous_hash))
                previous_hash = rows[-1][-1]
            connection.executemany(f"INSERT INTO entry({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", rows)  # noqa: S608
        return [self._entry(row) for row in rows]

    def entries(self) -> list[Entry]:
        """All entries in order, cancelled ones included; none while there is no ledger."""
        return [self._entry(row) for row in self._rows()]

    def verify(self, expected_head: str | None = None) -> LedgerReport:
        """Recompute the chain; expected_head: a hash noted earlier, which must be in it."""
        previous_hash, count, seen = GENESIS_HASH, 0, expected_head in (None, GENESIS_HASH)
        for row in self._rows():
            count += 1
            if row[0] != count or row[-2] != previous_hash or not _fits(row):
                return LedgerReport(count, previous_hash, broken=count)
            previous_hash = row[-1]
            seen = seen or previous_hash == expected_head
        return LedgerReport(count, previous_hash, head_missing=not seen)

    def _rows(self) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with self._open(writing=False) as connection:
            return connection.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY number").fetchall()  # noqa: S608

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        number, at_utc, kind, household, day, who, params, _, own_hash = row
        try:
            return Entry(
                number=number,
                at_utc=datetime.fromisoformat(at_utc),
                kind=EntryKind(kind),
                household=household,
                day=date.fromisoformat(day),
                who=who,
                params=dict(json.loads(params)),
                hash=own_hash,
            )
        except (TypeError, ValueError) as err:
            msg = f"{self.path}: entry {number} is damaged ({err}): run `tawan account verify`, then restore"
            raise StorageError(msg) from err

    @contextmanager
    def _open(self, *, writing: bool) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            uri = f"{self.path.absolute().as_uri()}?mode={'rwc' if writing else 'ro'}"
            connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)
            with closing(connection):
                if writing:
                    connection.execute("PRAGMA synchronous = EXTRA")
                yield connection


def valid(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that count: neither cancelled nor cancelling."""
    cancelled = {entry.params["number"] for entry in entries if entry.kind is EntryKind.CANCEL}
    return [
        entry for entry in entries if entry.kind is not EntryKind.CANCEL and entry.number not in cancelled
    ]


def _sealed(number: int, at_utc: datetime, new: NewEntry, previous_hash: str) -> tuple[Any, ...]:
    row = (
        number,
        at_utc.astimezone(UTC).isoformat(timespec="microseconds"),
        new.kind.value,
        new.household,
        new.day.isoformat(),
        new.who,
        canonical_json(dict(new.params)),
        previous_hash,
    )
    return (*row, _hash(row))


def _fits(row: Sequence[Any]) -> bool:
    """Whether a row has the hash that it ought to have."""
    try:
        return bool(_hash(row) == row[-1])
    except (TypeError, ValueError):
        return False


def _hash(row: Sequence[Any]) -> str:
    """The hash that a row ought to have, its own column left aside."""
    named = dict(zip(_COLUMNS.split(", ")[:-1], row, strict=False))
    return hashlib.sha256(canonical_json(named).encode()).hexdigest()
