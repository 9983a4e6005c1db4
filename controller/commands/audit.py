"""`tawan audit`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from controller.commands.configuration import load_or_explain
from controller.telemetry.audit import AuditReport, verify
from controller.telemetry.schema import StorageError

EXIT_LOSSES = 3


def audit_log(config_path: Path, file: Path | None, expected_head: str | None) -> int:
    """Recompute the chain and print the finding; returns the exit status."""
    path = file if file is not None else load_or_explain(config_path).storage.telemetry
    try:
        with Console(stderr=True).status("Recomputing the chain ..."):
            report = verify(path, expected_head=expected_head)
    except StorageError as error:
        print(f"tawan audit: {error}", file=sys.stderr)
        return 1
    print(_finding(report, path))
    if not report.ok:
        return 1
    return EXIT_LOSSES if report.losses else 0


def _losses(report: AuditReport) -> str:
    """What the log itself says was lost, a line each."""
    return "".join(
        f"LOST: up to {loss.last - loss.first + 1} entries, numbers {loss.first} to {loss.last}, with the "
        f"damaged file {loss.file}, as entry {loss.told_by} of {loss.told_utc} says. "
        "Nobody can prove what stood there; keep that file.\n"
        for loss in report.losses
    )


def _finding(report: AuditReport, path: Path) -> str:
    if report.broken is not None:
        where = "" if report.broken.seq is None else f" at entry {report.broken.seq}"
        return (
            f"BROKEN{where} ({report.broken.fault}): {report.broken.detail}\n"
            f"Somebody or something has changed {path}. Keep a copy of it as it is, and tell the committee."
        )
    if report.count == 0:
        return f"The log in {path} is empty."
    whole = "whole but for what is told above" if report.losses else "whole"
    return (
        f"{_losses(report)}"
        f"The chain is {whole}: {report.count} decisions from {report.first_utc} to {report.last_utc}.\n"
        f"Head: {report.head_hash}\n"
        "Note the head on paper. `tawan audit --head HASH` proves later that nothing before it "
        "was rewritten or cut off."
    )
