"""How long to wait after a failure. Pure but for the random numbers it is given."""

from __future__ import annotations

from random import Random

_LEAST_PART = 0.5


class Backoff:
    """Delays that double up to a cap, with jitter above half of each.

    Jitter keeps several dead devices of a line from being tried in one go. It has a floor because the line
    has one master only: a draw near zero would spare nobody a collision, and spend at once on the next
    timeout the time that the backoff is to keep for the neighbours.
    """

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
        return ceiling_s * self._random.uniform(_LEAST_PART, 1.0)

    def succeeded(self) -> None:
        """Note a success: the next failure waits the shortest time again."""
        self.failures = 0
