"""Quarter-hour means on a fixed grid: months of many series at once, for forecasts and plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from controller.telemetry.blocks import QUARTERS
from controller.telemetry.packing import Floats
from controller.telemetry.schema import DAY_S, PERIOD_S, QUARTER_S, SeriesKey
from controller.telemetry.snapshot import snapshot

ENOUGH_FRAC = 0.75
"""A quarter counts when so much of it was sampled."""


def read_quarters(
    path: Path,
    series: Sequence[SeriesKey],
    start_s: int,
    count: int,
    *,
    enough_frac: float = ENOUGH_FRAC,
) -> dict[SeriesKey, Floats]:
    """Quarter-hour means of each series, shape (count,) [the point's unit]; NaN where too little was sampled.

    Value i covers [start_s + 900 i, start_s + 900 (i + 1)), Unix seconds; only samples stamped by a
    synchronised clock count. What was committed up to 10 s ago is in it. Raises StorageError when the file
    cannot be read, ValueError for a start that is no multiple of 900 s.
    """
    if start_s % QUARTER_S:
        msg = f"quarters start at multiples of {QUARTER_S} s: {start_s} is none"
        raise ValueError(msg)
    found = {key: np.full(count, np.nan) for key in series}
    enough = max(1.0, enough_frac * QUARTER_S / PERIOD_S)
    with snapshot(path) as store:
        if store is not None:
            for key, one in store.find(series).items():
                rolled = store.rolled(QUARTERS, one, start_s, count)
                found[key] = np.where(rolled.samples >= enough, rolled.mean, np.nan)
    return found


def first_quarter_s(path: Path, series: Sequence[SeriesKey]) -> int | None:
    """Start of the oldest quarter of any of the series, Unix seconds; None while there is none.

    Raises StorageError when the file cannot be read.
    """
    with snapshot(path) as store:
        wanted = [] if store is None else list(store.find(series).values())
        if store is None or not wanted:
            return None
        starts = []
        for day_s in store.first_days_s(wanted):
            for one in wanted:
                sampled = np.flatnonzero(store.rolled(QUARTERS, one, day_s, DAY_S // QUARTER_S).samples)
                starts += [day_s + QUARTER_S * int(sampled[0])] if sampled.size else []
    return min(starts, default=None)
