"""The references are what the documentation says."""

from __future__ import annotations

import numpy as np
import pytest
from trial_files import PLACE, days_of, evening_load, weather_of

from forecasting.backtest.contender import AnyKnown, Known
from forecasting.backtest.dressed import Dressed
from forecasting.backtest.references import (
    Climatology,
    HourlyRegression,
    RawWeather,
    SameHour,
    SmartPersistence,
)
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid
from forecasting.quantiles import LEVELS
from forecasting.records import LoadRecord, WeatherArchive, missing
from forecasting.solar.clear_sky import clear_sky

DAYS = 12
ZONE = PLACE.timezone


def load_of(values: Floats, grid: Grid) -> LoadRecord:
    return LoadRecord(grid, values, np.zeros(grid.count, dtype=np.bool_), missing(grid))


def test_the_same_hour_is_that_of_the_newest_day_whose_step_has_ended() -> None:
    grid = days_of(DAYS)
    known = Known(grid.end_s, load_of(np.arange(grid.count, dtype=float), grid), WeatherArchive())
    at_s = grid.start_s + 10 * DAY_S + 18 * HOUR_S
    told = SameHour("day before", 1).point(known.at(at_s), Grid(at_s, HOUR_S, 30))

    assert told[0] == 9 * 24 + 18  # yesterday's, as today's step has not begun
    assert told[23] == 10 * 24 + 17  # the last hour that has ended
    assert told[24] == 9 * 24 + 18  # the day before the day before


def test_a_gap_a_week_ago_leaves_a_gap_in_the_reference() -> None:
    record = evening_load(DAYS)
    grid, power_w = record.grid, record.power_w.copy()
    power_w[3 * 24 : 3 * 24 + 5] = np.nan
    known = Known(grid.end_s, load_of(power_w, grid), WeatherArchive())
    at_s = grid.start_s + 10 * DAY_S
    told = SameHour("week before", 7).point(known.at(at_s), Grid(at_s, HOUR_S, 24))

    assert np.isnan(told[:5]).all()
    assert np.isfinite(told[5:]).all()


def test_smart_persistence_is_perfect_under_a_sky_that_stays_as_it_is() -> None:
    grid = days_of(DAYS)
    sky = clear_sky(PLACE, Grid(grid.start_s, HOUR_S, grid.count + 48))
    steady = Known(grid.end_s, load_of(3.0 * sky.ghi_wm2[: grid.count], grid), WeatherArchive())
    at_s = grid.start_s + 9 * DAY_S + 12 * HOUR_S
    reference = SmartPersistence(sky, HOUR_S)
    known = steady.at(at_s)
    reference.learn(known)
    ahead = Grid(at_s, HOUR_S, 24)

    np.testing.assert_allclose(reference.point(known, ahead), 3.0 * clear_sky(PLACE, ahead).ghi_wm2)


def test_smart_persistence_has_nothing_to_say_after_days_without_a_measurement() -> None:
    grid = days_of(DAYS)
    power_w = clear_sky(PLACE, grid).ghi_wm2
    power_w[5 * 24 :] = np.nan
    known = Known(grid.end_s, load_of(power_w, grid), WeatherArchive())
    sky = clear_sky(PLACE, Grid(grid.start_s, HOUR_S, grid.count + 48))

    assert np.isnan(SmartPersistence(sky, HOUR_S).point(known, Grid(grid.end_s, HOUR_S, 24))).all()


def test_climatology_knows_mean_and_quantiles_of_each_hour() -> None:
    grid = days_of(DAYS)
    day, hour = np.divmod(np.arange(grid.count), 24)
    known = Known(grid.end_s, load_of(100.0 * hour + day, grid), WeatherArchive())
    climatology = Climatology(ZONE)
    climatology.learn(known)
    told = climatology.forecast(known, Grid(grid.end_s, HOUR_S, 24))

    np.testing.assert_allclose(told.mean_w, 100.0 * np.arange(24) + np.arange(DAYS).mean())
    np.testing.assert_allclose(told.values_w[LEVELS.index(0.5)], told.median_w)
    np.testing.assert_allclose(told.values_w[-1, 0], np.quantile(np.arange(DAYS), 0.95))


def test_climatology_has_a_gap_at_an_hour_that_was_never_measured() -> None:
    grid = days_of(DAYS)
    power_w = np.where(np.arange(grid.count) % 24 == 5, np.nan, 50.0)
    known = Known(grid.end_s, load_of(power_w, grid), WeatherArchive())
    climatology = Climatology(ZONE)
    climatology.learn(known)
    told = climatology.forecast(known, Grid(grid.end_s, HOUR_S, 24))

    assert np.flatnonzero(np.isnan(told.mean_w)).tolist() == [5]


@pytest.mark.parametrize("reference", [RawWeather(), HourlyRegression(ZONE)])
def test_with_a_perfect_weather_model_its_references_are_perfect(
    reference: RawWeather | HourlyRegression,
) -> None:
    grid = days_of(DAYS)
    told = np.repeat(np.random.default_rng(3).uniform(0.2, 1.0, DAYS), 24)
    ghi_wm2 = clear_sky(PLACE, grid).ghi_wm2
    record = load_of(4.0 * told * ghi_wm2, grid)
    known = Known(grid.end_s, record, weather_of(grid, told))
    at_s = grid.start_s + 10 * DAY_S - 6 * HOUR_S
    past = known.at(at_s)
    reference.learn(past)
    ahead = Grid(at_s + 6 * HOUR_S, HOUR_S, 24)

    np.testing.assert_allclose(
        reference.point(past, ahead), record.power_w[10 * 24 : 11 * 24], rtol=0.02, atol=1e-6
    )


class Always:
    """A point forecaster that says the same all day."""

    name = "always"

    def learn(self, known: AnyKnown) -> None:
        pass

    def point(self, known: AnyKnown, grid: Grid) -> Floats:
        return np.full(grid.count, 1000.0)


def test_a_point_gets_its_quantiles_from_its_own_past_errors() -> None:
    grid = days_of(60)
    noise = np.random.default_rng(5).normal(0.0, 50.0, grid.count)
    known = Known(grid.end_s, load_of(1000.0 + noise, grid), WeatherArchive())
    dressed = Dressed(Always(), ZONE)
    told = []
    for day in range(1, 59):
        at_s = grid.start_s + day * DAY_S
        past = known.at(at_s)
        if day % 7 == 1:
            dressed.learn(past)
        told.append(dressed.forecast(past, Grid(at_s, HOUR_S, 24)))

    assert np.isnan(told[5].values_w).all()
    assert np.all(told[-1].mean_w == 1000.0)
    spread = (told[-1].values_w[-1] - told[-1].values_w[0]).mean()
    assert spread == pytest.approx(2 * 1.645 * 50.0, rel=0.25)
