"""Forecasts as they were issued, kept for some weeks: what did we say yesterday, and was it so?"""

from __future__ import annotations

import array
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

from controller.telemetry.schema import reading

KEPT_S = 28 * 86_400
"""One forecast of each kind an hour for four weeks is some 7 MB."""


@dataclass(frozen=True, slots=True)
class IssuedForecast:
    """Quantiles of a power in equal steps, as issued.

    Raises ValueError when the rows differ in length or there are none.
    """

    kind: str
    """pv or load: the site's total."""
    issued_s: int
    """Unix seconds."""
    start_s: int
    """Start of the first step, Unix seconds."""
    step_s: int
    values_w: tuple[tuple[float, ...], ...]
    """One row a level, the lowest first; magnitudes [W]."""

    def __post_init__(self) -> None:
        if len({len(row) for row in self.values_w}) != 1 or not self.values_w[0]:
            raise ValueError("the rows of a forecast are of one length, and not empty")


def keep_issued(connection: sqlite3.Connection, forecast: IssuedForecast) -> None:
    """Store a forecast and forget those of its kind that are too old; call within a transaction."""
    flat = array.array("f", (value for row in forecast.values_w for value in row))
    connection.execute(
        "INSERT OR REPLACE INTO issued VALUES (?, ?, ?, ?, ?, ?)",
        (
            forecast.kind,
            forecast.issued_s,
            forecast.start_s,
            forecast.step_s,
            len(forecast.values_w),
            _little_endian(flat).tobytes(),
        ),
    )
    connection.execute(
        "DELETE FROM issued WHERE kind = ? AND issued_s < ?", (forecast.kind, forecast.issued_s - KEPT_S)
    )


def read_issued(path: Path, kind: str, from_s: int, until_s: int) -> list[IssuedForecast]:
    """The forecasts of a kind issued in [from_s, until_s), oldest first. Raises StorageError."""
    with reading(path) as connection:
        if connection is None or not _has_table(connection):
            return []
        rows = connection.execute(
            "SELECT kind, issued_s, start_s, step_s, levels, values_w FROM issued"
            " WHERE kind = ? AND issued_s >= ? AND issued_s < ?"
            # a damaged row is none
            " AND levels > 0 AND length(values_w) > 0 AND length(values_w) % (4 * levels) = 0"
            " ORDER BY issued_s",
            (kind, from_s, until_s),
        ).fetchall()
    return [_decoded(*row) for row in rows]


def _decoded(kind: str, issued_s: int, start_s: int, step_s: int, levels: int, blob: bytes) -> IssuedForecast:
    flat = array.array("f")
    flat.frombytes(blob)
    values = _little_endian(flat).tolist()
    count = len(values) // levels
    rows = tuple(tuple(values[level * count : (level + 1) * count]) for level in range(levels))
    return IssuedForecast(kind, issued_s, start_s, step_s, rows)


def _little_endian(flat: array.array[float]) -> array.array[float]:
    """As stored: the card may be read in another machine."""
    if sys.byteorder == "big":
        flat.byteswap()
    return flat


def _has_table(connection: sqlite3.Connection) -> bool:
    """A store of version 1 that its controller has not opened since has none."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'issued'").fetchone()
    return found is not None
