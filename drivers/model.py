"""What a profile says about a device: its points, where they are and how they are coded. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from controller.core.model import Role


class Table(StrEnum):
    """The four tables of Modbus."""

    HOLDING = "holding"
    INPUT = "input"
    COIL = "coil"
    DISCRETE = "discrete"

    @property
    def is_bits(self) -> bool:
        """Whether its cells are single bits."""
        return self in (Table.COIL, Table.DISCRETE)


class DataType(StrEnum):
    """How a value is coded in its registers."""

    UINT16 = "uint16"
    INT16 = "int16"
    UINT32 = "uint32"
    INT32 = "int32"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    BIT = "bit"
    """A coil or a discrete input."""

    @property
    def words(self) -> int:
        """Registers (or bits) that it takes."""
        return {"uint32": 2, "int32": 2, "float32": 2, "uint64": 4}.get(self.value, 1)


class WordOrder(StrEnum):
    """Which register of several holds the high word."""

    BIG = "big"
    LITTLE = "little"


class PollClass(StrEnum):
    """How often a point is read."""

    URGENT = "urgent"
    """Alarm words: four times a second; a change wakes the control loop."""
    FAST = "fast"
    """Every second: power, SoC, switch states."""
    SLOW = "slow"
    """Every 30 seconds: counters, temperatures, identity."""


PERIOD_S: Mapping[PollClass, float] = {PollClass.URGENT: 0.25, PollClass.FAST: 1.0, PollClass.SLOW: 30.0}


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """A point that is read."""

    name: str
    """One of `controller.core.points`."""
    table: Table
    address: int
    """As on the wire, from 0."""
    type: DataType
    poll: PollClass
    word_order: WordOrder = WordOrder.BIG
    scale: float = 1.0
    """value = raw * scale + offset; a negative scale turns the vendor's sign."""
    offset: float = 0.0
    range: tuple[float, float] | None = None
    """In the point's unit; outside is implausible, hence missing."""
    missing: frozenset[int] = frozenset()
    """Raw values (unsigned, as in the registers) that the vendor uses for 'not available'."""
    scale_address: int | None = None
    """SunSpec: address of the int16 exponent of ten by which the raw value is multiplied; same table."""
    unit_name: str | None = None
    """Which of the device's unit ids holds it (Victron GX); None: the device's own."""
    codes: Mapping[int, str] = field(default_factory=dict)
    """For state words: what each value means, in English."""


@dataclass(frozen=True, slots=True)
class WritePoint:
    """A control point."""

    name: str
    table: Table
    address: int
    type: DataType
    range: tuple[float, float]
    """In the point's unit; a value outside is refused before it reaches the wire."""
    word_order: WordOrder = WordOrder.BIG
    scale: float = 1.0
    offset: float = 0.0
    scale_address: int | None = None
    readback: str | None = None
    """Name of the read point that shows it; None: write-only."""
    expires_s: float | None = None
    """After so long without a refresh the device falls back by itself; None: it holds for ever."""
    eeprom: bool = True
    """Stored in flash: written on change only. Unknown counts as stored."""
    release: float | None = None
    """What is written on a clean stop to give the device its freedom back; None: left as it is."""
    words: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Literal words for each allowed value, sent in one FC16 (Deep Sea: key and its complement)."""
    before: tuple[tuple[int, int], ...] = ()
    """(address, raw value) pairs written first, e.g. the revert timeout of a SunSpec limit."""
    after: tuple[tuple[int, int], ...] = ()
    """(address, raw value) pairs written last, e.g. the enable flag of a SunSpec limit."""
    unit_name: str | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a device wants to be talked to."""

    max_block: int = 60
    """Most registers in one read."""
    timeout_s: float = 1.0
    """The longest a reply may take; adaptive timeouts stay below."""
    min_gap_s: float = 0.0
    """Least time between two requests to it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One device model."""

    model: str
    role: Role
    source: str
    verified: str
    """How it is known to be right: unconfirmed, confirmed by two sources, bench (with firmware and date)."""
    pace: Pace
    reads: Mapping[str, ReadPoint]
    writes: Mapping[str, WritePoint]
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Points that no register holds: each is the sum of these read points (`derived_value`)."""


def derived_value(parts: Sequence[float | None]) -> float | None:
    """The sum of the parts; a sum with a missing part is missing. Pure."""
    total = 0.0
    for part in parts:
        if part is None:
            return None
        total += part
    return total
