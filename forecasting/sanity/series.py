"""Small questions to a series of values: what repeats, how long, and what it is a while later. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from forecasting.grid import Bools, Floats, Grid

_Kind = TypeVar("_Kind", np.float64, np.bool_)


def steps(grid: Grid, length_s: int) -> int:
    """How many steps of a grid a length of time [s] takes, at least one."""
    return max(1, -(-length_s // grid.step_s))


def finite(values: Floats) -> Floats:
    """The values, and NaN for what is infinite; shape kept."""
    return np.where(np.isfinite(values), values, np.nan)


def lasting(mask: Bools, least: int) -> Bools:
    """Where a mask holds for at least so many steps in a row; shape kept."""
    found = np.zeros_like(mask)
    for first, end in stretches(mask):
        if end - first >= least:
            found[first:end] = True
    return found


def stretches(mask: Bools) -> Iterator[tuple[int, int]]:
    """First step and end (exclusive) of each stretch in which a mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def repeats(values: Floats, least: int) -> Iterator[tuple[int, int]]:
    """First step and end of each stretch of at least so many steps of one value other than zero."""
    same = np.zeros(len(values), dtype=np.bool_)
    same[1:] = (values[1:] == values[:-1]) & (values[1:] != 0)
    yield from ((first - 1, end) for first, end in stretches(same) if end - first + 1 >= least)


def repeating(values: Floats, least: int) -> Bools:
    """Where the same value other than zero stands for at least so many steps in a row."""
    found = np.zeros(len(values), dtype=np.bool_)
    for first, end in repeats(values, least):
        found[first:end] = True
    return found


def resolution(values: Floats) -> float:
    """The least by which two different values differ: a count of the meter; 0 when there are none."""
    distinct = np.unique(values[np.isfinite(values)])
    return float(np.diff(distinct).min()) if distinct.size > 1 else 0.0


def around(mask: Bools, reach: int) -> Bools:
    """Where a mask holds within so many steps before or after."""
    if not mask.any():
        return mask
    near: Bools = np.convolve(mask, np.ones(2 * reach + 1), mode="full")[reach : reach + len(mask)] > 0.5
    return near


def highest_near(values: Floats, reach: int) -> Floats:
    """The highest value within so many steps before or after; shape kept."""
    padded = np.pad(values, reach, mode="edge")
    found: Floats = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    return found


def lowest_near(values: Floats, reach: int) -> Floats:
    """The lowest value within so many steps before or after; shape kept."""
    return -highest_near(-values, reach)


def moved(values: npt.NDArray[_Kind], by: int, fill: float | bool) -> npt.NDArray[_Kind]:
    """What comes `by` steps later is put here; ends for which nothing is known are filled. Shape kept."""
    found = np.full_like(values, fill)
    if by >= 0:
        found[: max(0, len(values) - by)] = values[by:]
    else:
        found[-by:] = values[:by]
    return found


def lasted_s(mask: Bools, grid: Grid) -> int:
    """How long a mask holds in all [s]."""
    return int(np.sum(mask)) * grid.step_s
