"""Everything a SunSpec device said when it was walked, decoded for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drivers.sunspec.chain import Model, SunSpecMap, walk
from drivers.sunspec.coding import bits_of, decode_raw, exponent_of, scaled
from drivers.sunspec.layout import Placed, Words
from drivers.sunspec.patience import ReadRegisters

COMMON = 1
"""The model in which a device says who made it."""


class Gap(StrEnum):
    """Why a point has no value."""

    NOT_IMPLEMENTED = "not implemented"
    UNREADABLE = "unreadable"
    """The device refuses its registers."""
    NO_SCALE = "no scale factor"
    """There is a number, but the device does not say by which power of ten it counts."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made the device; None where it does not say."""

    manufacturer: str | None = None
    model: str | None = None
    options: str | None = None
    version: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One point under its SunSpec name."""

    model: int
    address: int
    """Of its first register, as on the wire."""
    label: str
    """Its name; inside a repeating group with the number of the copy, from 1: DCW[2]."""
    value: int | float | str | None
    """In SunSpec's unit and sign; None where it has none: `gap` says why."""
    units: str
    meaning: str | None = None
    """What a state means, or which bits are set."""
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A device, for the command line."""

    identity: Identity
    values: tuple[Value, ...]
    """Of all models that could be read, in the order of the registers."""

    def missing(self, gap: Gap) -> tuple[Value, ...]:
        """The points that have no value for this reason."""
        return tuple(value for value in self.values if value.gap is gap)


async def identify(read: ReadRegisters) -> tuple[SunSpecMap, Identity]:
    """Who is there, and which models it has: reads the headers of the chain and model 1. Raises as `walk`."""
    found = await walk(read, bodies=(COMMON,))
    return found, identity(found)


def identity(found: SunSpecMap) -> Identity:
    """What the first common model says: that of the device itself, not of meters behind it."""
    common = found.find(COMMON)
    if common is None:
        return Identity()
    texts = (text(each, common.words or ()) for each in common.points if each.point.kind == "string")
    return Identity(*texts)  # the model and the class have them in the same order


def describe(found: SunSpecMap) -> Description:
    """Identity and all values of the models that could be read, as they were when walked."""
    return Description(identity(found), tuple(value for model in found.models for value in _values(model)))


def number(placed: Placed, words: Words) -> float | None:
    """The value of a point that is a number, in SunSpec's unit and sign; None: it has none."""
    value, _ = _decoded(placed, words)
    return value if isinstance(value, int | float) else None


def text(placed: Placed, words: Words) -> str | None:
    """The value of a point that is text; None: it has none."""
    value, _ = _decoded(placed, words)
    return value if isinstance(value, str) else None


def gap_of(placed: Placed, words: Words) -> Gap | None:
    """Why a point has no value; None: it has one."""
    _, gap = _decoded(placed, words)
    return gap


def _values(model: Model) -> Iterator[Value]:
    words: Sequence[int | None] = model.words or ()
    for placed in model.points:
        point = placed.point
        if not point.is_value:
            continue
        value, gap = _decoded(placed, words)
        meaning = None
        if isinstance(value, int):
            meaning = bits_of(value, point.symbols) if point.is_bits else point.symbols.get(value)
        address = model.body + placed.offset
        yield Value(model.id, address, placed.label, value, point.units, meaning, gap)


def _decoded(placed: Placed, words: Words) -> tuple[int | float | str | None, Gap | None]:
    own = placed.words(words)
    if own is None:
        return None, Gap.UNREADABLE
    raw = decode_raw(placed.point.kind, own)
    if raw is None:
        return None, Gap.NOT_IMPLEMENTED
    if isinstance(raw, str):
        return raw, None
    exponent = _exponent(placed, words)
    return (None, Gap.NO_SCALE) if exponent is None else (scaled(raw, exponent), None)


def _exponent(placed: Placed, words: Words) -> int | None:
    if placed.scale_lost:
        return None
    if placed.scale_offset is None:
        return placed.exponent
    word = words[placed.scale_offset]
    return None if word is None else exponent_of(word)
