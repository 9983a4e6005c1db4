"""`tawan backup` and `tawan restore`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from controller.accounts.safekeeping import ledger_snapshot, put_ledger_back
from controller.commands.configuration import load_or_explain
from controller.runtime.single import AlreadyRunningError, none_running
from controller.settings import Config
from controller.telemetry.backup import (
    BackupError,
    BackupFacts,
    VerifiedBackup,
    backup_name,
    beside_of,
    forget_older,
    make_backup,
    note_backup,
    verify_backup,
)
from controller.telemetry.restoring import restore_store
from controller.telemetry.schema import StorageError
from controller.trusted_clock import TrustedClock

_IDLE = 10
"""Niceness: the controller goes first."""


def back_up(config_path: Path, file: Path | None, folder: Path | None, keep: int) -> int:
    """Make one verified backup; returns the exit status."""
    if (file is None) == (folder is None):
        print(
            "tawan backup: say where, on another disk than the controller's: a FILE, or --to FOLDER "
            "(such as a USB stick), which keeps the newest few.",
            file=sys.stderr,
        )
        return 2
    config = load_or_explain(config_path, with_profiles=False)
    store, now = config.storage.telemetry, TrustedClock().utc_now()
    target = file if file is not None else (folder or Path()) / backup_name(config.site.id, now)
    problem = _no_place(target)
    if problem is not None:
        print(f"tawan backup: {problem}", file=sys.stderr)
        return 1
    os.nice(_IDLE)
    try:
        with Console(stderr=True).status(f"Copying {store} and reading the copy back ..."):
            facts, beside = _facts(config, config_path, now), ledger_snapshot(store)
            made = make_backup(store, target, facts, beside)
            deleted = [] if folder is None else forget_older(folder, config.site.id, keep)
    except (BackupError, StorageError, OSError) as error:
        print(f"tawan backup: {error}\nThere is no new backup.", file=sys.stderr)
        return 1
    print(_told(made))
    for path in deleted:
        print(f"Deleted {path}: {keep} are kept.")
    _warn_of_same_disk(store, target)
    return _note(store, made, now)


def restore(config_path: Path, file: Path, *, with_config: bool) -> int:
    """Put a backup in the store's place; returns the exit status."""
    now = datetime.now(UTC)
    draft = config_path.with_name(f"{config_path.name}.restoring")
    try:
        if with_config:
            _draft_config(draft, file)
        config = load_or_explain(draft if with_config else config_path, with_profiles=False)
        with (
            none_running(config.storage.image.parent),
            Console(stderr=True).status(f"Reading {file} and copying it ..."),
        ):
            done = restore_store(file, config.storage.telemetry, now)
            accounts = put_ledger_back(beside_of(file), config.storage.telemetry, now)
            aside = _take_config(draft, config_path, now) if with_config else None
    except AlreadyRunningError as error:
        print(
            f"tawan restore: {error}. Stop it first: systemctl stop tawan-controller. Nothing was changed.",
            file=sys.stderr,
        )
        return 1
    except (BackupError, StorageError, OSError) as error:
        print(f"tawan restore: {error}", file=sys.stderr)
        return 1
    finally:
        draft.unlink(missing_ok=True)
    print(f"{_told(done.backup)}\nIt is now {config.storage.telemetry}.")
    if accounts is not None:
        print(accounts)
    for path in (done.set_aside, aside):
        if path is not None:
            print(f"What stood there is {path}: delete it once all is well.")
    print("Start the controller: systemctl start tawan-controller.")
    return 0


def _facts(config: Config, config_path: Path, now: datetime) -> BackupFacts:
    return BackupFacts(
        site=config.site.id,
        made_utc=now.isoformat(timespec="seconds"),
        tawan=version("tawan"),
        config_yaml=config_path.read_text(encoding="utf-8"),
    )


def _no_place(target: Path) -> str | None:
    if target.is_dir():
        return f"{target} is a folder: write --to {target}"
    if not target.parent.is_dir():
        return f"the folder {target.parent} does not exist. Is the stick plugged in and mounted?"
    if not target.suffix:
        return f"{target} is no folder. Is the stick plugged in and mounted? For a file, name it {target}.db"
    return None


def _told(backup: VerifiedBackup) -> str:
    audit = backup.audit
    log = f"{audit.count} decisions, the last of {audit.last_utc}" if audit.count else "no decisions yet"
    lines = [f"{backup.path}: {backup.size_bytes / 1e6:.1f} MB, read back and sound; {log}."]
    if backup.facts is not None:
        lines.append(f"Of {backup.facts.site}, made {backup.facts.made_utc} by Tawan {backup.facts.tawan}.")
    if not audit.ok:
        lines.append("Its decision log is not whole, as it was not before: `tawan audit` says where.")
    return "\n".join(lines)


def _warn_of_same_disk(store: Path, target: Path) -> None:
    if store.stat().st_dev == target.stat().st_dev:
        print(
            "The backup is on the same disk as the store: when that disk fails, both are gone. "
            "Copy it to another.",
            file=sys.stderr,
        )


def _note(store: Path, made: VerifiedBackup, now: datetime) -> int:
    try:
        note_backup(store, made, now)
    except OSError as error:
        print(
            f"The backup is good, but the controller could not be told of it ({error}): "
            "run this as the controller's user, or it will ask for a backup again.",
            file=sys.stderr,
        )
        return 1
    return 0


def _draft_config(draft: Path, file: Path) -> None:
    """Write the config.yaml of a backup where it can be checked. Raises BackupError, OSError."""
    facts = verify_backup(file).facts
    if facts is None:
        msg = f"{file} holds no config.yaml: it was not made by `tawan backup`. Leave --with-config out."
        raise BackupError(msg)
    draft.write_text(facts.config_yaml, encoding="utf-8")


def _take_config(draft: Path, config_path: Path, now: datetime) -> Path | None:
    """Put the checked config.yaml in its place; returns where the present one is now, None without one."""
    aside = None
    if config_path.exists():
        aside = config_path.with_name(f"{config_path.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
        config_path.replace(aside)
    draft.replace(config_path)
    return aside
