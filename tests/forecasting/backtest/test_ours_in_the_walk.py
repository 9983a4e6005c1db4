"""Our forecasters in a trial are treated as in operation: guarded, and calibrated online."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from trial_files import DAY_S, HOUR_S, PLACE, days_of, load_known, pv_known

from forecasting.backtest.contender import Issued, Known
from forecasting.backtest.guarded import LoadGuard, PvGuard
from forecasting.backtest.online import OnlineCalibration
from forecasting.backtest.ours import OurLoad, mean_of
from forecasting.grid import Grid
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, QuantileForecast
from forecasting.records import LoadRecord, WeatherArchive, missing
from forecasting.solar.clear_sky import clear_sky


def test_weather_in_the_wrong_unit_is_put_right_and_told() -> None:
    known = pv_known(20)
    wrong = tuple(replace(run, ghi_wm2=run.ghi_wm2 / 1000) for run in known.weather.runs)
    guard = PvGuard(clear_sky(PLACE, known.record.grid))
    believed = guard.believed(replace(known, weather=WeatherArchive(wrong)))
    np.testing.assert_allclose(believed.weather.runs[5].ghi_wm2, known.weather.runs[5].ghi_wm2)
    assert guard.findings


def test_good_measurements_pass_the_guards_untouched() -> None:
    known = pv_known(20)
    guard = PvGuard(clear_sky(PLACE, known.record.grid))
    believed = guard.believed(known)
    np.testing.assert_array_equal(believed.record.power_w, known.record.power_w)
    assert not guard.findings


def test_a_forecast_looks_back_on_a_fortnight_only() -> None:
    known = load_known(40)
    recent = LoadGuard("mill").recent(known)
    assert recent.record.grid.start_s == known.at_s - 14 * DAY_S
    assert recent.record.grid.end_s == known.at_s


def test_bands_that_are_too_narrow_are_widened_by_what_was_measured() -> None:
    grid = days_of(90)
    noise = np.random.default_rng(1).normal(0.0, 100.0, grid.count)
    record = LoadRecord(grid, 1000.0 + noise, np.zeros(grid.count, dtype=np.bool_), missing(grid))
    everything, calibration = Known(grid.end_s, record, WeatherArchive()), OnlineCalibration()
    inside = []
    for day in range(1, 89):
        at_s = grid.start_s + day * DAY_S
        known = everything.at(at_s)
        assert known is not None
        ahead = Grid(at_s, HOUR_S, 24)
        narrow = np.repeat((1000.0 + 40.0 * (LEVELS_ARRAY - 0.5))[:, None], 24, axis=1)
        told = calibration.calibrated(known, QuantileForecast(at_s, ahead, narrow))
        seen = record.power_w[day * 24 : day * 24 + 24]
        inside.append(np.mean((told.level(0.1) <= seen) & (seen <= told.level(0.9))))
    assert np.mean(inside[:3]) < 0.5
    assert np.mean(inside[-40:]) == pytest.approx(0.8, abs=0.07)


def test_bands_are_not_widened_by_what_no_village_draws() -> None:
    """Hours of nonsense from a meter are not learned from: the bands after them are those without them."""
    good = load_known(60)
    false = slice(50 * 24 + 19, 50 * 24 + 21)
    power_w = good.record.power_w.copy()
    power_w[false] *= 1000.0
    wrong = replace(good, record=replace(good.record, power_w=power_w))
    missing_w = good.record.power_w.copy()
    missing_w[false] = np.nan
    silent = replace(good, record=replace(good.record, power_w=missing_w))

    def last(everything: Known[LoadRecord]) -> Issued:
        ours = OurLoad("tawan", "mill", PLACE, None)
        for day in range(30, 60):
            known = everything.at(good.record.grid.start_s + day * DAY_S)
            assert known is not None
            ours.learn(known)
            said = ours.forecast(known, Grid(known.at_s, HOUR_S, 24))
        return said

    np.testing.assert_allclose(last(wrong).values_w, last(silent).values_w)


@pytest.mark.parametrize("first_day", [30, 40, 52])
def test_a_week_in_the_wrong_unit_does_not_reach_the_forecast(first_day: int) -> None:
    good = load_known(60)
    power_w = good.record.power_w.copy()
    power_w[first_day * 24 : (first_day + 7) * 24] *= 1000.0
    wrong = replace(good, record=replace(good.record, power_w=power_w))
    ours = OurLoad("tawan", "mill", PLACE, None)
    early = wrong.at(wrong.record.grid.start_s + 28 * DAY_S)
    assert early is not None
    ours.learn(early)
    for day in range(first_day, 60):
        known = wrong.at(wrong.record.grid.start_s + day * DAY_S)
        assert known is not None
        if day % 7 == 0:
            ours.learn(known)
        said = ours.forecast(known, Grid(known.at_s, HOUR_S, 24))
        assert said.values_w.max() < 2 * good.record.power_w.max()
    assert "load_beyond" in ours.guard.findings


def test_nothing_is_forecast_before_anything_was_learned() -> None:
    known = load_known(5)
    with pytest.raises(ValueError, match="before learning"):
        OurLoad("tawan", "mill", PLACE, None).forecast(known, Grid(known.at_s, HOUR_S, 24))


def test_the_mean_of_quantiles_lies_where_the_probability_does() -> None:
    sure = np.full((len(LEVELS), 1), 70.0)
    assert mean_of(sure) == pytest.approx(70.0)
    uniform = LEVELS_ARRAY[:, None] * 100.0
    assert mean_of(uniform) == pytest.approx(50.0)
    skewed = np.array([0, 0, 0, 0, 100, 400, 900.0])[:, None]
    assert mean_of(skewed) > 50.0
