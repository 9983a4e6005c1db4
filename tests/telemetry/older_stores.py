"""Stores as versions 1 to 3 of the schema left them."""

import sqlite3
from contextlib import closing

from controller.telemetry.schema import HOUR_S, PERIOD_S, QUARTER_S

_FIRST = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE series(
        id INTEGER PRIMARY KEY, subject TEXT NOT NULL, point TEXT NOT NULL, UNIQUE(subject, point))""",
    """CREATE TABLE sample(
        series_id INTEGER NOT NULL REFERENCES series(id), at_s INTEGER NOT NULL, mean REAL NOT NULL,
        synchronised INTEGER NOT NULL, PRIMARY KEY(series_id, at_s)) WITHOUT ROWID""",
    """CREATE TABLE recent(
        at_s INTEGER NOT NULL, series_id INTEGER NOT NULL REFERENCES series(id), mean REAL NOT NULL,
        synchronised INTEGER NOT NULL, PRIMARY KEY(at_s, series_id)) WITHOUT ROWID""",
    """CREATE VIEW every_sample(series_id, at_s, mean, synchronised) AS
        SELECT series_id, at_s, mean, synchronised FROM sample
        UNION ALL SELECT series_id, at_s, mean, synchronised FROM recent""",
    """CREATE TABLE decision(
        seq INTEGER PRIMARY KEY, at_utc TEXT NOT NULL, boot_id TEXT NOT NULL, monotonic_s REAL NOT NULL,
        subject TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, params TEXT NOT NULL,
        previous_hash TEXT NOT NULL, hash TEXT NOT NULL)""",
    "CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
)
_SECOND = (
    """CREATE TABLE quarter(
        series_id INTEGER NOT NULL REFERENCES series(id), at_s INTEGER NOT NULL, mean REAL NOT NULL,
        samples INTEGER NOT NULL, PRIMARY KEY(series_id, at_s)) WITHOUT ROWID""",
    """CREATE TABLE issued(
        kind TEXT NOT NULL, issued_s INTEGER NOT NULL, start_s INTEGER NOT NULL, step_s INTEGER NOT NULL,
        levels INTEGER NOT NULL, values_w BLOB NOT NULL, PRIMARY KEY(kind, issued_s)) WITHOUT ROWID""",
)
_THIRD = (
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
_TABLES = {1: _FIRST, 2: (*_FIRST, *_SECOND), 3: (*_FIRST, *_SECOND, *_THIRD)}


def older_store(path, version, samples, *, unsorted_s=HOUR_S):
    """Samples: {series key: {at_s: value}}; the newest `unsorted_s` of them still wait to be sorted."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for table in _TABLES[version]:
            connection.execute(table)
        connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(version),))
        connection.execute("""INSERT INTO state VALUES ('memory', '{"mode":"saving"}')""")
        newest_s = max(at_s for values in samples.values() for at_s in values)
        connection.execute("INSERT INTO meta VALUES ('folded_until_s', ?)", (str(newest_s - unsorted_s),))
        for number, (key, values) in enumerate(samples.items(), start=1):
            connection.execute("INSERT INTO series VALUES (?, ?, ?)", (number, *key))
            old = [
                (number, at_s, value, 1) for at_s, value in values.items() if at_s <= newest_s - unsorted_s
            ]
            new = [(at_s, number, value, 1) for at_s, value in values.items() if at_s > newest_s - unsorted_s]
            connection.executemany("INSERT INTO sample VALUES (?, ?, ?, ?)", old)
            connection.executemany("INSERT INTO recent VALUES (?, ?, ?, ?)", new)
        if version > 1:
            connection.execute(
                f"INSERT INTO quarter SELECT series_id, at_s - at_s % {QUARTER_S} AS start_s, avg(mean),"
                " count(*) FROM sample WHERE synchronised = 1 GROUP BY series_id, start_s"
            )


def ramp(start_s, hours, first=0.0):
    """A value a period, each one step of 0.5 higher."""
    count = hours * HOUR_S // PERIOD_S
    return {start_s + PERIOD_S * number: first + 0.5 * number for number in range(count)}
