"""From a problem to its solution, and what to do when time runs out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from controller.planning.commitment import repaired
from controller.planning.highs import Answer, minimise
from controller.planning.problem import Bools, Floats, Problem
from controller.planning.program import Columns, Program, Rows, build, read
from controller.planning.solution import PlanningError, Solution

SEARCH_FRAC = 0.75
"""Of the time limit for the search; the rest is for what to do when it has found nothing good."""
THRESHOLDS = (0.5, 0.25, 0.05)
"""From where on a generator that runs for a part in the relaxation runs."""
LEAST_S = 1.0
"""An LP is given so long at least: it needs a twentieth of it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """Values of all columns, and their cost in the programme's unit."""

    values: Floats
    cost: float


def solve(
    problem: Problem, *, time_limit_s: float = 5.0, gap_frac: float = 0.01, warm: Solution | None = None
) -> Solution:
    """The best course for a problem.

    time_limit_s: host seconds. If they do not do for the search for the generators' runs, the answer is the
        best of what was found, runs rounded from the relaxation, those of `warm`, and none at all.
    gap_frac: how much dearer than the best it may be.
    warm: an earlier solution on the same steps, of which the runs are tried too.

    Raises ValueError for shapes that do not fit, PlanningError if HiGHS finds nothing whatsoever.
    """
    begun_s = time.perf_counter()
    search = _Search(build(problem), begun_s + time_limit_s)
    answer = search.run(integers=True, until_s=begun_s + SEARCH_FRAC * time_limit_s, gap_frac=gap_frac)
    best = search.course(answer)
    if not answer.done:
        best = min(
            [course for course in (best, *search.fallbacks(warm)) if course],
            key=lambda c: c.cost,
            default=None,
        )
    if best is None:
        raise PlanningError(f"HiGHS: {answer.status}")
    return search.solution(best, answer.bound, time.perf_counter() - begun_s)


class _Search:
    """One programme, solved with its integers free, relaxed or fixed."""

    def __init__(self, program: Program, until_s: float) -> None:
        self._program = program
        self._until_s = until_s
        self._columns: Columns = program.linear.columns()
        self._rows: Rows = program.linear.rows()
        self._offset = program.linear.constant + program.linear.ideal

    def run(self, *, integers: bool, until_s: float | None = None, gap_frac: float = 0.0) -> Answer:
        """Ask HiGHS."""
        left_s = (self._until_s if until_s is None else until_s) - time.perf_counter()
        return minimise(
            self._columns,
            self._rows,
            integers=integers,
            time_limit_s=left_s if integers else max(left_s, LEAST_S),
            gap_frac=gap_frac,
            offset=self._offset,
        )

    def course(self, answer: Answer) -> _Course | None:
        """What an answer costs."""
        if answer.values is None:
            return None
        cost = float(self._columns.cost @ answer.values) + self._program.linear.constant
        return _Course(answer.values, cost)

    def fixed(self, integers: Floats) -> Answer:
        """The best with all integer variables as given; of `integers` nothing else is looked at."""
        columns = self._columns
        lower = np.where(columns.integer, integers, columns.lower)
        upper = np.where(columns.integer, integers, columns.upper)
        left_s = max(self._until_s - time.perf_counter(), LEAST_S)
        bound = replace(columns, lower=lower, upper=upper)
        return minimise(bound, self._rows, integers=False, time_limit_s=left_s, offset=self._offset)

    def fallbacks(self, warm: Solution | None) -> Iterator[_Course | None]:
        """Courses that are found without a search."""
        relaxed = self.run(integers=False).values
        yield self.course(self.fixed(np.zeros(self._columns.cost.size)))
        if relaxed is not None:
            for threshold in THRESHOLDS:
                yield self.course(self.fixed(self._rounded(relaxed, threshold)))
            if warm is not None:
                yield self.course(self.fixed(self._with_runs(relaxed.round(), dict(warm.generator_on))))

    def _rounded(self, relaxed: Floats, threshold: float) -> Floats:
        runs = {name: relaxed[one.on] > threshold for name, one in self._program.generators.items()}
        return self._with_runs(relaxed.round(), runs)

    def _with_runs(self, values: Floats, runs: dict[str, Bools]) -> Floats:
        """The same values with generators that run as wanted, as far as they can."""
        values = values.copy()
        for generator in self._program.problem.generators:
            on = self._program.generators[generator.id].on
            wanted = runs.get(generator.id)
            if wanted is None or wanted.shape != on.shape:
                continue
            for columns, row in zip(on, wanted, strict=True):
                values[columns] = repaired(self._program.problem, generator, row)
        return values

    def solution(self, course: _Course, bound: float, solve_s: float) -> Solution:
        """In watts. The gap is that to the bound, of the cost with all that could be won."""
        ceiling = max(course.cost + self._program.linear.ideal, 1e-9)
        gap = (
            max(course.cost + self._program.linear.ideal - bound, 0.0) / ceiling
            if np.isfinite(bound)
            else 1.0
        )
        return read(self._program, course.values, cost=course.cost, gap_frac=min(gap, 1.0), solve_s=solve_s)
