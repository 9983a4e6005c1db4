"""Filling a store with history from elsewhere: made-up villages, records of another system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from controller.telemetry.blocks import FINE_SLOTS, QUARTERS, Rolled, rolled_row
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.folding import Batch
from controller.telemetry.packing import Floats
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S, QUARTER_S, SeriesKey


def stock_quarters(path: Path, columns: Mapping[SeriesKey, Floats], start_s: int) -> None:
    """Add quarter-hour means to a store that no controller has open, from start_s on; NaN is missing.

    start_s: Unix seconds, a multiple of 900. Each quarter counts as wholly sampled. Raises StorageError.
    """
    database = TelemetryDatabase(path)
    database.open("stocking", datetime.fromtimestamp(start_s, UTC))
    try:
        series = database.series_of(columns)
        with database.transaction() as connection:
            for one, values in zip(series, columns.values(), strict=True):
                for day_s, rolled in _days(values, start_s):
                    row = rolled_row(connection, QUARTERS, day_s, one, rolled)
                    if row is not None:
                        connection.execute(QUARTERS.insert, row)
    finally:
        database.close()


def stock_periods(path: Path, columns: Mapping[SeriesKey, Floats], start_s: int) -> None:
    """Add 10 s means to a store that no controller has open, from start_s on; NaN is missing.

    start_s: Unix seconds, a multiple of 10. A value that is there already stays. Raises StorageError.
    """
    database = TelemetryDatabase(path)
    database.open("stocking", datetime.fromtimestamp(start_s, UTC))
    try:
        database.add_history(_batch(columns, start_s))
    finally:
        database.close()


def _batch(columns: Mapping[SeriesKey, Floats], start_s: int) -> Batch:
    """The 10 s means by hour."""
    batch = Batch()
    count = max(values.size for values in columns.values())
    sampled = np.zeros(count, bool)
    for key, values in columns.items():
        sampled[: values.size] |= ~np.isnan(values)
        for hour_s in range(start_s - start_s % HOUR_S, start_s + PERIOD_S * values.size, HOUR_S):
            at = (hour_s - start_s) // PERIOD_S
            first, last = max(0, at), min(values.size, at + FINE_SLOTS)
            hour = np.full(FINE_SLOTS, np.nan)
            hour[first - at : last - at] = values[first:last]
            batch.stamped.setdefault(hour_s, {})[key] = hour
    batch.late.extend((start_s + PERIOD_S * np.flatnonzero(sampled)).tolist())
    return batch


def _days(values: Floats, start_s: int) -> list[tuple[int, Rolled]]:
    """The quarters by UTC day."""
    end_s = start_s + QUARTER_S * values.size
    found = []
    for day_s in range(start_s - start_s % DAY_S, end_s, DAY_S):
        day = Rolled.empty(QUARTERS.slots)
        first, last = max(day_s, start_s), min(day_s + DAY_S, end_s)
        here = slice((first - day_s) // QUARTER_S, (last - day_s) // QUARTER_S)
        part = values[(first - start_s) // QUARTER_S : (last - start_s) // QUARTER_S]
        for target in (day.mean, day.low, day.high):
            target[here] = part
        day.samples[here] = np.where(np.isnan(part), 0, QUARTER_S // PERIOD_S)
        found.append((day_s, day))
    return found
