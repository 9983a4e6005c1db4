"""When a source is asked again: every few hours, and after failures with growing, jittered pauses. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from forecasting.grid import HOUR_S


@dataclass(slots=True)
class Schedule:
    """All in seconds of a monotonic clock.

    The pause after a failure is drawn between nothing and a ceiling that doubles (full jitter: thousands of
    sites must not come back at the same moment when a service returns), but is never shorter than a floor.
    """

    period_s: float = 3.0 * HOUR_S
    first_s: float = 60.0
    cap_s: float = 1.0 * HOUR_S
    floor_s: float = 15.0
    random: Random = field(default_factory=Random)
    due_s: float = 0.0
    failures: int = 0
    """In a row."""

    def succeeded(self, now_s: float) -> None:
        """Ask again after a period, give or take a tenth."""
        self.failures = 0
        self.due_s = now_s + self.period_s * self.random.uniform(0.9, 1.1)

    def failed(self, now_s: float) -> None:
        """Ask again after a pause that grows."""
        ceiling_s = min(self.cap_s, self.first_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        self.due_s = now_s + max(self.floor_s, self.random.uniform(0.0, ceiling_s))

    def refused(self, now_s: float) -> None:
        """Ask again after most of a period: a service that says no is not to be pestered."""
        self.failures += 1
        self.due_s = now_s + self.period_s * self.random.uniform(0.5, 1.0)
