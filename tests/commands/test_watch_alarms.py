"""`tawan watch` shows alarms with their severity in words, and whether somebody sees to them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.commands.watch import watch_image
from controller.core.alarming import AlarmRecord, Severity
from controller.core.alarming.book import Standing
from controller.runtime.alarm_document import alarm_document

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def image(*alarms: Standing) -> dict:
    """As little of an image.json as the terminal needs."""
    said = {"th": "ปกติ", "en": "All is well."}
    return {
        "written": {"monotonic_s": time.monotonic()},
        "clock": {"utc": AT.isoformat()},
        "site": {"name": {"th": "บ้าน", "en": "Village"}},
        "mode": {"code": "normal", "reason": said},
        "summary": {
            "pv_w": None, "load_w": None, "battery_w": None, "genset_w": None, "soc_frac": None,
            "energy_left_h": None,
        },
        "tick": {"number": 1, "skipped": 0, "lateness_ms": {"p50": 0.1, "p99": 0.2}},
        "writes": 0, "feeders": [], "devices": [], "buses": [], "diagnoses": [],
        "alarms": [alarm_document(alarm) for alarm in alarms],
    }  # fmt: skip


def test_alarms_are_told_with_number_and_severity(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    dark = AlarmRecord(4, "blackout", "site", Severity.CRITICAL, {}, AT)
    lost = AlarmRecord(
        3,
        "soc_frozen",
        "battery",
        Severity.WARNING,
        {"told_frac": 0.5, "soc_frac": 0.4},
        AT,
        None,
        AT,
        "somchai",
    )
    path = tmp_path / "image.json"
    path.write_text(json.dumps(image(Standing(dark, present=True), Standing(lost, present=False))))
    assert watch_image(tmp_path / "config.yaml", path, once=True) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "!! 4 critical: The whole village is dark" in printed
    assert "! 3 warning: The battery gauge stands still" in printed
    assert "(acknowledged by somchai) (over, not cleared yet)" in printed
