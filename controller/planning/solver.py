"""From a problem to its solution.

First good runs of the generators are looked for nearby: the relaxation is rounded, then a step is changed
here and there. The linear programme that judges each trial is kept warm, so that a hundred of them take a
seventh of a second. Then HiGHS searches from there, with cuts and branches, until nothing can be better by
more than the gap, or time is up. From the first moment on there is an answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from controller.planning.commitment import neighbours, repaired, summed_up
from controller.planning.highs import Relaxation, search
from controller.planning.problem import Bools, Floats, Problem
from controller.planning.program import Program, build, read
from controller.planning.solution import PlanningError, Solution

NEARBY_FRAC = 0.3
"""Of the time limit for looking nearby."""
TRIALS = 120
"""So many runs are tried before the search: with more of them the search gains less than they take."""
LATE_TRIALS = 40
"""So many are tried though time be up: some 50 ms."""
THRESHOLDS = (0.5, 0.35, 0.25, 0.15, 0.05)
"""A generator is tried to run wherever it runs for more than such a part of a step in the relaxation."""


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """Values of all columns, and what they cost in the programme's unit."""

    values: Floats
    total: float
    """Preferences included, constants not."""


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
    trials = _Trials(build(problem))
    best, bound = trials.nearby(warm, begun_s + NEARBY_FRAC * time_limit_s, gap_frac)
    if trials.gap(best, bound) > gap_frac:
        left_s = begun_s + time_limit_s - time.perf_counter()
        found = search(
            trials.columns,
            trials.rows,
            begin=best.values,
            offset=trials.offset,
            time_limit_s=left_s,
            gap_frac=gap_frac,
        )
        bound = max(bound, found.bound)
        best = min([best, *trials.tried(found.values)], key=lambda course: course.total)
    return trials.solution(best, bound, time.perf_counter() - begun_s)


class _Trials:
    """A programme, and courses for it with given integers."""

    def __init__(self, program: Program) -> None:
        self.columns = program.linear.columns()
        self.rows = program.linear.rows()
        self.offset = program.linear.constant + program.linear.ideal
        """With it nothing costs less than 0, and a gap in per cent has a meaning."""
        self._program = program
        self._relaxation = Relaxation(self.columns, self.rows)

    def gap(self, course: _Course, bound: float) -> float:
        """How much dearer than the best a course may be, as part of what it costs."""
        total = course.total + self.offset
        return min(max(course.total - bound, 0.0) / total, 1.0) if total > 0 else 0.0

    def nearby(self, warm: Solution | None, until_s: float, gap_frac: float) -> tuple[_Course, float]:
        """The best course near the relaxation, and what none costs less than."""
        bound = self._relaxation.solve()
        if bound is None:
            raise PlanningError("HiGHS finds no course, not even with parts of runs")
        relaxed = self._relaxation.values
        if not self.columns.integer.any():
            return _Course(relaxed, bound), bound
        best: _Course | None = None
        seen: set[bytes] = set()
        for integers in self._beginnings(relaxed, warm):
            best = self._better(best, integers, seen)
        if best is None:
            raise PlanningError("HiGHS finds no course, not even that of doing nothing")
        improved = True
        while improved and self.gap(best, bound) > gap_frac:
            improved = False
            for integers in self._near(best.values):
                late = time.perf_counter() > until_s
                if len(seen) >= (LATE_TRIALS if late else TRIALS):
                    return best, bound
                better = self._better(best, integers, seen)
                if better is not best and better is not None:
                    best, improved = better, True
                    break
        return best, bound

    def tried(self, integers: Floats | None) -> Iterator[_Course]:
        """The course with these integers, if there is one."""
        total = None if integers is None else self._relaxation.solve(integers)
        if total is not None:
            yield _Course(self._relaxation.values, total)

    def _better(self, best: _Course | None, integers: Floats, seen: set[bytes]) -> _Course | None:
        """The best so far, or the course with these integers if it costs less."""
        key = integers[self.columns.integer].astype(bool).tobytes()
        if key in seen:
            return best
        seen.add(key)
        total = self._relaxation.solve(integers)
        if total is None or (best is not None and total >= best.total):
            return best
        return _Course(self._relaxation.values, total)

    def _beginnings(self, relaxed: Floats, warm: Solution | None) -> Iterator[Floats]:
        """Nothing at all, which is always possible; the relaxation, rounded; the runs of before."""
        yield np.zeros_like(relaxed)
        rounded, generators = np.rint(relaxed), self._program.generators
        for threshold in THRESHOLDS:
            runs = {name: relaxed[one.on[0]] > threshold for name, one in generators.items()}
            yield self._with_runs(rounded, runs)
        problem = self._program.problem
        summed = {
            one.id: summed_up(problem, one, relaxed[generators[one.id].on[0]]) for one in problem.generators
        }
        yield self._with_runs(rounded, summed)
        if warm is not None:
            yield self._with_runs(rounded, {name: on[0] for name, on in warm.generator_on.items()})

    def _near(self, values: Floats) -> Iterator[Floats]:
        """Courses whose runs differ a little; each generator's by itself."""
        for name, one in self._program.generators.items():
            for runs in neighbours(values[one.on[0]] > 0.5):
                yield self._with_runs(values, {name: runs})

    def _with_runs(self, values: Floats, runs: Mapping[str, Bools]) -> Floats:
        """The same values with generators that run as wanted, (n,), as far as they can."""
        values = values.copy()
        problem = self._program.problem
        for generator in problem.generators:
            if generator.id not in runs:
                continue
            on, wanted = self._program.generators[generator.id].on, runs[generator.id]
            if wanted.shape == problem.step_h.shape:
                values[on] = repaired(problem, generator, wanted)
        return values

    def solution(self, course: _Course, bound: float, solve_s: float) -> Solution:
        """In watts, with the price of energy while the runs stay as they are."""
        total = self._relaxation.solve(course.values)
        prices = self._relaxation.row_prices
        values = course.values if total is None else self._relaxation.values
        cost = float(self.columns.cost @ values) + self._program.linear.constant
        gap = self.gap(course, bound)
        return read(self._program, values, prices, cost=cost, gap_frac=gap, solve_s=solve_s)
