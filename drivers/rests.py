"""Which units of a line are left alone for a while, and until when. Times are the clock's monotonic ones."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from drivers.backoff import Backoff

_SILENT_FIRST_S = 1.0
_SILENT_CAP_S = 3.0
"""A device that returns is found again within this and its timeout."""
_BUSY_FIRST_S = 0.2
_BUSY_CAP_S = 2.0


@dataclass(slots=True)
class _Rest:
    backoff: Backoff
    until_s: float = float("-inf")


class Rests:
    """The units of one line that do not answer, or have no time to."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._silent: dict[int, _Rest] = {}
        self._busy: dict[int, _Rest] = {}

    def until_s(self, unit: int) -> float:
        """Until when a unit is left alone; long ago: it is not."""
        rests = (self._silent.get(unit), self._busy.get(unit))
        return max((rest.until_s for rest in rests if rest is not None), default=float("-inf"))

    def silent(self, unit: int, now_s: float) -> float:
        """Note that a unit does not answer; until when to leave it alone."""
        rest = self._silent.setdefault(unit, _Rest(Backoff(_SILENT_FIRST_S, _SILENT_CAP_S, self._random)))
        rest.until_s = now_s + rest.backoff.failed()
        return rest.until_s

    def busy(self, unit: int, now_s: float) -> float:
        """Note that a unit has something else to do first; until when to leave it alone."""
        rest = self._busy.setdefault(unit, _Rest(Backoff(_BUSY_FIRST_S, _BUSY_CAP_S, self._random)))
        rest.until_s = now_s + rest.backoff.failed()
        return rest.until_s

    def is_silent(self, unit: int) -> bool:
        """Whether it did not answer when it was asked last."""
        return unit in self._silent

    def is_given_up(self, unit: int, now_s: float) -> bool:
        """Whether it has not answered for a while and is not to be asked now."""
        rest = self._silent.get(unit)
        return rest is not None and rest.backoff.failures > 1 and rest.until_s > now_s

    def answered(self, unit: int, *, busy: bool = False) -> bool:
        """Note that a unit answers, be it that it is busy; whether it had been silent."""
        if not busy:
            self._busy.pop(unit, None)
        return self._silent.pop(unit, None) is not None

    def clear(self) -> None:
        """Leave nobody alone."""
        self._silent.clear()
        self._busy.clear()
