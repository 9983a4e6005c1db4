"""What telemetry.db looks like, and what can go wrong with it. Importing this writes nothing.

The tables are described in docs/telemetry.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SCHEMA_VERSION = 4
"""Opening a store of an older version brings it up to date: see `MIGRATIONS`."""
READABLE_VERSIONS = (1, 2, 3, 4)
PERIOD_S = 10
"""Length of a sample's period; periods start at multiples of it in Unix time."""
MINUTE_S = 60
QUARTER_S = 900
"""Length of the periods that are kept for ever."""
HOUR_S = 3600
DAY_S = 86_400

SeriesKey = tuple[str, str]
"""Subject and point, e.g. ("site", "pv_w")."""

_SERIES = """CREATE TABLE series(
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, point TEXT NOT NULL, UNIQUE(subject, point))"""
_META = "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
_STATE = "CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
_DECISION = """CREATE TABLE decision(
    seq INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, boot_id TEXT NOT NULL, monotonic_s REAL NOT NULL,
    subject TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, params TEXT NOT NULL,
    previous_hash TEXT NOT NULL, hash TEXT NOT NULL)"""
_ISSUED = """CREATE TABLE issued(
    kind TEXT NOT NULL, issued_s INTEGER NOT NULL, start_s INTEGER NOT NULL, step_s INTEGER NOT NULL,
    levels INTEGER NOT NULL, values_w BLOB NOT NULL, PRIMARY KEY(kind, issued_s)) WITHOUT ROWID"""
_HISTORY = (
    """CREATE TABLE alarm(
        id INTEGER PRIMARY KEY, code TEXT NOT NULL, subject TEXT NOT NULL, severity TEXT NOT NULL,
        params TEXT NOT NULL, raised_utc TEXT NOT NULL, cleared_utc TEXT, acknowledged_utc TEXT,
        acknowledged_by TEXT, change INTEGER NOT NULL UNIQUE)""",
    """CREATE TABLE request_outcome(
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, decided_utc TEXT NOT NULL, outcome TEXT NOT NULL,
        code TEXT NOT NULL, params TEXT NOT NULL)""",
    """CREATE TABLE counter_break(
        series_id INTEGER NOT NULL REFERENCES series(id), at_s INTEGER NOT NULL, kind TEXT NOT NULL,
        before_wh REAL, after_wh REAL, offset_wh REAL NOT NULL,
        PRIMARY KEY(series_id, at_s)) WITHOUT ROWID""",
)
_BLOCKS = (
    """CREATE TABLE fine(
        start_s INTEGER NOT NULL, series_id INTEGER NOT NULL REFERENCES series(id), data BLOB NOT NULL,
        PRIMARY KEY(start_s, series_id))""",
    """CREATE TABLE minute(
        start_s INTEGER NOT NULL, series_id INTEGER NOT NULL REFERENCES series(id), samples BLOB NOT NULL,
        mean BLOB NOT NULL, PRIMARY KEY(start_s, series_id))""",
    """CREATE TABLE quarter_day(
        start_s INTEGER NOT NULL, series_id INTEGER NOT NULL REFERENCES series(id), samples BLOB NOT NULL,
        mean BLOB NOT NULL, low BLOB, high BLOB, PRIMARY KEY(start_s, series_id))""",
    "CREATE TABLE period_run(first_seq INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, count INTEGER NOT NULL)",
    "CREATE TABLE unrolled(day_s INTEGER PRIMARY KEY)",
    """CREATE TABLE unstamped(
        boot_id TEXT NOT NULL, start_s INTEGER NOT NULL, series_id INTEGER NOT NULL REFERENCES series(id),
        data BLOB NOT NULL, PRIMARY KEY(boot_id, start_s, series_id))""",
)
MIGRATIONS: Mapping[int, tuple[str, ...]] = {
    1: (_ISSUED, *_HISTORY, *_BLOCKS),
    2: (*_HISTORY, *_BLOCKS),
    3: _BLOCKS,
}
"""Version of a store -> the tables that it lacks. Its samples are converted afterwards, in the background."""
TABLES = (_META, _SERIES, _DECISION, _STATE, _ISSUED, *_HISTORY, *_BLOCKS)

_BUSY_S = 2.0


class StorageError(Exception):
    """The store cannot be read or written; the message names the file and says what was found."""


class SchemaError(StorageError):
    """The file belongs to another program or to a newer Tawan; it was left as it is."""


def schema_version(connection: sqlite3.Connection, path: Path) -> int | None:
    """The version of an open store, None while it has no tables yet.

    Raises SchemaError when this Tawan does not know the file, sqlite3.Error when it cannot be read.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "meta" not in tables:
        msg = f"{path} is another program's database: name another file as storage.telemetry in config.yaml"
        raise SchemaError(msg)
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    text = str(row[0]) if row else "none"
    if text not in map(str, READABLE_VERSIONS):
        msg = (
            f"{path} has schema version {text}, this Tawan knows {SCHEMA_VERSION}: "
            "install the Tawan that wrote it, or move the file away to start a new one"
        )
        raise SchemaError(msg)
    return int(text)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A read-only connection for one piece of work; None while there is nothing to read yet.

    Safe beside the writer. Raises StorageError, also for errors of SQLite inside the block.
    """
    connection: sqlite3.Connection | None = None
    try:
        if not path.exists():
            yield None
            return
        connection = _connect_read_only(path)
        yield connection if schema_version(connection, path) is not None else None
    except (sqlite3.Error, OSError) as err:
        msg = f"{path} cannot be read: {err}"
        raise StorageError(msg) from err
    finally:
        if connection is not None:
            connection.close()


def _connect_read_only(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as err:
        connection.close()
        # A WAL database needs its -shm file. Without a writer there is none, and a reader who may not write
        # to the folder cannot make one; but then nothing changes the file either.
        cannot_make_it = err.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
        if not cannot_make_it or path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, timeout=_BUSY_S, isolation_level=None)
    return connection


def has_blocks(connection: sqlite3.Connection) -> bool:
    """Whether an open store has its samples in blocks; one that an older Tawan left has not."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'period_run'").fetchone()
    return found is not None
