"""Whatever the state and the forecast, there is a plan, and it obeys physics and interlocks."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_village import drawn

from controller.planning.problem import Problem
from controller.planning.solution import Solution
from controller.planning.solver import solve

VILLAGES, WITH_INTEGERS = 800, 200


def tolerance_w(problem: Problem) -> float:
    """HiGHS keeps to a millionth of what the site's powers are."""
    largest_w = max([float(problem.pv_w.max()), *(float(load.demand_w.max()) for load in problem.loads), 1.0])
    return 1e-5 * max([largest_w, *(one.rated_w for one in problem.generators)])


def assert_sound(problem: Problem, solution: Solution) -> None:
    close_w = tolerance_w(problem)
    assert_balanced(problem, solution, close_w)
    assert_within_limits(problem, solution, close_w)
    assert_battery_obeys(problem, solution, close_w)
    for generator in problem.generators:
        assert_generator_obeys(problem, solution, generator.id, close_w)


def assert_balanced(problem: Problem, solution: Solution, close_w: float) -> None:
    fed_w = solution.pv_w + solution.discharge_w + solution.import_w + sum(solution.generator_w.values())
    served_w = sum(load.demand_w - solution.unserved_w[load.id] for load in problem.loads)
    taken_w = served_w + solution.charge_w + solution.export_w + solution.dumped_w + solution.standing_w
    assert fed_w == pytest.approx(taken_w + sum(solution.flexible_w.values()), abs=close_w)


def assert_within_limits(problem: Problem, solution: Solution, close_w: float) -> None:
    flows = [solution.pv_w, solution.charge_w, solution.discharge_w, solution.import_w, solution.export_w]
    flows += [solution.dumped_w, solution.standing_w, *solution.generator_w.values()]
    flows += [*solution.unserved_w.values(), *solution.flexible_w.values()]
    assert all((flow >= -close_w).all() for flow in flows)
    assert (solution.pv_w <= problem.pv_w + close_w).all()
    for load in problem.loads:
        assert (solution.unserved_w[load.id] <= load.demand_w + close_w).all()
    for flexible in problem.flexible:
        assert (solution.flexible_w[flexible.id] <= flexible.power_w * flexible.window + close_w).all()
    if problem.grid is not None:
        assert (solution.import_w <= problem.grid.import_w + close_w).all()
        assert (solution.export_w <= problem.grid.export_w + close_w).all()
        assert (np.minimum(solution.import_w, solution.export_w) <= close_w).all()


def assert_battery_obeys(problem: Problem, solution: Solution, close_w: float) -> None:
    storage = problem.storage
    if storage is None:
        assert not solution.charge_w.any()
        assert not solution.discharge_w.any()
        return
    assert (solution.charge_w <= storage.charge_w + close_w).all()
    assert (solution.discharge_w <= storage.discharge_w + close_w).all()
    assert not ((solution.charge_w > 0) & (solution.discharge_w > 0)).any()
    start = min(max(problem.present.soc_frac, 0.0), 1.0)
    close = 10 * close_w * float(problem.step_h.sum()) / storage.energy_wh
    stored_w = solution.charge_w * storage.charge_efficiency
    stored_w = stored_w - solution.discharge_w / storage.discharge_efficiency
    soc = start + np.cumsum(stored_w * problem.step_h, axis=1) / storage.energy_wh
    assert solution.soc_frac[:, 1:] == pytest.approx(soc, abs=close)
    assert (solution.soc_frac >= min(storage.soc_min_frac, start) - close).all()
    assert (solution.soc_frac <= max(storage.soc_max_frac, start) + close).all()


def assert_generator_obeys(problem: Problem, solution: Solution, name: str, close_w: float) -> None:
    generator = next(one for one in problem.generators if one.id == name)
    power_w, on = solution.generator_w[name], solution.generator_on[name]
    begins_h = np.cumsum(problem.step_h) - problem.step_h
    assert (power_w[solution.generator_part[name] == 0] == 0).all()
    assert (power_w <= generator.rated_w + close_w).all()
    whole = begins_h < problem.committed_h - 1e-6
    assert ((power_w <= close_w) | (power_w >= generator.least_w - close_w))[:, whole].all()
    if generator.allowed is not None and generator.disallowed_price_per_h <= 0:
        assert not on[:, ~generator.allowed].any()
    assert (on[:, whole] == on[:1, whole]).all()
    assert np.isin(solution.generator_part[name][:, whole], (0.0, 1.0)).all()
    fuel_l = problem.present.fuel_l.get(name)
    if fuel_l is not None:
        burnt = (
            generator.fuel_per_h * solution.generator_part[name] + generator.fuel_per_wh * power_w
        ) @ problem.step_h
        assert (burnt <= fuel_l * (1 + 1e-4) + 1e-3).all()
    for runs in on[:, whole]:
        assert_runs_last(problem, generator.min_run_h, generator.min_rest_h, name, runs)


def assert_runs_last(
    problem: Problem, min_run_h: float, min_rest_h: float, name: str, runs: np.ndarray
) -> None:
    """No run that begins within the plan is too short, and no rest between a stop and a start."""
    edges_h = np.concatenate([[0.0], np.cumsum(problem.step_h)])
    was = problem.present.generator_on.get(name, False)
    since_h = -problem.present.generator_since_h.get(name, np.inf)
    planned = False
    for at_h, on in zip(edges_h, runs, strict=False):
        if on == was:
            continue
        if was and planned:
            assert at_h - since_h >= min_run_h - 1e-6
        if not was:
            assert at_h - since_h >= min_rest_h - 1e-6
        was, since_h, planned = bool(on), float(at_h), True


@pytest.mark.parametrize("hundred", range(VILLAGES // 100))
def test_every_village_has_a_plan(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        problem = drawn(seed, integers=False)
        assert_sound(problem, solve(problem))


@pytest.mark.parametrize("twenty", range(WITH_INTEGERS // 20))
def test_every_village_with_a_genset_has_a_plan(twenty: int) -> None:
    for seed in range(20 * twenty, 20 * twenty + 20):
        problem = drawn(10_000 + seed)
        assert_sound(problem, solve(problem))


@pytest.mark.parametrize("seed", range(20))
def test_without_any_time_there_is_a_plan_all_the_same(seed: int) -> None:
    problem = drawn(10_000 + seed)
    assert_sound(problem, solve(problem, time_limit_s=0.0))
