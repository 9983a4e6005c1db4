"""A plan of the coming two days: from what may come and where things stand to who is told what. Pure.

Scenarios and feeders' shares make the problem, the solver divides the energy, turns say whom it is that goes
without, and the document tells all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.core.model import BatteryRole
from controller.planner.plan_calendar import Steps, steps_from
from controller.planner.plan_hours import heavy_use, strained_steps
from controller.planner.plan_now import AnnouncedCut, PlanNow
from controller.planner.plan_problem import Expectation, expectation, flexible_id, problem_of, replacement_of
from controller.planner.plan_runs import runs_of
from controller.planner.plan_told import Solved, Told, document
from controller.planner.plan_turns import cut_wh, turns
from controller.planner.plan_why import why
from controller.planner.site import PlannedSite
from controller.planning.problem import Problem
from controller.planning.solution import Solution
from controller.planning.solver import solve
from controller.runtime.child_wire import Json
from controller.settings import Config
from forecasting.calibration.reduction import reduce_scenarios
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import HOUR_S, Floats
from forecasting.quantiles import LEVELS_ARRAY, QuantileForecast


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What a plan takes from a forecast."""

    scenarios: Scenarios
    """A handful."""
    feeders_w: Mapping[str, Floats]
    """Expected of each feeder, shape (scenarios.grid.count,) [W]."""


def ahead_of(scenarios: Scenarios, feeders: Mapping[str, QuantileForecast]) -> Ahead:
    """A handful of the paths that may come, and what each feeder is expected to want of them."""
    return Ahead(reduce_scenarios(scenarios), {name: mean_w(one) for name, one in feeders.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A plan, and how it came about."""

    steps: Steps
    problem: Problem
    solution: Solution
    class_cut_wh: Mapping[str, Floats]
    """What each class that takes turns is to go without, by step, shape (n,)."""
    cuts: Mapping[str, tuple[AnnouncedCut, ...]]
    """By feeder."""
    document: Json
    """What plan.json holds."""


def make_plan(
    site: PlannedSite,
    settings: Config,
    scenarios: Scenarios,
    feeders_w: Mapping[str, Floats],
    now: PlanNow,
) -> Planned:
    """Plan from now to the end of the scenarios.

    Args:
        site: the village.
        settings: its config.yaml.
        scenarios: what may come of sun and load, a handful; their grid's first step holds `now`.
        feeders_w: by feeder what it is expected to want, shape (scenarios.grid.count,) [W]: for its share.
        now: where things stand, and what was announced before.

    Raises PlanningError when the solver finds nothing, or for scenarios that do not hold `now`.
    """
    steps = steps_from(now.at_s, scenarios.grid, site.place.timezone)
    expected = expectation(settings, steps, scenarios, feeders_w, now)
    problem = problem_of(settings, steps, expected, scenarios, now)
    solution = solve(problem)
    missed_wh = cut_wh(problem, solution)
    announced_until_s = min(steps.end_s, round(now.at_s + settings.planning.announced_h * HOUR_S))
    draws_w = _draws_w(expected, problem, solution)
    wanted_w = {**expected.wanted_w, **draws_w}
    cuts = turns(site.core, steps, missed_wh, wanted_w, draws_w, now, announced_until_s)
    solved = Solved(steps, problem, solution, wanted_w, cuts)
    told = document(_told(site, settings, now, solved, announced_until_s))
    return Planned(steps, problem, solution, missed_wh, cuts, told)


def _told(site: PlannedSite, settings: Config, now: PlanNow, solved: Solved, announced_until_s: int) -> Told:
    """What is said of a solved plan."""
    steps, problem, solution = solved.steps, solved.problem, solved.solution
    price_per_wh = np.maximum(solution.energy_price_per_wh, 0.0)  # sun unused has a price below nothing
    genset = settings.genset
    runs = None if genset is None else runs_of(genset, steps, solution, problem.weights, now)
    strained = strained_steps(steps, () if runs is None else runs.on, solved.cuts)
    replacement = replacement_of(settings, genset if problem.generators else None, problem.grid)
    return Told(
        issued_s=int(now.at_s),
        announced_until_s=announced_until_s,
        solved=solved,
        follows=site.core.battery.role is BatteryRole.GRID_FOLLOWING,
        runs=runs,
        heavy_use=heavy_use(steps, price_per_wh, replacement, strained),
        price_per_wh=price_per_wh,
        why=why(steps, problem, solution),
    )


def mean_w(forecast: QuantileForecast) -> Floats:
    """The mean that quantiles stand for, straight between them, shape (count,) [W].

    For shares the middle would not do: a pump that runs on every third day is wanted on all of them.
    """
    edges = np.concatenate(([0.0], (LEVELS_ARRAY[1:] + LEVELS_ARRAY[:-1]) / 2, [1.0]))
    found: Floats = np.diff(edges) @ forecast.values_w
    return found


def _draws_w(expected: Expectation, problem: Problem, solution: Solution) -> Mapping[str, Floats]:
    """When each flexible load is to draw, shape (n,) [W]."""
    nothing = np.zeros(problem.step_h.size)
    return {
        name: sum(
            (problem.weights @ solution.flexible_w[flexible_id(name, window)] for window in windows), nothing
        )
        for name, windows in expected.windows.items()
    }
