"""What the catalogue of alarms says of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.core.alarming.record import Severity
from controller.core.model import Text


class Topic(StrEnum):
    """What an alarm is about, hence whom it concerns."""

    SUPPLY = "supply"
    """Who has power, and how long it lasts."""
    PLANT = "plant"
    """Battery, panels, genset, breakers and contactors."""
    DEVICES = "devices"
    """Meters, lines, and what devices say of themselves."""
    CONTROLLER = "controller"
    """The Raspberry Pi, its memory card, clock and network."""
    OFFICE = "office"
    """Contacts, backups, accounts."""


class Escalation(StrEnum):
    """How people are told."""

    NOW = "now"
    """At any hour, until somebody has acknowledged it."""
    DAY = "day"
    """Outside of quiet hours, once."""
    DIGEST = "digest"
    """Together with others, when a digest is due."""


_BY_SEVERITY = {
    Severity.CRITICAL: Escalation.NOW,
    Severity.WARNING: Escalation.DAY,
    Severity.NOTICE: Escalation.DIGEST,
}


@dataclass(frozen=True, slots=True)
class AlarmKind:
    """One code of the catalogue. Its sentence is that of the same code in `core.reasons`."""

    severity: Severity
    """At least; a rule may say that it is worse."""
    topic: Topic
    title: Text
    """A few words."""
    first: Text
    """What to do first."""
    raise_after_s: float = 0.0
    """It must have held for so long without a break."""
    clear_after_s: float = 60.0
    """It must have been over for so long; whatever comes back before is the same alarm."""
    villagers: bool = False
    """Whether the page for everybody shows it."""
    told: Escalation | None = None
    """How people are told of it unless it is critical; None: as its severity says."""

    def escalation(self, severity: Severity) -> Escalation:
        """How people are told of it while it is so severe."""
        if severity is Severity.CRITICAL or self.told is None:
            return _BY_SEVERITY[severity]
        return self.told
