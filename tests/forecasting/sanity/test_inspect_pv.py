"""Measured sun that cannot be is named and left out; a good year is left alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from cloudy_year import INVERTER_W, PLANT_W, codes, pv, sky, stamped_later, year

from forecasting.grid import Floats, Grid
from forecasting.records import PvRecord, missing
from forecasting.sanity import inspect_pv
from forecasting.solar.clear_sky import ClearSky

NOON = 12 * 4
"""Quarters from midnight."""


@cache
def seasons() -> tuple[PvRecord, ClearSky]:
    """120 days in quarters of an hour."""
    grid = year(900, days=120)
    return pv(grid), sky(grid)


def inspected(record: PvRecord, ceiling_w: float | None = PLANT_W) -> tuple[PvRecord, list[str]]:
    kept, reasons = inspect_pv(record, seasons()[1], ceiling_w)
    return kept, codes(reasons)


def day(number: int, first: int = 0, last: int = 96) -> slice:
    """Quarters of a day."""
    return slice(number * 96 + first, number * 96 + last)


def changed(values: Floats, where: slice, to: float) -> Floats:
    spoilt = values.copy()
    spoilt[where] = to
    return spoilt


def bright_day() -> int:
    """A day on which the sun shone at noon."""
    ghi_wm2 = seasons()[0].ghi_wm2.reshape(-1, 96)
    return int(np.argmax(ghi_wm2[:90, NOON - 8 : NOON + 8].min(axis=1)))


@pytest.mark.parametrize("step_s", [900, 3600])
@pytest.mark.parametrize("sensor", [True, False])
@pytest.mark.parametrize("ceiling_w", [PLANT_W, INVERTER_W, None])
def test_no_guard_speaks_over_a_year_of_good_records(
    step_s: int, sensor: bool, ceiling_w: float | None
) -> None:
    grid = year(step_s)
    record = pv(grid, sensor=sensor)
    kept, reasons = inspect_pv(record, sky(grid), ceiling_w)
    assert codes(reasons) == []
    np.testing.assert_array_equal(kept.power_w, record.power_w)
    np.testing.assert_array_equal(kept.ghi_wm2, np.maximum(record.ghi_wm2, 0))


@pytest.mark.parametrize("hours", [-7, -2, 2, 7, 11])
def test_a_logger_in_another_time_zone_is_put_right(hours: int) -> None:
    record, clear = seasons()
    kept, reasons = inspect_pv(stamped_later(record, hours), clear, PLANT_W)
    assert codes(reasons) == ["pv_late" if hours > 0 else "pv_early"]
    assert reasons[0].params["shift_s"] == abs(hours) * 3600
    there = np.isfinite(kept.power_w)
    assert there.mean() > 0.99
    np.testing.assert_array_equal(kept.power_w[there], record.power_w[there])
    there = np.isfinite(kept.ghi_wm2)
    np.testing.assert_array_equal(kept.ghi_wm2[there], np.maximum(record.ghi_wm2, 0)[there])


def test_a_week_of_a_wrong_clock_is_left_out_whole() -> None:
    record, _ = seasons()
    week = slice(50 * 96, 57 * 96)
    power_w = record.power_w.copy()
    power_w[week] = stamped_later(record, 7).power_w[week]
    kept, found = inspected(replace(record, power_w=power_w))
    assert "pv_at_night" in found
    assert np.nansum(kept.power_w[week]) == 0.0
    np.testing.assert_array_equal(kept.power_w[: 49 * 96], record.power_w[: 49 * 96])


def test_power_beyond_the_plant_is_left_out() -> None:
    record, _ = seasons()
    kept, found = inspected(
        replace(record, power_w=changed(record.power_w, day(9, NOON, NOON + 2), 65_535.0))
    )
    assert found == ["pv_beyond_plant"]
    assert np.isnan(kept.power_w[day(9, NOON, NOON + 2)]).all()
    assert np.isfinite(kept.power_w).sum() == record.grid.count - 2


@pytest.mark.parametrize("ceiling_w", [PLANT_W, None])
def test_a_spike_is_left_out_whether_the_size_is_known_or_not(ceiling_w: float | None) -> None:
    record, _ = seasons()
    spoilt = changed(record.power_w, day(9, NOON, NOON + 1), 1e6)
    kept, found = inspected(replace(record, power_w=spoilt), ceiling_w)
    assert found == ["pv_beyond_plant"]
    assert np.isnan(kept.power_w[9 * 96 + NOON])


def test_a_record_in_milliwatts_is_not_believed_at_all() -> None:
    record, _ = seasons()
    kept, found = inspected(replace(record, power_w=record.power_w * 1000))
    assert found == ["pv_beyond_plant"]
    assert np.nanmax(kept.power_w) < 2 * PLANT_W


def test_a_nameplate_that_is_too_small_loses_no_measurement() -> None:
    record, _ = seasons()
    kept, found = inspected(record, ceiling_w=3_000.0)
    assert found == ["pv_nameplate_low"]
    np.testing.assert_array_equal(kept.power_w, record.power_w)


def test_what_an_inverter_draws_by_night_is_none_but_power_backwards_is_missing() -> None:
    record, _ = seasons()
    night = changed(record.power_w, day(9, 0, 8), -15.0)
    kept, found = inspected(replace(record, power_w=night))
    assert found == []
    assert kept.power_w[9 * 96] == 0.0
    kept, found = inspected(replace(record, power_w=changed(record.power_w, day(9, NOON, NOON + 4), -4000.0)))
    assert found == ["sensor_impossible"]
    assert np.isnan(kept.power_w[day(9, NOON, NOON + 4)]).all()


def test_a_record_with_its_sign_reversed_is_named_and_not_believed() -> None:
    record, _ = seasons()
    kept, found = inspected(replace(record, power_w=-record.power_w))
    assert found == ["sensor_impossible"]
    assert np.nanmax(kept.power_w) < 0.02 * PLANT_W


def test_a_value_that_stands_for_hours_is_not_believed_even_through_the_night() -> None:
    record, _ = seasons()
    where = day(9, 15 * 4, 96)
    kept, found = inspected(replace(record, power_w=changed(record.power_w, where, 3_217.0)))
    assert found == ["sensor_stuck"]
    assert np.isnan(kept.power_w[where]).all()


def test_an_inverter_at_its_limit_and_one_that_is_held_back_are_not_stuck() -> None:
    record, _ = seasons()
    held_back = np.zeros(record.grid.count, dtype=np.bool_)
    held_back[day(9, 40, 60)] = True
    limited = replace(record, power_w=changed(record.power_w, day(9, 40, 60), 2_000.0), held_back=held_back)
    assert (record.power_w == INVERTER_W).any()
    assert inspected(limited)[1] == []


def test_zeros_for_missing_in_bright_daylight_are_missing() -> None:
    record, _ = seasons()
    where = day(bright_day(), NOON - 6, NOON + 6)
    kept, found = inspected(replace(record, power_w=changed(record.power_w, where, 0.0)))
    assert found == ["pv_zeros"]
    assert np.isnan(kept.power_w[where]).all()
    assert np.isfinite(kept.power_w).sum() == record.grid.count - 12


def test_panels_held_back_to_nothing_are_no_finding() -> None:
    record, _ = seasons()
    where = day(bright_day(), NOON - 6, NOON + 6)
    held_back = np.zeros(record.grid.count, dtype=np.bool_)
    held_back[where] = True
    spoilt = replace(record, power_w=changed(record.power_w, where, 0.0), held_back=held_back)
    assert inspected(spoilt)[1] == []


def test_an_array_that_has_been_silent_for_days_up_to_now_is_told_but_stays_in_the_record() -> None:
    record, _ = seasons()
    since = slice(117 * 96, 120 * 96)
    kept, found = inspected(replace(record, power_w=changed(record.power_w, since, 0.0)))
    assert found == ["pv_zeros"]
    assert (kept.power_w[since] == 0.0).all(), "the forecast must follow the loss"


def test_a_silence_of_hours_up_to_now_may_be_missing_data_and_is_left_out() -> None:
    record, _ = seasons()
    now = slice(119 * 96 + NOON - 6, 120 * 96)
    kept, found = inspected(replace(record, power_w=changed(record.power_w, now, 0.0)))
    assert found == ["pv_zeros"]
    assert np.isnan(kept.power_w[119 * 96 + NOON])


def test_zeros_are_believed_when_the_sensor_saw_a_storm() -> None:
    record, _ = seasons()
    where = day(bright_day(), NOON - 6, NOON + 6)
    nobody_saw = changed(record.ghi_wm2, where, np.nan)
    storm = record.ghi_wm2.copy()
    storm[where] = np.linspace(8.0, 30.0, 12)
    dark = replace(record, power_w=changed(record.power_w, where, 0.0))
    assert inspected(replace(dark, ghi_wm2=nobody_saw))[1] == ["pv_zeros"]
    assert inspected(replace(dark, ghi_wm2=storm))[1] == []


def test_a_dead_irradiance_sensor_is_named_by_the_panels() -> None:
    record, _ = seasons()
    where = day(bright_day(), NOON - 6, NOON + 6)
    kept, found = inspected(replace(record, ghi_wm2=changed(record.ghi_wm2, where, 0.3)))
    assert found == ["irradiance_sensor_dead"]
    assert np.isnan(kept.ghi_wm2[where]).all()
    np.testing.assert_array_equal(kept.power_w, record.power_w)


@pytest.mark.parametrize("value", [612.3, 4000.0, -100.0])
def test_an_irradiance_sensor_that_stands_still_is_named(value: float) -> None:
    record, _ = seasons()
    where = day(9, 0, 96)
    kept, found = inspected(replace(record, ghi_wm2=changed(record.ghi_wm2, where, value)))
    assert found == ["sensor_stuck"]
    assert np.isnan(kept.ghi_wm2[where]).all()


def test_more_light_than_there_can_be_is_left_out() -> None:
    record, _ = seasons()
    spoilt = record.ghi_wm2.copy()
    spoilt[[9 * 96 + 8, 9 * 96 + NOON]] = [400.0, 2500.0]
    kept, found = inspected(replace(record, ghi_wm2=spoilt))
    assert found == ["sensor_impossible"]
    assert np.isnan(kept.ghi_wm2[[9 * 96 + 8, 9 * 96 + NOON]]).all()


def test_a_sensor_under_dirt_is_named_and_not_used_for_those_weeks() -> None:
    record, _ = seasons()
    dirt = np.where(np.arange(record.grid.count) > 98 * 96, 0.6, 1.0)
    kept, found = inspected(replace(record, ghi_wm2=record.ghi_wm2 * dirt))
    assert found == ["irradiance_sensor_dirty"]
    lit = seasons()[1].ghi_wm2 > 250
    assert np.isnan(kept.ghi_wm2[lit & (dirt < 1)]).mean() > 0.9
    assert np.isfinite(kept.ghi_wm2[lit & (dirt == 1)]).mean() > 0.99


def test_panels_that_are_lost_or_repaired_are_not_blamed_on_the_sensor() -> None:
    record, _ = seasons()
    halved = np.where(np.arange(record.grid.count) > 60 * 96, 0.5, 1.0)
    assert inspected(replace(record, power_w=np.round(record.power_w * halved)))[1] == []
    assert inspected(replace(record, power_w=np.round(record.power_w * halved[::-1])))[1] == []


def test_a_thermometer_that_stands_still_is_not_believed() -> None:
    record, _ = seasons()
    kept, _ = inspected(replace(record, temp_c=changed(record.temp_c, day(9), 85.0)))
    assert np.isnan(kept.temp_c[day(9)]).all()
    assert np.isfinite(kept.temp_c).sum() == record.grid.count - 96


def test_a_record_with_nothing_in_it_is_left_alone() -> None:
    record, _ = seasons()
    nothing = np.full(record.grid.count, np.nan)
    kept, found = inspected(replace(record, power_w=nothing, ghi_wm2=nothing, temp_c=nothing))
    assert found == []
    assert np.isnan(kept.power_w).all()


def test_a_sky_over_other_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="clear sky"):
        inspect_pv(pv(year(3600, days=2)), sky(year(3600, days=3)), None)


def test_a_first_night_with_a_meter_that_shows_a_little_is_survived() -> None:
    """Without any daylight there is no share of it in which the plant gave too much."""
    night = Grid(year(900, days=1).start_s, 900, 12)
    dark = PvRecord(
        night, np.linspace(3.0, 4.0, 12), np.zeros(12, dtype=np.bool_), missing(night), missing(night)
    )
    kept, _ = inspect_pv(dark, sky(night), 1.0)
    assert not (kept.power_w > 1.5).any()
