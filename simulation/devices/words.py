"""How values become registers. Values outside of the type saturate, as they do in real devices."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_BYTES_PER_WORD = 2


def u16(value: float) -> bytes:
    """An unsigned register, rounded."""
    return max(0, min(0xFFFF, round(value))).to_bytes(2, "big")


def s16(value: float) -> bytes:
    """A signed register, rounded."""
    return max(-0x8000, min(0x7FFF, round(value))).to_bytes(2, "big", signed=True)


def u32(value: float) -> bytes:
    """Two registers, high word first."""
    return max(0, min(0xFFFFFFFF, round(value))).to_bytes(4, "big")


def s32(value: float) -> bytes:
    """Two registers, high word first."""
    return max(-0x80000000, min(0x7FFFFFFF, round(value))).to_bytes(4, "big", signed=True)


def u64(value: float) -> bytes:
    """Four registers, high word first."""
    return max(0, min(0xFFFFFFFFFFFFFFFF, round(value))).to_bytes(8, "big")


def floats(values: Iterable[float]) -> bytes:
    """IEEE 754 singles of two registers each, high word first."""
    listed = tuple(values)
    return struct.pack(f">{len(listed)}f", *listed)


def text(value: str, words: int) -> bytes:
    """ASCII padded with zeros to `words` registers."""
    return value.encode("ascii").ljust(words * _BYTES_PER_WORD, b"\0")[: words * _BYTES_PER_WORD]
