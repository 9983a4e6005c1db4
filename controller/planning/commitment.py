"""Runs of generators: such as can be, and such as are near to others. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from controller.planning.problem import Bools, Generator, Problem
from controller.planning.program.generators import CLOSE_H, least_run_h, possible, state


def repaired(problem: Problem, generator: Generator, wanted: Bools) -> Bools:
    """The runs nearest to `wanted` that keep least run, least rest and what is forbidden; both (n,).

    A start is dropped if the run would have to be cut short; a run is prolonged to its least length.
    """
    begins_h = np.cumsum(problem.step_h) - problem.step_h
    may, least_h = possible(problem, generator), least_run_h(generator)
    on, since_h = state(problem, generator)
    changed_h = -since_h
    runs = np.zeros(wanted.size, dtype=bool)
    for step, begin_h in enumerate(begins_h):
        lasted_h = begin_h - changed_h + CLOSE_H
        if on:
            stays = may[step] and (wanted[step] or lasted_h < least_h)
        else:
            run = (begins_h >= begin_h) & (begins_h < begin_h + least_h - CLOSE_H)
            run[step] = True
            stays = wanted[step] and lasted_h >= generator.min_rest_h and may[run].all()
        if stays != on:
            on, changed_h = bool(stays), float(begin_h)
        runs[step] = on
    return runs


def neighbours(runs: Bools) -> Iterator[Bools]:
    """Runs that differ in one step, then such with one step of running moved elsewhere; shape kept."""
    for step in range(runs.size):
        other = runs.copy()
        other.flat[step] = not other.flat[step]
        yield other
    for stopped in np.flatnonzero(runs):
        for started in np.flatnonzero(~runs.ravel()):
            other = runs.copy()
            other.flat[[stopped, started]] = [False, True]
            yield other
