"""Whatever a site's past and wherever the site: there is a forecast, in order, dark by night, in bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import DAY_S, HOUR_S, Bools, Floats, Grid
from forecasting.records import PvRecord, WeatherArchive, WeatherRun, missing
from forecasting.site import Place, PvArray, PvSite
from forecasting.solar.arrays import panels_of, power_w
from forecasting.solar.clear_sky import ClearSky, clear_sky
from forecasting.solar.forecaster import LearnedPv, forecast_pv, learn_pv

PLACES = (
    Place(13.7, 100.5, "Asia/Bangkok"),
    Place(-21.3, 55.5, "Indian/Reunion", country="RE"),
    Place(0.0, 36.8, "Africa/Nairobi", country=None),
    Place(27.7, 85.3, "Asia/Kathmandu", country=None),
    Place(69.6, 18.9, "Europe/Oslo", country="NO"),
    Place(-77.8, 166.7, "Antarctica/McMurdo", country=None),
    Place(-44.0, -176.5, "Pacific/Chatham", 3000.0, "NZ"),
    Place(-17.7, 179.9, "Pacific/Fiji", country=None),
)
SITES = (
    (PvArray("a"),),
    (
        PvArray("a", 5000.0, None, 10.0, 180.0),
        PvArray("b", 3000.0, 2500.0, 90.0, 0.0),
        PvArray("c", ac_w=9e3),
    ),
    (PvArray("a", 1.0, 5000.0, 0.0, 0.0), PvArray("b", 1e6, 4000.0, None, 270.0)),
)
# Midnights UTC: leap day, both changes of clocks, a year's end, both solstices.
MIDDLES_S = (1_709_164_800, 1_711_843_200, 1_729_987_200, 1_735_603_200, 1_718_841_600, 1_734_739_200)

Spoil = Callable[[np.random.Generator, Floats, Bools, ClearSky], tuple[Floats, Bools]]
SPOILS: dict[str, Spoil] = {
    "as it was": lambda rng, given_w, held, sky: (given_w, held),
    "nothing measured": lambda rng, given_w, held, sky: (given_w * np.nan, held),
    "a single value": lambda rng, given_w, held, sky: (
        np.where(np.arange(given_w.size) == given_w.argmax(), given_w, np.nan), held),
    "dead for a third": lambda rng, given_w, held, sky: (
        np.where(np.arange(given_w.size) // (given_w.size // 3 + 1) == 1, 0.0, given_w), held),
    "never alive": lambda rng, given_w, held, sky: (given_w * 0.0, held),
    "held back for ever": lambda rng, given_w, held, sky: (given_w, ~held),
    "full battery each noon": lambda rng, given_w, held, sky: (
        np.minimum(given_w, 300.0), held | (sky.ghi_wm2 > 500.0)),
    "every other value lost": lambda rng, given_w, held, sky: (
        np.where(rng.random(given_w.size) < 0.5, np.nan, given_w), held),
    "nights not measured": lambda rng, given_w, held, sky: (np.where(sky.ghi_wm2 > 0, given_w, np.nan), held),
    "a millionth": lambda rng, given_w, held, sky: (1e-6 * given_w, held),
    "a million times": lambda rng, given_w, held, sky: (1e6 * given_w, held),
    "one value for ever": lambda rng, given_w, held, sky: (np.full(given_w.size, 500.0), held),
    "sun at night": lambda rng, given_w, held, sky: (np.roll(given_w, given_w.size // 2), held),
}  # fmt: skip


def past(rng: np.random.Generator, place: Place, arrays: tuple[PvArray, ...], grid: Grid) -> list[PvRecord]:
    """What arrays gave under clouds of days and of steps; half of all sites have a sensor."""
    sky = clear_sky(place, grid)
    day = (grid.starts_s - grid.start_s) // DAY_S
    clear = rng.uniform(0.1, 1.05, int(day[-1]) + 1)[day] * rng.uniform(0.7, 1.1, grid.count)
    ghi_wm2 = sky.ghi_wm2 * clear if rng.random() < 0.5 else missing(grid)
    records = []
    for power in power_w(panels_of(arrays, place.latitude_deg), sky):
        spoil = SPOILS[str(rng.choice(list(SPOILS)))]
        given_w, held = spoil(rng, power * clear, np.zeros(grid.count, dtype=np.bool_), sky)
        records.append(PvRecord(grid, given_w, held, ghi_wm2, missing(grid)))
    return records


def runs(rng: np.random.Generator, place: Place, until_s: int) -> WeatherArchive:
    """Two runs a day of two weather models, with holes."""
    found = []
    for half_days in range(int(rng.choice([0, 2, 50])), 0, -1):
        issued_s = until_s - half_days * DAY_S // 2
        grid = Grid(issued_s // HOUR_S * HOUR_S, HOUR_S, 72)
        ghi_wm2 = clear_sky(place, grid).ghi_wm2 * rng.uniform(0.2, 1.0, 72)
        ghi_wm2[rng.random(72) < rng.choice([0.0, 0.3])] = np.nan
        source, cloud = str(rng.choice(["one", "other"])), rng.random(72)
        found.append(WeatherRun(source, issued_s, grid, ghi_wm2, missing(grid), missing(grid), cloud))
    return WeatherArchive(tuple(found))


def check(
    learned: LearnedPv,
    site: PvSite,
    record: PvRecord | None,
    weather: WeatherArchive,
    issued_s: int,
    grid: Grid,
) -> None:
    """QuantileForecast itself refuses what is not finite, negative or crossed."""
    forecast = forecast_pv(learned, site, record, weather, issued_s, grid)
    limits_w = {array.id: np.inf if array.ac_w is None else array.ac_w for array in site.arrays}
    night = learned.whole.sky(grid).ghi_wm2 <= 0
    assert not forecast.total.values_w[:, night].any()
    assert not forecast.mean_w[night].any()
    assert np.isfinite(forecast.mean_w).all()
    assert forecast.total.values_w.max() <= sum(limits_w.values())
    assert forecast.arrays.keys() == limits_w.keys()
    for name, limit_w in limits_w.items():
        assert forecast.arrays[name].values_w.max() <= limit_w


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    place=st.sampled_from(PLACES),
    arrays=st.sampled_from(SITES),
    step_s=st.sampled_from([300, 600, 900, 1800, 3600]),
    days=st.sampled_from([1, 3, 12, 26]),
    middle_s=st.sampled_from(MIDDLES_S),
    ended_days_ago=st.sampled_from([0, 0, 0, 9, 200]),
)
def test_any_past_of_any_site_gives_a_forecast(
    seed: int, place: Place, arrays: tuple[PvArray, ...], step_s: int, days: int, middle_s: int,
    ended_days_ago: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    site = PvSite(place, arrays)
    grid = Grid(middle_s - days * DAY_S // 2 // HOUR_S * HOUR_S, step_s, days * DAY_S // step_s)
    records = past(rng, place, arrays, grid)
    known = {array.id: one for array, one in zip(arrays, records, strict=True) if rng.random() < 0.6}
    record = None if rng.random() < 0.1 else records[0]
    until_s = grid.end_s + ended_days_ago * DAY_S
    weather = runs(rng, place, until_s)
    learned = learn_pv(site, record, known, weather, until_s)
    for later_s in (0, 3 * HOUR_S, 12 * HOUR_S, DAY_S - 60):
        issued_s = until_s + later_s
        check(learned, site, record, weather, issued_s, Grid(issued_s // 900 * 900, 900, 192))
    check(learned, site, record, weather, until_s, Grid(until_s // step_s * step_s, step_s, 1))


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_whatever_one_array_tells_the_other_is_not_pulled_along(spoil: Spoil) -> None:
    """Two alike side by side, one with a spoilt record: the sound one keeps its capacity."""
    place, rng = PLACES[0], np.random.default_rng(8)
    pair = (PvArray("sound", 5000.0, None, 10.0, 180.0), PvArray("spoilt", 5000.0, None, 10.0, 180.0))
    grid = Grid(MIDDLES_S[0], 900, 30 * 96)
    sky = clear_sky(place, grid)
    day = (grid.starts_s - grid.start_s) // DAY_S
    cloud = np.where(day % 2 == 0, 1.0, rng.uniform(0.2, 1.0, grid.count))
    power = power_w(panels_of(pair, place.latitude_deg), sky)[0] * cloud
    none = np.zeros(grid.count, dtype=np.bool_)
    sound = PvRecord(grid, power, none, missing(grid), missing(grid))
    told_w, held = spoil(rng, power, none, sky)
    spoilt = PvRecord(grid, told_w, held, missing(grid), missing(grid))
    records = {"sound": sound, "spoilt": spoilt}
    learned = learn_pv(PvSite(place, pair), sound, records, WeatherArchive(), grid.end_s)
    assert learned.parts.arrays[0].dc_w == pytest.approx(0.85 * 5000.0, rel=0.1)
