"""What technicians ask of the core, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from controller.core.model.reason import Reason

GENSET = "genset"
"""The subject of an override of the genset."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A technician's override, already found to make sense: known subject, length within limits."""

    number: int
    """Of the request."""
    id: str
    subject: str
    """A feeder id, or GENSET."""
    on: bool | None
    """Connected, or running; None: back to automatic."""
    for_s: float
    """How long it is to hold, > 0; of no meaning when back to automatic."""
    who: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request."""

    number: int
    id: str
    outcome: Literal["done", "refused"]
    reason: Reason
    """Of a refusal: why. Of what was done: how it stands now, which protection may have decided otherwise."""


@dataclass(frozen=True, slots=True)
class Override:
    """What a technician has ordered and that still holds."""

    on: bool
    left_s: float
    """For how much longer, > 0: every override ends by itself."""
    who: str
