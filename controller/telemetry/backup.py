"""A backup: the store in one file, copied beside the running controller and verified before it counts."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from controller.telemetry.audit import AuditReport, verify
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.journal import COMPANIONS, journal_files, read_bytes
from controller.telemetry.schema import StorageError, reading
from controller.telemetry.transactions import damage_marker, explained

MARKER_NAME = "backup.json"
"""Beside telemetry.db: when the last backup was made."""
_PART = ".part"
_BOOT = "backup"
"""In the place of a boot's id: whoever opens the copy is not the one that wrote it."""
_SPARE_BYTES = 20_000_000
"""Room left on the disk that takes the backup."""


class BackupError(Exception):
    """There is no good backup; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What a backup says of itself; the table `backup` of the file."""

    site: str
    made_utc: str
    """ISO 8601."""
    tawan: str
    """The version that made it."""
    config_yaml: str
    """The site's config.yaml as it was. Secrets are not in it: it only says where they are."""


@dataclass(frozen=True, slots=True)
class VerifiedBackup:
    """A file that was read from its first to its last page and found sound."""

    path: Path
    size_bytes: int
    facts: BackupFacts | None
    """None: a bare telemetry.db, not made by `tawan backup`."""
    audit: AuditReport
    """Of its decision log. A chain that was broken before is backed up as it is."""


@dataclass(frozen=True, slots=True)
class LastBackup:
    """What the marker says."""

    made_utc: datetime
    """Aware."""
    file: str
    size_bytes: int


def backup_name(site: str, at_utc: datetime) -> str:
    """The file name of a site's backup; names sort by time."""
    return f"tawan-{site}-{at_utc.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"


def make_backup(
    store: Path, target: Path, facts: BackupFacts, beside: Mapping[str, bytes] | None = None
) -> VerifiedBackup:
    """Copy a store while its controller goes on writing; target appears once the copy is verified, or never.

    beside: further files of the site by their names, which `beside_of` gives back.
    A backup of the same name is replaced. Raises BackupError; then nothing stands under the name that did not
    stand there before.
    """
    part = target.with_name(target.name + _PART)
    with _told(target):
        _need_room(store, target.parent)
        _remove(part)
        try:
            _copy(store, part)
            _add_facts(part, facts)
            _add_beside(part, beside or {})
            _to_the_disk(part)
            verified = verify_backup(part)
            part.replace(target)
            _to_the_disk(target.parent)
        finally:
            with suppress(OSError):  # the stick may be gone: the next backup removes what is left
                _remove(part)
    return VerifiedBackup(target, verified.size_bytes, verified.facts, verified.audit)


def verify_backup(path: Path) -> VerifiedBackup:
    """Read a backup wholly. Raises BackupError when it cannot be relied upon."""
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise BackupError(msg)
    try:
        with reading(path) as connection:
            if connection is None:
                msg = f"{path} is empty"
                raise BackupError(msg)
            finding = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if finding != "ok":
                msg = f"{path} is damaged ({finding}): take another backup"
                raise BackupError(msg)
            facts = _facts(connection)
        return VerifiedBackup(path, path.stat().st_size, facts, verify(path))
    except StorageError as err:
        msg = f"{err}. It cannot be relied upon: take another backup"
        raise BackupError(msg) from err


def forget_older(folder: Path, site: str, keep: int) -> list[Path]:
    """Delete all but the newest backups of a site, and what broken attempts left; returns what was deleted.

    Only files that are named as `backup_name` names them are touched. Raises OSError.
    """
    stamped = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"
    old = sorted(folder.glob(f"tawan-{site}-{stamped}.db"))[: -max(1, keep)]
    torn = folder.glob(f"tawan-{site}-{stamped}.db{_PART}*")
    gone = [*old, *torn]
    for path in gone:
        path.unlink()
    return gone


def note_backup(store: Path, made: VerifiedBackup, at_utc: datetime) -> None:
    """Write the marker beside a store. Raises OSError."""
    marker = store.with_name(MARKER_NAME)
    draft = marker.with_name(marker.name + ".new")
    last = {"made_utc": at_utc.isoformat(), "file": str(made.path), "size_bytes": made.size_bytes}
    draft.write_text(json.dumps(last, ensure_ascii=False), encoding="utf-8")
    draft.replace(marker)


def last_backup(store: Path) -> LastBackup | None:
    """When a store was last backed up; None where that is not known."""
    try:
        told = json.loads(store.with_name(MARKER_NAME).read_text(encoding="utf-8"))
        made_utc = datetime.fromisoformat(told["made_utc"]).astimezone(UTC)
        return LastBackup(made_utc, str(told["file"]), int(told["size_bytes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _copy(store: Path, part: Path) -> None:
    """One consistent snapshot, however much is written meanwhile; one file without companions.

    The journal of samples is copied first: what is folded into the store meanwhile is then in both. Whatever
    else the store has to do waits until it is restored: a stick without room must not thin what it keeps.
    """
    for file, content in zip(journal_files(part), read_bytes(store), strict=True):
        file.write_bytes(content)
    with reading(store) as source:
        if source is None:
            msg = f"{store}: there is nothing to back up yet"
            raise BackupError(msg)
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
    folded = TelemetryDatabase(part)
    folded.open(_BOOT, datetime.now(UTC))
    try:
        folded.fold_journal()
    finally:
        folded.close()
    for file in journal_files(part):
        file.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")


def _add_facts(part: Path, facts: BackupFacts) -> None:
    with closing(sqlite3.connect(part)) as copy, copy:
        copy.execute("CREATE TABLE IF NOT EXISTS backup(key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        copy.executemany("INSERT OR REPLACE INTO backup VALUES (?, ?)", asdict(facts).items())


def _add_beside(part: Path, beside: Mapping[str, bytes]) -> None:
    with closing(sqlite3.connect(part)) as copy, copy:
        copy.execute("DROP TABLE IF EXISTS beside")  # of a backup that was once restored
        copy.execute("CREATE TABLE beside(name TEXT PRIMARY KEY, content BLOB NOT NULL)")
        copy.executemany("INSERT INTO beside VALUES (?, ?)", beside.items())


def beside_of(path: Path) -> dict[str, bytes]:
    """The further files that a backup holds, by name; none in older ones. Raises StorageError."""
    with reading(path) as connection:
        if connection is None:
            return {}
        table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'beside'").fetchone()
        return {} if table is None else dict(connection.execute("SELECT name, content FROM beside"))


def _facts(connection: sqlite3.Connection) -> BackupFacts | None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'backup'").fetchone() is None:
        return None
    told = dict(connection.execute("SELECT key, value FROM backup"))
    try:
        return BackupFacts(**told)
    except TypeError:  # made by another version
        return None


def _need_room(store: Path, folder: Path) -> None:
    needed = store.stat().st_size + _SPARE_BYTES if store.exists() else 0
    free = shutil.disk_usage(folder).free
    if free < needed:
        msg = (
            f"{folder} has {free / 1e6:.0f} MB free and {needed / 1e6:.0f} MB are needed: "
            "delete old files there, or take another disk"
        )
        raise BackupError(msg)


def _to_the_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk; what memory holds of it is dropped, to be read back."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        if path.is_file():
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _remove(part: Path) -> None:
    for suffix in ("", "-journal", *COMPANIONS):
        part.with_name(part.name + suffix).unlink(missing_ok=True)
    damage_marker(part).unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn whatever a disk does into a BackupError."""
    try:
        with explained(path):
            yield
    except StorageError as err:
        raise BackupError(str(err)) from err
