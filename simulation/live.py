"""The running village: physics that follow a clock, and a note of when the host saw what happen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.clock import Clock
from simulation.physics.village import Village

_FRESH_S = 0.020
"""Host seconds for which registers count as fresh."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A state and the host's monotonic time at which it came about."""

    value: float
    since_s: float


class LiveVillage:
    """Keeps a village at its clock's present."""

    def __init__(
        self,
        village: Village,
        clock: Clock,
        started_s: float,
        host_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`started_s`: what the clock's `monotonic` showed at the village's `start_utc`."""
        self.village = village
        self.clock = clock
        self._host_s = host_s
        self._started_s = started_s
        self._advanced_s = host_s()
        self._seen: dict[str, Seen] = {}
        self._note()

    @property
    def seen(self) -> Mapping[str, Seen]:
        """The alarms of the storage by their names, the feeders' contactors by the feeders' ids."""
        return self._seen

    def advance(self) -> None:
        """Let the physics catch up with the clock."""
        to_s = self.clock.monotonic() - self._started_s
        if to_s > self.village.now_s:
            self.village.advance(to_s)
        self._advanced_s = self._host_s()
        self._note()

    def freshen(self, writing: bool) -> None:
        """Catch up before registers are read, if need be; around writes always, as they act at once."""
        if writing or self._host_s() - self._advanced_s > _FRESH_S:
            self.advance()

    def _note(self) -> None:
        """Remember the host's time of what has just changed in the registers."""
        storage = self.village.storage
        self._see("overload_alarm", storage.overload_alarm)
        self._see("low_battery_alarm", storage.low_battery_alarm)
        self._see("temperature_alarm", storage.temperature_alarm)
        for feeder_id, feeder in self.village.feeders.items():
            self._see(feeder_id, feeder.contactor.closed)

    def _see(self, name: str, value: float) -> None:
        before = self._seen.get(name)
        if before is None or before.value != value:
            self._seen[name] = Seen(value, self._host_s())
