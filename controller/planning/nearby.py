"""Good courses near the relaxation, found without a search. Pure.

The linear programme that judges a trial is kept warm, so that a hundred of them take a seventh of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from controller.planning.commitment import flipped, largest, moved, repaired, summed_up
from controller.planning.highs import Relaxation
from controller.planning.problem import Bools, Floats
from controller.planning.program import Program, read
from controller.planning.solution import PlanningError, Solution

TRIALS = 120
"""With more of them a search gains less than they take."""
LATE_TRIALS = 40
"""So many are tried though time be up: some 50 ms."""
THRESHOLDS = (0.5, 0.35, 0.25, 0.15, 0.05)
"""A generator is tried to run wherever it runs for more than such a part of a step in the relaxation."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Values of all columns, and what they cost in the programme's unit."""

    values: Floats
    total: float
    """Preferences included, constants not."""


class Trials:
    """A programme, and courses for it with given integers."""

    def __init__(self, program: Program) -> None:
        self.columns = program.linear.columns()
        self.rows = program.linear.rows()
        self.offset = program.linear.constant + program.linear.ideal
        """With it nothing costs less than 0, and a gap in per cent has a meaning."""
        self._program = program
        self._relaxation = Relaxation(self.columns, self.rows)
        self._tried: set[bytes] = set()

    def gap(self, course: Course, bound: float) -> float:
        """How much dearer than the best a course may be, as part of what it costs."""
        total = course.total + self.offset
        return min(max(course.total - bound, 0.0) / total, 1.0) if total > 0 else 0.0

    def nearby(
        self, warm: Solution | None, gap_frac: float, late: Callable[[], bool]
    ) -> tuple[Course, float]:
        """The best course near the relaxation, and what none costs less than."""
        bound = self._relaxation.solve()
        if bound is None:
            raise PlanningError("HiGHS finds no course, not even with parts of runs")
        relaxed = self._relaxation.values
        if not self.columns.integer.any():
            return Course(relaxed, bound), bound
        best = self._course(np.zeros_like(relaxed))
        if best is None:
            raise PlanningError("HiGHS finds no course, not even that of doing nothing")
        for integers in self._beginnings(relaxed, warm):
            best = self.better(best, integers)
        improved = True
        while improved and self.gap(best, bound) > gap_frac:
            improved = False
            for integers in self._near(best.values):
                if len(self._tried) >= (LATE_TRIALS if late() else TRIALS):
                    return best, bound
                other = self.better(best, integers)
                if other is not best:
                    best, improved = other, True
                    break
        return best, bound

    def better(self, best: Course, integers: Floats | None) -> Course:
        """The best so far, or the course with these integers if it costs less."""
        course = None if integers is None else self._course(integers)
        return best if course is None or course.total >= best.total else course

    def _course(self, integers: Floats) -> Course | None:
        """The best course with these integers; None if there is none, or it has been tried."""
        key = np.rint(integers[self.columns.integer]).astype(bool).tobytes()
        if key in self._tried:
            return None
        self._tried.add(key)
        total = self._relaxation.solve(integers)
        return None if total is None else Course(self._relaxation.values, total)

    def _beginnings(self, relaxed: Floats, warm: Solution | None) -> Iterator[Floats]:
        """The relaxation, rounded; the runs of before."""
        problem, generators = self._program.problem, self._program.generators
        rounded = np.rint(relaxed)
        for load in problem.flexible:
            columns = self._program.flexible[load.id]
            if columns.all_or_nothing:
                on = columns.drawn[0]
                rounded[on] = largest(relaxed[on], problem.step_h, load.energy_wh / load.power_w)
        for threshold in THRESHOLDS:
            runs = {name: relaxed[one.on[0]] > threshold for name, one in generators.items()}
            yield self._with_runs(rounded, runs)
        summed = {
            one.id: summed_up(problem, one, relaxed[generators[one.id].on[0]]) for one in problem.generators
        }
        yield self._with_runs(rounded, summed)
        if warm is not None:
            yield self._with_runs(rounded, {name: on[0] for name, on in warm.generator_on.items()})

    def _near(self, values: Floats) -> Iterator[Floats]:
        """Courses that differ a little in the runs of one generator."""
        for name, generator in self._program.generators.items():
            runs = values[generator.on[0]] > 0.5
            for changed in (flipped, moved):
                for other in changed(runs):
                    yield self._with_runs(values, {name: other})

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

    def solution(self, course: Course, bound: float, solve_s: float) -> Solution:
        """In watts, with the price of energy while the runs stay as they are."""
        total = self._relaxation.solve(course.values)
        prices = self._relaxation.row_prices
        values = course.values if total is None else self._relaxation.values
        cost = float(self.columns.cost @ values) + self._program.linear.constant
        gap = self.gap(course, bound)
        return read(self._program, values, prices, cost=cost, gap_frac=gap, solve_s=solve_s)
