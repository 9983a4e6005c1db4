from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from cloudy_plant import VILLAGE, Roof, days_from, grow, noon_s, scaled
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid
from forecasting.quantiles import LEVELS
from forecasting.records import PvRecord, WeatherArchive, WeatherRun, missing
from forecasting.site import PvArray, PvSite
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.forecaster import LearnedPv, PvForecast, forecast_pv, learn_pv

NO_WEATHER = WeatherArchive()
DAYS = 70
P10, P50, P90 = (LEVELS.index(level) for level in (0.10, 0.50, 0.90))
EAST, WEST = Roof(3000.0, 25.0, 90.0), Roof(2000.0, 25.0, 270.0)
SITE = PvSite(
    VILLAGE, (PvArray("east", 3500.0, 2800.0, 25.0, 90.0), PvArray("west", 2300.0, 2000.0, 25.0, 270.0))
)


def total_of(records: dict[str, PvRecord]) -> PvRecord:
    first, second = records.values()
    return replace(first, power_w=first.power_w + second.power_w)


def two_days(issued_s: int, step_s: int = QUARTER_S) -> Grid:
    return Grid(issued_s // step_s * step_s, step_s, 2 * DAY_S // step_s)


@pytest.fixture(scope="module")
def arrays() -> dict[str, PvRecord]:
    grid = days_from(60, DAYS)
    return dict(zip(("east", "west"), grow(VILLAGE, [EAST, WEST], grid, seed=5, sensor=True), strict=True))


@pytest.fixture(scope="module")
def record(arrays: dict[str, PvRecord]) -> PvRecord:
    return total_of(arrays)


@pytest.fixture(scope="module")
def until_s(record: PvRecord) -> int:
    return record.grid.start_s + 60 * DAY_S


@pytest.fixture(scope="module")
def learned(record: PvRecord, arrays: dict[str, PvRecord], until_s: int) -> LearnedPv:
    return learn_pv(SITE, record, arrays, NO_WEATHER, until_s)


def issued(learned: LearnedPv, record: PvRecord, at_s: int) -> PvForecast:
    return forecast_pv(learned, SITE, record, NO_WEATHER, at_s, two_days(at_s))


def test_the_first_day_of_a_village_has_a_forecast() -> None:
    at_s = days_from(60, 1).start_s + 10 * HOUR_S
    learned = learn_pv(SITE, None, {}, NO_WEATHER, at_s)
    forecast = forecast_pv(learned, SITE, None, NO_WEATHER, at_s, two_days(at_s))
    noon = forecast.total.grid.position(at_s + 2 * HOUR_S)
    low_w, middle_w, high_w = forecast.total.values_w[[P10, P50, P90], noon]
    assert 0.5 * 5800.0 < middle_w < 0.9 * 5800.0
    assert high_w - low_w > 0.3 * middle_w
    assert set(forecast.arrays) == {"east", "west"}


def test_a_site_without_arrays_is_refused_by_name(until_s: int) -> None:
    with pytest.raises(ValueError, match="without arrays"):
        learn_pv(PvSite(VILLAGE, ()), None, {}, NO_WEATHER, until_s)


@pytest.mark.parametrize("with_history", [False, True])
def test_nights_are_exactly_dark_and_inverters_are_not_exceeded(
    learned: LearnedPv, record: PvRecord, until_s: int, with_history: bool
) -> None:
    if not with_history:
        learned = learn_pv(SITE, None, {}, NO_WEATHER, until_s)
    limited = replace(SITE, arrays=tuple(replace(array, ac_w=900.0) for array in SITE.arrays))
    forecast = forecast_pv(learned, limited, record, NO_WEATHER, until_s, two_days(until_s))
    night = clear_sky(VILLAGE, forecast.total.grid).ghi_wm2 == 0.0
    assert 70 < night.sum() < 100
    for told in (forecast.total, *forecast.arrays.values()):
        assert not told.values_w[:, night].any()
    assert not forecast.mean_w[night].any()
    assert forecast.total.values_w.max() <= 1800.0
    assert forecast.mean_w.max() <= 1800.0
    assert all(told.values_w.max() <= 900.0 for told in forecast.arrays.values())


def test_each_array_has_its_own_hours_and_together_they_are_the_total(
    learned: LearnedPv, record: PvRecord, until_s: int
) -> None:
    forecast = issued(learned, record, until_s)
    east_w, west_w = (forecast.arrays[key].median_w for key in ("east", "west"))
    assert east_w + west_w == pytest.approx(forecast.total.median_w)
    morning = forecast.total.grid.position(noon_s(record.grid, 60) - 4 * HOUR_S)
    evening = forecast.total.grid.position(noon_s(record.grid, 60) + 4 * HOUR_S)
    assert east_w[morning] / west_w[morning] > 1.5 * east_w[evening] / west_w[evening]


def test_the_last_hours_move_the_next_ones(learned: LearnedPv, record: PvRecord) -> None:
    at_s = noon_s(record.grid, 65)
    clouded = scaled(record, 0.3, at_s - 3 * HOUR_S, at_s)
    clouded = replace(clouded, ghi_wm2=missing(record.grid))
    bright, dark = issued(learned, record, at_s), issued(learned, clouded, at_s)
    assert dark.total.median_w[:4].sum() < 0.75 * bright.total.median_w[:4].sum()
    assert np.array_equal(dark.total.grid.starts_s, bright.total.grid.starts_s)


def test_an_hour_ahead_it_is_better_than_smart_persistence_and_than_the_day_before(
    learned: LearnedPv, record: PvRecord
) -> None:
    sky = clear_sky(VILLAGE, record.grid).ghi_wm2
    told, smart, day_before, came, inside = [], [], [], [], []
    for now in range(60 * 96 + 34, (DAYS - 1) * 96, 5):
        ahead = now + 3
        if sky[now - 1] < 150.0 or sky[ahead] < 150.0:
            continue
        forecast = issued(learned, record, int(record.grid.starts_s[now]))
        told.append(forecast.mean_w[3])
        smart.append(record.power_w[now - 1] / sky[now - 1] * sky[ahead])
        day_before.append(record.power_w[ahead - 96])
        came.append(record.power_w[ahead])
        low_w, high_w = forecast.total.values_w[[P10, P90], 3]
        inside.append(low_w <= came[-1] <= high_w)

    def missed(values: list[float]) -> float:
        return float(np.sqrt(np.mean((np.array(values) - np.array(came)) ** 2)))

    assert missed(told) < 0.9 * missed(smart)
    assert missed(told) < 0.9 * missed(day_before)
    assert 0.65 < np.mean(inside) < 0.95


def test_nothing_of_the_future_goes_in(
    record: PvRecord, arrays: dict[str, PvRecord], learned: LearnedPv, until_s: int
) -> None:
    at_s = until_s + 9 * HOUR_S
    rng = np.random.default_rng(1)

    def nonsense(known: PvRecord, from_s: int) -> PvRecord:
        later = known.grid.starts_s >= from_s
        return replace(
            known,
            power_w=np.where(later, rng.uniform(0.0, 9000.0, later.size), known.power_w),
            ghi_wm2=np.where(later, np.nan, known.ghi_wm2),
        )

    run = Grid(at_s, HOUR_S, 48)
    bright = WeatherRun("later", at_s + 1, run, *(np.full(48, value) for value in (900.0, 30.0, 0.5, 0.0)))
    peeked = learn_pv(
        SITE,
        nonsense(record, until_s),
        {key: nonsense(one, until_s) for key, one in arrays.items()},
        WeatherArchive((bright,)),
        until_s,
    )
    forecast = forecast_pv(
        peeked, SITE, nonsense(record, at_s), WeatherArchive((bright,)), at_s, two_days(at_s)
    )
    expected = issued(learned, record, at_s)
    assert np.array_equal(forecast.total.values_w, expected.total.values_w)
    assert np.array_equal(forecast.mean_w, expected.mean_w)


def foretold(record: PvRecord, day: int, factor: float = 1.0, early_s: int = 6 * HOUR_S) -> WeatherRun:
    """A run of a good weather model: the true irradiance of a day in hours, told the evening before."""
    first = day * 96
    grid = Grid(int(record.grid.starts_s[first]), HOUR_S, 24)
    ghi_wm2 = factor * np.maximum(record.ghi_wm2[first : first + 96].reshape(24, 4).mean(axis=1), 0.0)
    return WeatherRun(
        "model", grid.start_s - early_s, grid, ghi_wm2, *(np.full(24, value) for value in (30.0, 0.7, np.nan))
    )


def test_weather_models_help_tomorrow_as_soon_as_they_can_be_had(record: PvRecord, until_s: int) -> None:
    runs = tuple(foretold(record, day) for day in range(DAYS))
    learned = learn_pv(SITE, record, {}, WeatherArchive(runs), until_s)
    told, blind, came = [], [], []
    for day in range(60, DAYS - 1):
        at_s = int(record.grid.starts_s[day * 96]) - 5 * HOUR_S
        for archive, energies in ((WeatherArchive(runs), told), (NO_WEATHER, blind)):
            forecast = forecast_pv(learned, SITE, record, archive, at_s, two_days(at_s))
            energies.append(float(forecast.mean_w[20:116].sum()))
        came.append(float(record.power_w[day * 96 : day * 96 + 96].sum()))
    assert np.std(np.subtract(told, came)) < 0.6 * np.std(np.subtract(blind, came))

    at_s = int(record.grid.starts_s[60 * 96]) - 5 * HOUR_S
    late = foretold(record, 60, 0.1, 4 * HOUR_S)
    with_late = WeatherArchive((*runs[:61], late, *runs[61:]))
    before, after = (
        forecast_pv(learned, SITE, record, with_late, moment_s, two_days(at_s)).mean_w.sum()
        for moment_s in (at_s, at_s + 2 * HOUR_S)
    )
    known = forecast_pv(learned, SITE, record, WeatherArchive(runs[:61]), at_s, two_days(at_s))
    assert before == pytest.approx(known.mean_w.sum())
    assert after < 0.9 * before


def test_a_plant_that_lost_half_is_forecast_at_half(record: PvRecord, until_s: int) -> None:
    site = PvSite(VILLAGE, (PvArray("roof", 5800.0),))
    broken = scaled(record, 0.5, until_s - 20 * DAY_S)
    broken = replace(broken, ghi_wm2=np.where(broken.power_w >= 0, 2.0, 1.0) * record.ghi_wm2 / 2.0)

    def noon_w(known: PvRecord) -> float:
        forecast = forecast_pv(
            learn_pv(site, known, {"roof": known}, NO_WEATHER, until_s),
            site, known, NO_WEATHER, until_s, two_days(until_s),
        )  # fmt: skip
        return float(forecast.total.median_w[44:56].mean())

    assert noon_w(broken) == pytest.approx(0.5 * noon_w(record), rel=0.12)


def test_where_only_the_total_is_measured_the_nameplates_share_it(record: PvRecord, until_s: int) -> None:
    learned = learn_pv(SITE, record, {}, NO_WEATHER, until_s)
    forecast = issued(learned, record, until_s)
    energy_wh = {key: told.median_w.sum() / 4 for key, told in forecast.arrays.items()}
    assert sum(energy_wh.values()) == pytest.approx(forecast.total.median_w.sum() / 4, rel=1e-6)
    assert energy_wh["east"] / energy_wh["west"] == pytest.approx(3500 / 2300, rel=0.1)


def test_the_irradiance_sensor_stands_in_where_power_was_held_back(
    learned: LearnedPv, record: PvRecord
) -> None:
    """A full battery at noon: 500 W are taken of 4000. That says nothing of the clouds."""
    at_s = noon_s(record.grid, 66)
    held = (record.grid.starts_s >= at_s - 4 * HOUR_S) & (record.grid.starts_s < at_s)
    throttled = replace(record, power_w=np.where(held, 500.0, record.power_w), held_back=held)
    free, masked = issued(learned, record, at_s), issued(learned, throttled, at_s)
    assert masked.total.median_w[:8] == pytest.approx(free.total.median_w[:8], rel=0.1, abs=100.0)


@pytest.mark.parametrize("hours", [2.0, 4.0])
def test_a_battery_that_is_full_each_noon_leaves_no_hole_in_the_forecast(hours: float) -> None:
    """Noon is never learned from; it is expected to be as clear as the hours around it."""
    roof = PvArray("roof", 5000.0, None, 15.0, 180.0)
    (free,) = grow(VILLAGE, [Roof(5000.0, 15.0, 180.0)], days_from(60, 41), seed=9)
    hour = (free.grid.centres_s - free.grid.start_s) % DAY_S / HOUR_S
    full = np.abs(hour - 12.25) < hours / 2
    held = replace(
        free, power_w=np.where(full, np.minimum(free.power_w, 400.0), free.power_w), held_back=full
    )
    at_s = free.grid.start_s + 40 * DAY_S
    learned = learn_pv(PvSite(VILLAGE, (roof,)), held, {}, NO_WEATHER, at_s)
    forecast = forecast_pv(learned, PvSite(VILLAGE, (roof,)), held, NO_WEATHER, at_s, two_days(at_s))
    noon = slice(48, 50)
    usual_w = free.power_w.reshape(-1, 96)[:, noon].mean()
    assert forecast.mean_w[noon].mean() == pytest.approx(usual_w, rel=0.2)


def test_hourly_records_learn_hourly_forecasts() -> None:
    grid = days_from(60, 50, HOUR_S)
    (record,) = grow(VILLAGE, [Roof(4000.0, 12.0, 180.0)], grid, seed=7)
    site = PvSite(VILLAGE, (PvArray("roof"),))
    at_s = noon_s(grid, 49)
    learned = learn_pv(site, record, {}, NO_WEATHER, at_s)
    hourly = forecast_pv(learned, site, record, NO_WEATHER, at_s, two_days(at_s, HOUR_S))
    quarterly = forecast_pv(learned, site, record, NO_WEATHER, at_s, two_days(at_s))
    of_hours: Floats = quarterly.mean_w.reshape(-1, 4).mean(axis=1)
    assert of_hours[:24] == pytest.approx(hourly.mean_w[:24], abs=150.0)


def test_what_was_learned_can_be_kept(learned: LearnedPv, record: PvRecord, until_s: int) -> None:
    kept = pickle.dumps(learned)
    assert len(kept) < 300_000
    again = issued(pickle.loads(kept), record, until_s)
    assert np.array_equal(again.total.values_w, issued(learned, record, until_s).total.values_w)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, DAYS * 24 - 1),
    st.lists(st.tuples(st.integers(0, DAYS * 96 - 1), st.integers(1, 400)), max_size=5),
    st.sampled_from([QUARTER_S, 1800, HOUR_S]),
)
def test_whenever_it_is_issued_and_whatever_is_missing_it_is_a_forecast(
    learned: LearnedPv, record: PvRecord, hour: int, holes: list[tuple[int, int]], step_s: int
) -> None:
    power_w = record.power_w.copy()
    for first, length in holes:
        power_w[first : first + length] = np.nan
    at_s = record.grid.start_s + hour * HOUR_S + 420
    holed = replace(record, power_w=power_w)
    forecast = forecast_pv(learned, SITE, holed, NO_WEATHER, at_s, two_days(at_s, step_s))
    assert forecast.total.values_w.shape == (len(LEVELS), 2 * DAY_S // step_s)
    assert forecast.total.median_w.max() > 0.0
