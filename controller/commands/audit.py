"""`tawan audit`."""

from __future__ import annotations

from pathlib import Path

from controller.commands.configuration import load_or_explain
from controller.telemetry.audit import verify


def audit_log(config_path: Path, file: Path | None, expected_head: str | None) -> int:
    """Recompute the chain and print the finding; returns the exit status."""
    path = file if file is not None else load_or_explain(config_path).storage.telemetry
    report = verify(path, expected_head=expected_head)
    print(report)
    return 0 if report.ok else 1
