"""The SunSpec Alliance's own definitions of its information models, read one at a time when they are needed.

They come as data with the package pysunspec2; its code is not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_HEADER = ("ID", "L")
"""The first two points of every model; the chain holds them, a layout begins after them."""
_SILENT = frozenset({"sunssf", "pad"})
_SLIP = "gg"
"""Stands before the states of model 111 in the published file (ggMPPT) and means nothing."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a model."""

    name: str
    kind: str
    """Its SunSpec type, e.g. uint16, acc32, string."""
    words: int
    factor: str | int | None
    """The exponent of ten: the name of the point that holds it, or itself; None: no scaling."""
    units: str
    symbols: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """What each value, or for a bit field each bit, means."""

    @property
    def is_value(self) -> bool:
        """Whether it says something by itself; a scale factor and a pad do not."""
        return self.kind not in _SILENT

    @property
    def is_bits(self) -> bool:
        """Whether each of its bits means something by itself."""
        return self.kind.startswith("bitfield")


@dataclass(frozen=True, slots=True)
class Group:
    """Points that stand together, and the groups that follow them."""

    name: str
    count: int | str
    """How often it stands there: a number, the name of the point that tells, or 0 for as often as fits."""
    points: tuple[Point, ...]
    groups: tuple[Group, ...]

    @property
    def repeats(self) -> bool:
        """Whether it may stand there several times."""
        return self.count != 1


@lru_cache(maxsize=128)
def definition(model: int) -> Group | None:
    """The layout of a model after its header; None for a model that the Alliance has not published."""
    file = files("sunspec2") / "models" / "json" / f"model_{model}.json"
    if not file.is_file():
        return None
    return _group(json.loads(file.read_text(encoding="utf-8"))["group"], skip=_HEADER)


def _group(raw: Mapping[str, Any], skip: tuple[str, ...] = ()) -> Group:
    return Group(
        name=raw["name"],
        count=raw.get("count", 1),
        points=tuple(point for each in raw["points"] if each["name"] not in skip for point in _points(each)),
        groups=tuple(_group(each) for each in raw.get("groups", ())),
    )


def _points(raw: Mapping[str, Any]) -> Iterator[Point]:
    """The point; as many as its `count` says, numbered, where it has one."""
    count = raw.get("count", 1)
    symbols = {symbol["value"]: symbol["name"].removeprefix(_SLIP) for symbol in raw.get("symbols", ())}
    for number in range(1, count + 1):
        yield Point(
            name=raw["name"] if count == 1 else f"{raw['name']}{number}",
            kind=raw["type"],
            words=raw["size"],
            factor=raw.get("sf"),
            units=raw.get("units", ""),
            symbols=MappingProxyType(symbols),
        )
