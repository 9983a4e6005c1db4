"""The steps of a plan: a quarter of an hour at first, longer later. Pure."""

from __future__ import annotations

import numpy as np

from controller.planning.problem import Floats

QUARTER_H = 0.25
NEAR_H = ((0.25, 8), (0.5, 4))
"""Length of steps and how many of them: what is near is planned finely."""
TURN_H = (5.0, 20.0)
"""Between these hours sun and demand change by the hour, at night they hardly do."""
LONGEST_H = 3.0
REMNANT_H = 1.0
"""Less than this at the end of the horizon is added to the step before."""


def steps_of(start_hour: float, horizon_h: float = 48.0) -> Floats:
    """Lengths of a plan's steps [h], about thirty for two days, shape (n,).

    start_hour: local hour of the day at which the plan begins, [0, 24). Steps are whole quarters;
    from the fifth hour on they end on full hours. A step of night may be longer than one of dawn or dusk.
    """
    lengths: list[float] = []
    at_h = 0.0
    for length_h, count in NEAR_H:
        fitting = min(count, int((horizon_h - at_h) / length_h))
        lengths += [length_h] * fitting
        at_h += length_h * fitting
    while at_h < horizon_h - QUARTER_H / 2:
        hour = (start_hour + at_h) % 24.0
        length_h = _length_at(hour, at_h)
        length_h -= (hour + length_h) % 1.0
        left_h = horizon_h - at_h
        lengths.append(left_h if left_h < length_h + REMNANT_H else length_h)
        at_h += lengths[-1]
    return np.array(lengths)


def aggregate(values: Floats, step_h: Floats) -> Floats:
    """Means over a plan's steps of values on equal quarters of an hour.

    values: shape (..., quarters), at least as many as the steps last. Returns shape (..., n).
    Raises ValueError if steps are no whole quarters or last longer than the values.
    """
    edges = _edges(step_h)
    if edges[-1] > values.shape[-1]:
        raise ValueError(f"steps last {edges[-1]} quarters of an hour, values only {values.shape[-1]}")
    sums: Floats = np.add.reduceat(values[..., : edges[-1]], edges[:-1], axis=-1)
    return sums / np.diff(edges)


def spread(values: Floats, step_h: Floats) -> Floats:
    """The other way: each step's value for all its quarters of an hour; shape (..., quarters)."""
    return np.repeat(values, np.diff(_edges(step_h)), axis=-1)


def _edges(step_h: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    quarters = np.asarray(step_h) / QUARTER_H
    counts = np.rint(quarters).astype(np.int64)
    if not np.allclose(quarters, counts) or (counts < 1).any():
        raise ValueError("the steps of a plan are whole quarters of an hour")
    return np.concatenate([[0], np.cumsum(counts)])


def _length_at(hour: float, at_h: float) -> float:
    """How long a step may last that begins at an hour of the day, so far ahead."""
    day = TURN_H[0] <= hour < TURN_H[1]
    if at_h < 12.0:
        return 1.0 if day else 2.0
    return 2.0 if day else LONGEST_H
