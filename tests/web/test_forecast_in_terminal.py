"""`tawan forecast`: the next two days for a technician at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from web_forecast import forecast
from web_village import put, reason, village

from controller.commands.forecast import show_forecast

CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")

    def show(document: dict | str | None, *, as_json: bool = False) -> tuple[int, str]:
        path = tmp_path / "forecast.json"
        if isinstance(document, str):
            path.write_text(document, encoding="utf-8")
        elif document is not None:
            put(path, document)
        status = show_forecast(CONFIG, path, as_json=as_json)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return show


def test_it_draws_and_tells_in_both_languages(shown) -> None:
    status, said = shown(forecast())
    assert status == 0
    for phrase in (
        "Sun [kW]",
        "Battery [%]",
        "แบตเตอรี่น่าจะพอถึงเช้า",
        "The battery will probably last until sunrise",
        "Sun to spare for heavy loads: Sun 10:00 to 14:30",
        "9 of 10",
        "pv_south: gives like 21.0 kW",
        "8 of 10 bands held 7.9 of 10, 31% better than",
        "Weather: none",
    ):
        assert phrase in said, phrase


def test_no_line_is_wider_than_the_terminal(shown) -> None:
    _, said = shown(forecast())
    assert max(len(line) for line in said.splitlines()) <= 80


def test_the_sun_stands_high_at_noon_and_not_at_night(shown) -> None:
    _, said = shown(forecast())
    picture = said[said.index("Sun [kW]") : said.index("Use [kW]")].splitlines()
    lowest, clock = picture[6], picture[7]
    noon, midnight = clock.index("12:00"), clock.index("00:00")
    assert lowest[noon] != " "
    assert lowest[midnight] == " "


def test_findings_and_an_unknown_battery_are_told(shown) -> None:
    document = forecast(findings=[reason("normal")], outlook=None)
    _, said = shown(document)
    assert "! " in said
    assert "not known" in said
    assert "Battery [%]" not in said


def test_json_is_the_document_itself(shown) -> None:
    document = forecast()
    status, said = shown(document, as_json=True)
    assert status == 0
    assert json.loads(said) == document


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"clock": {"utc": "1970-01-01T00:05:00Z", "synchronised": False}}, "The clock of this computer"),
        ({"alarms": [reason("planner_failing", failures=3)]}, reason("planner_failing", failures=3)["en"]),
        ({}, "still learning"),
    ],
)
def test_without_a_forecast_it_is_told_why(shown, tmp_path: Path, change: dict, why: str) -> None:
    put(tmp_path / "image.json", village(**change))
    status, said = shown(None)
    assert status == 1
    assert why in said


@pytest.mark.parametrize(
    ("document", "told"),
    [(None, "There is no forecast"), ("{", "is no forecast of this version"), ({"format": 2}, "format")],
)
def test_what_cannot_be_shown_is_said_with_the_file(shown, document, told) -> None:
    status, said = shown(document)
    assert status == 1
    assert told in said
    assert "forecast.json" in said
