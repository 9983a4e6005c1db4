"""The parts from which the nowcast is built: signals, regression, spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid
from forecasting.quantiles import LEVELS_ARRAY, weighted_quantiles
from forecasting.solar.recent import DAY_BEFORE, HOUR_BEFORE, LAST_STEP, History, Targets, signals
from forecasting.solar.ridge import fit
from forecasting.solar.spread import learn_spread
from forecasting.solar.within_hour import WithinHour, learn_within_hour

STEPS = DAY_S // QUARTER_S
NOON = 3 * STEPS + STEPS // 2
SURPLUS = [LAST_STEP, HOUR_BEFORE, DAY_BEFORE]


def sunny(clearness: float = 0.8, foreseen: float = 0.8) -> History:
    grid = Grid(0, QUARTER_S, 4 * STEPS)
    clear_w = 1000.0 * np.maximum(np.sin(2 * np.pi * (np.arange(grid.count) / STEPS - 0.25)), 0.0)
    return History(grid, clearness * clear_w, clear_w, foreseen * clear_w, 1000.0)


def at_noon(history: History) -> Floats:
    """The signals for 13 h as seen at noon."""
    to = np.array([NOON + 3])
    targets = Targets(np.array([NOON]), to - STEPS, history.clear_w[to], history.foreseen_w[to])
    return signals(history, targets)[0]


def test_a_day_as_foreseen_is_no_surprise() -> None:
    assert at_noon(sunny())[SURPLUS] == pytest.approx(0.0)


@pytest.mark.parametrize("clearness", [0.4, 1.0])
def test_a_difference_from_the_foreseen_is_seen_in_every_window(clearness: float) -> None:
    found = at_noon(sunny(clearness))[SURPLUS]
    assert np.all(np.sign(found) == np.sign(clearness - 0.8))
    assert found == pytest.approx(clearness - 0.8, rel=0.25)


def test_only_the_last_hour_differs() -> None:
    history = sunny()
    power_w = history.power_w.copy()
    power_w[NOON - 4 : NOON] = 0.3 * history.clear_w[NOON - 4 : NOON]
    found = at_noon(replace(history, power_w=power_w))
    assert found[[LAST_STEP, HOUR_BEFORE]] == pytest.approx(-0.5, rel=0.1)
    assert -0.15 < found[DAY_BEFORE] < -0.03


def test_what_comes_later_is_not_seen() -> None:
    history = sunny(0.5)
    later = history.power_w.copy()
    later[NOON:] = np.random.default_rng(1).uniform(0.0, 1000.0, later.size - NOON)
    assert np.array_equal(at_noon(history), at_noon(replace(history, power_w=later)))


def test_what_is_missing_counts_as_foreseen() -> None:
    history = sunny(0.5)
    power_w = history.power_w.copy()
    power_w[NOON - HOUR_S // QUARTER_S : NOON] = np.nan
    found = at_noon(replace(history, power_w=power_w))
    assert found[[LAST_STEP, HOUR_BEFORE]] == pytest.approx(0.0)
    assert found[DAY_BEFORE] < -0.2


def test_a_restless_sky_is_told_from_a_steady_one() -> None:
    history = sunny(0.6)
    power_w = history.power_w.copy()
    power_w[NOON - 12 : NOON : 2] *= 0.5
    calm, restless = at_noon(history), at_noon(replace(history, power_w=power_w))
    jumps = [column for column in range(calm.size) if calm[column] == 0.0]
    assert len(jumps) == 2
    assert np.all(restless[jumps] > 0.1)


def test_a_bent_relation_is_found_and_errors_unseen_are_honest() -> None:
    rng = np.random.default_rng(2)
    seen = rng.standard_normal((6000, 3))
    wanted = np.tanh(seen[:, 0]) * seen[:, 1] + 0.3 * rng.standard_normal(6000)
    smooth, unseen = fit(seen[:4000], wanted[:4000], np.ones(4000))
    error = np.std(smooth(seen[4000:]) - wanted[4000:])
    assert error < 0.6  # the straight line that fits best misses by 0.7
    assert np.std(unseen - wanted[:4000]) == pytest.approx(error, rel=0.15)


def test_from_noise_nothing_is_learned() -> None:
    rng = np.random.default_rng(3)
    smooth, unseen = fit(rng.standard_normal((800, 5)), rng.standard_normal(800), np.ones(800))
    assert np.std(smooth(rng.standard_normal((800, 5)))) < 0.1
    assert np.std(unseen) < 0.1


def test_strange_signals_count_as_far_ones_not_farther() -> None:
    rng = np.random.default_rng(4)
    seen = rng.standard_normal((500, 2))
    smooth, _ = fit(seen, seen @ np.array([1.0, -1.0]), np.ones(500))
    far, farther = smooth(np.array([[5.0, 0.0], [1e6, 0.0]]))
    assert far == pytest.approx(farther)


def test_samples_of_more_weight_decide() -> None:
    seen = np.random.default_rng(5).standard_normal((2000, 1))
    odd = np.arange(2000) % 2 == 1
    wanted = np.where(odd, 1.0, -1.0)
    smooth, _ = fit(seen, wanted, np.where(odd, 9.0, 1.0))
    assert smooth(np.zeros((1, 1)))[0] == pytest.approx(0.8, abs=0.05)


def test_the_band_is_as_wide_as_the_errors_are_where_they_are() -> None:
    rng = np.random.default_rng(6)
    expected = rng.uniform(0.1, 1.0, 20_000)
    truth = expected + 0.3 * (1.0 - expected) * rng.standard_normal(20_000)
    band = learn_spread(expected, truth, np.ones(20_000))
    low, high = (band(np.full(1, value))[:, 0] for value in (0.3, 0.9))
    assert low[-2] - low[1] == pytest.approx(2 * 1.2816 * 0.21, rel=0.12)
    assert high[-2] - high[1] == pytest.approx(2 * 1.2816 * 0.03, rel=0.5)
    inside = (truth >= band(expected)[1]) & (truth <= band(expected)[-2])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


def test_few_samples_make_one_band() -> None:
    band = learn_spread(np.linspace(0.0, 1.0, 30), np.linspace(0.1, 1.1, 30), np.ones(30))
    assert band(np.array([0.2, 0.8])) == pytest.approx(np.array([[0.3, 0.9]] * len(LEVELS_ARRAY)))


def test_weights_move_quantiles() -> None:
    values = np.arange(101.0)
    assert weighted_quantiles(values, np.ones(101), np.array([0.5])) == pytest.approx(50.0)
    assert weighted_quantiles(values, np.where(values < 50, 1.0, 3.0), np.array([0.5])) > 60.0


def test_steps_that_jump_within_the_hour_get_wider_bands_than_hours() -> None:
    """Quarters independent of each other: their mean errs half as much as each of them."""
    grid = Grid(0, QUARTER_S, 40 * STEPS)
    clear_w = np.full(grid.count, 1000.0)
    error_w = 100.0 * np.random.default_rng(7).standard_normal(grid.count)
    jumping = learn_within_hour(History(grid, 600.0 + error_w, clear_w, 0.6 * clear_w, 1000.0))
    assert (jumping.below, jumping.above) == pytest.approx((2.0, 2.0), rel=0.1)
    steady_w = np.repeat(error_w[::4], 4)
    steady = learn_within_hour(History(grid, 600.0 + steady_w, clear_w, 0.6 * clear_w, 1000.0))
    assert (steady.below, steady.above) == pytest.approx((1.0, 1.0))


def test_hours_and_the_first_days_widen_nothing() -> None:
    hourly = Grid(0, HOUR_S, 960)
    noise_w = 500.0 + 100.0 * np.random.default_rng(8).standard_normal(960)
    full = np.full(960, 1000.0)
    assert learn_within_hour(History(hourly, noise_w, full, 0.5 * full, 1000.0)) == WithinHour()
    few = Grid(0, QUARTER_S, 100)
    assert (
        learn_within_hour(History(few, noise_w[:100], full[:100], 0.5 * full[:100], 1000.0)) == WithinHour()
    )


def test_a_band_is_widened_about_the_mean_and_not_below_nothing() -> None:
    values_w = np.array([[10.0], [60.0], [100.0]])
    widened = WithinHour(below=2.0, above=1.5).widened(values_w, np.array([70.0]))
    assert widened.ravel() == pytest.approx([0.0, 50.0, 115.0])
