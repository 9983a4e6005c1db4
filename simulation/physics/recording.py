"""Measured series from a CSV file, replayed by local time of day; its days repeat when they run out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_DAY_S = 86400.0


class Recording:
    """Columns of a CSV with a `time` column (ISO 8601; without an offset it is the site's local time)."""

    def __init__(self, path: Path, columns: Sequence[str], zone: ZoneInfo) -> None:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        missing = [name for name in ("time", *columns) if not rows or name not in rows[0]]
        if missing:
            raise ValueError(f"{path}: no rows, or no column {', '.join(missing)}")
        try:
            local = [_local(row["time"], zone) for row in rows]
            self._values = {name: np.asarray([float(row[name]) for row in rows]) for name in columns}
        except (TypeError, ValueError) as err:
            raise ValueError(f"{path}: {err}") from err
        midnight = local[0].replace(hour=0, minute=0, second=0, microsecond=0)
        self._seconds = np.asarray([(at - midnight).total_seconds() for at in local])
        if not np.all(np.diff(self._seconds) > 0):
            raise ValueError(f"{path}: times do not ascend")
        self._days = max(1, int(self._seconds[-1] // _DAY_S) + (self._seconds[-1] % _DAY_S > _DAY_S / 2))

    def day(self, column: str, index: int, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at `seconds` after local midnight of the index-th day, interpolated."""
        at_s = seconds + (index % self._days) * _DAY_S
        values: NDArray[np.float64] = np.interp(at_s, self._seconds, self._values[column])
        return values


def _local(text: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(text)
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)).replace(tzinfo=None)
