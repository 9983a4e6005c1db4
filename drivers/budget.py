"""How often the flash of a device may be written. Pure: times are handed in."""

from __future__ import annotations

import logging

from drivers.model import WritePoint

_log = logging.getLogger(__name__)

DAILY_WRITES = 100
"""For all points of a device together that name no number of their own: flash of 100,000 cycles lasts about
three years at this rate."""
_DAY_S = 86_400.0
_REFUSED_BEYOND = 2
"""So many times its budget a point gets in a day. The first is for alarm, the second for people to come."""


class FlashBudget:
    """Counts the writes of a day that wear out a device's flash."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._day_from_s: float | None = None
        self._spent: dict[str, int] = {}
        """Point -> writes today."""
        self._limits: dict[str, int | None] = {}
        """Point -> its own number of writes a day; None: it shares in the house's."""

    def spend(self, point: WritePoint, now_s: float) -> None:
        """Note one write, and say so once a day when they become too many."""
        self._roll(now_s)
        if self._day_from_s is None:
            self._day_from_s = now_s
        self._limits[point.name] = point.daily_writes
        self._spent[point.name] = self._spent.get(point.name, 0) + 1
        limit = _limit(point.daily_writes)
        if self._used(point.name, point.daily_writes) == limit + 1:
            what = f" of {point.name}" if point.daily_writes is not None else ""
            _log.warning(
                "device %s: more than %d writes%s to its flash within a day wear it out",
                self._device,
                limit,
                what,
            )

    def exhausted(self, point: WritePoint, now_s: float) -> bool:
        """Whether nothing but a release should be written to the point any more today."""
        self._roll(now_s)
        return self._used(point.name, point.daily_writes) >= _REFUSED_BEYOND * _limit(point.daily_writes)

    def worn(self, now_s: float) -> tuple[str, ...]:
        """The points that were written more often today than is good for them, in order."""
        self._roll(now_s)
        return tuple(
            name for name, own in sorted(self._limits.items()) if self._used(name, own) > _limit(own)
        )

    def _used(self, name: str, own: int | None) -> int:
        if own is not None:
            return self._spent.get(name, 0)
        return sum(spent for point, spent in self._spent.items() if self._limits[point] is None)

    def _roll(self, now_s: float) -> None:
        if self._day_from_s is not None and now_s - self._day_from_s >= _DAY_S:
            self._day_from_s = None
            self._spent.clear()
            self._limits.clear()


def _limit(own: int | None) -> int:
    return DAILY_WRITES if own is None else own
