"""A telemetry.db for tests of the planner: quarter-hour means as the controller would have left them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from controller.telemetry.schema import SeriesKey
from controller.telemetry.stocking import stock_quarters

START_S = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


def store_quarters(path: Path, columns: Mapping[SeriesKey, np.ndarray], start_s: int = START_S) -> None:
    """Write series from start_s on; NaN is missing."""
    stock_quarters(path, columns, start_s)
