"""Runs of generators that can be: wishes walked through in time. Pure."""

from __future__ import annotations

import numpy as np

from controller.planning.problem import Bools, Generator, Problem
from controller.planning.program.generators import CLOSE_H, least_run_h, possible, state


def repaired(problem: Problem, generator: Generator, wanted: Bools) -> Bools:
    """The runs nearest to `wanted` that keep least run, least rest and what is forbidden; both (n,).

    A start is dropped if the run would have to be cut short; a run is prolonged to its least length.
    """
    begins_h = np.cumsum(problem.step_h) - problem.step_h
    may = possible(problem, generator)
    on, since_h = state(problem, generator)
    changed_h = -since_h
    runs = np.zeros(wanted.size, dtype=bool)
    for step, begin_h in enumerate(begins_h):
        lasted_h = begin_h - changed_h + CLOSE_H
        if on:
            stays = may[step] and (wanted[step] or lasted_h < least_run_h(generator))
        else:
            run = (begins_h >= begin_h) & (begins_h < begin_h + least_run_h(generator) - CLOSE_H)
            run[step] = True
            stays = bool(wanted[step] and lasted_h >= generator.min_rest_h and may[run].all())
        if stays != on:
            on, changed_h = bool(stays), float(begin_h)
        runs[step] = on
    return runs
