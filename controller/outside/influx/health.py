"""How the service is doing: what is shown, and what a technician must see to."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.core.model import Reason
from controller.outside.influx.progress import Progress
from controller.runtime.child_wire import Json
from controller.telemetry.schema import PERIOD_S

STANDS_S = 86_400.0
"""So long values that were refused or thinned are told."""
WAITS_LONG_S = 5 * 86_400.0
"""The store keeps 10 s means for 7 days: so long data may wait before somebody is told."""


class Health:
    """Of one server. Written by the forwarder's thread, read by another."""

    def __init__(self, host_monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._host_s = host_monotonic_s
        self._error: str | None = None
        self._needs_somebody = False
        self._disk: str | None = None
        self._annotations: str | None = None
        self._values = 0
        self._lag_s: float | None = None
        self._oldest_s = 0.0
        self._periods = 0
        self._refused_at_s = self._thinned_at_s = -STANDS_S * 2

    @property
    def failing(self) -> bool:
        """Whether the last request was in vain."""
        return self._error is not None

    def delivered(self, values: int, *, refused: bool) -> None:
        """Something arrived."""
        self._values += values
        self._error = self._disk = None
        if refused:
            self._refused_at_s = self._host_s()

    def failed(self, words: str, *, needs_somebody: bool) -> None:
        """A request was in vain."""
        self._error, self._needs_somebody = words, needs_somebody

    def disk_failed(self, words: str) -> None:
        """The store or the notebook could not be used."""
        self._disk = words

    def annotations_refused(self, words: str) -> None:
        """The server takes values, but no annotations."""
        self._annotations = words

    def thinned(self) -> None:
        """Something waited for too long to be sent as it was."""
        self._thinned_at_s = self._host_s()

    def waiting(self, *, lag_s: float, oldest_s: float, periods: int) -> None:
        """Age of the newest that arrived and of the oldest that did not; how many periods wait at most."""
        self._lag_s, self._oldest_s, self._periods = lag_s, oldest_s, periods

    def status(self, progress: Progress) -> Json:
        """JSON values for outside.json."""
        problem = self._error or self._disk
        return {
            "ok": problem is None,
            "detail": problem or self._remark(progress),
            "lag_s": self._lag_s,
            "waiting_periods": self._periods,
            "waiting_s": self._oldest_s,
            "sent_values": self._values,
            "refused_values": progress.refused_values,
            "refused_series": dict(progress.refused_series),
            "thinned_periods": progress.thinned_periods,
        }

    def _remark(self, progress: Progress) -> str | None:
        if self._host_s() - self._refused_at_s < STANDS_S and progress.refused_series:
            series, words = list(progress.refused_series.items())[-1]
            return f"{series} is refused: {words}"
        return None if self._annotations is None else f"no annotations are taken: {self._annotations}"

    def alarms(self, progress: Progress, zone: ZoneInfo) -> tuple[Reason, ...]:
        """What a technician must see to."""
        found = []
        if self._error is not None and self._needs_somebody:
            found.append(Reason("influx_not_accepted", {"error": self._error}))
        if self._oldest_s > WAITS_LONG_S:
            found.append(Reason("influx_waits_long", {"waiting_s": self._oldest_s}))
        now_s = self._host_s()
        if now_s - self._refused_at_s < STANDS_S and progress.refused_series:
            series, words = list(progress.refused_series.items())[-1]
            params = {"values": progress.refused_values, "series": series, "error": words}
            found.append(Reason("influx_values_refused", params))
        if now_s - self._thinned_at_s < STANDS_S and progress.thinned_from_s is not None:
            day = datetime.fromtimestamp(progress.thinned_from_s, UTC).astimezone(zone).date()
            params = {"thinned_s": progress.thinned_periods * PERIOD_S, "day": day.isoformat()}
            found.append(Reason("influx_samples_thinned", params))
        return tuple(found)
