"""Runs of generators: such as can be, and such as are near to others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from controller.planning.problem import Bools, Floats, Generator, Problem
from controller.planning.program.generators import CLOSE_H, least_run_h, possible, state


def repaired(problem: Problem, generator: Generator, wanted: Bools) -> Bools:
    """The runs nearest to `wanted` that keep least run, least rest and what is forbidden; both (n,).

    A start is dropped if the run would have to be cut short; a run is prolonged to its least length.
    """
    return _walked(problem, generator, lambda step, _: bool(wanted[step]))


def summed_up(problem: Problem, generator: Generator, parts: Floats) -> Bools:
    """Runs that last as long in all as parts of steps do, both (n,).

    What lacks to a whole step is carried on until it makes half a step ("sum-up rounding": Sager, Bock and
    Diehl, Mathematical Programming 133, 2012).
    """
    hours = problem.step_h
    owed_h = np.cumsum(parts * hours)
    return _walked(
        problem,
        generator,
        lambda step, runs: bool(owed_h[step] - hours[:step] @ runs[:step] >= hours[step] / 2),
    )


def largest(parts: Floats, step_h: Floats, hours: float) -> Bools:
    """Steps of the largest parts that last as long as wanted or a little less; shape (n,)."""
    order = np.argsort(-parts, kind="stable")
    runs = np.zeros(parts.size, dtype=bool)
    runs[order] = np.cumsum(step_h[order]) <= hours + CLOSE_H
    return runs


def flipped(runs: Bools) -> Iterator[Bools]:
    """Runs that differ in one step."""
    for step in range(runs.size):
        other = runs.copy()
        other[step] = not other[step]
        yield other


def moved(runs: Bools) -> Iterator[Bools]:
    """Runs of which one step is moved elsewhere."""
    for stopped in np.flatnonzero(runs):
        for started in np.flatnonzero(~runs):
            other = runs.copy()
            other[[stopped, started]] = [False, True]
            yield other


def _walked(problem: Problem, generator: Generator, wants: Callable[[int, Bools], bool]) -> Bools:
    """Runs by wishes of which each knows the step and the runs before it."""
    begins_h = np.cumsum(problem.step_h) - problem.step_h
    may, least_h = possible(problem, generator), least_run_h(generator)
    on, since_h = state(problem, generator)
    changed_h = -since_h
    runs = np.zeros(begins_h.size, dtype=bool)
    for step, begin_h in enumerate(begins_h):
        lasted_h = begin_h - changed_h + CLOSE_H
        if on:
            goes = may[step] and (lasted_h < least_h or wants(step, runs))
        else:
            run = (begins_h >= begin_h) & (begins_h < begin_h + least_h - CLOSE_H)
            run[step] = True
            goes = lasted_h >= generator.min_rest_h and may[run].all() and wants(step, runs)
        if goes != on:
            on, changed_h = bool(goes), float(begin_h)
        runs[step] = on
    return runs
