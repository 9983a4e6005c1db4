"""The blocks of telemetry.db: in a row an hour of 10 s means of a series, or a day of minutes or quarters.

A block that is damaged costs itself alone: it is read as one that is missing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from controller.telemetry.packing import (
    DamagedBlockError,
    Floats,
    Ints,
    is_counter,
    pack,
    per_unit,
    scaled,
    unpack,
)
from controller.telemetry.schema import DAY_S, HOUR_S, MINUTE_S, PERIOD_S, QUARTER_S, SeriesKey

FINE_SLOTS = HOUR_S // PERIOD_S
_AT_ONCE = 500
"""Blocks asked for in one statement."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A table of rolled-up blocks, one row a series and UTC day."""

    table: str
    slot_s: int
    """Length of what a value stands for."""
    extremes: bool
    """Whether the lowest and the highest 10 s mean of each slot are kept."""
    finer: int = 1
    """How much finer than a sample a mean is stored: sums over years must not suffer from rounding."""

    @property
    def slots(self) -> int:
        """Values of a block."""
        return DAY_S // self.slot_s

    @property
    def insert(self) -> str:
        """The statement that stores a row, or replaces it."""
        marks = ", ".join("?" * (6 if self.extremes else 4))
        return f"INSERT OR REPLACE INTO {self.table} VALUES ({marks})"  # noqa: S608 - our own words


MINUTES = Tier("minute", MINUTE_S, extremes=False)
QUARTERS = Tier("quarter_day", QUARTER_S, extremes=True, finer=10)


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it is stored."""

    id: int
    key: SeriesKey

    @property
    def counter(self) -> bool:
        """Whether it is an energy counter."""
        return is_counter(self.key[1])

    @property
    def per_unit(self) -> float:
        """Steps of its unit that are told apart."""
        return float(per_unit([self.key])[0])


@dataclass(frozen=True, slots=True)
class Rolled:
    """Slots of a series, all of shape (n,); NaN where there is no sample."""

    samples: Ints
    mean: Floats
    """Of a counter the last reading."""
    low: Floats
    high: Floats

    @classmethod
    def empty(cls, count: int) -> Rolled:
        """Slots without samples."""
        return cls(np.zeros(count, np.int64), *(np.full(count, np.nan) for _ in range(3)))

    def put(self, at: int, other: Rolled) -> None:
        """Take over the slots of another, from slot `at` of this on, that have at least as many samples."""
        first, last = max(0, at), min(self.samples.size, at + other.samples.size)
        if first >= last:
            return
        here, there = slice(first, last), slice(first - at, last - at)
        better = (other.samples[there] > 0) & (other.samples[there] >= self.samples[here])
        for name in ("samples", "mean", "low", "high"):
            mine, theirs = getattr(self, name), getattr(other, name)
            mine[here] = np.where(better, theirs[there], mine[here])


def roll_up(fine: Floats, slot_s: int, *, counter: bool) -> Rolled:
    """Slots of slot_s from 10 s means, shape (n * slot_s / 10,), NaN missing."""
    table = fine.reshape(-1, slot_s // PERIOD_S)
    present = ~np.isnan(table)
    samples = np.count_nonzero(present, axis=1)
    some = samples > 0
    found = Rolled.empty(samples.size)
    found.samples[:] = samples
    if counter:
        last = table.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
        found.mean[:] = np.where(some, table[np.arange(samples.size), last], np.nan)
        return found
    np.divide(np.where(present, table, 0.0).sum(axis=1), samples, out=found.mean, where=some)
    np.copyto(found.low, np.where(present, table, np.inf).min(axis=1), where=some)
    np.copyto(found.high, np.where(present, table, -np.inf).max(axis=1), where=some)
    return found


def read_fine(connection: sqlite3.Connection, series: Series, hours: Iterable[int]) -> dict[int, Floats]:
    """The 10 s means of hours, by their start; shape (360,) each, NaN missing."""
    found = {}
    for start_s, data in _blocks(connection, "start_s, data", "fine", series.id, hours):
        with suppress(DamagedBlockError):
            found[start_s] = fine_values(data, series.per_unit)
    return found


def fine_values(data: bytes, steps_per_unit: float) -> Floats:
    """An hour of 10 s means. Raises DamagedBlockError."""
    steps, present = unpack(data, FINE_SLOTS)
    return np.where(present, steps / steps_per_unit, np.nan)


def fine_data(values: Floats, steps_per_unit: float) -> bytes | None:
    """An hour of 10 s means as bytes; None where there is none."""
    steps, present = scaled(values, steps_per_unit)
    return pack(steps, present) if present.any() else None


def fine_row(
    connection: sqlite3.Connection, start_s: int, series: Series, values: Floats
) -> tuple[int, int, bytes] | None:
    """The row of an hour of 10 s means, shape (360,), NaN missing; a period that has one already keeps it."""
    known = read_fine(connection, series, [start_s]).get(start_s)
    merged = values if known is None else np.where(np.isnan(known), values, known)
    data = fine_data(merged, series.per_unit)
    return None if data is None else (start_s, series.id, data)


def read_rolled(
    connection: sqlite3.Connection, tier: Tier, series: Series, days: Iterable[int]
) -> dict[int, Rolled]:
    """The slots of UTC days, by their start."""
    columns = "start_s, samples, mean" + (", low, high" if tier.extremes else "")
    found = {}
    for start_s, *blobs in _blocks(connection, columns, tier.table, series.id, days):
        with suppress(DamagedBlockError):
            found[start_s] = _rolled(tier, series, blobs)
    return found


def rolled_row(
    connection: sqlite3.Connection, tier: Tier, day_s: int, series: Series, new: Rolled
) -> tuple[int | bytes | None, ...] | None:
    """The row of a day's slots; where more samples were known of a slot, that stays. None: it is empty."""
    whole = read_rolled(connection, tier, series, [day_s]).get(day_s) or Rolled.empty(tier.slots)
    whole.put(0, new)
    some = whole.samples > 0
    if not some.any():
        return None
    mean, _ = scaled(whole.mean[some], series.per_unit * tier.finer)
    row = (day_s, series.id, pack(whole.samples), pack(mean))
    if not tier.extremes:
        return row
    middle = mean // tier.finer
    return *row, _extreme(whole.low[some], middle, series), _extreme(whole.high[some], middle, series)


def _extreme(values: Floats, middle: Ints, series: Series) -> bytes | None:
    """How far the extremes are from their means, which is less than they are; None where none is known."""
    steps, present = scaled(values, series.per_unit)
    return pack(steps - middle, present) if present.any() else None


def _rolled(tier: Tier, series: Series, blobs: Sequence[bytes | None]) -> Rolled:
    found = Rolled.empty(tier.slots)
    found.samples[:], _ = unpack(blobs[0] or b"", tier.slots)
    some = found.samples > 0
    count = int(np.count_nonzero(some))
    mean, _ = unpack(blobs[1] or b"", count)
    found.mean[some] = mean / (series.per_unit * tier.finer)
    for target, blob in zip((found.low, found.high), blobs[2:], strict=False):
        if blob is not None:
            steps, present = unpack(blob, count)
            target[some] = np.where(present, (mean // tier.finer + steps) / series.per_unit, np.nan)
    return found


def _blocks(
    connection: sqlite3.Connection, columns: str, table: str, series_id: int, starts: Iterable[int]
) -> Iterator[tuple[Any, ...]]:
    wanted = iter(starts)
    while part := list(islice(wanted, _AT_ONCE)):
        marks = ", ".join("?" * len(part))
        yield from connection.execute(
            f"SELECT {columns} FROM {table} WHERE series_id = ? AND start_s IN ({marks})",  # noqa: S608
            (series_id, *part),
        )
