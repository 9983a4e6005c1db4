"""What binds in a plan, and what another kWh would cost, in words for technicians. Pure."""

from __future__ import annotations

import numpy as np

from controller.core.model import Site
from controller.planner.plan_calendar import Steps
from controller.planner.plan_told import Stretch
from controller.planning.problem import Problem
from controller.planning.solution import Solution
from forecasting.grid import Floats


def energy_price_per_wh(problem: Problem, solution: Solution) -> Floats:
    """What another Wh would cost in each step, shape (n,)."""
    del solution
    return np.zeros(problem.step_h.size)


def why(site: Site, steps: Steps, problem: Problem, solution: Solution) -> tuple[Stretch, ...]:
    """What binds, in order of time."""
    del site, steps, problem, solution
    return ()
