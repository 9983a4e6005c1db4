"""`tawan alarms`: what stands, in both languages, and what to do first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.clock import ScaledClock
from controller.commands.alarms import show_alarms
from controller.core.alarming import AlarmRecord, Severity
from controller.telemetry.store import TelemetryStore

NOW = datetime(2026, 4, 1, 14, 0, tzinfo=UTC)
"""21:00 in the village."""


def record(number: int, code: str, severity: Severity, **given) -> AlarmRecord:
    params = given.pop("params", {})
    return AlarmRecord(
        number, code, given.pop("subject", "site"), severity, params, NOW - timedelta(hours=2), **given
    )


BLACKOUT = record(1, "blackout", Severity.CRITICAL)
LOST = record(
    2,
    "device_lost",
    Severity.WARNING,
    subject="meter_pump",
    params={"device": "meter_pump", "lost_s": 90.0, "recurred": 3},
)
OVER = record(3, "battery_hot", Severity.CRITICAL, cleared_utc=NOW - timedelta(minutes=57), params={})
SEEN = record(
    1, "blackout", Severity.CRITICAL, acknowledged_utc=NOW - timedelta(minutes=30), acknowledged_by="somchai"
)


@pytest.fixture
def shown(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")

    async def show(records: Sequence[AlarmRecord], *, every: bool = False) -> tuple[int, str]:
        store = TelemetryStore(
            config.with_name("telemetry.db"), boot_id="boot", clock=ScaledClock.starting(NOW, 1.0)
        )
        await store.open()
        await store.keep_alarms(records)
        await store.close()
        status = show_alarms(config, every=every, now_utc=NOW)
        return status, capsys.readouterr().out

    return show


async def test_it_says_what_stands_and_what_to_do_first_in_both_languages(shown) -> None:
    status, printed = await shown([LOST, BLACKOUT])
    assert status == 1
    assert printed.index("Blackout") < printed.index("Device lost")
    for phrase in (
        "1 critical ไฟดับทั้งหมู่บ้าน / Blackout",
        "since 2026-04-01 19:00, 2 hours",
        "Device meter_pump has not answered for 2 minutes.",
        "→ ตรวจไฟเลี้ยงของอุปกรณ์",
        "→ Check the device's supply",
        "came back 3 times",
        "tawan alarms --acknowledge 2",
    ):
        assert phrase in printed, phrase


async def test_what_somebody_sees_to_calls_nobody_any_more(shown) -> None:
    status, printed = await shown([SEEN])
    assert status == 0
    assert "Acknowledged by somchai, 2026-04-01 20:30" in printed


async def test_what_is_over_is_shown_when_asked_for(shown) -> None:
    assert "Battery hot" not in (await shown([OVER]))[1]
    status, printed = await shown([OVER], every=True)
    assert status == 0
    assert "2026-04-01 19:00 to 2026-04-01 20:03, 1 hour 3 minutes" in printed
    assert "Nothing stands. ไม่มีสัญญาณเตือน" in printed


def test_without_a_store_nobody_says_that_all_is_well(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_alarms(config, every=False, now_utc=NOW) == 1
    printed = capsys.readouterr()
    assert "telemetry.db does not exist" in printed.err
    assert "Nothing stands" not in printed.out


def test_a_store_that_cannot_be_read_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.with_name("telemetry.db").write_bytes(b"not a database at all, but longer than a header is" * 9)
    assert show_alarms(config, every=False, now_utc=NOW) == 1
    assert "telemetry.db cannot be read" in capsys.readouterr().err


def test_acknowledging_and_confirming_are_requests(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict]] = []

    def ask(_config: Path, kind: str, params: dict) -> int:
        asked.append((kind, json.loads(json.dumps(params))))
        return 0

    monkeypatch.setattr("controller.commands.asking.ask", ask)
    runner = CliRunner()
    base = ["alarms", "-c", str(config)]
    assert runner.invoke(app, [*base, "--acknowledge", "17"]).exit_code == 0
    assert runner.invoke(app, [*base, "--confirm-contacts"]).exit_code == 0
    assert asked == [("acknowledge", {"alarm": 17}), ("confirm_contacts", {})]
    assert runner.invoke(app, [*base, "--acknowledge", "1", "--confirm-contacts"]).exit_code == 2
