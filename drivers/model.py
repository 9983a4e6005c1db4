"""What a profile says about a device: its points, where they are and how they are coded. Pure data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

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
    INT64 = "int64"
    FLOAT32 = "float32"
    BIT = "bit"
    """A coil or a discrete input."""

    @property
    def words(self) -> int:
        """Registers (or bits) that it takes."""
        return {"uint32": 2, "int32": 2, "float32": 2, "uint64": 4, "int64": 4}.get(self.value, 1)


class WordOrder(StrEnum):
    """Which register of several holds the high word."""

    BIG = "big"
    LITTLE = "little"


class WriteFunction(StrEnum):
    """Which Modbus functions write holding registers."""

    SINGLE = "single"
    """One register a request: function 06."""
    MULTIPLE = "multiple"
    """Any number, one included, together: function 16."""


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
    high_address: int | None = None
    """Where the high word is, if it does not stand beside the low one, which is at `address`; same table."""
    mask: int | None = None
    """Which bits of the raw number hold the value; it is shifted down to them."""
    codes: Mapping[int, str] = field(default_factory=dict)
    """For state words: what each value means, in English."""
    values: Mapping[int, float] = field(default_factory=dict)
    """The point's value for each number of a maker's state, all others missing; empty: a plain number."""
    bits: Mapping[int, str] = field(default_factory=dict)
    """For words of flags: what each bit means, in English; bit 0 is the lowest."""
    source: tuple[str, ...] = ()
    """Keys of the profile's `sources` that agree on it; two or more confirm it."""

    @property
    def words(self) -> int:
        """Registers (or bits) that stand together from `address`."""
        return 1 if self.high_address is not None else self.type.words

    @property
    def extra_addresses(self) -> tuple[int, ...]:
        """Registers of the same table elsewhere that its value needs."""
        return tuple(each for each in (self.scale_address, self.high_address) if each is not None)


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
    before: tuple[tuple[int, ...], ...] = ()
    """(address, word, ...) written first, each in one request, e.g. the revert timeout of a SunSpec limit."""
    after: tuple[tuple[int, ...], ...] = ()
    """(address, word, ...) written last, likewise, e.g. the enable flag of a SunSpec limit."""
    unit_name: str | None = None
    function: WriteFunction = WriteFunction.MULTIPLE
    """How its registers, and those of `before` and `after`, are written."""
    codes: Mapping[int, str] = field(default_factory=dict)
    """The only values it takes and what each means, in English; empty: any number of its range."""
    daily_writes: int | None = None
    """More writes a day than this wear out its flash and raise an alarm; None: the house's default."""
    note: str | None = None
    """What a technician must know before writing it."""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How a device wants to be talked to."""

    max_block: int = 60
    """Most registers in one read."""
    timeout_s: float = 1.0
    """The longest a reply may take; adaptive timeouts stay below."""
    min_gap_s: float = 0.0
    """Least time between two requests to it."""
    connect_delay_s: float = 0.0
    """How long it is left alone after the connection is made."""
    window: int | None = None
    """A request never crosses a multiple of so many registers (Growatt SPF)."""
    max_gap: int | None = None
    """Most unneeded registers read along between two points; None: as the wire's cost has it, 0: none."""
    one_client: bool = False
    """It serves one connection at a time."""
    fragile_from: int | None = None
    """Reading registers from here on makes it restart; None: no such registers are known."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A point that no register holds."""

    parts: tuple[str, ...]
    """Read points."""
    signs: tuple[int, ...]
    """1 or -1 for each part of a sum or product."""
    kind: Literal["sum", "product", "directed"] = "sum"
    """The sum or product of all parts; or the size of the first, negative while the second is in `turns`."""
    turns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Check:
    """A register by which a device is recognised."""

    table: Table
    address: int
    words: int
    unit: int | None = None
    """Unit id; None: the device's own."""
    one_of: frozenset[int] = frozenset()
    """The words as one unsigned number, high word first."""
    range: tuple[int, int] | None = None
    text: str | None = None
    """A regular expression that the registers' characters match."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """How the device is set up when it leaves the factory."""

    unit: int | None = None
    baud: tuple[int, ...] = ()
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    tcp_port: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One device model."""

    model: str
    role: Role
    source: str
    """The documents and drivers that it was written from, for people."""
    verified: str
    """How it is known to be right: by documents or at the bench (with firmware and date)."""
    pace: Pace
    reads: Mapping[str, ReadPoint]
    writes: Mapping[str, WritePoint]
    derived: Mapping[str, Derived] = field(default_factory=dict)
    """Points that no register holds (`derived_value`)."""
    title: str = ""
    """Maker and models that it covers, for people."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Key -> document or driver; points name the keys that agree on them."""
    identify: tuple[Check, ...] = ()
    """By what the device is recognised: all of these hold; empty: by hand only."""
    defaults: Defaults = Defaults()
    provisional: bool = False
    """Found by asking a device that did not tell everything then: it is to be asked again."""


def derived_value(how: Derived, parts: Sequence[float | None]) -> float | None:
    """A derived point from the values of its parts; with a missing part it is missing. Pure."""
    values = [part for part in parts if part is not None]
    if len(values) < len(parts):
        return None
    if how.kind == "product":
        return math.prod(values) * math.prod(how.signs)
    if how.kind == "directed":
        size = abs(values[0])  # some firmware signs it besides (Solis)
        return -size if values[1] in how.turns else size
    return math.fsum(sign * value for sign, value in zip(how.signs, values, strict=True))
