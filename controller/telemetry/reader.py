"""Reading telemetry.db beside the controller: history for charts, energy, periods to export, decisions.

Every call opens a read-only connection of its own, so calls may come from any thread, the file may not be
there yet, and may be set aside and started anew between two calls. Calls block: the page makes them off its
event loop. What was committed up to 10 s ago is in the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from controller.telemetry.binning import energy, in_steps
from controller.telemetry.blocks import QUARTERS
from controller.telemetry.decision_log import LoggedDecision, LogRow, logged
from controller.telemetry.exporting import StoredPeriod, stored_periods
from controller.telemetry.packing import Floats, Ints
from controller.telemetry.schema import PERIOD_S, QUARTER_S, SeriesKey, StorageError, reading
from controller.telemetry.snapshot import snapshot

__all__ = ["MAX_STEPS", "Quarters", "StoredPeriod", "TelemetryReader"]

MAX_STEPS = 20_000
"""Most values of a series in one answer."""


@dataclass(frozen=True, slots=True)
class Quarters:
    """Quarters of an hour of one series, all of shape (n,) [the point's unit]; NaN missing."""

    start_s: Ints
    """Unix seconds, multiples of 900."""
    mean: Floats
    """Of what was sampled; of an energy counter its last reading."""
    low: Floats
    """Lowest and highest 10 s mean; not of counters."""
    high: Floats
    samples: Ints
    """How many of its 90 periods were sampled."""


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
        a multiple of 10 s; the last step ends with the window. step_s is a multiple of 10. Of an energy
        counter it is the last reading. Long steps are made of minutes or quarters, and so is what is too old
        for its 10 s means: a minute then counts wholly for the step in which it begins. Raises ValueError for
        another step, an empty or naive window, or one of more than MAX_STEPS steps.
        """
        if step_s < PERIOD_S or step_s % PERIOD_S:
            msg = f"step_s must be a multiple of {PERIOD_S}, not {step_s}"
            raise ValueError(msg)
        start_s, end_s = _window(start_utc, end_utc)
        steps = -((start_s - end_s) // step_s)
        if steps > MAX_STEPS:
            msg = f"{steps} steps are more than {MAX_STEPS}: choose a longer step"
            raise ValueError(msg)
        result: dict[SeriesKey, list[float | None]] = {key: [None] * steps for key in series}
        with snapshot(self._path) as store:
            if store is not None:
                for key, one in store.find(series).items():
                    values = in_steps(store, one, start_s, end_s, step_s)
                    result[key] = [None if np.isnan(value) else float(value) for value in values]
        return result

    def quarters(
        self, keys: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime
    ) -> dict[SeriesKey, Quarters]:
        """The quarters of an hour that a window touches, for each series, also for one that is unknown.

        Raises ValueError for an empty or naive window.
        """
        start_s, end_s = _window(start_utc, end_utc)
        first_s = start_s - start_s % QUARTER_S
        count = -((first_s - end_s) // QUARTER_S)
        starts = first_s + QUARTER_S * np.arange(count, dtype=np.int64)
        nothing = np.full(count, np.nan)
        none = Quarters(starts, nothing, nothing, nothing, np.zeros(count, np.int64))
        result = dict.fromkeys(keys, none)
        with snapshot(self._path) as store:
            if store is not None:
                for key, one in store.find(keys).items():
                    found = store.rolled(QUARTERS, one, first_s, count)
                    result[key] = Quarters(starts, found.mean, found.low, found.high, found.samples)
        return result

    def energy_wh(
        self, subject: str, point: str, start_utc: datetime, end_utc: datetime
    ) -> tuple[float, float] | None:
        """Integral of a power over a window [Wh, the power's sign] and the fraction of it that was sampled.

        What was not sampled adds nothing: the fraction says how much is lacking. None when nothing was.
        Both ends are rounded down to multiples of 10 s. Raises ValueError for an empty or naive window.
        """
        start_s, end_s = _window(start_utc, end_utc)
        with snapshot(self._path) as store:
            found = None if store is None else store.find([(subject, point)])
            if store is None or not found:
                return None
            return energy(store, found[subject, point], start_s, end_s)

    def newest_seq(self) -> int:
        """The number of the period that got its true stamp last; 0 while there is none."""
        with snapshot(self._path) as store:
            runs = [] if store is None else store.runs()
        return runs[-1].first_seq + runs[-1].count - 1 if runs else 0

    def oldest_seq(self) -> int:
        """The lowest number of which the 10 s means are still kept; 0 while there is none."""
        with snapshot(self._path) as store:
            runs = [] if store is None else store.runs()
        return runs[0].first_seq if runs else 0

    def periods(self, after_seq: int, limit: int) -> list[StoredPeriod]:
        """Periods of 10 s numbered above after_seq, at most `limit`, in the order of their numbers.

        A period has its number once its stamp is true, and numbers only grow: who goes on from the last one
        that he saw misses none and gets none twice. Numbers may have holes.
        """
        with snapshot(self._path) as store:
            return [] if store is None else list(islice(stored_periods(store, after_seq), max(0, limit)))

    def latest(self) -> Mapping[SeriesKey, tuple[int, float]]:
        """The newest value of each series, with the start of its period [Unix s]."""
        with snapshot(self._path) as store:
            return {} if store is None else store.latest(store.all_series())

    def span(self) -> tuple[datetime, datetime] | None:
        """Start of the first and end of the last period with a true stamp (of old ones, of their quarter)."""
        with snapshot(self._path) as store:
            found = None if store is None else store.span()
        if found is None:
            return None
        return datetime.fromtimestamp(found[0], UTC), datetime.fromtimestamp(found[1], UTC)

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
