"""Alarms as they are remembered: one row for each time that one stood, from raising to clearing.

The controller writes them; the page, the console, MQTT, reports and whoever sends messages read them, and
find what is new by `change`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.core.alarming.record import AlarmRecord, Severity
from controller.telemetry.decision_log import canonical_json
from controller.telemetry.schema import reading

_COLUMNS = (
    "id, code, subject, severity, params, raised_utc, cleared_utc, acknowledged_utc, acknowledged_by, change"
)


def keep_alarms(connection: sqlite3.Connection, records: Sequence[AlarmRecord]) -> None:
    """Store alarms as they are now, new or changed; call within a transaction.

    Raises ValueError or TypeError for params that JSON has no word for.
    """
    newest = connection.execute("SELECT coalesce(max(change), 0) FROM alarm").fetchone()[0]
    for change, record in enumerate(records, start=newest + 1):
        connection.execute(
            f"INSERT OR REPLACE INTO alarm({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                record.id,
                record.code,
                record.subject,
                record.severity.value,
                canonical_json(dict(record.params)),
                _written(record.raised_utc),
                _written(record.cleared_utc),
                _written(record.acknowledged_utc),
                record.acknowledged_by,
                change,
            ),
        )


def standing_alarms(connection: sqlite3.Connection) -> list[AlarmRecord]:
    """Those not cleared, oldest first; what cannot be read is left out."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM alarm WHERE cleared_utc IS NULL ORDER BY id"  # noqa: S608
    )
    return _records(rows.fetchall())


def newest_alarm_id(connection: sqlite3.Connection) -> int:
    """The highest id ever given; 0 before the first."""
    newest: int = connection.execute("SELECT coalesce(max(id), 0) FROM alarm").fetchone()[0]
    return newest


def read_alarms_after(path: Path, change: int, limit: int = 500) -> list[AlarmRecord]:
    """Alarms changed behind a change, in the order of change: a cursor. Raises StorageError."""
    return _read(path, "change > ? ORDER BY change LIMIT ?", (change, limit))


def read_alarms_between(path: Path, start_utc: datetime, end_utc: datetime) -> list[AlarmRecord]:
    """Alarms that stood at some time within [start, end), oldest first. Raises StorageError."""
    window = (_written(end_utc), _written(start_utc))
    return _read(path, "raised_utc < ? AND (cleared_utc IS NULL OR cleared_utc >= ?) ORDER BY id", window)


def read_standing_alarms(path: Path) -> list[AlarmRecord]:
    """Those not cleared, oldest first. Raises StorageError."""
    return _read(path, "cleared_utc IS NULL ORDER BY id", ())


def _read(path: Path, condition: str, values: tuple[object, ...]) -> list[AlarmRecord]:
    with reading(path) as connection:
        if connection is None or not _has_table(connection):
            return []
        found = connection.execute(f"SELECT {_COLUMNS} FROM alarm WHERE {condition}", values)  # noqa: S608
        return _records(found.fetchall())


def _records(rows: Sequence[tuple[Any, ...]]) -> list[AlarmRecord]:
    return [record for row in rows if (record := _record(row)) is not None]


def _record(row: tuple[Any, ...]) -> AlarmRecord | None:
    number, code, subject, severity, params, raised, cleared, acknowledged, by, change = row
    try:
        return AlarmRecord(
            id=number,
            code=code,
            subject=subject,
            severity=Severity(severity),
            params=dict(json.loads(params)),
            raised_utc=datetime.fromisoformat(raised),
            cleared_utc=None if cleared is None else datetime.fromisoformat(cleared),
            acknowledged_utc=None if acknowledged is None else datetime.fromisoformat(acknowledged),
            acknowledged_by=by,
            change=change,
        )
    except (TypeError, ValueError):
        return None


def _written(at: datetime | None) -> str | None:
    """As it is stored: UTC with microseconds, so that text sorts as time does."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _has_table(connection: sqlite3.Connection) -> bool:
    """A store of an older version that its controller has not opened since has none."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alarm'").fetchone() is not None


__all__ = [
    "AlarmRecord",
    "Severity",
    "keep_alarms",
    "newest_alarm_id",
    "read_alarms_after",
    "read_alarms_between",
    "read_standing_alarms",
    "standing_alarms",
]
