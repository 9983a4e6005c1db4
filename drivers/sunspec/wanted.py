"""From points of SunSpec models to points of the house. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from drivers.model import PollClass, ReadPoint, Table
from drivers.sunspec.chain import Model
from drivers.sunspec.coding import data_type
from drivers.sunspec.describe import Gap, gap_of, number, text
from drivers.sunspec.layout import Placed

SOURCES = {
    "sunspec": "SunSpec Alliance, model definitions (sunspec/models), and the device's own description"
}
PERCENT = 0.01

POWER_W = (-1e7, 1e7)
VOLTAGE_V = (0.0, 2000.0)
CURRENT_A = (-5000.0, 5000.0)
FREQUENCY_HZ = (30.0, 80.0)
ENERGY_WH = (0.0, 1e13)
TEMPERATURE_C = (-60.0, 150.0)
UNITY = (-1.0, 1.0)
FRACTION = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A SunSpec point and what the house calls it."""

    name: str
    labels: tuple[str, ...]
    """As in `Placed.label`; the first that the device's model has: some models spell it otherwise."""
    range: tuple[float, float] | None = None
    """Plausible values, in the house's unit."""
    scale: float = 1.0
    """Turns SunSpec's unit and sign into the house's."""
    offset: float = 0.0
    poll: PollClass = PollClass.FAST


def fast(
    name: str, label: str, bounds: tuple[float, float] | None = None, scale: float = 1.0, offset: float = 0.0
) -> Wanted:
    """A point that is read every second; labels that some models spell otherwise are separated by `|`."""
    return Wanted(name, tuple(label.split("|")), bounds, scale, offset)


def slow(
    name: str, label: str, bounds: tuple[float, float] | None = None, scale: float = 1.0, offset: float = 0.0
) -> Wanted:
    """A point that is read every half minute."""
    return Wanted(name, tuple(label.split("|")), bounds, scale, offset, PollClass.SLOW)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A model of a device with its points by label."""

    model: Model
    awake: bool = False
    """Whether the device was at work when it was walked: then what had no value has none ever."""
    points: dict[str, Placed] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", {each.label: each for each in self.model.points})

    def number(self, label: str) -> float | None:
        """What a point said when the device was walked, in SunSpec's unit and sign; None: nothing."""
        placed = self.points.get(label)
        return None if placed is None else number(placed, self.model.words or ())

    def text(self, label: str) -> str | None:
        """What a text said when the device was walked; None: nothing."""
        placed = self.points.get(label)
        return None if placed is None else text(placed, self.model.words or ())

    def address(self, label: str) -> int | None:
        """Where a point is, as on the wire; None: the device's model does not have it or its scale."""
        placed = self.points.get(label)
        return None if placed is None or placed.scale_lost else self.model.body + placed.offset

    def preset(self, label: str, value: int) -> tuple[tuple[int, ...], ...]:
        """The request, (address, word, ...), that gives an unscaled point this value."""
        placed = self.points[label]
        words = placed.point.words
        start = self.model.body + placed.offset
        return ((start, *(value >> 16 * (words - 1 - at) & 0xFFFF for at in range(words))),)

    def scale_address(self, label: str) -> int | None:
        """Where the point's power of ten is; None: it has none."""
        offset = self.points[label].scale_offset
        return None if offset is None else self.model.body + offset

    def reads(self, wanted: Iterable[Wanted]) -> Iterator[ReadPoint]:
        """How to read those of the wanted points that the device's model has."""
        for each in wanted:
            label = next((label for label in each.labels if self.address(label) is not None), None)
            if label is not None and not (self.awake and self._never_told(label)):
                yield self._read(each, label)

    def _never_told(self, label: str) -> bool:
        """Not implemented; a counter of 0 may just be new, and an unreadable register come back."""
        placed = self.points[label]
        counts = placed.point.kind.startswith("acc")
        return not counts and gap_of(placed, self.model.words or ()) in (Gap.NOT_IMPLEMENTED, Gap.NO_SCALE)

    def _read(self, wanted: Wanted, label: str) -> ReadPoint:
        placed = self.points[label]
        point = placed.point
        kind, missing = data_type(point.kind)
        return ReadPoint(
            name=wanted.name,
            table=Table.HOLDING,
            address=self.model.body + placed.offset,
            type=kind,
            poll=wanted.poll,
            scale=wanted.scale * 10.0**placed.exponent,
            offset=wanted.offset,
            range=wanted.range,
            missing=missing,
            scale_address=self.scale_address(label),
            codes={}
            if point.is_bits
            else {_turned(code, wanted): text for code, text in point.symbols.items()},
            bits=point.symbols if point.is_bits else {},
            source=tuple(SOURCES),
        )


def _turned(code: int, wanted: Wanted) -> int:
    """A state of the device in the house's numbering."""
    return round(code * wanted.scale + wanted.offset)
