from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cloudy_plant import VILLAGE, Roof, days_from, grow, noon_s, scaled

from forecasting.grid import DAY_S
from forecasting.records import PvRecord
from forecasting.site import PvArray, PvSite
from forecasting.solar.changes import ArrayChange, find_level
from forecasting.solar.days import DaySigns
from forecasting.solar.learned import LearnedSite
from forecasting.solar.site_learning import learn_arrays

ROOFS = (Roof(5000.0, 12.0, 180.0), Roof(4000.0, 15.0, 90.0), Roof(3000.0, 10.0, 0.0))


def learned(records: list[PvRecord], until_s: float | None = None) -> LearnedSite:
    named = {f"roof{number}": record for number, record in enumerate(records)}
    site = PvSite(VILLAGE, tuple(PvArray(name) for name in named))
    return learn_arrays(named, site, until_s or records[0].grid.end_s)


def signs(levels: list[float], trust: float = 0.9) -> DaySigns:
    level = np.log(np.array(levels))
    return DaySigns(level, np.full(level.size, trust), 0.06, np.where(np.isnan(level), -np.inf, level))


@pytest.mark.parametrize("sensor", [False, True], ids=["alone", "with_sensor"])
def test_half_an_array_lost_is_noticed_with_date_and_size(sensor: bool) -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(20, 80), seed=21, sensor=sensor)
    lost_s = noon_s(record.grid, 60)
    site = learned([scaled(record, 0.5, lost_s)])
    (change,) = site.changes
    assert abs(change.at_s - lost_s) <= 2 * DAY_S
    assert change.factor == pytest.approx(0.5, abs=0.1)
    assert change.sure > 0.95
    assert site.arrays[0].dc_w == pytest.approx(2500.0, rel=0.1)


def test_three_clear_days_suffice() -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(20, 60), seed=22)
    (clear,) = grow(VILLAGE, ROOFS[:1], days_from(20, 60), seed=23, clear_share=1.0)
    lost_s = record.grid.start_s + 50 * DAY_S
    joined = replace(
        record, power_w=np.where(record.grid.starts_s < lost_s, record.power_w, 0.5 * clear.power_w)
    )
    assert learned([joined], lost_s + 3 * DAY_S).changes


def test_a_plant_that_stays_as_it_is_raises_no_alarm_in_a_monsoon_year() -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(0, 365), seed=24, clear_share=0.15)
    site = learned([record])
    assert site.changes == ()
    assert np.all(np.abs(site.level(record.grid) - 1.0) < 0.12)


def test_a_repair_is_noticed_and_the_years_before_stay_comparable() -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(20, 100), seed=25)
    lost_s, repaired_s = (record.grid.start_s + day * DAY_S for day in (40, 70))
    site = learned([scaled(record, 0.5, lost_s, repaired_s)])
    lost, repaired = site.changes
    assert lost.factor == pytest.approx(0.5, abs=0.1)
    assert repaired.factor == pytest.approx(2.0, abs=0.4)
    level = site.level(record.grid)
    starts_s = record.grid.starts_s
    assert np.median(level[starts_s < lost_s]) == pytest.approx(1.0, abs=0.08)
    assert np.median(level[(starts_s > lost_s + DAY_S) & (starts_s < repaired_s - DAY_S)]) == pytest.approx(
        0.5, abs=0.08
    )
    assert level[-1] == 1.0


def test_dust_and_the_rain_that_washes_it_off_are_followed_without_alarm() -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(20, 90), seed=26, clear_share=0.7, sensor=True)
    day = (record.grid.starts_s - record.grid.start_s) // DAY_S
    dusty = np.where((day >= 30) & (day < 60), 1.0 - 0.004 * (day - 30), 1.0)
    site = learned([replace(record, power_w=record.power_w * dusty)])
    assert site.changes == ()
    level = site.level(record.grid)
    assert np.median(level[day == 58]) == pytest.approx(0.89, abs=0.04)
    assert np.median(level[day == 75]) == pytest.approx(1.0, abs=0.03)


def test_neighbours_show_a_loss_in_a_cloudy_week() -> None:
    records = grow(VILLAGE, ROOFS, days_from(150, 70), seed=27, clear_share=0.3)
    clouds = grow(VILLAGE, ROOFS, days_from(150, 70), seed=28, clear_share=0.0)
    lost_s = records[0].grid.start_s + 60 * DAY_S
    late = records[0].grid.starts_s >= lost_s
    records = [
        replace(one, power_w=np.where(late, other.power_w, one.power_w))
        for one, other in zip(records, clouds, strict=True)
    ]
    records[1] = scaled(records[1], 0.5, lost_s)
    (change,) = learned(records, lost_s + 4 * DAY_S).changes
    assert change.array_id == "roof1"
    assert change.factor == pytest.approx(0.5, abs=0.1)


def test_a_dead_array_is_a_change_and_not_a_fault_of_arithmetic() -> None:
    (record,) = grow(VILLAGE, ROOFS[:1], days_from(20, 60), seed=29)
    site = learned([scaled(record, 0.0, record.grid.start_s + 50 * DAY_S)])
    assert site.changes[-1].factor < 0.1
    assert np.all(np.isfinite(site.clear_power_w(site.sky(record.grid))))


def test_untrusted_days_move_nothing_whatever_they_show() -> None:
    levels = [1.0] * 20 + [0.3, 0.5, 0.2, 0.6, 0.4, 0.35] * 2
    days = signs(levels)
    cloudy = replace(days, trust=np.where(np.arange(len(levels)) < 20, 0.9, 0.05), top=np.full(32, -0.1))
    assert find_level([cloudy]).jumps == ()
    assert find_level([days]).jumps != ()


def test_days_that_say_nothing_leave_the_level_where_it_was() -> None:
    path = find_level([signs([1.0] * 10 + [np.nan] * 10)])
    assert np.all(np.abs(path.level) < 0.02)
    assert np.all(np.abs(find_level([signs([np.nan] * 5)]).level) < 0.02)


def test_a_best_hour_speaks_against_a_loss() -> None:
    days = signs([1.0] * 20 + [0.5] * 3)
    still_can = replace(days, top=np.zeros(23), trust=np.full(23, 0.6))
    assert find_level([replace(days, trust=np.full(23, 0.8))]).jumps != ()
    assert find_level([still_can]).jumps == ()


def test_changes_of_all_arrays_come_in_the_order_of_time() -> None:
    records = grow(VILLAGE, ROOFS[:2], days_from(20, 90), seed=30)
    starts_s = records[0].grid.start_s
    records = [scaled(records[0], 0.5, starts_s + 70 * DAY_S), scaled(records[1], 0.5, starts_s + 45 * DAY_S)]
    changes: tuple[ArrayChange, ...] = learned(records).changes
    assert [change.array_id for change in changes] == ["roof1", "roof0"]
