"""Forecasts of one load: with no history, a day, a week, a year; with gaps, cuts, growth and wild values."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_loads import (
    MONDAY_S,
    VILLAGE,
    cut,
    homes,
    hours_of,
    in_evening,
    midnight_s,
    recorded,
    school,
    wape,
)

from forecasting.grid import DAY_S, Grid
from forecasting.load.calendar import DayKind, day_kinds
from forecasting.load.forecaster import forecast_load
from forecasting.load.learning import learn_load
from forecasting.load.priors import class_prior
from forecasting.site import Place

PRIOR = class_prior("houses", households=10, rated_w=8000.0)


def ahead(record, days, *, hours=24, step_s=900, prior=None, place=VILLAGE, learned_days=None):
    """Learned and issued at a local midnight."""
    issued_s = midnight_s(days)
    learned = learn_load(record, place, prior, midnight_s(learned_days or days))
    grid = Grid(issued_s, step_s, hours * 3600 // step_s)
    return forecast_load(learned, record, place, issued_s, grid)


def actual_w(record, forecast):
    """What came in the steps of a forecast with the record's own steps."""
    first = record.grid.position(forecast.grid.start_s)
    return record.power_w[first : first + forecast.grid.count]


def test_a_new_feeder_is_forecast_by_its_class() -> None:
    forecast = ahead(None, 0, prior=PRIOR, hours=48, step_s=3600)
    np.testing.assert_allclose(forecast.median_w[:24], PRIOR.typical_w[DayKind.WEEKDAY], rtol=0.02)
    low, high = forecast.level(0.10), forecast.level(0.90)
    assert (high > 1.8 * forecast.median_w).all()
    assert (low < 0.65 * forecast.median_w).all()


def test_neither_history_nor_prior_is_refused() -> None:
    with pytest.raises(ValueError, match="prior"):
        learn_load(None, VILLAGE, None, MONDAY_S)


def test_measured_days_take_over_from_the_prior_smoothly() -> None:
    """The village draws three times what its class does: each day the forecast comes nearer, and surer."""
    record = homes(40, mean_w=3.0 * PRIOR.mean_w)
    forecasts = [ahead(record, days, prior=PRIOR) for days in (0, 1, 3, 7, 35)]
    level = np.array([forecast.median_w.mean() for forecast in forecasts]) / record.power_w.mean()
    assert level[0] == pytest.approx(1 / 3, rel=0.15)
    assert level[1] > 0.65
    assert np.abs(level[2:] - 1.0).max() < 0.2
    width = np.array([((f.level(0.90) - f.level(0.10)) / f.median_w).mean() for f in forecasts])
    assert (width[1:] < 0.4 * width[0]).all()
    assert width[-1] == width.min()


@pytest.mark.parametrize("days", [1, 7, 60])
def test_without_a_prior_a_day_of_history_is_enough(days) -> None:
    record = homes(days + 1)
    forecast = ahead(record, days)
    assert wape(forecast.median_w, actual_w(record, forecast)) < 0.3


def test_homes_are_forecast_better_than_by_the_day_before_and_with_honest_doubt() -> None:
    record = homes(70)
    learned = learn_load(record, VILLAGE, None, midnight_s(40))
    errors, persistence, inside = [], [], []
    for day in range(40, 70):
        issued_s = midnight_s(day)
        forecast = forecast_load(learned, record, VILLAGE, issued_s, Grid(issued_s, 900, 96))
        came_w = actual_w(record, forecast)
        errors.append(np.abs(forecast.median_w - came_w))
        persistence.append(np.abs(record.power_w[day * 96 - 96 : day * 96] - came_w))
        inside.append((came_w >= forecast.level(0.10)) & (came_w <= forecast.level(0.90)))
    assert np.mean(errors) < 0.8 * np.mean(persistence)
    assert 0.72 <= np.mean(inside) <= 0.88


def test_a_school_rests_on_sundays_and_holidays() -> None:
    record = school(120)
    days = np.arange(60, 75)
    kinds = day_kinds(days + (MONDAY_S + 7 * 3600) // DAY_S, "TH")
    assert set(kinds.tolist()) >= {DayKind.WEEKDAY, DayKind.REST}
    for day, kind in zip(days.tolist(), kinds.tolist(), strict=True):
        noon_w = ahead(record, day, step_s=3600).median_w[12]
        assert (noon_w > 1200) if kind == DayKind.WEEKDAY else (noon_w < 600)


def test_a_feeder_cut_every_evening_does_not_teach_that_evenings_need_nothing() -> None:
    whole = homes(40, mean_w=PRIOR.mean_w)
    evenings = in_evening(whole.grid) & (np.arange(whole.grid.count) >= 5 * 96)
    forecast = ahead(cut(whole, evenings), 39, prior=PRIOR)
    evening = in_evening(forecast.grid)
    wanted_w = actual_w(whole, forecast)
    assert forecast.median_w[evening].sum() > 0.75 * wanted_w[evening].sum()


def test_the_rush_after_cuts_is_not_taken_for_demand() -> None:
    whole = homes(30)
    cuts = (hours_of(whole.grid) >= 14.0) & (hours_of(whole.grid) < 15.0)
    rush_w = whole.power_w.copy()
    for lag in (1, 2):
        rush_w[np.roll(cuts, lag) & ~cuts] *= 1.0 if lag == 1 else 3.0
    rushed = cut(replace(whole, power_w=rush_w), cuts)
    calm = ahead(cut(whole, cuts), 29)
    np.testing.assert_allclose(ahead(rushed, 29).median_w, calm.median_w, rtol=0.02)


def test_a_growing_village_is_followed() -> None:
    record = homes(121, growth=0.01)
    forecast = ahead(record, 120)
    assert wape(forecast.median_w, actual_w(record, forecast)) < 0.25


def test_the_last_hours_tell_of_the_next() -> None:
    """On a day on which twice as much is drawn, the next hours are expected higher, tomorrow less so."""
    usual = homes(31)
    today = slice(30 * 96, 30 * 96 + 40)
    busy_w = usual.power_w.copy()
    busy_w[today] *= 2.0
    learned = learn_load(usual, VILLAGE, None, midnight_s(30))
    issued_s = midnight_s(30) + 10 * 3600
    grid = Grid(issued_s, 3600, 36)
    calm = forecast_load(learned, usual, VILLAGE, issued_s, grid).median_w
    busy = forecast_load(learned, replace(usual, power_w=busy_w), VILLAGE, issued_s, grid).median_w
    assert busy[0] > 1.25 * calm[0]
    assert 1.0 < (busy[24:] / calm[24:]).mean() < (busy[:4] / calm[:4]).mean()


def test_a_wild_value_of_a_meter_does_no_harm() -> None:
    record = homes(31)
    wild_w = record.power_w.copy()
    wild_w[28 * 96 + 50] = 4e7
    np.testing.assert_allclose(
        ahead(replace(record, power_w=wild_w), 30).median_w, ahead(record, 30).median_w, rtol=0.15
    )


def test_after_weeks_of_silence_the_doubt_is_larger_and_the_forecast_still_there() -> None:
    record = homes(61)
    silent_w = record.power_w.copy()
    silent_w[35 * 96 :] = np.nan
    silent = ahead(replace(record, power_w=silent_w), 60, learned_days=35)
    fresh = ahead(record, 60)
    assert wape(silent.median_w, actual_w(record, silent)) < 0.3
    assert (silent.level(0.90) - silent.level(0.10)).mean() > (fresh.level(0.90) - fresh.level(0.10)).mean()


def test_learned_last_week_is_nearly_as_good_as_learned_last_night() -> None:
    record = homes(61)
    week_old, fresh = ahead(record, 60, learned_days=53), ahead(record, 60)
    np.testing.assert_allclose(week_old.median_w, fresh.median_w, rtol=0.1)


def test_what_comes_later_changes_nothing() -> None:
    record = homes(50)
    shuffled_w = record.power_w.copy()
    issued_s = midnight_s(40) + 18 * 3600
    later = slice(record.grid.position(issued_s), None)
    shuffled_w[later] = np.random.default_rng(9).permutation(shuffled_w[later])
    grid = Grid(issued_s, 900, 192)
    known = []
    for power_w in (record.power_w, shuffled_w):
        past = replace(record, power_w=power_w)
        learned = learn_load(past, VILLAGE, PRIOR, issued_s)
        known.append(forecast_load(learned, past, VILLAGE, issued_s, grid).values_w)
    np.testing.assert_array_equal(known[0], known[1])


def test_a_load_that_is_always_zero_is_forecast_as_zero() -> None:
    grid = Grid(MONDAY_S, 3600, 20 * 24)
    forecast = ahead(recorded(grid, np.zeros(grid.count)), 20, step_s=3600)
    assert forecast.median_w.max() < 0.5


def test_a_feeder_that_wakes_up_after_idle_weeks_is_followed_within_days() -> None:
    record = homes(50)
    power_w = record.power_w.copy()
    power_w[: 30 * 96] = 0.0
    woken = replace(record, power_w=power_w)
    assert ahead(woken, 30, prior=PRIOR).median_w.max() < 1.0
    truth_w = power_w[34 * 96 : 35 * 96].mean()
    assert 0.4 * truth_w < ahead(woken, 34, prior=PRIOR).median_w[:96].mean() < 1.2 * truth_w


def test_what_a_pump_never_drew_is_not_expected() -> None:
    """It runs an hour now and then: its logarithm strays without bound, its power does not."""
    rng = np.random.default_rng(8)
    grid = Grid(MONDAY_S, 900, 40 * 96)
    power_w = np.zeros(grid.count)
    for day in range(40):
        start = day * 96 + int(rng.integers(30, 60))
        power_w[start : start + 5] = 3700.0
    forecast = ahead(recorded(grid, power_w), 40)
    assert forecast.values_w.max() <= 1.25 * 3700.0
    assert forecast.level(0.95)[30:60].mean() > 500.0


def test_before_anything_was_measured_no_more_is_expected_than_the_feeder_is_built_for() -> None:
    prior = class_prior("school", households=1, rated_w=3000.0)
    assert ahead(None, 0, prior=prior).values_w.max() == pytest.approx(3000.0)


def test_senseless_orders_are_refused() -> None:
    record = homes(10)
    learned = learn_load(record, VILLAGE, None, midnight_s(8))
    with pytest.raises(ValueError, match="learned, then forecast"):
        forecast_load(learned, record, VILLAGE, midnight_s(5), Grid(midnight_s(5), 900, 4))
    with pytest.raises(ValueError, match="no day before its issue"):
        forecast_load(learned, record, VILLAGE, midnight_s(9), Grid(midnight_s(8), 900, 4))
    with pytest.raises(ValueError, match="divide an hour"):
        forecast_load(learned, record, VILLAGE, midnight_s(9), Grid(midnight_s(9) // 7200 * 7200, 7200, 4))


@pytest.mark.parametrize("start_s", [1_774_306_800, 1_792_447_200], ids=["spring", "autumn"])
def test_the_clock_may_change(start_s) -> None:
    """The people live by the clock: after it changed the evening peak stays at the same local hour."""
    berlin = Place(52.5, 13.4, "Europe/Berlin", country="DE")
    grid = Grid(start_s - 30 * DAY_S, 3600, 60 * 24)
    from forecasting.grid import local_time

    hour = local_time(grid.centres_s, berlin.timezone).hour
    power_w = np.where((hour >= 18) & (hour < 21), 900.0, 200.0) * (1 + 0.01 * np.sin(np.arange(hour.size)))
    record = recorded(grid, power_w)
    for day in range(30, 40):
        issued_s = grid.start_s + day * DAY_S
        learned = learn_load(record, berlin, None, issued_s)
        forecast = forecast_load(learned, record, berlin, issued_s, Grid(issued_s, 3600, 48))
        high = forecast.median_w > 550.0
        expected = local_time(forecast.grid.centres_s, berlin.timezone).hour
        np.testing.assert_array_equal(high, (expected >= 18) & (expected < 21))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    gaps=st.floats(0.0, 0.95),
    step_s=st.sampled_from([900, 1800, 3600]),
    days=st.integers(1, 20),
    hour=st.integers(0, 23),
)
def test_any_past_gives_a_forecast(seed, gaps, step_s, days, hour) -> None:
    rng = np.random.default_rng(seed)
    record = homes(days, seed=seed, step_s=step_s)
    power_w = np.where(rng.random(record.grid.count) < gaps, np.nan, record.power_w)
    patchy = replace(record, power_w=power_w, unserved=rng.random(record.grid.count) < 0.2)
    issued_s = midnight_s(days - 1) + hour * 3600
    learned = learn_load(patchy, VILLAGE, PRIOR, issued_s)
    forecast = forecast_load(learned, patchy, VILLAGE, issued_s, Grid(issued_s, 900, 192))
    assert forecast.values_w.shape == (7, 192)
    assert forecast.median_w.mean() < 20 * record.power_w.mean()
