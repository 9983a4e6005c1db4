"""What a search found, what it tried, and what it did not. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from controller.core.model import Role
from drivers.wire import AnyBus

Tell: TypeAlias = Callable[[str, int, int], None]
"""Told of the progress: (what is being done, steps done, steps in all)."""


class Confidence(StrEnum):
    """How sure it is that a device is what it is taken for."""

    CERTAIN = "certain"
    """It says so itself, and what is read as such is plausible."""
    LIKELY = "likely"
    """It says so itself, or by a number that others may use too."""
    POSSIBLE = "possible"
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that a device may have."""

    profile: str
    role: Role
    title: str
    confidence: Confidence
    why: str
    units: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The profile's names for further unit ids."""
    says: str | None = None
    """What its identity registers say: a model or a serial number."""
    maker: str | None = None
    model: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something that answers."""

    bus: AnyBus
    unit: int
    candidates: tuple[Candidate, ...] = ()
    """Best first; empty: it answers, but nothing is known of it."""
    garbled: bool = False
    """Its answers come broken: two devices with the same unit id, or a bad line."""
    also_at: tuple[int, ...] = ()
    """Further unit ids at which the same device answers."""


@dataclass(slots=True)
class Survey:
    """A search as it goes on: whoever interrupts it keeps what was found so far."""

    found: list[Found] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """What was asked, as sentences."""
    untried: list[str] = field(default_factory=list)
    """What was not, and why."""
    remarks: list[str] = field(default_factory=list)
    """What else a technician should know, with the remedy."""
    requests: int = 0
    """How many reads were sent."""
