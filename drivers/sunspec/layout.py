"""Where the points of a model lie in a device's registers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.sunspec.coding import decode_raw
from drivers.sunspec.definitions import Group, Point

Words = Sequence[int | None]
"""The registers after a model's header as far as they are known; None: not known or not readable."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A point at its place."""

    point: Point
    label: str
    """Its name; inside a repeating group with the number of the copy: DCW[2], Pt.V[1][3]."""
    offset: int
    """Registers from the first one after the model's header."""
    exponent: int = 0
    """The power of ten, where the definition fixes it."""
    scale_offset: int | None = None
    """Where the device tells the power of ten; None: it does not."""
    scale_lost: bool = False
    """The definition names a scale factor that this device's model is too short for."""

    @property
    def end(self) -> int:
        """Offset of the register after it."""
        return self.offset + self.point.words

    def words(self, words: Words) -> tuple[int, ...] | None:
        """Its registers; None if any is not known."""
        known = [word for word in words[self.offset : self.end] if word is not None]
        return tuple(known) if len(known) == self.point.words else None


def place(group: Group, words: Words) -> tuple[Placed, ...]:
    """The points of a model, in order, as far as the model reaches.

    Args:
        group: its definition.
        words: its registers after the header, as many as the device says; where a register that counts
            copies is not known, there are as many copies as fit.
    """
    return tuple(_Placer(words).model(group))


def fills(group: Group, length: int) -> bool:
    """Whether a model, or whole copies of its repeating groups, takes exactly so many registers."""
    once = _registers(group)
    copies = [_registers(inner) for inner in group.groups if inner.repeats]
    if not copies:
        return length == once
    return length >= once and sum(copies) > 0 and (length - once) % sum(copies) == 0


def fixed_length(group: Group) -> int | None:
    """Registers of a model; None: it depends on how often a group stands there."""
    return None if any(inner.repeats for inner in group.groups) else _registers(group)


def _registers(group: Group) -> int:
    """Registers of a group without the groups in it that repeat."""
    inside = sum(_registers(inner) for inner in group.groups if not inner.repeats)
    return sum(point.words for point in group.points) + inside


@dataclass(slots=True)
class _Scope:
    """The points seen so far from inside a group: its own and those of the groups around it."""

    offsets: dict[str, Placed]
    outer: _Scope | None = None

    def find(self, name: str) -> Placed | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.offsets:
                return scope.offsets[name]
            scope = scope.outer
        return None


@dataclass(slots=True)
class _Placer:
    """Goes through a model from its first register to its last."""

    words: Words
    at: int = 0

    def model(self, group: Group) -> Iterator[Placed]:
        yield from self._group(group, None, (), ())

    def _group(
        self, group: Group, outer: _Scope | None, path: tuple[str, ...], copies: tuple[int, ...]
    ) -> Iterator[Placed]:
        scope = _Scope({}, outer)
        label = "".join(f"[{copy}]" for copy in copies)
        for point in group.points:
            scope.offsets[point.name] = Placed(point, ".".join((*path, point.name)) + label, self.at)
            self.at += point.words
        for each in scope.offsets.values():
            if each.end <= len(self.words):
                yield self._scaled(each, scope)
        for inner in group.groups:
            # The repeating group of a model goes without its name: DCW[2] says enough.
            below = path if inner.repeats and outer is None else (*path, inner.name)
            if inner.repeats:
                yield from self._copies(inner, scope, below, copies)
            else:
                yield from self._group(inner, scope, below, copies)

    def _copies(
        self, group: Group, scope: _Scope, path: tuple[str, ...], copies: tuple[int, ...]
    ) -> Iterator[Placed]:
        count = self._count(group, scope)
        if count is None and copies:
            self.at = len(self.words)  # where the copies around it go on cannot be known
        copy = 0
        while (count is None or copy < count) and self.at < len(self.words):
            start = self.at
            copy += 1
            points = tuple(self._group(group, scope, path, (*copies, copy)))
            if self.at == start or (count is None and self.at > len(self.words)):
                return  # nothing in it, or a last copy that is not whole
            yield from points

    def _count(self, group: Group, scope: _Scope) -> int | None:
        """How many copies there are; None: as many as fit."""
        if isinstance(group.count, int):
            return group.count or None
        counter = scope.find(group.count)
        words = None if counter is None else counter.words(self.words)
        if counter is None or words is None:
            return None
        count = decode_raw(counter.point.kind, words)
        return count if isinstance(count, int) else None

    def _scaled(self, placed: Placed, scope: _Scope) -> Placed:
        factor = placed.point.factor
        if factor is None:
            return placed
        if isinstance(factor, int):
            return replace(placed, exponent=factor)
        scale = scope.find(factor)
        if scale is None or scale.end > len(self.words):
            return replace(placed, scale_lost=True)
        return replace(placed, scale_offset=scale.offset)


def by_label(placed: Sequence[Placed]) -> Mapping[str, Placed]:
    """The points by their labels."""
    return {each.label: each for each in placed}
