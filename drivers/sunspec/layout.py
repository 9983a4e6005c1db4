"""How a SunSpec model is laid out, and how one of its points is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.model import DataType, PollClass, ReadPoint, Table

_CODING: Mapping[str, tuple[DataType, frozenset[int]]] = {
    "uint16": (DataType.UINT16, frozenset({0xFFFF})),
    "int16": (DataType.INT16, frozenset({0x8000})),
    "enum16": (DataType.UINT16, frozenset({0xFFFF})),
    "bitfield16": (DataType.UINT16, frozenset({0xFFFF})),
    "sunssf": (DataType.INT16, frozenset({0x8000})),
    "uint32": (DataType.UINT32, frozenset({0xFFFF_FFFF})),
    "bitfield32": (DataType.UINT32, frozenset({0xFFFF_FFFF})),
    "acc32": (DataType.UINT32, frozenset({0})),
    "acc64": (DataType.UINT64, frozenset({0})),
    "float32": (DataType.FLOAT32, frozenset()),
}
"""How each type is coded and which raw values mean 'not implemented'; a float says so by NaN."""
_TEXT = "string"
_PAD = "pad"
_NO_CODES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """One point of a model."""

    name: str
    kind: str
    """The SunSpec type, e.g. uint16, acc32, string16."""
    offset: int
    """Registers from the first one after the model's length."""
    scale_factor: str | None
    units: str
    codes: Mapping[int, str] = field(default_factory=lambda: _NO_CODES)
    """For a state: what each value means."""

    @property
    def words(self) -> int:
        """Registers that it takes."""
        if self.is_text:
            return int(self.kind.removeprefix(_TEXT))
        return 1 if self.kind == _PAD else _CODING[self.kind][0].words

    @property
    def is_text(self) -> bool:
        """Whether it holds characters."""
        return self.kind.startswith(_TEXT)

    @property
    def is_value(self) -> bool:
        """Whether it says something by itself; a scale factor and a pad do not."""
        return self.kind not in ("sunssf", _PAD)

    @property
    def coding(self) -> tuple[DataType, frozenset[int]]:
        """Type and raw values that mean 'not implemented'; not for text and pads."""
        return _CODING[self.kind]


@dataclass(frozen=True, slots=True)
class Layout:
    """The points of a model; those of `repeated` follow once for each module."""

    fields: Mapping[str, Field]
    repeated: Mapping[str, Field]

    @property
    def fixed_words(self) -> int:
        """Registers before the first module."""
        return sum(part.words for part in self.fields.values())

    @property
    def repeated_words(self) -> int:
        """Registers of one module."""
        return sum(part.words for part in self.repeated.values())


def layout(
    fixed: str, repeated: str = "", codes: Mapping[str, Mapping[int, str]] = MappingProxyType({})
) -> Layout:
    """A layout from its text, a line `name type [scale factor or -] [unit]`; the order gives the offsets."""
    offset = 0
    tables: list[dict[str, Field]] = []
    for text in (fixed, repeated):
        table: dict[str, Field] = {}
        for line in text.strip().splitlines():
            name, kind, *rest = line.split()
            factor = rest[0] if rest and rest[0] != "-" else None
            units = " ".join(rest[1:])
            table[name] = Field(name, kind, offset, factor, units, codes.get(name, _NO_CODES))
            offset += table[name].words
        tables.append(table)
    return Layout(MappingProxyType(tables[0]), MappingProxyType(tables[1]))


def read_point(
    model: Layout,
    part: Field,
    body: int,
    *,
    name: str,
    poll: PollClass = PollClass.SLOW,
    scale: float = 1.0,
    value_range: tuple[float, float] | None = None,
) -> ReadPoint:
    """How to read a number of a model.

    Args:
        model: the layout, for the scale factor.
        part: the point; no text, no pad.
        body: address of the first register after the model's length.
        name: what to call it.
        poll: how often.
        scale: turns the vendor's unit and sign into the house's.
        value_range: plausible values, in the house's unit.
    """
    data_type, missing = part.coding
    factor = part.scale_factor
    return ReadPoint(
        name=name,
        table=Table.HOLDING,
        address=body + part.offset,
        type=data_type,
        poll=poll,
        scale=scale,
        range=value_range,
        missing=missing,
        scale_address=None if factor is None else body + model.fields[factor].offset,
        codes=part.codes,
    )
