"""What energy counters showed, as arrays, and the totals that follow from it.

A total is the sum of reading and offset: it never falls, whatever the counter did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from controller.telemetry.blocks import MINUTES, QUARTERS
from controller.telemetry.counter_breaks import StoredBreak
from controller.telemetry.schema import PERIOD_S, QUARTER_S, SeriesKey
from controller.telemetry.snapshot import snapshot

Floats = npt.NDArray[np.float64]
Seconds = npt.NDArray[np.int64]

_LOOK_BACK_DAYS = (1, 31, 366, 11 * 366)
"""So far back, further each time, a counter's last reading is looked for."""
_ALIKE_WH = 1.5
"""The store rounds readings to 1 Wh."""
UNSURE_S = 120
"""A reading within so much of a break may lie on either side of it: its value tells."""
_DAY_S = 86_400
_MOST_W = 1_000_000.0
"""Ten times the power of a village of a hundred households."""
_SLACK_WH = 10_000.0


@dataclass(frozen=True, slots=True)
class CounterReadings:
    """The last believed reading of each period of a counter, in order of time; each of shape (n,)."""

    start_s: Seconds
    """Starts of the periods, Unix seconds."""
    end_s: Seconds
    """Their ends."""
    raw_wh: Floats
    """What the counter showed last in the period [Wh]."""

    def before(self, at_s: int) -> int:
        """How many readings lie before a moment."""
        return int(np.searchsorted(self.end_s, at_s, side="right"))


_NONE = CounterReadings(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def read_counter(path: Path, key: SeriesKey, start_s: int, end_s: int) -> CounterReadings:
    """Readings by quarters of an hour within [start, end), and the newest one from before where there is one.

    Where an end lies within a quarter, the readings up to there are taken from the 10 s periods, as long as
    those are kept. Raises StorageError.
    """
    parts = [_before(path, key, start_s)]
    first_s, last_s = -(-start_s // QUARTER_S) * QUARTER_S, end_s // QUARTER_S * QUARTER_S
    if start_s < first_s:
        parts.append(_read(path, key, start_s, min(first_s, end_s), PERIOD_S))
    if first_s < last_s:
        parts.append(_read(path, key, first_s, last_s, QUARTER_S))
    if first_s <= last_s < end_s:
        parts.append(_read(path, key, last_s, end_s, PERIOD_S))
    return _joined(parts)


def _before(path: Path, key: SeriesKey, at_s: int) -> CounterReadings:
    """The newest reading before a moment, shape (1,) or (0,)."""
    quarter_s = at_s // QUARTER_S * QUARTER_S
    if quarter_s < at_s:
        found = _read(path, key, quarter_s, at_s, PERIOD_S)
        if found.raw_wh.size:
            return _newest(found)
    further = (
        _read(path, key, max(0, quarter_s - days * _DAY_S), quarter_s, QUARTER_S) for days in _LOOK_BACK_DAYS
    )
    return _newest(next((found for found in further if found.raw_wh.size), _NONE))


def _newest(readings: CounterReadings) -> CounterReadings:
    return CounterReadings(readings.start_s[-1:], readings.end_s[-1:], readings.raw_wh[-1:])


def _joined(parts: Sequence[CounterReadings]) -> CounterReadings:
    return CounterReadings(
        np.concatenate([part.start_s for part in parts]),
        np.concatenate([part.end_s for part in parts]),
        np.concatenate([part.raw_wh for part in parts]),
    )


def _read(path: Path, key: SeriesKey, start_s: int, end_s: int, length_s: int) -> CounterReadings:
    """The last reading of each period of a length that begins within [start, end)."""
    with snapshot(path) as store:
        series = None if store is None else store.find([key]).get(key)
        if store is None or series is None:
            return _NONE
        first_s = -(-start_s // length_s) * length_s
        values = np.zeros(0)
        if length_s == PERIOD_S:
            values = store.fine(series, first_s, max(0, (end_s - first_s) // PERIOD_S))
        if not np.isfinite(values).any():
            tier = QUARTERS if length_s == QUARTER_S else MINUTES  # what is too old for its 10 s
            length_s = tier.slot_s
            first_s = -(-start_s // length_s) * length_s
            values = store.rolled(tier, series, first_s, max(0, -((first_s - end_s) // length_s))).mean
    known = np.isfinite(values)
    starts = first_s + length_s * np.flatnonzero(known)
    return CounterReadings(starts, starts + length_s, values[known])


def totals_of(readings: CounterReadings, breaks: Sequence[StoredBreak]) -> Floats:
    """The counter's total at each reading [Wh], shape (n,); it never falls. breaks: oldest first.

    A reading belongs behind every break that lies before the end of its period, unless its period holds the
    break and it is nearer to the last reading before it: when power fails the ones behind it may be lost. To
    be taken for older than it is only delays a little energy; the other way round would count it twice.
    """
    offsets = np.zeros(readings.raw_wh.shape)
    since_s = 0
    for broken in breaks:
        behind = readings.end_s > broken.at_s
        near = behind & (readings.start_s < broken.at_s + UNSURE_S)
        below = readings.raw_wh <= broken.before_wh + _ALIKE_WH
        nearer = np.abs(readings.raw_wh - broken.before_wh) < np.abs(readings.raw_wh - broken.after_wh)
        still_before = near & below & nearer
        # No reading before a break shows more than the last one: such a one is of the next counter already.
        found_late = ~behind & (readings.start_s >= since_s) & ~below
        offsets[(behind & ~still_before) | found_late] = broken.offset_wh
        since_s = broken.at_s
    totals = readings.raw_wh + offsets
    return np.maximum.accumulate(totals) if totals.size else totals


def without_leaps(readings: CounterReadings, totals: Floats) -> tuple[Floats, list[int]]:
    """Totals without rises that no village could have drawn, and the readings that leapt (their indexes).

    Such a rise is a break of which nobody knows, since a disk or a clock failed: it counts for nothing.
    """
    if totals.size < 2:
        return totals, []
    rises = np.diff(totals)
    leaps = rises > _MOST_W * np.diff(readings.end_s) / 3600.0 + _SLACK_WH
    leapt = np.concatenate(([0.0], np.cumsum(np.where(leaps, rises, 0.0))))
    return totals - leapt, [int(index) + 1 for index in np.flatnonzero(leaps)]
