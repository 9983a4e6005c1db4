"""How much at once, and how long to wait after a failure. Pure but for chance."""

from __future__ import annotations

import random
from collections.abc import Callable

MOST_PERIODS = 120
"""In a batch: 20 minutes of 300 points are some 10 MB of Python's objects."""
_FIRST_PERIODS = 30
_BRISK_S, _SLOW_S = 1.0, 4.0
MAX_BACKOFF_S = 300.0


class BatchSize:
    """Periods in a request: as many as the server stores within a few seconds."""

    def __init__(self) -> None:
        self.periods = _FIRST_PERIODS
        self._limit = MOST_PERIODS

    def took(self, duration_s: float, periods: int) -> None:
        """A batch of so many periods arrived within a time."""
        if duration_s > _SLOW_S:
            self.periods = max(1, periods // 2)
        elif duration_s < _BRISK_S and periods >= self.periods:
            self.periods = min(self._limit, self.periods * 2)

    def failed(self) -> None:
        """The server gave no answer in time, or none that helps: a smaller batch may get through."""
        self.periods = max(1, self.periods // 2)

    def too_large(self, periods: int) -> None:
        """So many were more than the server takes: never again as many in this run."""
        self._limit = max(1, periods // 2)
        self.periods = min(self.periods, self._limit)


class Backoff:
    """Full jitter: a server that comes back is not run over by all the villages at once.

    After "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self, chance: Callable[[float, float], float] = random.uniform) -> None:
        self._chance = chance
        self._failures = 0

    def failed(self, asked_s: float | None = None) -> float:
        """Seconds to wait after one more failure; what the server asked for is kept, and a little added."""
        self._failures += 1
        longest_s = min(MAX_BACKOFF_S, 2.0 ** min(self._failures, 20))
        waits_s = self._chance(0.0, longest_s)
        return max(0.5, waits_s) if asked_s is None else asked_s + min(waits_s, 5.0)

    def done(self) -> None:
        """It works."""
        self._failures = 0
