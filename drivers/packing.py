"""Which registers are read together. Pure.

A request costs the same whatever it reads, so a few unneeded registers between two points are cheaper
than a second request: how many, follows from the wire. Of all ways to cover the points the cheapest is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from drivers.model import Pace, ReadPoint, Table

Place: TypeAlias = tuple[str | None, Table]
"""(name of the unit id, table) in which addresses count."""
Range: TypeAlias = tuple[int, int]
"""Addresses from the first to before the second."""
Refused: TypeAlias = Mapping[Place, Collection[Range]]
"""Ranges that the device does not give in one request, nor any wider one around them."""

NOTHING_REFUSED: Refused = MappingProxyType({})
_REGISTER_BYTES = 2.0
_BIT_BYTES = 1 / 8
_MOST_REGISTERS = 125
_SHORT_GAP_S = 0.05
"""While a device rests so long between two requests, the line serves others."""
_PAUSE_BYTE_S = 0.001
"""Beyond, so much of its pause weighs as much as a byte: a device that rests for long is asked rarely."""
_MOST_BITS = 2000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a read request may be, and what it costs."""

    max_block: int
    """Most registers in one request; a point that is longer still comes whole."""
    overhead_bytes: float
    """What a request costs on the wire besides the registers, in bytes."""
    max_gap: int | None = None
    """Most unneeded registers between two points; None: whatever is cheaper than another request."""
    window: int | None = None
    """No request crosses a multiple of so many registers."""

    @classmethod
    def of(cls, pace: Pace, overhead_bytes: float) -> Rules:
        """As a profile has it, on a wire."""
        pause_bytes = max(0.0, pace.min_gap_s - _SHORT_GAP_S) / _PAUSE_BYTE_S
        return cls(pace.max_block, overhead_bytes + pause_bytes, pace.max_gap, pace.window)


@dataclass(frozen=True, slots=True)
class Block:
    """One read request and the points that it answers."""

    unit_name: str | None
    table: Table
    address: int
    count: int
    """Registers, or bits for coils and discrete inputs."""
    points: tuple[ReadPoint, ...]
    extras: tuple[int, ...] = ()
    """Registers within it that its own points or others need besides: exponents, far high words."""

    @property
    def place(self) -> Place:
        """Where its addresses count."""
        return self.unit_name, self.table

    @property
    def serves_others(self) -> bool:
        """Whether points of other requests need some of its registers."""
        own = {address for point in self.points for address in point.extra_addresses}
        return not own.issuperset(self.extras)

    @property
    def range(self) -> Range:
        """Its addresses."""
        return self.address, self.address + self.count


@dataclass(frozen=True, slots=True)
class _Span:
    """Cells that must come in one reply, and what they are for."""

    start: int
    stop: int
    points: tuple[ReadPoint, ...]
    extras: frozenset[int]


_Allowed: TypeAlias = Callable[[int, int], bool]
"""(start, stop): whether these cells may come in one reply. What holds them may come only if they may."""


def pack(points: Iterable[ReadPoint], rules: Rules, refused: Refused = NOTHING_REFUSED) -> tuple[Block, ...]:
    """The requests that read all points with the fewest bytes, in order of unit, table and address."""
    places: dict[Place, list[ReadPoint]] = {}
    for point in points:
        places.setdefault((point.unit_name, point.table), []).append(point)
    return tuple(
        _block(place, run)
        for place, members in sorted(places.items(), key=lambda item: (item[0][0] or "", item[0][1]))
        for run in _cheapest(members, place[1], rules, refused.get(place, ()))
    )


def split(block: Block) -> tuple[Block, ...]:
    """The two halves of a block that the device refuses; the block alone if it cannot be divided."""
    spans = _spans(block.points, lambda _start, _stop: True, block.extras)
    if len(spans) < 2:
        spans = _spans(block.points, lambda _start, _stop: False, block.extras)
    if len(spans) < 2:
        return (block,)
    middle = len(spans) // 2
    return _block(block.place, spans[:middle]), _block(block.place, spans[middle:])


def _cheapest(
    points: Sequence[ReadPoint], table: Table, rules: Rules, refused: Collection[Range]
) -> list[list[_Span]]:
    """The points of one table, grouped by request: the best of all groupings that keep their order."""
    allowed = _allowance(table, rules, refused)
    cell_bytes = _BIT_BYTES if table.is_bits else _REGISTER_BYTES
    spans = _spans(points, allowed)
    costs, ends = [0.0] * (len(spans) + 1), [0] * len(spans)
    for first in reversed(range(len(spans))):
        start, stop, best = spans[first].start, spans[first].stop, float("inf")
        for last in range(first, len(spans)):
            span = spans[last]
            if last > first and not (
                _near(stop, span, rules.max_gap) and allowed(start, max(stop, span.stop))
            ):
                break
            stop = max(stop, span.stop)
            cost = rules.overhead_bytes + cell_bytes * (stop - start) + costs[last + 1]
            if cost <= best:
                best, ends[first] = cost, last + 1
        costs[first] = best
    runs: list[list[_Span]] = []
    first = 0
    while first < len(spans):
        runs.append(spans[first : ends[first]])
        first = ends[first]
    return runs


def _near(stop: int, span: _Span, max_gap: int | None) -> bool:
    return max_gap is None or span.start - stop <= max_gap


def _allowance(table: Table, rules: Rules, refused: Collection[Range]) -> _Allowed:
    # max_block speaks of registers; a register's room in a reply holds 16 bits.
    most = min(16 * rules.max_block, _MOST_BITS) if table.is_bits else min(rules.max_block, _MOST_REGISTERS)
    window = None if table.is_bits else rules.window

    def allowed(start: int, stop: int) -> bool:
        if stop - start > most or (window is not None and start // window != (stop - 1) // window):
            return False
        return not any(start <= hole[0] and hole[1] <= stop for hole in refused)

    return allowed


def _spans(points: Iterable[ReadPoint], allowed: _Allowed, extras: Iterable[int] = ()) -> list[_Span]:
    """Each point with the further registers it needs, or apart from one that may not come with it."""
    spans = [_Span(address, address + 1, (), frozenset({address})) for address in extras]
    for point in points:
        own = _Span(point.address, point.address + point.words, (point,), frozenset())
        for address in point.extra_addresses:
            extra = _Span(address, address + 1, (), frozenset({address}))
            both = _join(own, extra)
            if allowed(both.start, both.stop):
                own = both
            else:
                spans.append(extra)
        spans.append(own)
    by_range: dict[Range, _Span] = {}
    for span in spans:
        same = by_range.get((span.start, span.stop))
        by_range[span.start, span.stop] = span if same is None else _join(same, span)
    held = frozenset().union(*(span.extras for span in by_range.values() if span.points))
    useful = [span for span in by_range.values() if span.points or not span.extras <= held]
    return sorted(useful, key=lambda span: (span.start, span.stop))


def _block(place: Place, spans: Sequence[_Span]) -> Block:
    start, stop = min(span.start for span in spans), max(span.stop for span in spans)
    points = tuple(point for span in spans for point in span.points)
    extras = sorted(frozenset().union(*(span.extras for span in spans)))
    return Block(*place, start, stop - start, points, tuple(extras))


def _join(first: _Span, second: _Span) -> _Span:
    return replace(
        first,
        start=min(first.start, second.start),
        stop=max(first.stop, second.stop),
        points=first.points + second.points,
        extras=first.extras | second.extras,
    )
