"""The ledger in a backup, and back: a payment that was confirmed is never lost by a restore."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from controller.accounts.ledger import FILE_NAME, Ledger
from controller.telemetry.restoring import flush, owned_as_its_folder
from controller.telemetry.schema import StorageError
from controller.telemetry.transactions import explained


def ledger_snapshot(telemetry: Path) -> dict[str, bytes]:
    """The ledger beside telemetry.db for a backup, by its name; empty without one. Raises StorageError."""
    path = telemetry.with_name(FILE_NAME)
    if not path.exists():
        return {}
    with explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source:
        return {FILE_NAME: source.serialize()}


def put_ledger_back(beside: dict[str, bytes], telemetry: Path, at_utc: datetime) -> str | None:
    """Put a backup's ledger in its place; what was done in a sentence, None where the backup holds none.

    A ledger that stands there and goes on from the backup's is kept as it is; any other is set aside, named
    by at_utc, never deleted. Raises StorageError, OSError.
    """
    content = beside.get(FILE_NAME)
    if content is None:
        return None
    path = telemetry.with_name(FILE_NAME)
    draft = path.with_name(f"{FILE_NAME}.restoring")
    draft.write_bytes(content)
    flush(draft)
    owned_as_its_folder(draft)
    report = Ledger(draft).verify()
    if report.broken is not None:
        draft.unlink()
        raise StorageError(
            f"the ledger in the backup is broken at entry {report.broken}: it was not put back"
        )
    if path.exists():
        now = Ledger(path).verify(report.head_hash)
        if now.broken is None and not now.head_missing:
            draft.unlink()
            return f"The accounts in {path} hold all that the backup holds: they stay as they are."
        aside = path.with_name(f"{FILE_NAME}.before-restore-{at_utc:%Y%m%dT%H%M%SZ}")
        path.rename(aside)
        draft.rename(path)
        return f"The accounts are those of the backup, {report.count} entries; what stood there is {aside}."
    draft.rename(path)
    return f"The accounts are those of the backup, {report.count} entries."
