"""Quarter-hour means as arrays: months of many series at once, for forecasts and reports.

Apart from the reader of the page, since only here numpy is needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from controller.telemetry.schema import PERIOD_S, QUARTER_S, SeriesKey, reading

Floats = npt.NDArray[np.float64]

ENOUGH_FRAC = 0.75
"""A quarter counts when so much of it was sampled."""

_ROW = np.dtype((np.float64, 3))


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
    synchronised clock count. What was committed up to a minute ago is in it. Raises StorageError when the
    file cannot be read, ValueError for a start that is no multiple of 900 s.
    """
    if start_s % QUARTER_S:
        msg = f"quarters start at multiples of {QUARTER_S} s: {start_s} is none"
        raise ValueError(msg)
    found = {key: np.full(count, np.nan) for key in series}
    enough = max(1.0, enough_frac * QUARTER_S / PERIOD_S)
    with reading(path) as connection:
        if connection is None:
            return found
        connection.execute("BEGIN")  # one state of the file, or a fold in between would count twice
        rolled_up, recent = _rolled_up(connection), _recent(connection, start_s, count)
        for series_id, key in _ids(connection, series).items():
            sums, samples = np.zeros(count), np.zeros(count)
            if rolled_up:
                _add_stored(connection, series_id, start_s, sums, samples)
            for slot, total, number in recent.get(series_id, ()):
                sums[slot] += total
                samples[slot] += number
            np.divide(sums, samples, out=found[key], where=samples >= enough)
    return found


def first_quarter_s(path: Path, series: Sequence[SeriesKey]) -> int | None:
    """Start of the oldest quarter of any of the series, Unix seconds; None while there is none.

    Raises StorageError when the file cannot be read.
    """
    with reading(path) as connection:
        if connection is None:
            return None
        ids = _ids(connection, series) if _rolled_up(connection) else {}
        oldest = "SELECT min(at_s) FROM quarter WHERE series_id = ?"
        starts = [connection.execute(oldest, (series_id,)).fetchone()[0] for series_id in ids]
        recent_s = connection.execute("SELECT min(at_s) FROM recent WHERE synchronised = 1").fetchone()[0]
    known = [int(at_s) for at_s in (*starts, recent_s) if at_s is not None]
    return min(known) // QUARTER_S * QUARTER_S if known else None


def _ids(connection: sqlite3.Connection, series: Sequence[SeriesKey]) -> dict[int, SeriesKey]:
    wanted = set(series)
    rows = connection.execute("SELECT id, subject, point FROM series").fetchall()
    return {row[0]: (row[1], row[2]) for row in rows if (row[1], row[2]) in wanted}


def _rolled_up(connection: sqlite3.Connection) -> bool:
    """A store of version 1 that its controller has not opened since has no quarters."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'quarter'").fetchone() is not None


def _add_stored(
    connection: sqlite3.Connection, series_id: int, start_s: int, sums: Floats, samples: Floats
) -> None:
    rows = connection.execute(
        f"SELECT (at_s - ?) / {QUARTER_S}, mean, samples FROM quarter"  # noqa: S608 - our own words
        " WHERE series_id = ? AND at_s >= ? AND at_s < ? AND typeof(mean) = 'real'",  # a damaged row is none
        (start_s, series_id, start_s, start_s + sums.size * QUARTER_S),
    )
    slots, means, counts = np.fromiter(rows, dtype=_ROW).T
    at = slots.astype(np.int64)
    sums[at], samples[at] = means * counts, counts


def _recent(
    connection: sqlite3.Connection, start_s: int, count: int
) -> dict[int, list[tuple[int, float, int]]]:
    """Slot, sum and number of the samples not yet sorted into their series, by series id."""
    rows = connection.execute(
        f"SELECT series_id, (at_s - :start) / {QUARTER_S} AS slot, total(mean), count(*) FROM recent"  # noqa: S608
        " WHERE synchronised = 1 AND at_s >= :start AND at_s < :end GROUP BY series_id, slot",
        {"start": start_s, "end": start_s + count * QUARTER_S},
    )
    found: dict[int, list[tuple[int, float, int]]] = {}
    for series_id, *about in rows:
        found.setdefault(series_id, []).append(tuple(about))
    return found
