"""Which registers are read together. Pure.

A request costs the same whatever it reads, so a few unneeded registers between two points are cheaper
than a second request: how many, follows from the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.settings import RtuBus, RtuOverTcpBus, TcpBus
from drivers.model import ReadPoint, Table

_REGISTER_BYTES = 2
_RTU_OVERHEAD_BYTES = 8 + 5
"""Request (unit, function, address, count, CRC) and what frames the reply (unit, function, length, CRC)."""
_TCP_OVERHEAD_BYTES = 12 + 9 + 2 * 20
"""The same with Modbus TCP's longer header, and an IP header each way."""
_MOST_REGISTERS = 125
_MOST_BITS = 2000


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


@dataclass(slots=True)
class _Span:
    """Cells that must come in one reply, and what they are for."""

    start: int
    stop: int
    points: tuple[ReadPoint, ...]
    extras: frozenset[int]


def gap_registers(bus: TcpBus | RtuOverTcpBus | RtuBus) -> int:
    """How many unneeded registers cost no more on this bus than another request."""
    overhead = _TCP_OVERHEAD_BYTES if isinstance(bus, TcpBus) else _RTU_OVERHEAD_BYTES
    return -(-overhead // _REGISTER_BYTES)


def pack(points: Iterable[ReadPoint], *, max_block: int, gap: int) -> tuple[Block, ...]:
    """Few requests that read all points, in order of unit, table and address.

    Args:
        points: what is to be read.
        max_block: most registers in one request; a point that is longer still comes whole.
        gap: most unneeded registers between two points of a request.
    """
    groups: dict[tuple[str, Table], list[ReadPoint]] = {}
    for point in points:
        groups.setdefault((point.unit_name or "", point.table), []).append(point)
    return tuple(
        Block(
            unit or None, table, span.start, span.stop - span.start, span.points, tuple(sorted(span.extras))
        )
        for (unit, table), members in sorted(groups.items())
        for span in _merged(_spans(members, max_block), _limit(table, max_block), gap)
    )


def split(block: Block) -> tuple[Block, ...]:
    """The points of a block that the device refuses, each in a request of its own."""
    alone = [pack([point], max_block=_MOST_REGISTERS, gap=0) for point in block.points]
    return tuple(part for parts in alone for part in parts)


def _limit(table: Table, max_block: int) -> int:
    # max_block speaks of registers; a register's room in a reply holds 16 bits.
    return min(16 * max_block, _MOST_BITS) if table.is_bits else min(max_block, _MOST_REGISTERS)


def _spans(points: Iterable[ReadPoint], max_block: int) -> list[_Span]:
    """Each point with the further registers it needs, or apart from one that is too far away."""
    spans: list[_Span] = []
    for point in points:
        own = _Span(point.address, point.address + point.words, (point,), frozenset())
        for address in point.extra_addresses:
            extra = _Span(address, address + 1, (), frozenset({address}))
            both = _join(own, extra)
            if both.stop - both.start <= max_block:
                own = both
            else:
                spans.append(extra)
        spans.append(own)
    return sorted(spans, key=lambda span: (span.start, span.stop))


def _merged(spans: list[_Span], limit: int, gap: int) -> list[_Span]:
    merged: list[_Span] = []
    for span in spans:
        if merged and span.start - merged[-1].stop <= gap:
            joined = _join(merged[-1], span)
            if joined.stop - joined.start <= limit:
                merged[-1] = joined
                continue
        merged.append(span)
    return merged


def _join(first: _Span, second: _Span) -> _Span:
    return replace(
        first,
        start=min(first.start, second.start),
        stop=max(first.stop, second.stop),
        points=first.points + second.points,
        extras=first.extras | second.extras,
    )
