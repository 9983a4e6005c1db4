"""How SunSpec codes its types in registers. Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from drivers.model import DataType

_UNSIGNED = {"uint", "enum", "bitfield", "count", "raw"}
_ACCUMULATOR = "acc"
"""A counter: 0 means that it does not count."""
_BITS: Mapping[str, int] = {"count": 16, "sunssf": 16}
_LARGEST_EXPONENT = 10
_NO_EXPONENT = -0x8000
_WORD = 0xFFFF

_DATA_TYPES: Mapping[tuple[str, int], DataType] = {
    ("uint", 16): DataType.UINT16,
    ("int", 16): DataType.INT16,
    ("uint", 32): DataType.UINT32,
    ("int", 32): DataType.INT32,
    ("uint", 64): DataType.UINT64,
    ("int", 64): DataType.INT64,
    ("float", 32): DataType.FLOAT32,
}


def data_type(kind: str) -> tuple[DataType, frozenset[int]]:
    """How the poller reads a number of this type, and which raw values mean 'not implemented'.

    Raises:
        KeyError: it is no number that the poller reads (text, address, 64-bit float).
    """
    family, bits = _family(kind)
    if family == _ACCUMULATOR:
        return _DATA_TYPES["uint", bits], frozenset({0})
    if family in _UNSIGNED:
        return _DATA_TYPES["uint", bits], frozenset({(1 << bits) - 1})
    if family in ("int", "sunssf"):
        return _DATA_TYPES["int", bits], frozenset({1 << bits - 1})
    return _DATA_TYPES[family, bits], frozenset()


def decode_raw(kind: str, words: Sequence[int]) -> int | float | str | None:
    """The content of registers before scaling; None: not implemented.

    Raises:
        ValueError: a type that the standard does not have.
    """
    data = b"".join(word.to_bytes(2, "big") for word in words)
    if kind == "string":
        return _text(data)
    if kind in ("ipaddr", "ipv6addr", "eui48"):
        return _network(kind, data)
    family, bits = _family(kind)
    if family == "float":
        number = float(struct.unpack(">f" if bits == 32 else ">d", data)[0])
        return number if math.isfinite(number) else None
    return _integer(family, bits, data)


def scaled(raw: float, exponent: int) -> int | float:
    """A raw number times ten to the exponent; dividing keeps 2345 * 10**-1 at 234.5 exactly."""
    return raw * int(10**exponent) if exponent >= 0 else raw / 10**-exponent


def exponent_of(word: int) -> int | None:
    """The scale factor in a register; None: not implemented, or none that the standard allows."""
    exponent = word - 0x1_0000 if word & 0x8000 else word
    return exponent if abs(exponent) <= _LARGEST_EXPONENT else None


def bits_of(raw: int, symbols: Mapping[int, str]) -> str | None:
    """The names of the bits that are set, lowest first; None: no bit is set."""
    names = [symbols.get(bit, f"bit {bit}") for bit in range(raw.bit_length()) if raw >> bit & 1]
    return ", ".join(names) or None


def _family(kind: str) -> tuple[str, int]:
    """Type without its width, and the width in bits."""
    if kind in _BITS:
        return kind, _BITS[kind]
    family = kind.rstrip("0123456789")
    return family, int(kind.removeprefix(family))


def _integer(family: str, bits: int, data: bytes) -> int | None:
    number = int.from_bytes(data, "big", signed=family in ("int", "sunssf"))
    if family == _ACCUMULATOR:
        return number or None
    if family in _UNSIGNED:
        return None if number == (1 << bits) - 1 else number
    return None if number == -(1 << bits - 1) else number


def _text(data: bytes) -> str | None:
    """Characters up to the first NUL; a field filled with 0xFF holds none."""
    return data.split(b"\0", 1)[0].rstrip(b"\xff").decode("utf-8", errors="replace").strip() or None


def _network(kind: str, data: bytes) -> str | None:
    if kind == "ipaddr":
        return str(IPv4Address(data)) if any(data) else None
    if kind == "ipv6addr":
        return str(IPv6Address(data)) if any(data) else None
    address = data[-6:]
    return None if address == b"\xff" * 6 else address.hex(":").upper()
