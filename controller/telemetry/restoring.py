"""Putting a backup in the place of a store. The present one is set aside, never deleted."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from controller.telemetry.backup import BackupError, VerifiedBackup, verify_backup
from controller.telemetry.journal import COMPANIONS
from controller.telemetry.transactions import damage_marker

_DRAFT = ".restoring"


@dataclass(frozen=True, slots=True)
class RestoredStore:
    """What was done."""

    backup: VerifiedBackup
    set_aside: Path | None
    """Where the store that stood there is now; None when there was none."""


def restore_store(backup: Path, store: Path, at_utc: datetime) -> RestoredStore:
    """Verify a backup, copy it beside the store, verify the copy, and only then change places.

    No controller may run. at_utc names what is set aside. Raises BackupError; then the store is as it was.
    """
    draft = store.with_name(store.name + _DRAFT)
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        verify_backup(backup)
        shutil.copyfile(backup, draft)
        flush(draft)
        verified = verify_backup(draft)
        owned_as_its_folder(draft)
        set_aside = set_store_aside(store, f"before-restore-{at_utc:%Y%m%dT%H%M%SZ}")
        damage_marker(store).unlink(missing_ok=True)  # of what stood there
        draft.replace(store)
        flush(store.parent)
    except OSError as err:
        msg = f"{err.filename or store}: {err.strerror}. Nothing is lost: run it again once that is put right"
        raise BackupError(msg) from err
    finally:
        draft.unlink(missing_ok=True)
    return RestoredStore(
        VerifiedBackup(backup, verified.size_bytes, verified.facts, verified.audit), set_aside
    )


def set_store_aside(store: Path, ending: str) -> Path | None:
    """Rename a store and its companions, never over another; returns the new name, None without a store."""
    if not store.exists():
        return None
    stem = f"{store.name}.{ending}"
    target = store.with_name(stem)
    number = 1
    while target.exists():  # without a battery clock every boot may show the same time
        number += 1
        target = store.with_name(f"{stem}-{number}")
    for suffix in ("", *COMPANIONS):  # the file first: it must never be taken for whole without its WAL
        companion = store.with_name(store.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    return target


def owned_as_its_folder(path: Path) -> None:
    """Restored by root, it must still be the controller's."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
