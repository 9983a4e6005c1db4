"""How long to leave alone what does not answer."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays that double up to a cap, jittered so that many clients do not knock at the same moment."""

    def __init__(self, first_s: float, cap_s: float, random: Random) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._random = random
        self.failures = 0
        """In a row."""

    def failed(self) -> float:
        """Note a failure; how long to wait before the next attempt [s]."""
        ceiling_s = min(self._cap_s, self._first_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return ceiling_s * self._random.uniform(0.5, 1.0)

    def succeeded(self) -> None:
        """Note a success: the next failure waits the shortest time again."""
        self.failures = 0
