"""The one queue of requests: whoever lets people in puts theirs here, and the controller alone decides.

A request is on the disk before `put` returns, and its id makes it one request however often it is put: so a
door may acknowledge it once `put` has returned, and hand it over again whenever it is not sure.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from controller.telemetry.decision_log import canonical_json
from controller.telemetry.schema import StorageError
from controller.telemetry.transactions import committed, explained

FILE_NAME = "requests.db"
"""Beside telemetry.db."""
MAX_AN_HOUR = 5000
"""Beyond, more are refused: a broken or hostile client must not fill the disk."""
KEPT = timedelta(days=7)
"""What became of a request is in telemetry.db for longer."""
_BUSY_S = 5.0
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS request(
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, made_utc TEXT NOT NULL,
        origin TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, params TEXT NOT NULL,
        expires_utc TEXT)
"""


class BoxFullError(Exception):
    """Too many requests were made lately."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    id: str
    """Chosen by whoever asks, unique among all: the same id is the same request, whatever else it says."""
    made_utc: datetime
    """Aware; a label only."""
    origin: str
    """The door it came through: `mqtt`, `web`, `cli`."""
    who: str
    """Who asked, as far as the door knows and has proved: a user's name, an MQTT client's."""
    kind: str
    """What is asked: one of `controller.requests.kinds`."""
    params: Mapping[str, Any]
    """JSON values; what they must be depends on the kind."""
    expires_utc: datetime | None = None
    """Carried out before, or not at all; aware. None: whenever it is found."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request as the box holds it."""

    number: int
    """Grows with each request."""
    request: Request


class RequestBox:
    """The box at a path. Every call opens and closes it, may block, and may come from any process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, request: Request) -> bool:
        """Store a request, safe from a power cut when this returns; False when it was there already.

        Raises BoxFullError, StorageError, and ValueError or TypeError for params that JSON has no word for.
        """
        params = canonical_json(dict(request.params))
        made_utc = request.made_utc.astimezone(UTC)
        expires = request.expires_utc and request.expires_utc.astimezone(UTC).isoformat()
        with self._writing() as connection, committed(connection):
            known = connection.execute("SELECT 1 FROM request WHERE id = ?", (request.id,)).fetchone()
            if known is not None:
                return False
            connection.execute("DELETE FROM request WHERE made_utc < ?", ((made_utc - KEPT).isoformat(),))
            an_hour_ago = (made_utc - timedelta(hours=1)).isoformat()
            lately = connection.execute("SELECT count(*) FROM request WHERE made_utc > ?", (an_hour_ago,))
            if lately.fetchone()[0] >= MAX_AN_HOUR:
                msg = f"{self._path}: {MAX_AN_HOUR} requests were made within an hour, no more are taken"
                raise BoxFullError(msg)
            connection.execute(
                "INSERT INTO request(id, made_utc, origin, who, kind, params, expires_utc)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    request.id,
                    made_utc.isoformat(),
                    request.origin,
                    request.who,
                    request.kind,
                    params,
                    expires,
                ),
            )
        return True

    def read_after(self, number: int, limit: int = 50) -> list[Waiting]:
        """Requests behind a number, oldest first, but rows that make no sense. Raises StorageError."""
        if not self._path.exists():
            return []
        with explained(self._path):
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)
            try:
                if not _has_table(connection):
                    return []  # whoever makes the file has not come to its table yet
                rows = connection.execute(
                    "SELECT number, id, made_utc, origin, who, kind, params, expires_utc FROM request"
                    " WHERE number > ? ORDER BY number LIMIT ?",
                    (number, limit),
                ).fetchall()
            finally:
                connection.close()
        return [waiting for row in rows if (waiting := _waiting(row)) is not None]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with explained(self._path):
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_SCHEMA)
                yield connection
            finally:
                connection.close()


def _has_table(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'request'").fetchone()
    return found is not None


def _waiting(row: tuple[Any, ...]) -> Waiting | None:
    number, identity, made, origin, who, kind, params, expires = row
    try:
        request = Request(
            id=str(identity),
            made_utc=datetime.fromisoformat(made),
            origin=str(origin),
            who=str(who),
            kind=str(kind),
            params=dict(json.loads(params)),
            expires_utc=None if expires is None else datetime.fromisoformat(expires),
        )
    except (TypeError, ValueError):
        return None
    return Waiting(number, request)


__all__ = ["BoxFullError", "Request", "RequestBox", "StorageError", "Waiting"]
