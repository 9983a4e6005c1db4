"""Rows of an SQLite file, page by page, without the tree that leads to them.

Where an inner page or the very first one is gone, SQLite finds nothing of what hangs below it, although the
leaves are whole. They are recognised by their first byte, and a row by its columns. After the file format as
published at sqlite.org/fileformat2.html (1.6 "B-tree Pages", 2.1 "Record Format", 4.1 "WAL File Format").

Pages that are free hold old rows too: what is found here only fills gaps.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = 4096
TABLE_LEAF, INDEX_LEAF, INDEX_INNER = 0x0D, 0x0A, 0x02
_WAL_TOP, _FRAME_TOP = 32, 24
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type of an integer -> its bytes."""

Value = int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Found:
    """A row as a page holds it."""

    number: int | None
    """Its row number; None in a table that has none, and in an index."""
    values: tuple[Value, ...]


class _NonsenseError(ValueError):
    """What looked like a row is none."""


def scrape(path: Path) -> Iterator[list[Found]]:
    """The rows of each page that looks like a leaf, those written last first. Raises OSError."""
    with path.open("rb") as file:

        def page(number: int) -> bytes:
            file.seek((number - 1) * PAGE_BYTES)
            return file.read(PAGE_BYTES)

        for content in _wal_pages(path.with_name(path.name + "-wal")):
            yield _rows(content, page)
        for number in range(path.stat().st_size // PAGE_BYTES, 1, -1):
            yield _rows(page(number), page)


def _wal_pages(path: Path) -> Iterator[bytes]:
    """Pages in the WAL, the newest first; those of an earlier use of the file are left out."""
    if not path.exists():
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        salts = file.read(_WAL_TOP)[16:24]
        for number in range((size - _WAL_TOP) // (_FRAME_TOP + PAGE_BYTES) - 1, -1, -1):
            file.seek(_WAL_TOP + number * (_FRAME_TOP + PAGE_BYTES))
            if file.read(_FRAME_TOP)[8:16] == salts:
                yield file.read(PAGE_BYTES)


_Page = Callable[[int], bytes]


def _rows(content: bytes, page: _Page) -> list[Found]:
    """All rows of a leaf that can be made out; empty for any other page."""
    if len(content) < PAGE_BYTES or content[0] not in {TABLE_LEAF, INDEX_LEAF, INDEX_INNER}:
        return []
    top = 12 if content[0] == INDEX_INNER else 8
    count = int.from_bytes(content[3:5], "big")
    rows = []
    for cell in range(top, min(top + 2 * count, PAGE_BYTES - 1), 2):
        try:
            rows.append(_row(content, int.from_bytes(content[cell : cell + 2], "big"), page))
        except (_NonsenseError, IndexError, struct.error, UnicodeDecodeError):
            continue
    return rows


def _row(content: bytes, at: int, page: _Page) -> Found:
    if content[0] == INDEX_INNER:
        at += 4  # the page to the left
    size, at = _varint(content, at)
    number = None
    if content[0] == TABLE_LEAF:
        number, at = _varint(content, at)
    return Found(number, _record(_payload(content, at, size, page)))


def _payload(content: bytes, at: int, size: int, page: _Page) -> bytes:
    """The bytes of a row; what is too long for its page goes on in a chain of others."""
    most = PAGE_BYTES - 35 if content[0] == TABLE_LEAF else (PAGE_BYTES - 12) * 64 // 255 - 23
    if size <= most:
        return content[at : at + size]
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    here = least + (size - least) % (PAGE_BYTES - 4)
    here = here if here <= most else least
    payload = content[at : at + here]
    following = int.from_bytes(content[at + here : at + here + 4], "big")
    while len(payload) < size:
        more = page(following) if following else b""
        if len(more) < PAGE_BYTES:
            raise _NonsenseError
        following = int.from_bytes(more[:4], "big")
        payload += more[4 : 4 + size - len(payload)]
    return payload


def _record(payload: bytes) -> tuple[Value, ...]:
    """The values of a row. Raises _NonsenseError where the lengths do not fit."""
    top, at = _varint(payload, 0)
    kinds = []
    while at < top:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise _NonsenseError
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in {8, 9}:
        return kind - 8, at
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    end = at + (_NUMBERS[kind] if kind in _NUMBERS else (kind - 12) // 2)
    if end > len(payload) or kind in {10, 11}:
        raise _NonsenseError
    if kind in _NUMBERS:
        return int.from_bytes(payload[at:end], "big", signed=True), end
    return (payload[at:end].decode() if kind % 2 else payload[at:end]), end


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    number = 0
    for place in range(8):
        byte = content[at + place]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + place + 1
    return number << 8 | content[at + 8], at + 9
