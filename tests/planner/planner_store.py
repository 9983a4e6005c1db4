"""A telemetry.db for tests of the planner: quarter-hour means as the controller would have left them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.schema import PERIOD_S, QUARTER_S, SeriesKey

PER_QUARTER = QUARTER_S // PERIOD_S
START_S = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


def store_quarters(path: Path, columns: Mapping[SeriesKey, np.ndarray], start_s: int = START_S) -> None:
    """Write series from start_s on; NaN is no row."""
    if not path.exists():
        database = TelemetryDatabase(path)
        database.open("boot", datetime.fromtimestamp(start_s, UTC))
        database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for (subject, point), values in columns.items():
            connection.execute("INSERT OR IGNORE INTO series(subject, point) VALUES (?, ?)", (subject, point))
            (series_id,) = connection.execute(
                "SELECT id FROM series WHERE subject = ? AND point = ?", (subject, point)
            ).fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO quarter VALUES (?, ?, ?, ?)",
                (
                    (series_id, start_s + number * QUARTER_S, float(value), PER_QUARTER)
                    for number, value in enumerate(values)
                    if np.isfinite(value)
                ),
            )
