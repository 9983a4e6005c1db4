"""How much an alarm matters, and one time that it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much an alarm matters."""

    CRITICAL = "critical"
    """People go without power, or soon will, or the plant is in danger: wake somebody."""
    WARNING = "warning"
    """Somebody must see to it within a day."""
    NOTICE = "notice"
    """To be known at the next visit."""

    @property
    def rank(self) -> int:
        """0 for a notice, 2 for what is critical: higher is worse."""
        return _RANKS[self]


_RANKS = {Severity.NOTICE: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """One time that an alarm stood."""

    id: int
    """1 for the first; never used again."""
    code: str
    """Of the alarm catalogue (controller.core.alarming.catalogue)."""
    subject: str
    """A feeder id, a device id, or `site`."""
    severity: Severity
    params: Mapping[str, Any]
    """What its sentence needs, newest figures; JSON values. `recurred`: how often it came back meanwhile."""
    raised_utc: datetime
    """Aware."""
    cleared_utc: datetime | None = None
    """None while it stands."""
    acknowledged_utc: datetime | None = None
    acknowledged_by: str | None = None
    change: int = 0
    """Grows with every change of any alarm; given by the store."""
