"""Runs that can be, from runs that are wished for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from drawn_village import genset, plain
from hypothesis import given
from hypothesis import strategies as st

from controller.planning.commitment import flipped, largest, moved, repaired, summed_up
from controller.planning.problem import Present, Problem

STEPS = 12
WISHES = st.lists(st.booleans(), min_size=STEPS, max_size=STEPS).map(np.array)
PARTS = st.lists(st.floats(0, 1), min_size=STEPS, max_size=STEPS).map(np.array)
HOURS = st.sampled_from([0.0, 0.5, 1.0, 2.5])


NOW = Present()


def half_hours(present: Present = NOW) -> Problem:
    return replace(plain(), step_h=np.full(STEPS, 0.5), present=present)


def lengths_h(runs: np.ndarray) -> list[tuple[bool, float]]:
    """Each stretch with whether it runs and how long, in order."""
    edges = [0, *(np.flatnonzero(np.diff(runs.astype(int))) + 1), runs.size]
    return [(bool(runs[a]), 0.5 * (b - a)) for a, b in pairwise(edges)]


@given(WISHES, HOURS, HOURS)
def test_runs_and_rests_last(wishes: np.ndarray, run_h: float, rest_h: float) -> None:
    runs = repaired(half_hours(), genset(min_run_h=run_h, min_rest_h=rest_h), wishes)
    for on, lasts_h in lengths_h(runs)[1:-1]:
        assert lasts_h >= (run_h if on else rest_h)


@given(WISHES, HOURS, HOURS, WISHES)
def test_it_never_runs_where_it_must_not(
    wishes: np.ndarray, run_h: float, since_h: float, allowed: np.ndarray
) -> None:
    present = Present(generator_on={"genset": True}, generator_since_h={"genset": since_h})
    runs = repaired(half_hours(present), genset(min_run_h=run_h, allowed=allowed), wishes)
    assert not runs[~allowed].any()


@given(WISHES, HOURS, HOURS)
def test_what_can_be_stays_as_it_is(wishes: np.ndarray, run_h: float, rest_h: float) -> None:
    generator = genset(min_run_h=run_h, min_rest_h=rest_h)
    runs = repaired(half_hours(), generator, wishes)
    assert (repaired(half_hours(), generator, runs) == runs).all()


def test_it_rests_before_it_starts_again() -> None:
    present = Present(generator_on={"genset": False}, generator_since_h={"genset": 0.5})
    runs = repaired(half_hours(present), genset(min_rest_h=1.5), np.ones(STEPS, dtype=bool))
    assert runs.tolist() == [False] * 2 + [True] * (STEPS - 2)


@given(PARTS)
def test_parts_sum_up_to_as_many_hours(parts: np.ndarray) -> None:
    runs = summed_up(half_hours(), genset(), parts)
    assert (abs(np.cumsum(runs) - np.cumsum(parts)) <= 0.5 + 1e-9).all()


@given(PARTS, st.integers(0, STEPS))
def test_the_largest_parts_are_taken(parts: np.ndarray, count: int) -> None:
    runs = largest(parts, np.full(STEPS, 0.5), 0.5 * count)
    assert runs.sum() == count
    assert not count or count == STEPS or parts[runs].min() >= parts[~runs].max()


@given(WISHES)
def test_neighbours_differ_in_one_step_or_in_its_place(runs: np.ndarray) -> None:
    assert [int((other != runs).sum()) for other in flipped(runs)] == [1] * STEPS
    assert all(other.sum() == runs.sum() and (other != runs).sum() == 2 for other in moved(runs))
