"""`tawan report` on a store that a controller wrote."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from controller.cli import app
from controller.telemetry.alarm_log import AlarmRecord, Severity
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.store import TelemetryStore

ROOT = Path(__file__).parents[2]
BANGKOK = ZoneInfo("Asia/Bangkok")
NOON = datetime(2025, 2, 10, 12, 0, tzinfo=BANGKOK).astimezone(UTC)
HOURS = 3


class HandClock:
    """Moved by hand."""

    speed = 1.0

    def __init__(self) -> None:
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return 100.0 + self.passed_s

    def utc_now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)

    def synchronised(self) -> bool:
        return True

    async def sleep(self, duration_s: float) -> None:
        self.passed_s += duration_s

    async def sleep_until(self, monotonic_s: float) -> None:
        self.passed_s = max(self.passed_s, monotonic_s - 100.0)


def switched(hours: float, feeder: str, action: str, code: str) -> DecisionRecord:
    return DecisionRecord(NOON + timedelta(hours=hours), "boot", 100.0, feeder, action, code)


async def write_store(path: Path) -> None:
    """Three hours of 12 kW of sun, 4 kW on two lines, and one line that is off for one of them."""
    clock = HandClock()
    store = TelemetryStore(path, boot_id="boot", clock=clock)
    await store.open()
    for second in range(0, HOURS * 3600, 10):
        clock.passed_s = float(second)
        off = 3600 <= second < 7200
        values = {
            ("site", "pv_w"): -12_000.0,
            ("site", "load_w"): 4000.0 if off else 6000.0,
            ("site", "battery_w"): 5000.0,
            ("site", "genset_w"): 0.0,
            ("site", "soc_frac"): 0.5 + 0.1 * math.sin(second / 9000),
            ("site", "blackout"): 0.0,
            ("meter_clinic", "energy_import_wh"): 5_000_000.0 + 4100.0 * second / 3600,
            ("clinic", "power_w"): 4000.0,
            ("clinic", "closed"): 1.0,
            ("houses_a", "power_w"): 0.0 if off else 2000.0,
            ("houses_a", "closed"): 0.0 if off else 1.0,
        }
        store.add_samples(clock.utc_now(), True, values)
        if second % 300 == 0:
            await store.append_decisions([], {})  # the disk keeps pace
    await store.append_decisions(
        [
            switched(-400.0, "clinic", "close", "powered"),
            switched(-400.0, "houses_a", "close", "powered"),
            switched(1.0, "houses_a", "open", "class_rationed"),
            switched(2.0, "houses_a", "close", "powered"),
        ],
        {},
    )
    raised = AlarmRecord(1, "device_lost", "meter_pump", Severity.WARNING, {}, NOON)
    await store.keep_alarms([raised])
    await store.close()


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with config.yaml; nothing is stored yet."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    text = text.replace("/var/lib/tawan/telemetry.db", str(tmp_path / "telemetry.db"))
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tawan(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments])


async def test_a_report_is_written_from_what_a_controller_stored(village: Path) -> None:
    await write_store(village / "telemetry.db")
    result = tawan("--month", "2025-02", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "ban-wang-won-2025-02-en.html" in result.output
    page = (village / "ban-wang-won-2025-02-en.html").read_text(encoding="utf-8")
    assert "The village used 16.0 kWh" in page
    assert "10 Feb 2025 13:00" in page, "the outage began at one o'clock"
    assert "1 hour" in page
    assert "battery low, turns without notice" in page
    assert "meter_pump" in page


async def test_accounts_are_told_by_group_and_no_household_by_name(village: Path) -> None:
    await write_store(village / "telemetry.db")
    with (village / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(
            """
accounts:
  since: "2025-01"
  groups:
    homes: {name: {th: บ้าน, en: Homes of line A}, feeders: [houses_a], monthly_thb: 1250, thb_per_kwh: 4}
  households:
    house_somchai: {feeder: houses_a}
    house_malee: {feeder: houses_a, since: "2025-03"}
"""
        )
    assert tawan("--month", "2025-02", "--lang", "en").exit_code == 0
    page = (village / "ban-wang-won-2025-02-en.html").read_text(encoding="utf-8")
    assert "Household accounts: 1. Together they were to contribute 1,250 baht this month" in page
    assert "Homes of line A" in page
    assert "somchai" not in page
    assert "malee" not in page


async def test_what_a_meter_counted_stands_beside_what_was_recorded(village: Path) -> None:
    await write_store(village / "telemetry.db")
    assert tawan("--month", "2025-02", "--lang", "en").exit_code == 0
    page = (village / "ban-wang-won-2025-02-en.html").read_text(encoding="utf-8")
    assert "kWh by the meter" in page
    counted = re.search(r">(1[12]\.\d) \(0\.4\u00a0%\)<", page)
    assert counted is not None
    # the first reading of a quarter of an hour is where counting begins
    assert 2.75 * 4.1 - 0.1 < float(counted[1]) <= 3.0 * 4.1 + 0.1


async def test_thai_is_first_and_a_file_may_be_named(village: Path) -> None:
    await write_store(village / "telemetry.db")
    assert tawan("--month", "2025-02", "--out", "february.html").exit_code == 0
    assert "กุมภาพันธ์ 2568" in (village / "february.html").read_text(encoding="utf-8")


async def test_a_month_without_data_says_so(village: Path) -> None:
    await write_store(village / "telemetry.db")
    result = tawan("--month", "2025-04")
    assert result.exit_code == 1
    assert "holds no measurements of 2025-04" in result.stderr


def test_a_store_that_is_not_there_is_named(village: Path) -> None:
    result = tawan("--month", "2025-02")
    assert result.exit_code == 1
    assert str(village / "telemetry.db") in result.stderr
    assert "does not exist" in result.stderr


def test_a_store_that_is_none_is_told(village: Path) -> None:
    (village / "telemetry.db").write_text("no database at all, " * 100, encoding="utf-8")
    result = tawan("--month", "2025-02")
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


async def test_a_place_that_cannot_be_written_to_is_told(village: Path) -> None:
    await write_store(village / "telemetry.db")
    result = tawan("--month", "2025-02", "--out", "missing/report.html")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("month", ["2568-02", "February", "2025-2"])
def test_what_is_no_month_is_refused_with_an_example(village: Path, month: str) -> None:
    result = tawan("--month", month)
    assert result.exit_code == 2
    assert "2026-10" in result.stderr


def test_a_month_to_come_has_no_report(village: Path) -> None:
    result = tawan("--month", "2098-01")
    assert result.exit_code == 1
    assert "has not begun" in result.stderr
