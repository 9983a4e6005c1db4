"""What weather models foretell, as signals of a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_days import FIRST_DAY, OFFSET_S, PLACE, day_grid, evening_before_s, midnight_s

from forecasting.grid import DAY_S, HOUR_S, Grid
from forecasting.records import WeatherArchive, WeatherRun, missing
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.day_ahead.weather import SIGNALS, by_model, day_signals, run_days_ahead
from forecasting.solar.solar_days import noon_s

NOON_S = noon_s(FIRST_DAY, OFFSET_S)


def _run(grid: Grid, clearness: float = 0.6, issued_s: int = 0, source: str = "model") -> WeatherRun:
    """A run of which the irradiance is a share of that above the atmosphere."""
    parts = grid.step_s // 300
    sky = clear_sky(PLACE, Grid(grid.start_s, 300, grid.count * parts))
    above = sky.extra_wm2 * np.maximum(np.cos(np.radians(sky.zenith_deg)), 0.0)
    above = above.reshape(grid.count, parts).mean(axis=1)
    empty = missing(grid)
    return WeatherRun(source, issued_s, grid, clearness * above, empty, empty, empty)


@pytest.mark.parametrize("step_s", [900, 3600, 3 * 3600])
def test_clearness_is_irradiance_over_that_above_the_atmosphere(step_s: int) -> None:
    start_s = midnight_s(0) // step_s * step_s
    told = day_signals(_run(Grid(start_s, step_s, 2 * DAY_S // step_s)), FIRST_DAY, PLACE)
    assert told[:3] == pytest.approx([0.6, 0.6, 0.6], abs=0.03)


def test_afternoon_clouds_show_in_the_signals_of_the_afternoon() -> None:
    run = _run(day_grid(0), 0.8)
    ghi = run.ghi_wm2.copy()
    ghi[14:] *= 0.25
    day, afternoon, late = day_signals(replace(run, ghi_wm2=ghi), FIRST_DAY, PLACE)[:3]
    assert late < 0.25
    assert late < afternoon < day < 0.75


def test_what_a_run_does_not_say_is_unknown() -> None:
    told = day_signals(_run(day_grid(0)), FIRST_DAY, PLACE)
    assert np.isfinite(told).tolist() == [True, True, True, False, False, False, False]
    assert told.size == len(SIGNALS)


def test_temperature_humidity_and_cloud_are_means_of_daylight() -> None:
    grid = day_grid(0)
    hours = np.arange(24)
    temp = 24.0 + np.where((hours >= 6) & (hours < 18), 8.0, 0.0)
    run = replace(_run(grid), temp_c=temp, humidity_frac=0.9 - 0.05 * (temp - 24.0), cloud_frac=hours / 24.0)
    assert day_signals(run, FIRST_DAY, PLACE)[3:] == pytest.approx([0.5, 32.0, 8.0, 11.5 / 24.0])


def test_half_a_day_has_no_clearness() -> None:
    run = _run(day_grid(0))
    ghi = run.ghi_wm2.copy()
    ghi[11:] = np.nan
    assert np.isnan(day_signals(replace(run, ghi_wm2=ghi), FIRST_DAY, PLACE)[:3]).all()


def test_lessons_are_taken_from_the_run_of_the_evening_before() -> None:
    grid = day_grid(-1, 3)
    evening = evening_before_s(0)
    issued_s = [evening - 30 * HOUR_S, evening - 8 * HOUR_S, evening - HOUR_S, evening + 4 * HOUR_S]
    runs = by_model(WeatherArchive(tuple(_run(grid, issued_s=at_s) for at_s in issued_s)))["model"]
    one, two = runs.for_lesson(NOON_S, 1), runs.for_lesson(NOON_S, 2)
    assert one is runs.runs[2]
    assert two is runs.runs[0]


def test_a_service_that_comes_at_midnight_teaches_too() -> None:
    midnight = by_model(WeatherArchive((_run(day_grid(-1, 3), issued_s=midnight_s(0)),)))["model"]
    assert midnight.for_lesson(NOON_S, 1) is midnight.runs[0]
    assert midnight.for_lesson(NOON_S, 2) is None


def test_a_run_that_ends_before_the_day_tells_nothing_of_it() -> None:
    runs = by_model(WeatherArchive((_run(day_grid(-1), issued_s=midnight_s(-1)),)))["model"]
    assert runs.newest_for(NOON_S, -np.inf, NOON_S) is None


def test_what_was_issued_later_is_not_known() -> None:
    runs = by_model(WeatherArchive((_run(day_grid(0), issued_s=NOON_S),)))["model"]
    assert runs.newest_for(NOON_S, -np.inf, NOON_S - 1) is None
    assert runs.newest_for(NOON_S, -np.inf, NOON_S) is runs.runs[0]


def test_the_age_of_runs_is_counted_in_evenings() -> None:
    evening = evening_before_s(0)
    ages = [
        run_days_ahead(_run(day_grid(0), issued_s=evening + shift_s), NOON_S)
        for shift_s in (10 * HOUR_S, 0, -HOUR_S, -24 * HOUR_S, -25 * HOUR_S)
    ]
    assert ages == [1, 1, 1, 1, 2]


def test_models_are_told_apart() -> None:
    grid = day_grid(0)
    archive = WeatherArchive((_run(grid, source="b"), _run(grid, source="a"), _run(grid, source="b")))
    assert {source: len(runs.runs) for source, runs in by_model(archive).items()} == {"a": 1, "b": 2}


def test_in_the_polar_night_there_is_no_clearness() -> None:
    run = _run(day_grid(0))
    dark = replace(run, ghi_wm2=np.zeros(run.grid.count))
    assert np.isnan(day_signals(dark, FIRST_DAY, Place(89.0, PLACE.longitude_deg, "UTC"))[:3]).all()
