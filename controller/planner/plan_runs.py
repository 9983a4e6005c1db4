"""What a plan says of the genset: in which steps it runs, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.core.model import Reason
from controller.planner.plan_calendar import Steps, monthly_run, quiet
from controller.planner.plan_now import PlanNow
from controller.planning.problem import Bools
from controller.planning.solution import Solution
from controller.settings.plant import GensetSettings

_LIKELY = 0.5
"""Where scenarios differ the genset is told to run if that is likelier than not."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The genset's part of a plan, one item a step."""

    on: tuple[bool, ...]
    why: tuple[Reason | None, ...]


def runs_of(
    genset: GensetSettings, steps: Steps, solution: Solution, weights: np.ndarray, now: PlanNow
) -> Runs:
    """When the genset is to run, each run with its reason."""
    if genset.device not in solution.generator_part:
        return Runs((False,) * steps.count, (None,) * steps.count)
    on: Bools = weights @ solution.generator_part[genset.device] > _LIKELY
    test = monthly_run(steps, genset.monthly_test, now.longest_run_s)
    silent = quiet(steps, genset.quiet_hours)
    why: list[Reason | None] = [None] * steps.count
    for first, last in stretches(on):
        when = {"start": steps.clock_s(steps.edges_s[first]), "end": steps.clock_s(steps.edges_s[last])}
        inside = slice(first, last)
        if test[inside].any():
            reason = Reason("genset_test_run", when)
        elif silent[inside].any():
            reason = Reason("genset_run_in_quiet_hours", when)
        else:
            reason = Reason("genset_run_planned", when)
        why[inside] = [reason] * (last - first)
    return Runs(tuple(on.tolist()), tuple(why))


def stretches(holds: Bools) -> list[tuple[int, int]]:
    """First step and the one after the last of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], holds, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
