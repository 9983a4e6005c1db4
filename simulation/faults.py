"""What is broken in the village on purpose. Pure state; the servers and devices ask it.

Times are the village's own seconds (its clock may run faster than the host's).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What can be broken."""

    SILENT = "silent"
    """The device hears and obeys nothing."""
    LATE = "late"
    """It answers `delay_s` late, even into another device's turn."""
    NOISE = "noise"
    """With `probability` an answer arrives with flipped bits."""
    EXCEPTION = "exception"
    """It refuses everything with exception `code`."""
    FROZEN = "frozen"
    """It obeys, but keeps telling the values of now."""
    FROZEN_SOC = "frozen_soc"
    """A battery inverter that keeps telling the state of charge of now."""
    STUCK_CONTACTOR = "stuck_contactor"
    """A feeder's contactor stays where it is."""
    LOST_LINE = "lost_line"
    """A bus carries nothing, in either direction; TCP connections are cut."""
    GENSET_FAILS_TO_START = "genset_fails_to_start"
    """Cranks, but does not start."""


DEVICE_KINDS = frozenset(
    {
        FaultKind.SILENT,
        FaultKind.LATE,
        FaultKind.NOISE,
        FaultKind.EXCEPTION,
        FaultKind.FROZEN,
        FaultKind.FROZEN_SOC,
        FaultKind.GENSET_FAILS_TO_START,
    }
)
"""Kinds whose target is a device."""
LINE_KINDS = frozenset(
    {FaultKind.SILENT, FaultKind.LATE, FaultKind.NOISE, FaultKind.EXCEPTION, FaultKind.LOST_LINE}
)
"""Kinds whose target may be a bus: then they hold for every device on it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken."""

    kind: FaultKind
    target: str
    """A device, bus or feeder id, as the kind wants it."""
    until_s: float | None = None
    """When it heals by itself, on the village's clock; None: when it is cleared."""
    delay_s: float = 0.0
    probability: float = 1.0
    code: int = 4


class Faults:
    """The faults that stand; one of a kind for each target."""

    def __init__(
        self, now_s: Callable[[], float], on_change: Callable[[Fault, bool], None] | None = None
    ) -> None:
        """`on_change(fault, stands)` is called when one begins and when it ends."""
        self._now_s = now_s
        self._on_change = on_change
        self._standing: dict[tuple[str, FaultKind], Fault] = {}

    def inject(self, fault: Fault) -> None:
        """Break something; a fault of the same kind and target is replaced."""
        self._standing[fault.target, fault.kind] = fault
        self._tell(fault, stands=True)

    def clear(self, target: str | None = None, kind: FaultKind | None = None) -> int:
        """Heal what matches (None matches all); how many faults that ended."""
        return self._end(
            fault
            for fault in tuple(self._standing.values())
            if target in (None, fault.target) and kind in (None, fault.kind)
        )

    def expire(self) -> None:
        """End the faults whose time is over."""
        if self._standing:
            now_s = self._now_s()
            self._end(
                fault
                for fault in tuple(self._standing.values())
                if fault.until_s is not None and now_s >= fault.until_s
            )

    def find(self, kind: FaultKind, *targets: str) -> Fault | None:
        """The fault of this kind that stands at any of the targets."""
        if not self._standing:
            return None
        self.expire()
        for target in targets:
            fault = self._standing.get((target, kind))
            if fault is not None:
                return fault
        return None

    def standing(self) -> tuple[Fault, ...]:
        """All that stands."""
        self.expire()
        return tuple(self._standing.values())

    def _end(self, faults: Iterable[Fault]) -> int:
        ended = 0
        for fault in faults:
            del self._standing[fault.target, fault.kind]
            self._tell(fault, stands=False)
            ended += 1
        return ended

    def _tell(self, fault: Fault, *, stands: bool) -> None:
        if self._on_change is not None:
            self._on_change(fault, stands)
