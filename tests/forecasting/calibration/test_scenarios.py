"""Joint paths: true to each step's quantiles, hanging together in time, and reduced without losing energy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.calibration.dependence import DependenceState, fresh_dependence
from forecasting.calibration.normal_scores import LEVEL_SCORES
from forecasting.calibration.reduction import reduce_scenarios
from forecasting.calibration.scenarios import Scenarios, sample_scenarios
from forecasting.grid import DAY_S, QUARTER_S, Floats, Grid
from forecasting.quantiles import LEVELS, QuantileForecast, tidy

START_S = 1_700_006_400
GRID = Grid(START_S, QUARTER_S, 192)
HOURS = np.arange(GRID.count) / 4 % 24


def forecast(expected_w: Floats, spread_frac: float) -> QuantileForecast:
    return QuantileForecast(START_S, GRID, tidy(expected_w * (1 + spread_frac * LEVEL_SCORES[:, None])))


PV = forecast(np.clip(4000 * np.sin((HOURS - 6) / 12 * np.pi), 0.0, None), 0.4)
LOAD = forecast(np.where(HOURS > 18, 1500.0, 600.0), 0.25)


def sampled(count: int = 200, seed: int = 0, dependence: DependenceState | None = None) -> Scenarios:
    return sample_scenarios(PV, LOAD, dependence or fresh_dependence(), count=count, seed=seed)


def test_each_step_keeps_its_quantiles() -> None:
    paths = sampled(count=8000)
    for forecast_, power_w in ((PV, paths.pv_w), (LOAD, paths.load_w)):
        by_day = forecast_.median_w > 0
        found = np.quantile(power_w, LEVELS, axis=0)[:, by_day]
        assert found == pytest.approx(forecast_.values_w[:, by_day], rel=0.1, abs=60.0)


def test_nights_have_no_sun_in_any_path() -> None:
    assert not sampled().pv_w[:, PV.values_w[-1] == 0].any()


def test_the_same_seed_gives_the_same_paths_and_another_one_others() -> None:
    assert np.array_equal(sampled(seed=3).pv_w, sampled(seed=3).pv_w)
    assert not np.array_equal(sampled(seed=3).pv_w, sampled(seed=4).pv_w)


def test_a_day_is_good_or_bad_as_a_whole() -> None:
    """Were steps independent, a day's energy would hardly vary: errors of 96 steps would cancel."""
    paths = sampled(count=1000)
    energy = paths.pv_w[:, :96].sum(axis=1)
    steps = paths.pv_w[:, :96].std(axis=0)
    independent = np.sqrt(np.sum(steps**2))
    comonotone = np.sum(steps)
    assert 2 * independent < energy.std() < 0.8 * comonotone


def test_hours_that_are_close_go_together_more_than_distant_ones() -> None:
    load = np.corrcoef(sampled(count=2000).load_w.T)
    assert load[40, 41] > load[40, 48] > load[40, 72]
    assert load[0, 96] > load[0, 48]  # the same hour tomorrow


@pytest.mark.parametrize("together", [-0.6, 0.5])
def test_pv_and_load_go_together_as_learned(together: float) -> None:
    dependence = replace(fresh_dependence(), cross=np.array([together * 1e6, 1e6]))
    paths = sampled(count=4000, dependence=dependence)
    found = np.corrcoef(paths.pv_w[:, 48], paths.load_w[:, 48])[0, 1]
    assert found == pytest.approx(together, abs=0.06)


def test_ceilings_are_kept() -> None:
    paths = sample_scenarios(
        PV, LOAD, fresh_dependence(), pv_ceiling_w=3000.0, load_ceiling_w=1800.0, count=50
    )
    assert paths.pv_w.max() == 3000.0
    assert paths.load_w.max() == 1800.0
    assert paths.load_w.min() >= 0


def test_what_cannot_be_sampled_is_refused() -> None:
    other = QuantileForecast(START_S, Grid(START_S + DAY_S, QUARTER_S, 192), LOAD.values_w)
    with pytest.raises(ValueError, match="same grid"):
        sample_scenarios(PV, other, fresh_dependence())
    with pytest.raises(ValueError, match="pairs"):
        sampled(count=1)


def test_scenarios_that_do_not_fit_are_refused() -> None:
    one = np.ones((1, GRID.count))
    with pytest.raises(ValueError, match="sum to 1"):
        Scenarios(START_S, GRID, one, one, np.array([0.5]))
    with pytest.raises(ValueError, match="do not fit"):
        Scenarios(START_S, GRID, one, one[:, :5], np.array([1.0]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(5, 10))
def test_a_handful_keeps_the_expected_energy(seed: int, count: int) -> None:
    many = sampled(seed=seed)
    few = reduce_scenarios(many, count)
    assert few.weights.size == count
    assert few.weights.min() > 0
    assert few.weights.sum() == pytest.approx(1.0)
    assert few.expected_pv_wh == pytest.approx(many.expected_pv_wh, rel=0.06)
    assert few.expected_load_wh == pytest.approx(many.expected_load_wh, rel=0.06)


def test_what_is_kept_are_paths_of_the_many() -> None:
    many = sampled()
    few = reduce_scenarios(many, 5)
    kept = {path.tobytes() for path in many.pv_w}
    assert all(path.tobytes() in kept for path in few.pv_w)
    assert len({path.tobytes() for path in few.pv_w}) == 5


def test_a_handful_still_tells_good_days_from_bad() -> None:
    many, few = sampled(), reduce_scenarios(sampled(), 5)

    def spread(paths: Scenarios) -> float:
        net = (paths.pv_w - paths.load_w).sum(axis=1)
        return float(np.sqrt(paths.weights @ (net - paths.weights @ net) ** 2))

    assert spread(few) == pytest.approx(spread(many), rel=0.25)


def test_two_kinds_of_days_are_both_kept_with_their_chances() -> None:
    dull, bright = (np.full((1, GRID.count), power_w) for power_w in (500.0, 3000.0))
    pv = np.concatenate([dull] * 3 + [bright] * 7)
    paths = Scenarios(START_S, GRID, pv, np.ones_like(pv), np.full(10, 0.1))
    few = reduce_scenarios(paths, 2)
    chances = dict(zip(few.pv_w[:, 0].tolist(), few.weights.tolist(), strict=True))
    assert chances == pytest.approx({500.0: 0.3, 3000.0: 0.7}, abs=1e-4)


def test_paths_without_any_doubt_are_reduced_too() -> None:
    same = np.ones((20, GRID.count))
    few = reduce_scenarios(Scenarios(START_S, GRID, same, same, np.full(20, 0.05)), 3)
    assert few.weights.sum() == pytest.approx(1.0)
    assert few.expected_pv_wh == pytest.approx(48.0)


def test_nothing_is_reduced_where_there_is_nothing_to_reduce() -> None:
    few = sampled(count=4)
    assert reduce_scenarios(few, 4) is few
    assert reduce_scenarios(few, 1).weights.tolist() == [1.0]
    with pytest.raises(ValueError, match="at least one"):
        reduce_scenarios(few, 0)
