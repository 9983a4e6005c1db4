"""Where energy counters broke, and from where each one is to go on after a restart.

Rows are rare. A counter's total is its reading plus the offset of its newest break.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from controller.core.counters import BreakKind
from controller.telemetry.journal import read_bytes, replay
from controller.telemetry.schema import PERIOD_S, SeriesKey, reading
from controller.telemetry.snapshot import Snapshot, folded_generation

COUNTER_SUFFIX = "_wh"
"""Points whose names end so are energy counters."""

_COLUMNS = "subject, point, at_s, kind, before_wh, after_wh, offset_wh"
_KINDS = {kind.value: kind for kind in BreakKind}


def is_counter(key: SeriesKey) -> bool:
    """Whether a series holds the readings of an energy counter."""
    return key[1].endswith(COUNTER_SUFFIX)


@dataclass(frozen=True, slots=True)
class StoredBreak:
    """A place where a counter does not go on from where it was."""

    key: SeriesKey
    at_s: int
    """Start of the 10 s period of the first reading behind it, Unix seconds, by a clock that was right."""
    kind: BreakKind
    before_wh: float
    """The last reading before it [Wh]."""
    after_wh: float
    """The first one behind it [Wh]."""
    offset_wh: float
    """From here on total = reading + offset [Wh]."""


@dataclass(frozen=True, slots=True)
class LastCounter:
    """Where a counter stood."""

    raw_wh: float
    """Its last believed reading [Wh]."""
    at_s: int
    """Start of the period in which it was taken, Unix seconds."""
    latest: StoredBreak | None
    """Its newest break."""


NO_COUNTERS: Mapping[SeriesKey, LastCounter] = MappingProxyType({})


def period_of(at_s: float) -> int:
    """Start of the period in which a moment lies, both in Unix seconds."""
    return int(at_s // PERIOD_S) * PERIOD_S


def keep_counter_breaks(connection: sqlite3.Connection, breaks: Iterable[StoredBreak]) -> None:
    """Store breaks; call within a transaction. Offsets add up: of two in one period the later one stands."""
    for each in breaks:
        known = "INSERT INTO series(subject, point) VALUES (?, ?) ON CONFLICT DO NOTHING"
        connection.execute(known, each.key)
        connection.execute(
            "INSERT OR REPLACE INTO counter_break(series_id, at_s, kind, before_wh, after_wh, offset_wh)"
            " SELECT id, ?, ?, ?, ?, ? FROM series WHERE subject = ? AND point = ?",
            (each.at_s, each.kind.value, each.before_wh, each.after_wh, each.offset_wh, *each.key),
        )


def read_counter_breaks(path: Path, keys: Sequence[SeriesKey]) -> dict[SeriesKey, list[StoredBreak]]:
    """All breaks of each counter, oldest first; rows that make no sense are left out. Raises StorageError."""
    found: dict[SeriesKey, list[StoredBreak]] = {key: [] for key in keys}
    with reading(path) as connection:
        if connection is not None and _has_table(connection):
            for each in _breaks(connection):
                if each.key in found:
                    found[each.key].append(each)
    return found


def last_counters(connection: sqlite3.Connection, path: Path) -> dict[SeriesKey, LastCounter]:
    """Where each counter stood when it was last believed with a true stamp."""
    latest = {each.key: each for each in _breaks(connection)}  # in order of time: the newest stays
    found = {
        key: LastCounter(raw_wh, at_s, latest.get(key))
        for key, at_s, raw_wh in _newest_readings(connection, path)
    }
    for key, broken in latest.items():
        # Power may have failed before the readings behind the break were kept.
        if key not in found or broken.at_s >= found[key].at_s:
            found[key] = LastCounter(broken.after_wh, broken.at_s, broken)
    return found


def _breaks(connection: sqlite3.Connection) -> list[StoredBreak]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM counter_break JOIN series ON series.id = series_id ORDER BY at_s"  # noqa: S608
    )
    return [
        StoredBreak((subject, point), at_s, _KINDS[kind], before, after, offset)
        for subject, point, at_s, kind, before, after, offset in rows.fetchall()
        if kind in _KINDS and all(isinstance(value, float) for value in (before, after, offset))
    ]


def _newest_readings(connection: sqlite3.Connection, path: Path) -> list[tuple[SeriesKey, int, float]]:
    """The newest truly stamped reading of each counter: key, start of its period [Unix s], reading [Wh]."""
    store = Snapshot(connection, replay(read_bytes(path), folded_generation(connection)))
    latest = store.latest([each for each in store.all_series() if each.counter])
    return [(key, at_s, reading_wh) for key, (at_s, reading_wh) in latest.items()]


def _has_table(connection: sqlite3.Connection) -> bool:
    """A store of an older version that its controller has not opened since has none."""
    query = "SELECT 1 FROM sqlite_master WHERE name = 'counter_break'"
    return connection.execute(query).fetchone() is not None
