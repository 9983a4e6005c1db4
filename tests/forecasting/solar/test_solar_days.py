"""Records in days and hours by the sun."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_days import FIRST_DAY, OFFSET_S, day_grid, made_up_site

from forecasting.grid import HOUR_S, Grid
from forecasting.records import PvRecord, missing
from forecasting.site import Place
from forecasting.solar.solar_days import noon_s, solar_days, solar_offset_s, solar_time


def test_solar_time_is_a_whole_number_of_hours_from_utc() -> None:
    assert solar_offset_s(Place(13.7, 100.5, "Asia/Bangkok")) == 7 * HOUR_S
    assert solar_offset_s(Place(-21.3, 55.5, "Indian/Reunion")) == 4 * HOUR_S
    assert solar_offset_s(Place(4.6, -74.1, "America/Bogota")) == -5 * HOUR_S


def test_noon_has_the_hour_twelve() -> None:
    noon = solar_time(Grid(noon_s(FIRST_DAY, OFFSET_S), HOUR_S, 1), OFFSET_S)
    assert noon.day.tolist() == [FIRST_DAY]
    assert noon.hour.tolist() == [12.5]  # the middle of the step


def test_an_hour_is_the_ratio_of_its_sums() -> None:
    grid = day_grid(0, step_s=900)
    clear_w = np.tile([100.0, 200.0, 300.0, 400.0], 24)
    power_w = np.tile([100.0, 0.0, 150.0, 250.0], 24)
    days = solar_days(_record(grid, power_w), clear_w, OFFSET_S)
    assert days.first == FIRST_DAY
    assert days.clearness == pytest.approx(np.full((1, 24), 0.5))
    assert days.clear_w == pytest.approx(np.full((1, 24), 250.0))


def test_single_steps_are_kept() -> None:
    grid = day_grid(0, step_s=900)
    power_w = np.tile([100.0, 0.0, 150.0, 250.0], 24)
    days = solar_days(_record(grid, power_w), np.full(96, 250.0), OFFSET_S)
    assert days.steps.shape == (1, 24, 4)
    assert days.steps[0, 9] == pytest.approx([0.4, 0.0, 0.6, 1.0])


def test_power_that_was_held_back_is_not_known() -> None:
    grid = day_grid(0, step_s=900)
    record = _record(grid, np.full(96, 100.0))
    held_back = np.zeros(96, dtype=bool)
    held_back[40:43] = True  # most of the hour from 10
    held_back[48] = True  # a quarter of that from 12
    days = solar_days(replace(record, held_back=held_back), np.full(96, 200.0), OFFSET_S)
    assert np.isnan(days.clearness[0, 10])
    assert days.clearness[0, 12] == pytest.approx(0.5)


def test_low_sun_and_night_tell_nothing_of_clouds() -> None:
    site = made_up_site(20)
    days = solar_days(site.record, site.clear_w, OFFSET_S)
    assert np.isnan(days.clearness[:, [0, 3, 21]]).all()
    hours = days.sunny_hours()
    assert 6 <= hours[0] <= 7
    assert 16 <= hours[-1] <= 17
    assert np.isfinite(days.clearness[:, hours]).all()


def test_the_mean_of_a_day_counts_noon_for_more_than_the_morning() -> None:
    grid = day_grid(0)
    clear_w, power_w = np.zeros(24), np.zeros(24)
    clear_w[[8, 12]] = 100.0, 900.0
    power_w[[8, 12]] = 100.0, 0.0
    assert solar_days(_record(grid, power_w), clear_w, OFFSET_S).mean == pytest.approx([0.1])


def test_a_day_of_which_most_is_missing_has_no_mean() -> None:
    site = made_up_site(3)
    power_w = site.record.power_w.copy()
    power_w[24 + 10 : 24 + 15] = np.nan
    mean = solar_days(replace(site.record, power_w=power_w), site.clear_w, OFFSET_S).mean
    assert np.isfinite(mean).tolist() == [True, False, True]


def test_the_last_days_are_the_last() -> None:
    site = made_up_site(10)
    days = solar_days(site.record, site.clear_w, OFFSET_S)
    assert days.last(4).numbers.tolist() == list(range(FIRST_DAY + 6, FIRST_DAY + 10))
    assert days.last(4).clearness.shape == (4, 24)
    assert days.last(40).numbers.size == 10


def test_profiles_are_read_straight_between_the_middles_of_hours() -> None:
    moments = solar_time(day_grid(0, step_s=1800), OFFSET_S)
    hours = np.array([8, 9, 10])
    read = moments.along(hours, np.array([[1.0, 2.0, 4.0]]), np.zeros(48, dtype=np.int64))
    assert read[17:21] == pytest.approx([1.25, 1.75, 2.5, 3.5])  # 8:45, 9:15, 9:45, 10:15
    assert read[0] == 1.0
    assert read[-1] == 4.0


def _record(grid: Grid, power_w: np.ndarray) -> PvRecord:
    return PvRecord(grid, power_w, np.zeros(grid.count, dtype=bool), missing(grid), missing(grid))
