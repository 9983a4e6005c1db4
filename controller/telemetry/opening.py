"""Opening telemetry.db for writing: is it sound, is it ours, what did it hold?"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from controller.telemetry import salvage
from controller.telemetry.alarm_log import AlarmRecord, newest_alarm_id, standing_alarms
from controller.telemetry.conversion import gather_recent
from controller.telemetry.counter_breaks import LastCounter, last_counters
from controller.telemetry.decision_log import LogRow, logged
from controller.telemetry.memory_log import read_memory
from controller.telemetry.schema import MIGRATIONS, SCHEMA_VERSION, TABLES, SeriesKey, schema_version
from controller.telemetry.transactions import CORRUPT, committed, damage_marker, primary_code

_BUSY_S = 5.0
_CHECKED_WHOLE_BYTES = 200_000_000
"""Above it only the tables that control depends on are checked: the feeders must not wait for a big file."""
_VITAL_TABLES = ("meta", "state", "series", "period_run", "decision")
MEMORY, ANNOUNCED = "memory", "announced"
"""Keys of `state`."""
_SAID = {MEMORY: "the controller's memory", ANNOUNCED: "what was announced of coming cuts"}
_FALSE_NAMES = "SELECT 1 FROM series WHERE typeof(subject) <> 'text' OR typeof(point) <> 'text'"
"""One bit makes bytes of a text, and SQLite's check does not mind."""


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was found when the store was opened."""

    set_aside: Path | None
    """Where a corrupt file was moved to; a new and empty store took its place."""
    defects: tuple[str, ...]
    """What was wrong, sentences in English."""
    same_boot: bool
    """It was last opened in this boot of the host: the controller restarted, the power did not fail."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What the store held when it was opened."""

    report: OpenReport
    memory: Mapping[str, Any] | None
    """The controller's; None when there was none."""
    announced: Mapping[str, Any] | None
    """What people had been told of coming cuts; None when nothing."""
    alarms: tuple[AlarmRecord, ...]
    """Those that stood, oldest first."""
    newest_alarm_id: int
    """0 before the first."""
    counters: Mapping[SeriesKey, LastCounter]
    """Where each energy counter stood."""
    newest_at_s: int | None = None
    """Stamp of the period that got its true stamp last, Unix seconds; None before the first."""


def open_for_writing(path: Path, boot_id: str, at_utc: datetime) -> tuple[sqlite3.Connection, Restored]:
    """Check the file, set it aside when it is corrupt, create what is missing, read what was left.

    at_utc names the file set aside. Raises SchemaError, sqlite3.Error and OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    corruption = _corruption(path)
    set_aside = _set_aside(path, at_utc) if corruption else None
    damage_marker(path).unlink(missing_ok=True)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        _make_ready(connection, path, boot_id, set_aside, at_utc)
        return connection, _left(connection, path, boot_id, set_aside, corruption)
    except BaseException:  # a connection left open would keep the file locked, whatever went wrong
        connection.close()
        raise


def _corruption(path: Path) -> str | None:
    """What is wrong with a file, None when it is sound or absent; read-only, so that it stays as found.

    Only what a power cut during its first second left half written must be rolled back before it can be read.
    """
    if not path.exists():
        return None
    if damage_marker(path).exists():
        return "the file was corrupt and was set aside (damage was met while it was used)"
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as connection:
        try:
            findings = _check(connection, path.stat().st_size)
        except sqlite3.DatabaseError as err:
            if primary_code(err) not in CORRUPT:
                raise
            findings = str(err)
    return None if findings == "ok" else f"the file was corrupt and was set aside ({findings})"


def _check(connection: sqlite3.Connection, size: int) -> str:
    """The first finding of SQLite's own check, or of ours; "ok" where there is none."""
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if size <= _CHECKED_WHOLE_BYTES:
        checks = ["PRAGMA quick_check(1)"]
    else:
        checks = [f"PRAGMA quick_check({table})" for table in _VITAL_TABLES if table in known]
    findings = (str(connection.execute(check).fetchone()[0]) for check in checks)
    finding = next((each for each in findings if each != "ok"), "ok")
    if finding == "ok" and "series" in known and connection.execute(_FALSE_NAMES).fetchone() is not None:
        return "a name in series is no text"
    return finding


def _set_aside(path: Path, at_utc: datetime) -> Path:
    """Rename the file and its companions, never over another; returns the new name.

    The journal of samples stays: it stands by itself, and what is not folded yet goes into the new store.
    """
    stem = f"{path.name}.corrupt-{at_utc:%Y%m%dT%H%M%SZ}"
    target = path.with_name(stem)
    number = 1
    while target.exists():  # without a battery clock every boot may show the same time
        number += 1
        target = path.with_name(f"{stem}-{number}")
    for suffix in ("", "-wal", "-shm"):  # the file first: it must never be taken for whole without its WAL
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    return target


def _make_ready(
    connection: sqlite3.Connection, path: Path, boot_id: str, set_aside: Path | None, at_utc: datetime
) -> None:
    """Create what is missing, and begin to salvage what was set aside."""
    version = schema_version(connection, path)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    with committed(connection):
        _bring_up_to_date(connection, version)
        if set_aside is not None:
            salvage.begin(connection, set_aside, boot_id, at_utc)


def _left(
    connection: sqlite3.Connection, path: Path, boot_id: str, set_aside: Path | None, corruption: str | None
) -> Restored:
    """Read what the last run left, and note that this boot has the store now."""
    with committed(connection):
        last_boot = connection.execute("SELECT value FROM meta WHERE key = 'boot_id'").fetchone()
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('boot_id', ?)", (boot_id,))
    memory, memory_defect = _stored(connection, MEMORY)
    announced, announced_defect = _stored(connection, ANNOUNCED)
    defects = (corruption, memory_defect, announced_defect, _log_defect(connection))
    report = OpenReport(
        set_aside=set_aside,
        defects=tuple(f"{path}: {what}" for what in defects if what),
        same_boot=last_boot is not None and last_boot[0] == boot_id,
    )
    alarms = tuple(standing_alarms(connection))
    newest_id, counters = newest_alarm_id(connection), last_counters(connection, path)
    return Restored(report, memory, announced, alarms, newest_id, counters)


def _bring_up_to_date(connection: sqlite3.Connection, version: int | None) -> None:
    """Create what a store of this version lacks (None: everything); call within a transaction."""
    if version == SCHEMA_VERSION:
        return
    for table in TABLES if version is None else MIGRATIONS[version]:
        connection.execute(table)
    if version is not None:
        gather_recent(connection)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))


def _stored(connection: sqlite3.Connection, key: str) -> tuple[Mapping[str, Any] | None, str | None]:
    """Something that outlives the process, and what is wrong with it."""
    try:
        text = read_memory(connection) if key == MEMORY else _state(connection, key)
        if text is None:
            return None, None
        stored = json.loads(text)
    except ValueError as err:
        return None, f"{_SAID[key]} is not JSON and was ignored ({err})"
    if not isinstance(stored, dict):
        return None, f"{_SAID[key]} is not a JSON object and was ignored"
    return stored, None


def _state(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _log_defect(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the newest decision; the whole log is the audit's business, not the start's."""
    newest = connection.execute(
        "SELECT seq, at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
        " FROM decision ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    try:
        if newest is not None:
            logged(LogRow._make(newest))
    except (TypeError, ValueError) as err:
        return f"the decision log is damaged, `tawan audit` tells where ({err})"
    return None
