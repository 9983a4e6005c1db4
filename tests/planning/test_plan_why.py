"""What binds in a plan is found where it binds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from drawn_village import KWH, genset, household, plain

from controller.planning.problem import GridSupply, Present, Problem, Storage
from controller.planning.solver import solve
from controller.planning.why import binding

BATTERY = Storage(4000.0, 2000.0, 2000.0, charge_efficiency=1.0, discharge_efficiency=1.0, soc_min_frac=0.25)


def where(problem: Problem, kind: str) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in binding(problem, solve(problem)) if one.kind == kind]


def test_an_empty_battery_and_who_goes_without() -> None:
    problem = plain(storage=replace(BATTERY, end_prices=()), present=Present(soc_frac=0.75))
    late = replace(problem, loads=(household(np.array([[1000.0, 1000.0, 1000.0, 1000.0]])),))
    assert where(late, "battery_empty")[-1][1] == 4
    unserved = [one for one in binding(late, solve(late)) if one.kind == "demand_unserved"]
    assert sum(one.energy_wh for one in unserved) == 2000.0 or np.isclose(
        sum(one.energy_wh for one in unserved), 2000.0, atol=1.0
    )
    assert {one.subject for one in unserved} == {"household"}


def test_a_full_battery_and_unused_sun() -> None:
    problem = plain(storage=BATTERY, pv_w=np.array([[0.0, 0.0, 9000.0, 9000.0]]))
    assert where(problem, "battery_full") == [(3, 4)] or where(problem, "battery_full") == [(2, 4)]
    assert where(problem, "sun_unused") == [(2, 4)]


def test_inverters_at_their_limit() -> None:
    problem = plain(storage=replace(BATTERY, discharge_w=600.0), present=Present(soc_frac=1.0))
    assert where(problem, "discharge_limit") == [(0, 4)]


def test_a_genset_at_its_least_load_and_one_that_would_run_but_may_not() -> None:
    dear = household(np.full((1, 4), 500.0), unserved_prices=((1.0, 400 * KWH),))
    allowed = np.array([True, True, False, False])
    problem = plain(storage=None, loads=(dear,), generators=(genset(allowed=allowed),))
    assert where(problem, "generator_least_load") == [(0, 2)]
    assert where(problem, "generator_not_allowed") == [(2, 4)]


def test_a_tank_that_runs_dry() -> None:
    problem = plain(
        storage=None,
        loads=(household(np.full((1, 4), 3000.0)),),
        generators=(genset(fuel_per_h=0.0, fuel_per_wh=1e-3),),
        present=Present(fuel_l={"genset": 6.0}),
    )
    assert where(problem, "generator_out_of_fuel")[-1][1] == 4


def test_a_grid_at_its_limit_and_away() -> None:
    grid = GridSupply(np.array([400.0, 400.0, 0.0, 0.0]), np.zeros(4), np.zeros(4), np.zeros(4))
    problem = plain(storage=None, grid=grid)
    assert where(problem, "grid_limit") == [(0, 2)]
    assert where(problem, "grid_away") == [(2, 4)]
