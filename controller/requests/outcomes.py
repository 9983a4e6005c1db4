"""What became of requests: written by the controller in one transaction with what it decided."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.core.model import Reason
from controller.telemetry.schema import reading

_COLUMNS = "number, id, decided_utc, outcome, code, params"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    number: int
    """Of the request in the box."""
    id: str
    decided_utc: datetime
    """Aware; a label only."""
    outcome: str
    """`done` or `refused`."""
    reason: Reason


def read_outcomes_after(path: Path, number: int, limit: int = 100) -> list[Outcome]:
    """Outcomes of requests behind a number, oldest first. Raises StorageError."""
    return _read(path, "number > ? ORDER BY number LIMIT ?", (number, limit))


def read_outcome(path: Path, request_id: str) -> Outcome | None:
    """What became of one request; None while nothing has. Raises StorageError."""
    return next(iter(_read(path, "id = ?", (request_id,))), None)


def last_number(path: Path) -> int:
    """The newest request that was answered; 0 before the first. Raises StorageError."""
    newest = _read(path, "number > 0 ORDER BY number DESC LIMIT 1", ())
    return newest[0].number if newest else 0


def _read(path: Path, condition: str, values: Sequence[object]) -> list[Outcome]:
    with reading(path) as connection:
        if connection is None or not _has_table(connection):
            return []
        query = f"SELECT {_COLUMNS} FROM request_outcome WHERE {condition}"  # noqa: S608
        rows = connection.execute(query, values).fetchall()
    return [found for row in rows if (found := _outcome(row)) is not None]


def _outcome(row: tuple[Any, ...]) -> Outcome | None:
    number, identity, decided, outcome, code, params = row
    try:
        at = datetime.fromisoformat(decided).astimezone(UTC)
        return Outcome(number, identity, at, outcome, Reason(code, json.loads(params)))
    except (TypeError, ValueError):
        return None


def _has_table(connection: sqlite3.Connection) -> bool:
    """A store of an older version that its controller has not opened since has none."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'request_outcome'").fetchone()
    return found is not None
