"""The writing half of the journal of samples: controller.telemetry.journal says what they look like."""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from controller.telemetry.journal import (
    FILES,
    HEAD,
    IN_FULL,
    MAGIC,
    PAGE_BYTES,
    PAGE_TOP,
    RECORD_TOP,
    ROW_TOP,
    STAMPED,
    UNSTAMPED,
    Head,
    Replay,
    Row,
    journal_files,
)
from controller.telemetry.packing import Flags, Floats, Ints, differences, per_unit, scaled

GROWN_BYTES = 64 * PAGE_BYTES
"""A file grows by so much at a time, written with zeros: a change of size costs the card several pages."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """The head in force."""

    head: Head
    id: int
    per_unit: Floats


class SampleJournal:
    """Writes the journal of a telemetry.db. Every method blocks, and raises OSError when the disk refuses."""

    def __init__(self, database: Path) -> None:
        self._paths = journal_files(database)
        self._files: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._columns: _Columns | None = None
        self._page = 0
        self._draft = b""
        self._before: Ints | None = None
        self.generation = 1
        self.written_bytes = 0
        """Handed to the disk since the start."""

    @property
    def size_bytes(self) -> int:
        """Length of the files."""
        return sum(self._sizes.values())

    def open(self, found: Replay, folded: int) -> None:
        """Go on in the newest generation that is not folded, on the page after its last."""
        self.close()
        for number, path in enumerate(self._paths):
            self._files[number] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._sizes[number] = os.fstat(self._files[number]).st_size // PAGE_BYTES * PAGE_BYTES
        _sync_folder(self._paths[0].parent)
        self.generation = max(found.newest_generation, folded + 1)
        self._start_page(found.next_page.get(self.generation, 0))
        self._columns = None

    def close(self) -> None:
        """Close the files; harmless when not open."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def turn(self) -> None:
        """Begin the next generation, in the other file: the generation that this held must be folded."""
        self.generation += 1
        self._columns = None
        self._start_page(0)

    def append(self, head: Head, rows: Sequence[Row]) -> None:
        """Add periods; when this returns they survive a power cut. When it raises, none of them counts."""
        place = self._page, self._draft, self._before, self._columns
        try:
            pages = [] if self._columns is not None and self._columns.head == head else self._begin(head)
            for row in rows:
                pages += self._add_row(row)
            self._write(place[0], b"".join([*pages, _padded(self._draft)]))
        except BaseException as err:
            # Tried again, the same bytes go to the same place: what counted before is not touched.
            self._page, self._draft, self._before, self._columns = place
            if isinstance(err, OSError) and err.errno == errno.EIO:
                self._start_page(self._page + 1)  # that page of the card may be spoilt
            raise

    def _begin(self, head: Head) -> list[bytes]:
        names = json.dumps([head.boot_id, head.keys], separators=(",", ":"))
        record = bytes([HEAD]) + zlib.compress(names.encode())
        self._columns = _Columns(head, zlib.crc32(record), per_unit(head.keys))
        pages = [] if self._fits(record) else self._finish_page()
        self._before = None
        return pages + self._put(record)

    def _add_row(self, row: Row) -> list[bytes]:
        """Put a row down; returns the pages that are full."""
        if self._columns is None:
            raise ValueError("a row needs a head")
        steps, present = scaled(row.values, self._columns.per_unit)
        record, pages = self._record(self._columns, row, steps, present), []
        if not self._fits(record):
            pages = self._finish_page()
            record = self._record(self._columns, row, steps, present)
        pages += self._put(record)
        self._before = steps if self._before is None else np.where(present, steps, self._before)
        return pages

    def _record(self, columns: _Columns, row: Row, steps: Ints, present: Flags) -> bytes:
        kind = UNSTAMPED if row.seq is None else STAMPED
        if self._before is None:
            kind, change = kind | IN_FULL, steps
        else:
            change = np.where(present, steps - self._before, 0)
        width, planes = differences(change)
        top = ROW_TOP.pack(kind, columns.id, width, row.start_s, row.seq or 0)
        return top + zlib.compress(np.packbits(present).tobytes() + planes)

    def _fits(self, record: bytes) -> bool:
        return len(self._draft) + RECORD_TOP.size + len(record) <= PAGE_BYTES

    def _put(self, record: bytes) -> list[bytes]:
        """Append to the page; a record longer than a page takes as many as it needs, for itself alone."""
        self._draft += RECORD_TOP.pack(zlib.crc32(record, self.generation), len(record)) + record
        return self._finish_page() if len(self._draft) > PAGE_BYTES else []

    def _finish_page(self) -> list[bytes]:
        if len(self._draft) == PAGE_TOP.size:
            return []
        full = _padded(self._draft)
        self._start_page(self._page + len(full) // PAGE_BYTES)
        return [full]

    def _start_page(self, number: int) -> None:
        self._page, self._draft, self._before = number, PAGE_TOP.pack(MAGIC, self.generation), None

    def _write(self, page: int, data: bytes) -> None:
        number = self.generation % FILES
        file, at = self._files[number], page * PAGE_BYTES
        while self._sizes[number] < at + len(data):
            # Page by page: what a recent kernel was handed in one piece it keeps, and counts, as one large page.
            for offset in range(0, GROWN_BYTES, PAGE_BYTES):
                _write_all(file, bytes(PAGE_BYTES), self._sizes[number] + offset)
            os.fsync(file)
            self._sizes[number] += GROWN_BYTES
            self.written_bytes += GROWN_BYTES
        _write_all(file, data, at)
        os.fdatasync(file)
        self.written_bytes += len(data)


def _padded(draft: bytes) -> bytes:
    return draft + bytes(-len(draft) % PAGE_BYTES)


def _write_all(file: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(file, view, at)
        view, at = view[done:], at + done


def _sync_folder(folder: Path) -> None:
    """Make the names of new files survive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
