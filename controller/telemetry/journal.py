"""The journal of samples: each period of 10 s is on the disk as soon as it is over, at the price of one page.

Two files beside telemetry.db take turns: while one is folded into telemetry.db, the other is written. What is
written between two turns is a generation; telemetry.db knows up to which generation all is folded, so that a
power cut at any moment leaves nothing out and counts nothing twice. A file consists of pages of 4 KiB, and is
written over from its start in each of its turns: its size hardly ever changes.

    page        "TWNJ", generation (uint32), records, zeros
    record      CRC-32 of the rest with the generation (uint32), length of the rest (uint32), kind (byte), …
    head        the boot and the names of the columns, compressed JSON; written where they change
    row         id of its head, time, number, and compressed: which columns there are, and their values

Whatever is committed begins a page: a disk writes whole pages anyway, and so none that counts already is
written again. What a power cut tore does not fit its CRC and is dropped. What is longer takes several pages.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from controller.telemetry.packing import Flags, Floats, Ints, per_unit, undone
from controller.telemetry.schema import SeriesKey

PAGE_BYTES = 4096
FILES = 2
COMPANIONS = ("-wal", "-shm", *(f"-samples{number}" for number in range(FILES)))
"""Endings of the files that belong to telemetry.db."""

MAGIC = b"TWNJ"
PAGE_TOP = struct.Struct("<4sI")
RECORD_TOP = struct.Struct("<II")
ROW_TOP = struct.Struct("<BIBqq")
"""Kind, id of the head, width of a value, start of the period, number."""
HEAD, STAMPED, UNSTAMPED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Head:
    """What rows have in common."""

    boot_id: str
    keys: tuple[SeriesKey, ...]
    """The columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One period."""

    start_s: int
    """Unix seconds; while the clock was not synchronised, seconds of the boot's monotonic clock."""
    seq: int | None
    """Its number in the order of true stamps; None: it has no true stamp yet."""
    values: Floats
    """Shape (columns,), NaN missing."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Periods that follow each other under the same head."""

    generation: int
    head: Head
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Replay:
    """What was read from the journal."""

    stretches: tuple[Rows, ...]
    """In the order of writing."""
    newest_generation: int
    """0: none."""
    next_page: Mapping[int, int]
    """Generation -> first page of its file after its own."""
    damaged_bytes: int
    """Bytes of pages given up since a record in them was torn or spoilt."""


def journal_files(database: Path) -> tuple[Path, ...]:
    """The journal's files, which belong to telemetry.db like its WAL."""
    return tuple(database.with_name(f"{database.name}-samples{number}") for number in range(FILES))


def read_bytes(database: Path) -> tuple[bytes, ...]:
    """The files as they are now; empty where there is none. Raises OSError."""
    found = []
    for path in journal_files(database):
        try:
            found.append(path.read_bytes())
        except FileNotFoundError:
            found.append(b"")
    return tuple(found)


def replay(contents: Sequence[bytes], folded: int) -> Replay:
    """All rows of generations after `folded`, whatever else the files hold. What is torn is told.

    A row whose head was lost is found under the same head in another place, and given up otherwise.
    """
    pages = sorted(
        (
            (generation, offset // PAGE_BYTES, content)
            for content in contents
            for offset in range(0, len(content) - PAGE_BYTES + 1, PAGE_BYTES)
            for magic, generation in (PAGE_TOP.unpack_from(content, offset),)
            if magic == MAGIC
        ),
        key=lambda found: found[:2],
    )
    decoder = _Decoder()
    live: list[tuple[int, list[bytes]]] = []
    damaged, end = 0, 0
    next_page: dict[int, int] = {}
    for generation, page, content in pages:
        if generation in next_page and page < end:
            continue  # the rest of a long record
        records, used, lost = _records(content, page * PAGE_BYTES, generation)
        next_page[generation] = end = page + -(-used // PAGE_BYTES)
        decoder.learn_heads(records)
        if generation > folded:
            damaged += lost
            live.append((generation, records))
    for generation, records in live:
        decoder.decode_page(generation, records)
    newest = max((generation for generation, *_ in pages), default=0)
    return Replay(tuple(decoder.stretches), newest, next_page, damaged)


def _records(content: bytes, start: int, generation: int) -> tuple[list[bytes], int, int]:
    """The sound records of a page (and those that follow, for a long one), its length, and what was torn."""
    records: list[bytes] = []
    at, page_end = start + PAGE_TOP.size, start + PAGE_BYTES
    while at + RECORD_TOP.size <= page_end:
        crc, length = RECORD_TOP.unpack_from(content, at)
        if not length and not crc:
            break
        rest = content[at + RECORD_TOP.size : at + RECORD_TOP.size + length]
        if not rest or len(rest) < length or zlib.crc32(rest, generation) != crc:
            return records, PAGE_BYTES, page_end - at
        records.append(rest)
        at += RECORD_TOP.size + length
    return records, max(at - start, PAGE_BYTES), 0


class _Decoder:
    """Makes rows of records, page by page."""

    def __init__(self) -> None:
        self.stretches: list[Rows] = []
        self._heads: dict[int, tuple[Head, Floats]] = {}

    def learn_heads(self, records: Sequence[bytes]) -> None:
        """Take note of the heads among records."""
        for record in records:
            if record[0] == HEAD and (head_id := zlib.crc32(record)) not in self._heads:
                boot_id, keys = json.loads(zlib.decompress(record[1:]))
                head = Head(boot_id, tuple((subject, point) for subject, point in keys))
                self._heads[head_id] = head, per_unit(head.keys)

    def decode_page(self, generation: int, records: Sequence[bytes]) -> None:
        """Add the rows of a page; one whose head was lost is given up."""
        for record in records:
            if record[0] == HEAD:
                continue
            kind, head_id, width, start_s, seq = ROW_TOP.unpack_from(record)
            if head_id in self._heads:
                head, scale = self._heads[head_id]
                steps, present = _columns(zlib.decompress(record[ROW_TOP.size :]), width, len(head.keys))
                values = np.where(present, steps / scale, np.nan)
                row = Row(start_s, seq if kind == STAMPED else None, values)
                self._stretch(generation, head).rows.append(row)

    def _stretch(self, generation: int, head: Head) -> Rows:
        last = self.stretches[-1] if self.stretches else None
        if last is None or last.head is not head or last.generation != generation:
            self.stretches.append(last := Rows(generation, head))
        return last


def _columns(body: bytes, width: int, count: int) -> tuple[Ints, Flags]:
    size = (count + 7) // 8
    present = np.unpackbits(np.frombuffer(body[:size], np.uint8))[:count].astype(bool)
    return undone(body[size:], width, count), present
