"""Tomorrow's PV: what it learns from a made-up site, and what it says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_up_days import (
    PLACE,
    MadeUpSite,
    day_grid,
    evening_before_s,
    made_up_site,
    midnight_s,
    together,
    weather_runs,
)

from forecasting.grid import DAY_S, HOUR_S, Floats
from forecasting.quantiles import LEVELS
from forecasting.records import PvRecord, WeatherArchive, missing
from forecasting.solar import day_ahead
from forecasting.solar.day_ahead import DayAhead, Outlook

NO_WEATHER = WeatherArchive()
LEARNED_DAYS = 240
DAYS = 320


@cache
def _site() -> MadeUpSite:
    return made_up_site(DAYS, seed=4)


@cache
def _weather() -> WeatherArchive:
    return weather_runs(_site())


@cache
def _learned(with_weather: bool = True) -> DayAhead:
    return _learn(_weather() if with_weather else NO_WEATHER)


def _learn(weather: WeatherArchive, days: int = LEARNED_DAYS) -> DayAhead:
    until_s = evening_before_s(days)
    return day_ahead.learn(*_site().until(until_s), weather.known_at(until_s), PLACE)


def _tomorrow(
    learned: DayAhead, number: int, weather: WeatherArchive, site: MadeUpSite | None = None
) -> Outlook:
    """A day as foretold at 18:00 of the day before."""
    site = site or _site()
    issued_s = evening_before_s(number)
    return day_ahead.forecast(
        learned, *site.until(issued_s), weather.known_at(issued_s), issued_s, day_grid(number),
        site.day_clear_w(number),
    )  # fmt: skip


def _walk(learned: DayAhead, weather: WeatherArchive) -> tuple[Floats, Floats, Floats]:
    """Mean, quantiles and truth [W] of the light hours that follow the lessons."""
    outlooks = [_tomorrow(learned, number, weather) for number in range(LEARNED_DAYS, DAYS)]
    light = slice(8, 17)
    return (
        np.concatenate([outlook.mean_w[light] for outlook in outlooks]),
        np.concatenate([outlook.values_w[:, light] for outlook in outlooks], axis=1),
        np.concatenate([_site().day_power_w(number)[light] for number in range(LEARNED_DAYS, DAYS)]),
    )


@cache
def _aware() -> tuple[Floats, Floats, Floats]:
    return _walk(_learned(), _weather())


@cache
def _unaware() -> tuple[Floats, Floats, Floats]:
    return _walk(_learned(with_weather=False), NO_WEATHER)


def _rmse(told_w: Floats, truth_w: Floats) -> float:
    return float(np.sqrt(((told_w - truth_w) ** 2).mean()))


def _width(outlook: Outlook) -> float:
    return float((outlook.values_w[5] - outlook.values_w[1]).sum())


def test_a_weather_model_makes_tomorrow_known_and_its_bias_is_unlearned() -> None:
    aware, _, truth = _aware()
    unaware, _, _ = _unaware()
    assert _rmse(aware, truth) < 0.75 * _rmse(unaware, truth)
    assert abs((aware - truth).mean()) < 0.05 * truth.mean()


def test_without_weather_the_last_day_tells_more_than_the_usual() -> None:
    learned = _learned(with_weather=False)
    told, _, truth = _unaware()
    usual = []
    for number in range(LEARNED_DAYS, DAYS):
        mean, _ = learned.climatology.at(day_grid(number))
        usual.append((mean * _site().day_clear_w(number))[8:17])
    assert _rmse(told, truth) < 0.93 * _rmse(np.concatenate(usual), truth)


@pytest.mark.parametrize("with_weather", [True, False])
def test_four_of_five_hours_lie_between_p10_and_p90(with_weather: bool) -> None:
    _, values, truth = _aware() if with_weather else _unaware()
    assert ((truth >= values[1]) & (truth <= values[5])).mean() == pytest.approx(0.8, abs=0.07)


def test_two_days_in_quarters_of_an_hour_are_sound() -> None:
    issued_s = evening_before_s(LEARNED_DAYS) + 900
    grid = replace(day_grid(LEARNED_DAYS, 2, step_s=900), start_s=issued_s)
    clear_w = np.interp(grid.centres_s, _site().record.grid.centres_s, _site().clear_w)
    clear_w[clear_w < 20.0] = 0.0
    past, past_clear_w = _site().until(issued_s)
    outlook = day_ahead.forecast(
        _learned(), past, past_clear_w, _weather().known_at(issued_s), issued_s, grid, clear_w
    )
    assert outlook.values_w.shape == (len(LEVELS), 192)
    assert (np.diff(outlook.values_w, axis=0) >= 0).all()
    assert (outlook.values_w[:, clear_w == 0] == 0).all()
    assert (outlook.mean_w[clear_w == 0] == 0).all()
    high = clear_w > 500
    assert (outlook.values_w[-1, high] > outlook.values_w[0, high] + 100).all()
    assert (outlook.mean_w <= 1.2 * clear_w).all()


def test_quarters_of_an_hour_agree_with_hours() -> None:
    number = LEARNED_DAYS + 3
    issued_s = evening_before_s(number)
    hourly = _tomorrow(_learned(), number, _weather())
    quarterly = day_ahead.forecast(
        _learned(), *_site().until(issued_s), _weather().known_at(issued_s), issued_s,
        day_grid(number, step_s=900), np.repeat(_site().day_clear_w(number), 4),
    )  # fmt: skip
    assert quarterly.mean_w.reshape(24, 4).mean(axis=1) == pytest.approx(hourly.mean_w, rel=0.05, abs=5.0)


def test_the_day_after_tomorrow_is_less_certain() -> None:
    tomorrow, after = 0.0, 0.0
    for number in range(LEARNED_DAYS, LEARNED_DAYS + 20):
        issued_s = evening_before_s(number)
        outlook = day_ahead.forecast(
            _learned(), *_site().until(issued_s), _weather().known_at(issued_s), issued_s,
            day_grid(number, 2), np.tile(_site().day_clear_w(number), 2),
        )  # fmt: skip
        width_w = outlook.values_w[5] - outlook.values_w[1]
        tomorrow, after = tomorrow + width_w[:24].sum(), after + width_w[24:].sum()
    assert after > 1.08 * tomorrow


def test_a_run_that_is_issued_later_changes_nothing() -> None:
    number = LEARNED_DAYS + 1
    issued_s = evening_before_s(number)
    known = _weather().known_at(issued_s)
    later = replace(known.runs[-1], issued_s=issued_s + 1, ghi_wm2=np.full(known.runs[-1].grid.count, 5.0))
    honest = _tomorrow(_learned(), number, known)
    tempted = day_ahead.forecast(
        _learned(), *_site().until(issued_s), WeatherArchive((*known.runs, later)), issued_s,
        day_grid(number), _site().day_clear_w(number),
    )  # fmt: skip
    assert np.array_equal(honest.values_w, tempted.values_w)


def test_when_the_service_goes_silent_the_band_widens_day_by_day() -> None:
    number = LEARNED_DAYS + 2
    widths = []
    for silent_days in (0, 1, 2, 30):
        heard = _weather().known_at(evening_before_s(number - silent_days))
        widths.append(_width(_tomorrow(_learned(), number, heard)))
    assert widths[0] < widths[1] < widths[3]
    assert widths[0] < widths[2] <= widths[3]


def test_without_runs_a_site_that_knew_weather_forecasts_as_one_that_did_not() -> None:
    number = LEARNED_DAYS + 2
    silenced = _tomorrow(_learned(), number, NO_WEATHER)
    unaware = _tomorrow(_learned(with_weather=False), number, NO_WEATHER)
    assert silenced.mean_w == pytest.approx(unaware.mean_w)
    assert _width(silenced) == pytest.approx(_width(unaware), rel=0.25)


def test_of_two_models_the_better_counts_and_one_that_guesses_does_no_harm() -> None:
    guesses = weather_runs(_site(), source="guesses", noise=1.0, seed=7)
    both = together(_weather(), guesses)
    alone, _, truth = _aware()
    mixed, _, _ = _walk(_learn(both), both)
    assert _rmse(mixed, truth) < 1.04 * _rmse(alone, truth)


def test_two_good_models_are_better_than_one() -> None:
    both = together(_weather(), weather_runs(_site(), source="second", seed=8))
    alone, _, truth = _aware()
    mixed, _, _ = _walk(_learn(both), both)
    assert _rmse(mixed, truth) < 0.98 * _rmse(alone, truth)


def test_a_model_of_two_that_falls_silent_is_missed_only_a_little() -> None:
    both = together(_weather(), weather_runs(_site(), source="second", seed=8))
    _, _, truth = _aware()
    left, _, _ = _walk(_learn(both), _weather())
    alone, _, _ = _aware()
    assert _rmse(left, truth) < 1.05 * _rmse(alone, truth)


def test_a_model_that_tells_nothing_but_cloud_helps_as_well() -> None:
    cloudy = WeatherArchive(
        tuple(
            replace(
                run,
                ghi_wm2=missing(run.grid),
                cloud_frac=np.repeat(
                    1.0 - _site().daily[_day(run.grid.start_s) :][: run.grid.count // 24], 24
                ),
            )
            for run in _weather().runs
        )
    )
    unaware, _, truth = _unaware()
    told, _, _ = _walk(_learn(cloudy), cloudy)
    assert _rmse(told, truth) < 0.7 * _rmse(unaware, truth)


def test_a_plant_twice_as_large_gives_twice_as_much() -> None:
    site = _site()
    number = LEARNED_DAYS
    doubled = replace(
        site, record=replace(site.record, power_w=2 * site.record.power_w), clear_w=2 * site.clear_w
    )
    until_s = evening_before_s(number)
    learned = day_ahead.learn(*doubled.until(until_s), _weather().known_at(until_s), PLACE)
    twice = _tomorrow(learned, number, _weather(), doubled)
    assert twice.values_w == pytest.approx(2 * _tomorrow(_learned(), number, _weather()).values_w)


def test_gaps_and_curtailed_days_are_survived() -> None:
    site = _site()
    rng = np.random.default_rng(6)
    gone = np.repeat(rng.random(DAYS) < 0.1, 24) | (rng.random(DAYS * 24) < 0.05)
    curtailed = np.repeat(rng.random(DAYS) < 0.1, 24)
    record = replace(
        site.record,
        power_w=np.where(gone, np.nan, np.where(curtailed, 0.0, site.record.power_w)),
        held_back=curtailed,
    )
    patchy = replace(site, record=record)
    until_s = evening_before_s(LEARNED_DAYS)
    learned = day_ahead.learn(*patchy.until(until_s), _weather().known_at(until_s), PLACE)
    told = [_tomorrow(learned, number, _weather(), patchy).mean_w for number in range(LEARNED_DAYS, DAYS)]
    truth = site.record.power_w[LEARNED_DAYS * 24 :]
    whole = [_tomorrow(_learned(), number, _weather()).mean_w for number in range(LEARNED_DAYS, DAYS)]
    assert _rmse(np.concatenate(told), truth) < 1.2 * _rmse(np.concatenate(whole), truth)


def test_a_site_without_history_has_the_climatology_of_its_country() -> None:
    grid, clear_w = day_grid(0), _site().day_clear_w(0)
    night = np.zeros(24)
    nothing = PvRecord(grid, missing(grid), np.zeros(24, dtype=bool), missing(grid), missing(grid))
    learned = day_ahead.learn(nothing, night, NO_WEATHER, PLACE)
    outlook = day_ahead.forecast(learned, None, np.empty(0), NO_WEATHER, grid.start_s, grid, clear_w)
    mean, quantiles = learned.climatology.at(grid)
    assert outlook.mean_w == pytest.approx(mean * clear_w)
    assert outlook.values_w == pytest.approx(quantiles * clear_w)
    assert 0.7 < outlook.mean_w.sum() / clear_w.sum() < 0.9


def test_a_weather_model_is_believed_a_little_from_the_first_day() -> None:
    site = _site()
    learned = day_ahead.learn(*site.until(midnight_s(5)), NO_WEATHER, PLACE)
    told, usual, truth = [], [], []
    for number in range(10, 60):
        told.append(_tomorrow(learned, number, _weather()).mean_w)
        usual.append(_tomorrow(learned, number, NO_WEATHER).mean_w)
        truth.append(site.day_power_w(number))
    assert _rmse(np.array(told), np.array(truth)) < 0.9 * _rmse(np.array(usual), np.array(truth))
    assert np.ptp(np.array(told).sum(axis=1)) < np.ptp(np.array(truth).sum(axis=1))


def test_a_plant_that_gave_nothing_for_weeks_is_expected_to_give_nothing() -> None:
    site = _site()
    dead = replace(site, record=replace(site.record, power_w=np.zeros(site.record.grid.count)))
    until_s = evening_before_s(60)
    learned = day_ahead.learn(*dead.until(until_s), _weather().known_at(until_s), PLACE)
    assert (_tomorrow(learned, 60, _weather(), dead).values_w == 0).all()


def test_the_past_is_told_as_if_it_had_not_been_seen() -> None:
    site, learned = _site(), _learned()
    grid = day_grid(20, LEARNED_DAYS - 21)
    span = slice(20 * 24, (LEARNED_DAYS - 1) * 24)
    told = day_ahead.hindcast(learned, grid, site.clear_w[span])
    light = site.clear_w[span] > 500
    past = _rmse(told[light], site.record.power_w[span][light])
    coming, _, truth = _aware()
    assert past == pytest.approx(_rmse(coming, truth), rel=0.2)


def test_days_that_were_not_learned_from_are_told_by_the_climatology() -> None:
    grid, clear_w = day_grid(DAYS - 1), _site().day_clear_w(DAYS - 1)
    mean, _ = _learned().climatology.at(grid)
    assert day_ahead.hindcast(_learned(), grid, clear_w) == pytest.approx(mean * clear_w)


@pytest.mark.parametrize("hour", [0, 6, 11, 15])
def test_it_can_be_asked_at_any_hour(hour: int) -> None:
    number = LEARNED_DAYS + 4
    issued_s = midnight_s(number) + hour * HOUR_S
    grid = replace(day_grid(number, 2), start_s=issued_s)
    clear_w = np.tile(_site().day_clear_w(number), 3)[hour : hour + 48]
    outlook = day_ahead.forecast(
        _learned(), *_site().until(issued_s), _weather().known_at(issued_s), issued_s, grid, clear_w
    )
    truth = _site().record.power_w[number * 24 + hour :][:48]
    assert _rmse(outlook.mean_w, truth) < 0.12 * clear_w.max()


def _day(at_s: int) -> int:
    return (at_s - midnight_s(0)) // DAY_S
