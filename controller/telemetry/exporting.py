"""The 10 s periods one by one, in the order in which they got their true stamps: what exports go along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from controller.telemetry.packing import Floats
from controller.telemetry.schema import PERIOD_S, SeriesKey
from controller.telemetry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StoredPeriod:
    """The means of one period of 10 s."""

    seq: int
    """Its number: grows with every period that gets a true stamp, and may leave some out."""
    at_s: int
    """Its start, Unix seconds."""
    values: Mapping[SeriesKey, float]
    """Finite; the point's unit. Of an energy counter the last reading."""


def stored_periods(store: Snapshot, after_seq: int) -> Iterator[StoredPeriod]:
    """All periods numbered above after_seq, in order; a run of an hour is read when it is come to."""
    series = None
    for run in store.runs(after_seq):
        if series is None:
            series = store.all_series()
        skipped = max(0, after_seq + 1 - run.first_seq)
        first_s = run.at_s + PERIOD_S * skipped
        count = run.count - skipped
        columns = {one.key: store.fine(one, first_s, count) for one in series}
        table = np.stack(list(columns.values()))
        keys = list(columns)
        for number in range(count):
            yield StoredPeriod(
                run.first_seq + skipped + number,
                first_s + PERIOD_S * number,
                _present(keys, table[:, number]),
            )


def _present(keys: list[SeriesKey], values: Floats) -> dict[SeriesKey, float]:
    return {keys[index]: float(values[index]) for index in np.flatnonzero(~np.isnan(values)).tolist()}
