"""The whole forecast of the default village, with and without a past."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from planner_store import store_quarters
from planner_village import ISSUED_S, default_config, default_site, past_grid, past_of_village

from controller.planner.forecasts import HORIZON_STEPS, SitePlanner
from controller.runtime.child_wire import packed
from controller.runtime.forecast_document import outline
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.issued import IssuedForecast
from controller.telemetry.schema import StorageError
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid
from forecasting.quantiles import LEVELS
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.solar.clear_sky import clear_sky
from forecasting.weather.source import NoWeather
from web.forecast import Forecast

DAYS = 21


class OneRun(NoWeather):
    """A weather service that has said once what comes."""

    def __init__(self, issued_s: int) -> None:
        grid = Grid(issued_s // HOUR_S * HOUR_S, HOUR_S, 72)
        nothing, air_c = np.full(grid.count, np.nan), np.full(grid.count, 30.0)
        sun_wm2 = 0.7 * clear_sky(default_site().place, grid).ghi_wm2
        self._run = WeatherRun("test_model", issued_s, grid, sun_wm2, air_c, nothing, nothing)

    def archive(self) -> WeatherArchive:
        return WeatherArchive((self._run,))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("village") / "telemetry.db"
    store_quarters(path, past_of_village(DAYS), past_grid(DAYS).start_s)
    return path


@pytest.fixture(scope="module")
def learned(store: Path) -> SitePlanner:
    planner = SitePlanner(default_config(), store, NoWeather())
    planner.learn(ISSUED_S)
    return planner


@pytest.fixture(scope="module")
def answer(learned: SitePlanner) -> dict:
    return learned.forecast(ISSUED_S, 0.6)


def rows(table: list) -> np.ndarray:
    return np.array(table)


def test_the_answer_fits_the_wire_the_controller_and_the_page(answer: dict) -> None:
    assert len(packed(answer)) < 400_000
    found = outline(json.loads(json.dumps(answer["document"])), answer["models"])
    assert (found.issued_s, found.count) == (ISSUED_S, HORIZON_STEPS)
    assert found.kinds.keys() == {"pv", "load", "pv_model", "load_model"}
    Forecast.model_validate(answer["document"])


def test_it_begins_with_the_present_quarter_and_reaches_two_days(answer: dict) -> None:
    grid = answer["document"]["grid"]
    start_s = datetime.fromisoformat(grid["start_utc"]).timestamp()
    assert 0 <= ISSUED_S - start_s < QUARTER_S
    assert grid["step_s"] * grid["count"] == 2 * DAY_S
    assert answer["document"]["levels"] == list(LEVELS)


def test_nights_are_dark_and_no_inverter_gives_more_than_it_can(answer: dict) -> None:
    pv_w = rows(answer["document"]["pv_w"])
    start_s = datetime.fromisoformat(answer["document"]["grid"]["start_utc"]).timestamp()
    hour = (np.arange(HORIZON_STEPS) * 0.25 + (start_s / 3600 + 7)) % 24
    assert (pv_w[:, (hour > 19) | (hour < 5)] == 0).all()
    assert 12_000 < pv_w[3].max() <= pv_w.max() <= 36_000
    for array in answer["document"]["arrays"].values():
        assert rows(array["values_w"]).max() <= 18_000


def test_arrays_make_up_the_total(answer: dict) -> None:
    parts = sum(rows(array["values_w"]) for array in answer["document"]["arrays"].values())
    total = rows(answer["document"]["pv_w"])
    assert parts[3].sum() == pytest.approx(total[3].sum(), rel=0.02)


def test_the_load_is_what_the_village_is_used_to(answer: dict) -> None:
    past = past_of_village(DAYS)["site", "load_w"]
    load_w = rows(answer["document"]["load_w"])
    assert load_w[3].mean() == pytest.approx(past.mean(), rel=0.15)
    medians = sum(rows(feeder["values_w"])[3] for feeder in answer["document"]["feeders"].values())
    assert medians.mean() == pytest.approx(load_w[3].mean(), rel=0.15)
    assert answer["document"]["feeders"]["clinic"]["name"] == {"th": "สถานีอนามัย", "en": "Clinic"}


def test_it_says_what_it_has_learned(answer: dict) -> None:
    told = answer["document"]["learned"]
    assert told["days"] == pytest.approx(DAYS, abs=1)
    assert datetime.fromisoformat(told["at_utc"]).timestamp() == ISSUED_S
    south = told["arrays"]["pv_south"]
    assert south["capacity_w"] == pytest.approx(18_700, rel=0.15)
    assert answer["document"]["findings"] == []


def test_the_outlook_speaks_of_tonight(answer: dict) -> None:
    outlook = answer["document"]["outlook"]
    assert 0 <= outlook["lasts_until_sunrise_prob"] <= 1
    sunrise = datetime.fromisoformat(outlook["sunrise_utc"])
    assert (sunrise.hour + 7) % 24 == 6
    assert len(outlook["above_reserve_prob"]) == HORIZON_STEPS
    assert outlook["reason"]["th"]
    for hours in outlook["good_hours"]:
        assert hours["from_utc"] < hours["to_utc"]


def test_without_the_state_of_charge_there_is_no_outlook_but_a_reason(learned: SitePlanner) -> None:
    outlook = learned.forecast(ISSUED_S, None)["document"]["outlook"]
    assert outlook["verdict"] == "unknown"
    assert outlook["lasts_until_sunrise_prob"] is None
    assert "not known" in outlook["reason"]["en"]


def test_the_same_question_gets_the_same_answer(learned: SitePlanner, answer: dict) -> None:
    assert learned.forecast(ISSUED_S, 0.6) == answer


def test_a_new_village_has_a_forecast_from_nameplates_and_customs(tmp_path: Path) -> None:
    planner = SitePlanner(default_config(), tmp_path / "telemetry.db", NoWeather())
    document = planner.forecast(ISSUED_S, 0.5)["document"]
    assert 10_000 < rows(document["pv_w"])[3].max() < 36_000
    assert 3_000 < rows(document["load_w"])[3].mean() < 15_000
    assert document["learned"]["at_utc"] is None
    assert document["quality"]["pv"] == {
        "days": 0, "coverage_80_frac": None, "pinball_skill_frac": None, "reference": "climatology",
    }  # fmt: skip
    planner.learn(ISSUED_S)
    assert rows(planner.forecast(ISSUED_S, 0.5)["document"]["pv_w"])[3].max() > 10_000


@pytest.mark.parametrize(
    "change",
    [
        {"pv": {}},
        {"irradiance_sensor": None},
        {"genset": None},
        {"site": default_config().site.model_copy(update={"latitude_deg": 78.0, "timezone": "Europe/Oslo"})},
    ],
    ids=["no panels", "no sensor", "no genset", "far north"],
)
def test_sites_of_another_kind_have_their_forecast_too(tmp_path: Path, change: dict) -> None:
    config = default_config().model_copy(update=change)
    planner = SitePlanner(config, tmp_path / "telemetry.db", NoWeather())
    midsummer_s = ISSUED_S + 80 * DAY_S
    planner.learn(midsummer_s)
    answer = planner.forecast(midsummer_s, 0.5)
    found = outline(answer["document"], answer["models"])
    assert (max(found.kinds["pv"][3]) > 10_000) == ("pv" not in change)
    assert (answer["document"]["outlook"] is None) == ("site" in change)


def spoil(path: Path) -> None:
    """As a card does that loses its blocks."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 1000)


def test_a_store_that_cannot_be_read_is_told_and_the_forecast_rests_on_nameplates(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    fresh = SitePlanner(default_config(), path, NoWeather()).forecast(ISSUED_S, 0.5)["document"]
    spoil(path)
    planner = SitePlanner(default_config(), path, NoWeather())
    with pytest.raises(StorageError):
        planner.learn(ISSUED_S)
    document = planner.forecast(ISSUED_S, 0.5)["document"]
    (finding,) = document["findings"]
    assert finding["code"] == "history_unreadable"
    assert str(path) in finding["en"]
    assert document["learned"]["at_utc"] is None
    for kind in ("pv_w", "load_w"):
        np.testing.assert_allclose(document[kind], fresh[kind])


def test_damaged_rows_cost_no_more_than_themselves(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    store_quarters(path, past_of_village(DAYS), past_grid(DAYS).start_s)
    with closing(sqlite3.connect(path)) as connection, connection:
        newest = "(SELECT max(start_s) FROM quarter_day)"
        connection.execute(f"UPDATE quarter_day SET mean = 'rubbish' WHERE start_s = {newest}")
        for levels, blob in ((7, b"123"), (0, b""), (7, b"")):
            row = ("pv_model", ISSUED_S - 7200 - levels - len(blob), ISSUED_S // 900 * 900, 900, levels, blob)
            connection.execute("INSERT INTO issued VALUES (?, ?, ?, ?, ?, ?)", row)
    planner = SitePlanner(default_config(), path, NoWeather())
    planner.learn(ISSUED_S)
    document = planner.forecast(ISSUED_S, 0.5)["document"]
    assert document["findings"] == []
    assert document["learned"]["days"] >= DAYS


def test_what_was_learned_outlives_a_store_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.db"
    store_quarters(path, past_of_village(DAYS), past_grid(DAYS).start_s)
    planner = SitePlanner(default_config(), path, NoWeather())
    planner.learn(ISSUED_S)
    before = planner.forecast(ISSUED_S, 0.5)["document"]
    spoil(path)
    planner.learn(ISSUED_S + DAY_S)
    document = planner.forecast(ISSUED_S + DAY_S, 0.5)["document"]
    assert document["learned"] == before["learned"]
    assert [finding["code"] for finding in document["findings"]] == ["history_unreadable"]


def test_the_weather_that_went_in_is_told(store: Path) -> None:
    planner = SitePlanner(default_config(), store, OneRun(ISSUED_S - HOUR_S))
    weather = planner.forecast(ISSUED_S, 0.5)["document"]["weather"]
    assert [source["name"] for source in weather["sources"]] == ["test_model"]
    stale = SitePlanner(default_config(), store, OneRun(ISSUED_S - 3 * DAY_S))
    assert stale.forecast(ISSUED_S, 0.5)["document"]["weather"]["sources"] == []


def test_a_stuck_meter_is_told_and_not_believed(tmp_path: Path) -> None:
    past = past_of_village(DAYS)
    past["houses_a", "power_w"][-3 * 96 :] = 777.7
    store_quarters(tmp_path / "telemetry.db", past, past_grid(DAYS).start_s)
    planner = SitePlanner(default_config(), tmp_path / "telemetry.db", NoWeather())
    planner.learn(ISSUED_S)
    document = planner.forecast(ISSUED_S, 0.5)["document"]
    assert [finding["code"] for finding in document["findings"]] == ["sensor_stuck"]
    assert "houses_a" in document["findings"][0]["en"]
    expected = past_of_village(DAYS)["houses_a", "power_w"].mean()
    assert rows(document["feeders"]["houses_a"]["values_w"])[3].mean() == pytest.approx(expected, rel=0.2)


def test_what_was_issued_makes_the_bands_right_and_is_scored(tmp_path: Path) -> None:
    """Models that were far too sure for days are corrected; what was published then is scored."""
    path, past = tmp_path / "telemetry.db", past_of_village(DAYS)
    store_quarters(path, past, past_grid(DAYS).start_s)
    load_w = past["site", "load_w"]
    sure = SitePlanner(default_config(), path, NoWeather())
    sure.learn(ISSUED_S)
    before = rows(sure.forecast(ISSUED_S, 0.5)["document"]["load_w"])
    database = TelemetryDatabase(path)
    database.open("boot", datetime.fromisoformat("2026-04-01T00:00:00+00:00"))
    for hours_ago in range(12 * 24, 0, -3):
        issued_s = ISSUED_S - hours_ago * HOUR_S
        first = (issued_s - past_grid(DAYS).start_s) // QUARTER_S
        usual = np.resize(load_w[first - 96 : first], 192)
        rows_w = tuple(tuple(usual * (1 + 0.01 * (level - 3))) for level in range(len(LEVELS)))
        grid_s = issued_s // QUARTER_S * QUARTER_S
        database.keep_forecasts(
            [
                IssuedForecast(kind, issued_s, grid_s, QUARTER_S, rows_w)
                for kind in ("pv_model", "load_model", "load")
            ]
        )
    database.close()
    wiser = SitePlanner(default_config(), path, NoWeather())
    wiser.learn(ISSUED_S)
    document = wiser.forecast(ISSUED_S, 0.5)["document"]
    after = rows(document["load_w"])
    assert (after[5] - after[1]).mean() > 1.5 * (before[5] - before[1]).mean()
    score = document["quality"]["load"]
    assert score["days"] >= 10
    assert score["coverage_80_frac"] < 0.4
    assert document["quality"]["pv"]["days"] == 0
