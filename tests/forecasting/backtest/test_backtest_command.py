"""`tawan backtest` as one types it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from trial_files import cloudy_pv, evening_load, write_csv, write_site
from typer.testing import CliRunner, Result

from controller.cli import app

ROOT = Path(__file__).resolve().parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def tawan(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


@pytest.fixture(scope="module")
def load_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = evening_load(40)
    pump = np.where(np.arange(record.grid.count) % 24 == 9, 400.0, 5.0)
    columns = {"houses_load_kw": record.power_w / 1000, "pump_load_w": pump}
    return write_csv(tmp_path_factory.mktemp("data") / "village.csv", record.grid, columns)


@pytest.fixture(scope="module")
def site_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("site") / "site.yaml", "rated_w: 5000\n")


@pytest.fixture(scope="module")
def load_result(
    load_file: Path, site_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Result, Path]:
    report = tmp_path_factory.mktemp("report") / "report.svg"
    return tawan("load", "--data", load_file, "--site", site_file, "--json", "--report", report), report


def test_json_tells_all_figures_of_each_load(load_result: tuple[Result, Path]) -> None:
    result, _ = load_result
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout, parse_constant=pytest.fail)  # NaN is no JSON
    assert [trial["name"] for trial in found["trials"]] == ["houses", "pump"]
    ours, day_before, *_ = found["trials"][0]["contenders"]
    assert (ours["name"], ours["ours"], day_before["name"]) == ("tawan", True, "day before")
    assert ours["pairs"] == found["trials"][0]["steps"] == 32 * 24
    assert 0 < ours["wape_frac"] < day_before["wape_frac"]
    assert 0.6 < ours["coverage_80_frac"] < 0.95
    assert len(ours["observed_frac"]) == len(found["levels"]) == 7
    assert found["mean_better_by"][0]["trials"] == 2


def test_progress_and_what_was_read_as_what_go_to_stderr(load_result: tuple[Result, Path]) -> None:
    result, _ = load_result
    assert "houses = houses_load_kw x 1000" in result.stderr
    assert "Walking" not in result.stdout


def test_the_report_is_a_picture_with_words_and_without_scripts(load_result: tuple[Result, Path]) -> None:
    _, report = load_result
    text = report.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.find(f"{SVG}title").text == "How good were the forecasts?"
    shown = {element.text for element in root.iter(f"{SVG}text")}
    assert {"houses", "pump", "tawan", "Reliability", "Error by lead time (RMSE)", "median"} <= shown
    assert any(words and words.startswith("Worst day: issued ") for words in shown)
    assert all(group.find(f"{SVG}desc") is not None for group in root.iter(f"{SVG}g") if group.get("role"))
    assert not list(root.iter(f"{SVG}script"))
    assert not re.search(r"nan|inf[^o]", "".join(path.get("d", "") for path in root.iter(f"{SVG}path")))


def test_tables_fit_people(load_file: Path, site_file: Path) -> None:
    chosen = ("--load", "pump", "--from", "2025-03-01", "--to", "2025-03-05", "--hours", "6-11")
    result = tawan("load", "--data", load_file, "--site", site_file, *chosen)
    assert result.exit_code == 0, result.output
    assert "pump: 2025-03-01 to 2025-03-05, 30 steps of 60 min." in result.stdout
    assert "houses" not in result.stdout
    for words in ("tawan", "day before", "week before", "climatology", "better by"):
        assert words in result.stdout


def test_no_table_is_cut_at_eighty_columns(tmp_path: Path, site_file: Path) -> None:
    record, told = cloudy_pv(9)
    columns = {"pv_w": 20 * record.power_w, "nwp_ghi_wm2": 900 * told}
    path = write_csv(tmp_path / "pv.csv", record.grid, columns)
    options = ("--from", "2025-02-07", "--every", "4h", "--horizon", "48h")
    result = tawan("pv", "--data", path, "--site", site_file, *options)
    assert result.exit_code == 0, result.output
    assert "per-hour regression on NWP" in result.stdout
    assert "…" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_pv_is_scored_by_lead_where_issues_are_frequent(tmp_path: Path, site_file: Path) -> None:
    record, told = cloudy_pv(9)
    path = write_csv(tmp_path / "pv.csv", record.grid, {"pv_w": record.power_w, "nwp_ghi_wm2": 900 * told})
    options = ("--every", "2h", "--horizon", "3h", "--from", "2025-02-08", "--json")
    result = tawan("pv", "--data", path, "--site", site_file, *options)
    assert result.exit_code == 0, result.output
    (trial,) = json.loads(result.stdout)["trials"]
    assert [lead["to_s"] // 3600 for lead in trial["leads"]] == [1, 2, 3]
    names = [row["name"] for row in trial["contenders"]]
    assert names[:3] == ["tawan", "tawan, no weather", "smart persistence"]
    first, better = trial["leads"][0]["contenders"], trial["leads"][0]["better_by"][0]
    assert (better["ours"], better["reference"]) == ("tawan", "smart persistence")
    assert better["rmse_frac"] == pytest.approx(
        1 - first["tawan"]["rmse_w"] / first["smart persistence"]["rmse_w"]
    )
    assert first["tawan"]["nrmse_frac"] == pytest.approx(first["tawan"]["rmse_w"] / 5000)
    assert trial["contenders"][0]["nrmse_frac"] == pytest.approx(trial["contenders"][0]["rmse_w"] / 5000)


def test_the_config_of_a_controller_is_a_site_as_well(load_file: Path) -> None:
    options = ("--load", "pump", "--from", "2025-03-08", "--json")
    result = tawan("load", "--data", load_file, "--site", ROOT / "config.yaml", *options)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        ("--issue noon", 2, "--issue noon: write a time of day as 18:00"),
        ("--from yesterday", 2, "--from yesterday: write a date as 2026-01-31"),
        ("--every 15", 2, "--every 15: write a length of time such as 15m"),
        ("--hours 16-7", 2, "--hours 16-7: write the first and the last hour"),
        ("--step 10m", 2, "--step 10m: forecasts are made in steps of 15m, 30m or 1h"),
        ("--every 1h --horizon 15m", 1, "--horizon 15m is less than one step of the data: they have 60 min"),
        ("--report nowhere/report.svg", 2, "there is no directory nowhere; name a file such as report.svg"),
        ("--from 2031-01-01", 1, "the file has steps that count from 2025-02-01 to 2025-03-12"),
        ("--load mill", 1, "there is no load mill: the file has houses, pump"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(
    load_file: Path, site_file: Path, options: str, status: int, told: str
) -> None:
    result = tawan("load", "--data", load_file, "--site", site_file, *options.split())
    assert result.exit_code == status
    assert told in result.stderr


def test_a_faulty_site_file_and_a_file_without_the_column_are_told_apart(
    tmp_path: Path, load_file: Path, site_file: Path
) -> None:
    bad = tawan("pv", "--data", load_file, "--site", write_site(tmp_path / "bad.yaml", "hour: [7, 16]\n"))
    assert (bad.exit_code, "did you mean hours?" in bad.stderr) == (78, True)
    no_pv = tawan("pv", "--data", load_file, "--site", site_file)
    assert (no_pv.exit_code, "no column of the file is known to be PV power" in no_pv.stderr) == (1, True)


def test_every_option_is_documented() -> None:
    text = (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
    command = next(
        one for one in app.registered_commands if one.callback and one.callback.__name__ == "backtest"
    )
    shown = CliRunner().invoke(app, ["backtest", "--help"], env={"COLUMNS": "200"}).output
    options = set(re.findall(r"--[a-z]+", shown)) - {"--help"}
    assert command is not None
    assert len(options) > 10
    for option in options:
        assert f"`{option}" in text, option
