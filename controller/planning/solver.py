"""From a problem to its solution.

First good runs of the generators are looked for nearby: the relaxation is rounded, then a step is changed
here and there (`nearby.py`). Then HiGHS searches from there, with cuts and branches, until nothing can be
better by more than the gap, or time is up. From the first moment on there is an answer.
"""

from __future__ import annotations

import time

from controller.planning.highs import search
from controller.planning.nearby import Trials
from controller.planning.problem import Problem
from controller.planning.program import build
from controller.planning.solution import Solution

NEARBY_FRAC = 0.3
"""Of the time limit for looking nearby."""


def solve(
    problem: Problem, *, time_limit_s: float = 1.5, gap_frac: float = 0.01, warm: Solution | None = None
) -> Solution:
    """The best course for a problem.

    time_limit_s: host seconds. If they are up before the gap is reached, the answer is the best found until
        then; the relaxation and some rounded courses are worked out in any case, for some 100 ms.
    gap_frac: how much dearer than the best it may be.
    warm: an earlier solution on the same steps, of which the runs are tried as well.

    Raises ValueError for shapes that do not fit, PlanningError if HiGHS finds nothing whatsoever.
    """
    begun_s = time.perf_counter()
    trials = Trials(build(problem))
    best, bound = trials.nearby(
        warm, gap_frac, late=lambda: time.perf_counter() > begun_s + NEARBY_FRAC * time_limit_s
    )
    if trials.gap(best, bound) > gap_frac:
        found = search(
            trials.columns,
            trials.rows,
            begin=best.values,
            offset=trials.offset,
            time_limit_s=begun_s + time_limit_s - time.perf_counter(),
            gap_frac=gap_frac,
        )
        bound = max(bound, found.bound)
        best = trials.better(best, found.values)
    return trials.solution(best, bound, time.perf_counter() - begun_s)
