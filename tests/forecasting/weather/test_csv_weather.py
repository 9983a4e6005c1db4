"""Weather dropped as a file is read with its time zone, or refused with the line and the remedy."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from weather_service import MIDNIGHT_S

from forecasting.grid import Grid
from forecasting.weather.csv_file import CsvWeather
from forecasting.weather.errors import WeatherError, WeatherGarbledError

ROWS = "time,ghi_wm2,temp_c,humidity_pct\n2026-01-01T07:00+07:00,10,24.5,80\n2026-01-01T08:00+07:00,150,,75\n"


def dropped(folder: Path, text: str, name: str = "model.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (MIDNIGHT_S - 60, MIDNIGHT_S - 60))
    return path


def test_a_file_becomes_a_run_named_and_dated_like_the_file(tmp_path: Path) -> None:
    (run,) = CsvWeather(dropped(tmp_path, ROWS))()
    assert (run.source, run.issued_s) == ("model", MIDNIGHT_S - 60)
    assert run.grid == Grid(MIDNIGHT_S, 3600, 2)
    assert run.ghi_wm2.tolist() == [10.0, 150.0]
    np.testing.assert_array_equal(run.temp_c, [24.5, np.nan])
    assert run.humidity_frac.tolist() == [0.8, 0.75]
    assert np.isnan(run.cloud_frac).all()


def test_what_a_spreadsheet_writes_is_understood(tmp_path: Path) -> None:
    text = "\ufefftime; ghi_wm2\n2026-01-01 07:15+07:00; 10\n2026-01-01 07:00+07:00; 5\n"
    (run,) = CsvWeather(dropped(tmp_path, text))()
    assert run.grid == Grid(MIDNIGHT_S, 900, 2)
    assert run.ghi_wm2.tolist() == [5.0, 10.0]


def test_models_and_times_of_issue_are_kept_apart(tmp_path: Path) -> None:
    dropped(
        tmp_path,
        "time,ghi_wm2,source,issued\n"
        "2026-01-01T00:00Z,1,b,2025-12-31T18:00Z\n2026-01-01T01:00Z,2,b,2025-12-31T18:00Z\n"
        "2026-01-01T00:00Z,3,a,2025-12-31T12:00Z\n2026-01-01T01:00Z,4,a,2025-12-31T12:00Z\n",
    )
    runs = CsvWeather(tmp_path)()
    assert [(run.source, run.ghi_wm2.tolist()) for run in runs] == [("a", [3.0, 4.0]), ("b", [1.0, 2.0])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("when,ghi_wm2\n", "model.csv: line 1: there is no column time"),
        ("time,ghi_wm2\n2026-01-01T07:00,10\n", "line 2: 2026-01-01T07:00 lacks its offset"),
        ("time,ghi_wm2\n2026-01-01T07:00Z,bright\n", "line 2: .*bright"),
        ("time,ghi_wm2\n2026-01-01T07:00Z,1\n", "two different stamps"),
        ("time,ghi_wm2\n2026-01-01T07:00:00Z,1\n2026-01-01T07:00:07Z,1\n", "every 7 s"),
        ("", "no column time"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WeatherGarbledError, match=words):
        CsvWeather(dropped(tmp_path, text))()


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(WeatherGarbledError, match=r"photo\.csv"):
        CsvWeather(path)()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeatherError, match="No such file"):
        CsvWeather(tmp_path / "none.csv")()


def test_an_empty_folder_has_no_weather(tmp_path: Path) -> None:
    assert CsvWeather(tmp_path)() == ()
