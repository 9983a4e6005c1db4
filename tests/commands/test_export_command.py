"""tawan export over a real store: the file is whole or not there, and errors say what to do."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.clock import SystemClock
from controller.telemetry.store import TelemetryStore

START = datetime(2026, 10, 1, 3, tzinfo=UTC)


def measure(folder: Path) -> None:
    async def fill() -> None:
        store = TelemetryStore(folder / "telemetry.db", boot_id="boot", clock=SystemClock())
        await store.open()
        for n in range(60):
            values = {("site", "load_w"): 1000.0 + n, ("meter_clinic", "energy_import_wh"): 5_000_000.0 + n}
            store.add_samples(START + timedelta(seconds=10 * n), True, values)
        await store.close()

    asyncio.run(fill())


def export(config: Path, *words: str):
    return CliRunner().invoke(app, ["export", *words, "--config", str(config)])


def test_ten_minutes_go_out_to_the_last_sample(config: Path, tmp_path: Path) -> None:
    measure(tmp_path)
    out = tmp_path / "day.csv"
    result = export(config, str(out), "--from", "2026-10-01", "--series", "site.load_w", "--step", "10")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    measured = [float(row["site.load_w"]) for row in rows if row["site.load_w"]]
    assert measured == [1000.0 + n for n in range(60)]
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_month_as_parquet_has_counters_as_they_were_read(config: Path, tmp_path: Path) -> None:
    measure(tmp_path)
    out = tmp_path / "october.parquet"
    assert export(config, str(out), "--month", "2026-10", "--series", "*").exit_code == 0
    counter = pq.read_table(out).column("meter_clinic.energy_import_wh").drop_null().to_pylist()
    assert counter == [5_000_059.0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("x.csv", "--from", "yesterday"), "is not a date such as 2026-10-01"),
        (("x.csv", "--month", "2026-13"), "is not a date such as 2026-10"),
        (("x.csv",), "say which days"),
        (("x.csv", "--from", "2026-10-01", "--month", "2026-10"), "either a month or days"),
        (("x.xlsx", "--from", "2026-10-01"), "files end in .csv or .parquet"),
        (("x.csv", "--from", "2026-10-02"), "nothing was measured in that period"),
        (("x.csv", "--from", "2026-10-01", "--series", "moon.power_w"), "no series is named moon.power_w"),
        (("nowhere/x.csv", "--from", "2026-10-01"), "cannot be written"),
        (("x.csv", "--from", "2026-10-01", "--step", "7"), "a step of 7 s is not on offer"),
    ],
)
def test_what_is_wrong_is_said_and_no_piece_is_left(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    measure(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    result = export(config, *words)
    assert result.exit_code != 0
    assert says in " ".join(result.output.replace("│", " ").split())
    assert {path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".part", ".xlsx")} <= before


def test_before_anything_was_measured_it_says_so(config: Path, tmp_path: Path) -> None:
    result = export(config, str(tmp_path / "x.csv"), "--from", "2026-10-01")
    assert result.exit_code == 1
    assert "nothing has been measured yet" in " ".join(result.output.split())
