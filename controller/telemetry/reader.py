"""Reading telemetry.db beside the controller: history for charts, energy, decisions.

Every call opens a read-only connection of its own, so calls may come from any thread, the file may not be
there yet, and may be set aside and started anew between two calls. Calls block: the page makes them off its
event loop.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from controller.telemetry.decision_log import LoggedDecision, LogRow, logged
from controller.telemetry.schema import PERIOD_S, SeriesKey, StorageError, reading

MAX_STEPS = 20_000
"""Most values of a series in one answer."""


class TelemetryReader:
    """What the store at `path` holds. All methods raise StorageError when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def series(self) -> list[SeriesKey]:
        """All series ever sampled, sorted; empty while there is no store."""
        with reading(self._path) as connection:
            if connection is None:
                return []
            return connection.execute("SELECT subject, point FROM series ORDER BY subject, point").fetchall()

    def history(
        self, series: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime, step_s: int
    ) -> dict[SeriesKey, list[float | None]]:
        """Means of each series in equal steps [the point's unit]; None where nothing was sampled.

        Value i covers [start + i * step_s, start + (i + 1) * step_s), start being start_utc rounded down to
        a multiple of 10 s; the last step ends with the window. step_s is a multiple of 10. Raises
        ValueError for another step, an empty or naive window, or one of more than MAX_STEPS steps.
        """
        if step_s < PERIOD_S or step_s % PERIOD_S:
            msg = f"step_s must be a multiple of {PERIOD_S}, not {step_s}"
            raise ValueError(msg)
        start_s, end_s = _window(start_utc, end_utc)
        steps = math.ceil((end_s - start_s) / step_s)
        if steps > MAX_STEPS:
            msg = f"{steps} steps are more than {MAX_STEPS}: choose a longer step"
            raise ValueError(msg)
        result: dict[SeriesKey, list[float | None]] = {key: [None] * steps for key in series}
        with reading(self._path) as connection:
            if connection is not None:
                for key, values in result.items():
                    _fill(connection, key, start_s, end_s, step_s, values)
        return result

    def energy_wh(
        self, subject: str, point: str, start_utc: datetime, end_utc: datetime
    ) -> tuple[float, float] | None:
        """Integral of a power over a window [Wh, the power's sign] and the fraction of it that was sampled.

        What was not sampled adds nothing: the fraction says how much is lacking. None when nothing was.
        Both ends are rounded down to multiples of 10 s. Raises ValueError for an empty or naive window.
        """
        start_s, end_s = _window(start_utc, end_utc)
        with reading(self._path) as connection:
            if connection is None:
                return None
            periods, total = connection.execute(
                "SELECT count(*), total(mean) FROM every_sample"
                " WHERE series_id = ? AND at_s >= ? AND at_s < ?",
                (_series_id(connection, (subject, point)), start_s, end_s),
            ).fetchone()
        if not periods:
            return None
        return total * PERIOD_S / 3600, periods * PERIOD_S / (end_s - start_s)

    def decisions(
        self, limit: int = 50, before_seq: int | None = None, subject: str | None = None
    ) -> list[LoggedDecision]:
        """The newest decisions, newest first: at most `limit`, before `before_seq`, of one subject if given.

        Raises StorageError also for an entry that cannot be read.
        """
        with reading(self._path) as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT seq, at_utc, boot_id, monotonic_s, subject, action, code, params, previous_hash, hash"
                " FROM decision WHERE (:before IS NULL OR seq < :before)"
                " AND (:subject IS NULL OR subject = :subject) ORDER BY seq DESC LIMIT :limit",
                {"before": before_seq, "subject": subject, "limit": max(0, limit)},
            ).fetchall()
        return [self._logged(LogRow._make(row)) for row in rows]

    def _logged(self, row: LogRow) -> LoggedDecision:
        try:
            return logged(row)
        except (TypeError, ValueError) as err:
            msg = f"{self._path}: decision {row.seq} is damaged ({err}); `tawan audit` tells more"
            raise StorageError(msg) from err


def _window(start_utc: datetime, end_utc: datetime) -> tuple[int, int]:
    """Both ends as Unix seconds, rounded down to the start of a period."""
    if start_utc.tzinfo is None or end_utc.tzinfo is None:
        raise ValueError("start and end must be aware")
    start_s, end_s = (int(at.timestamp() // PERIOD_S) * PERIOD_S for at in (start_utc, end_utc))
    if end_s <= start_s:
        raise ValueError("the window is empty")
    return start_s, end_s


def _series_id(connection: sqlite3.Connection, key: SeriesKey) -> int | None:
    """Looked up beforehand: SQLite hands a constant down into the tables of a view, but not a subquery."""
    row = connection.execute("SELECT id FROM series WHERE subject = ? AND point = ?", key).fetchone()
    return row[0] if row else None


def _fill(
    connection: sqlite3.Connection,
    key: SeriesKey,
    start_s: int,
    end_s: int,
    step_s: int,
    values: list[float | None],
) -> None:
    """Put a series' means into their steps."""
    rows = connection.execute(
        "SELECT (at_s - :start) / :step AS slot, avg(mean) FROM every_sample"
        " WHERE series_id = :id AND at_s >= :start AND at_s < :end GROUP BY slot",
        {"id": _series_id(connection, key), "start": start_s, "end": end_s, "step": step_s},
    )
    for slot, mean in rows:
        values[slot] = mean
