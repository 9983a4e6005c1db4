from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid
from forecasting.quantiles import LEVELS
from forecasting.solar.nowcast import FADED_S, Ahead, Nowcast, forecast, learn
from forecasting.solar.recent import History

PEAK_W = 5000.0
FORESEEN = 0.7
STEPS = DAY_S // QUARTER_S
P10, P90 = LEVELS.index(0.10), LEVELS.index(0.90)


def weather(days: int, *, memory_h: float = 1.5, seed: int = 1) -> History:
    """Days of twelve hours of sun, passing clouds and slower weather; 0.7 of a clear sky is foreseen."""
    rng = np.random.default_rng(seed)
    grid = Grid(0, QUARTER_S, days * STEPS)
    clear_w = PEAK_W * np.maximum(np.sin(2 * np.pi * (np.arange(grid.count) / STEPS - 0.25)), 0.0)
    clouds = 0.75 * wandering(rng, grid.count, memory_h) + 0.65 * wandering(rng, grid.count, 24.0)
    power_w = clear_w * np.clip(FORESEEN + 0.2 * clouds, 0.05, 1.1)
    return History(grid, power_w, clear_w, FORESEEN * clear_w, PEAK_W)


def wandering(rng: np.random.Generator, count: int, memory_h: float) -> Floats:
    """A standard normal variable at each step, that forgets in so many hours."""
    kept = np.exp(-QUARTER_S / HOUR_S / memory_h)
    path = rng.standard_normal(count)
    for step in range(1, count):
        path[step] = kept * path[step - 1] + np.sqrt(1.0 - kept**2) * path[step]
    return path


def part(history: History, first: int, end: int) -> History:
    cut = slice(first, end)
    grid = Grid(history.grid.start_s + first * QUARTER_S, QUARTER_S, end - first)
    return History(grid, history.power_w[cut], history.clear_w[cut], history.foreseen_w[cut], history.peak_w)


def ahead(history: History, first: int, count: int) -> Ahead:
    coming = part(history, first, first + count)
    band = np.array([0.3, 0.4, 0.55, 0.72, 0.85, 0.95, 1.0])[:, None]
    return Ahead(coming.grid, coming.clear_w, coming.foreseen_w, band * coming.clear_w)


def issue_steps(day: int) -> range:
    """Every half hour from 8 to 13 h."""
    return range(day * STEPS + 32, day * STEPS + 53, 2)


def walk(learned: Nowcast, history: History, first_day: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, P10, P90 and what came, each shape (issues, 16)."""
    told: list[Floats] = []
    low: list[Floats] = []
    high: list[Floats] = []
    came: list[Floats] = []
    for day in range(first_day, history.grid.count // STEPS):
        for now in issue_steps(day):
            mean_w, values_w = forecast(learned, part(history, now - 108, now), ahead(history, now, 16))
            told.append(mean_w)
            low.append(values_w[P10])
            high.append(values_w[P90])
            came.append(history.power_w[now : now + 16])
    return np.array(told), np.array(low), np.array(high), np.array(came)


def rmse(told: Floats, came: Floats) -> float:
    return float(np.sqrt(np.mean((told - came) ** 2)))


@pytest.fixture(scope="module")
def history() -> History:
    return weather(160)


@pytest.fixture(scope="module")
def learned(history: History) -> Nowcast:
    return learn(part(history, 0, 120 * STEPS))


@pytest.mark.parametrize("taught", [False, True], ids=["nothing_learned", "learned"])
def test_it_beats_both_smart_persistence_and_what_was_foreseen(
    history: History, learned: Nowcast, taught: bool
) -> None:
    told, _, _, came = walk(learned if taught else Nowcast(), history, 120)
    issues = [now for day in range(120, 160) for now in issue_steps(day)]
    coming_w = np.array([history.clear_w[now : now + 16] for now in issues])
    last = np.array([history.power_w[now - 1] / history.clear_w[now - 1] for now in issues])
    smart, foreseen = last[:, None] * coming_w, FORESEEN * coming_w
    for lead in (0, 1, 3, 7, 15):
        best = min(rmse(smart[:, lead], came[:, lead]), rmse(foreseen[:, lead], came[:, lead]))
        assert rmse(told[:, lead], came[:, lead]) < 1.03 * best
    assert rmse(told[:, 3], came[:, 3]) < 0.95 * rmse(smart[:, 3], came[:, 3])


@pytest.mark.parametrize("lead", [0, 3, 7, 15])
def test_eight_of_ten_outcomes_or_a_few_more_lie_between_p10_and_p90(
    history: History, learned: Nowcast, lead: int
) -> None:
    """A few more, because here, unlike outside, the weather of the next weeks is that of the last."""
    _, low, high, came = walk(learned, history, 120)
    assert 0.80 < np.mean((came[:, lead] >= low[:, lead]) & (came[:, lead] <= high[:, lead])) < 0.90


def test_what_a_site_teaches_counts_once_there_is_enough_of_it() -> None:
    """Clouds that stay all day: far from what is usual."""
    steady = weather(180, memory_h=48.0)
    few, many = learn(part(steady, 0, 20 * STEPS)), learn(part(steady, 0, 160 * STEPS))
    assert few.models == ()
    shares = [model.own_share for model in many.models]
    assert shares == sorted(shares, reverse=True)
    assert 0.2 < shares[-1] < shares[0] < 0.7
    told_few, _, _, came = walk(few, steady, 165)
    told_many, _, _, _ = walk(many, steady, 165)
    assert rmse(told_many[:, 15], came[:, 15]) < 0.95 * rmse(told_few[:, 15], came[:, 15])


def test_days_of_which_little_is_measured_teach_the_next_steps_only() -> None:
    """A meter that works from ten to noon alone."""
    world = weather(40)
    hour = np.arange(world.grid.count) % STEPS / 4
    glimpses = np.where((hour >= 10) & (hour < 12), world.power_w, np.nan)
    learned = learn(replace(world, power_w=glimpses))
    assert [model.lead_s for model in learned.models] == [900, 1800, 3600]
    now = 39 * STEPS + 46
    mean_w, values_w = forecast(learned, part(world, now - 108, now), ahead(world, now, 40))
    assert np.isfinite(mean_w).all()
    assert np.isfinite(values_w).all()


def test_the_first_steps_are_surer_than_the_later_ones(history: History, learned: Nowcast) -> None:
    _, low, high, _ = walk(learned, history, 150)
    width = (high - low).mean(axis=0) / PEAK_W
    assert width[0] < width[3] < width[15]


@pytest.mark.parametrize("learned_days", [0, 120])
def test_far_ahead_and_at_night_the_day_ahead_forecast_stands(
    history: History, learned: Nowcast, learned_days: int
) -> None:
    now = 125 * STEPS + 36
    coming = ahead(history, now, 2 * STEPS)
    mean_w, values_w = forecast(learned if learned_days else Nowcast(), part(history, now - 108, now), coming)
    far = np.arange(2 * STEPS) * QUARTER_S >= FADED_S
    assert np.array_equal(mean_w[far], coming.mean_w[far])
    assert np.array_equal(values_w[:, far], coming.values_w[:, far])
    assert not np.array_equal(values_w[:, :8], coming.values_w[:, :8])
    night = coming.clear_w == 0.0
    assert not values_w[:, night].any()
    assert not mean_w[night].any()


def test_without_measurements_the_day_ahead_forecast_stands(history: History, learned: Nowcast) -> None:
    now = 125 * STEPS + 36
    coming = ahead(history, now, 16)
    recent = part(history, now - 108, now)
    blind = replace(recent, power_w=np.full(recent.grid.count, np.nan))
    mean_w, values_w = forecast(learned, blind, coming)
    assert np.array_equal(mean_w, coming.mean_w)
    assert np.array_equal(values_w, coming.values_w)


def test_a_silent_meter_makes_the_forecast_humbler(history: History, learned: Nowcast) -> None:
    """Two hours without a measurement are two hours of lead more: the band is wider."""
    now = 125 * STEPS + 44
    recent, coming = part(history, now - 108, now), ahead(history, now, 4)
    silent = recent.power_w.copy()
    silent[-8:] = np.nan
    _, known = forecast(learned, recent, coming)
    _, unsure = forecast(learned, replace(recent, power_w=silent), coming)
    assert np.mean(unsure[P90] - unsure[P10]) > 1.3 * np.mean(known[P90] - known[P10])


@cache
def forty_days() -> tuple[History, Nowcast]:
    world = weather(40)
    return world, learn(part(world, 0, 30 * STEPS))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 107), max_size=60), st.floats(0.0, 1.5), st.booleans())
def test_whatever_is_missing_or_strange_the_forecast_is_finite(
    holes: list[int], clearness: float, taught: bool
) -> None:
    world, learned = forty_days()
    now = 39 * STEPS + 40
    recent = part(world, now - 108, now)
    power_w = recent.power_w.copy()
    power_w[-8:] = clearness * recent.clear_w[-8:]
    power_w[holes] = np.nan
    mean_w, values_w = forecast(
        learned if taught else Nowcast(), replace(recent, power_w=power_w), ahead(world, now, 50)
    )
    assert np.isfinite(mean_w).all()
    assert np.isfinite(values_w).all()
    assert (mean_w >= 0.0).all()
    assert (mean_w <= 1.2 * PEAK_W).all()


@pytest.mark.parametrize("size", [0.01, 300.0])
def test_a_plant_of_another_size_is_told_the_same_in_proportion(size: float) -> None:
    world, learned = forty_days()
    columns = (size * column for column in (world.power_w, world.clear_w, world.foreseen_w))
    grown = History(world.grid, *columns, size * PEAK_W)
    now = 39 * STEPS + 40
    _, values_w = forecast(learned, part(world, now - 108, now), ahead(world, now, 40))
    _, grown_w = forecast(
        learn(part(grown, 0, 30 * STEPS)), part(grown, now - 108, now), ahead(grown, now, 40)
    )
    assert grown_w / size == pytest.approx(values_w, rel=1e-6, abs=1e-6)
