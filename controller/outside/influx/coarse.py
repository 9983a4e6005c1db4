"""Minutes and quarters of an hour in place of 10 s means that are gone from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from controller.telemetry.exporting import StoredPeriod
from controller.telemetry.schema import PERIOD_S, SeriesKey

MINUTE_S, QUARTER_S = 60, 900
SPAN_S = 3600
"""Sent at once."""


class History(Protocol):
    """What is needed of the store (controller.telemetry.reader). All methods raise StorageError."""

    def series(self) -> list[SeriesKey]:
        """All series."""
        ...

    def newest_seq(self) -> int:
        """Highest number of a period; 0 while there is none."""
        ...

    def oldest_seq(self) -> int:
        """Lowest number of which the 10 s means are there; 0 while there is none."""
        ...

    def periods(self, after_seq: int, limit: int) -> Sequence[StoredPeriod]:
        """Periods behind a number, in order."""
        ...

    def history(
        self, series: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime, step_s: int
    ) -> Mapping[SeriesKey, Sequence[float | None]]:
        """Means in equal steps."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """Means of a span."""

    moments: tuple[tuple[int, Mapping[SeriesKey, float]], ...]
    """Start of a step [Unix s] and what is known of it; steps of which nothing is known are left out."""
    periods: int
    """So many periods of 10 s they stand for, at most."""
    until_s: int
    """End of the span."""


def means_between(store: History, start_s: int, end_s: int) -> Means:
    """Means of the first hour of [start_s, end_s) [Unix s]: minutes, or quarters where minutes are gone.

    Only steps that lie wholly within are told: what lies beyond was sent before. Raises StorageError.
    """
    until_s = min(end_s, start_s // SPAN_S * SPAN_S + SPAN_S)
    for step_s in (MINUTE_S, QUARTER_S):
        first_s, last_s = -(-start_s // step_s) * step_s, until_s // step_s * step_s
        if last_s <= first_s:
            continue
        window = (datetime.fromtimestamp(first_s, UTC), datetime.fromtimestamp(last_s, UTC))
        found = store.history(store.series(), *window, step_s)
        moments = []
        for number in range((last_s - first_s) // step_s):
            known = {key: value for key, means in found.items() if (value := means[number]) is not None}
            if known:
                moments.append((first_s + step_s * number, known))
        if moments:
            return Means(tuple(moments), len(moments) * step_s // PERIOD_S, until_s)
    return Means((), 0, until_s)
