"""The writing half of the journal of samples: controller.telemetry.journal says what they look like."""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from controller.telemetry.journal import (
    FILES,
    HEAD,
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
from controller.telemetry.packing import Floats, differences, per_unit, scaled

GROWN_BYTES = 64 * PAGE_BYTES
"""A file grows by so much at a time, written with zeros: a change of size costs the card several pages."""


class SampleJournal:
    """Writes the journal of a telemetry.db. Every method blocks, and raises OSError when the disk refuses."""

    def __init__(self, database: Path) -> None:
        self._paths = journal_files(database)
        self._files: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._head: Head | None = None
        self._head_record = b""
        self._per_unit: Floats = np.zeros(0)
        self._head_written = False
        self._page = 0
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
        try:
            for number, path in enumerate(self._paths):
                self._files[number] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                self._sizes[number] = os.fstat(self._files[number]).st_size // PAGE_BYTES * PAGE_BYTES
            _sync_folder(self._paths[0].parent)
        except OSError:
            self.close()  # a store that does not open is tried again each minute
            raise
        self.generation = max(found.newest_generation, folded + 1)
        self._page = found.next_page.get(self.generation, 0)
        self._head_written = False

    def close(self) -> None:
        """Close the files; harmless when not open."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def turn(self) -> None:
        """Begin the next generation, in the other file: the generation that this held must be folded."""
        self.generation += 1
        self._page = 0
        self._head_written = False

    def append(self, head: Head, rows: Sequence[Row]) -> None:
        """Add periods; when this returns they survive a power cut. When it raises, none of them counts."""
        if head != self._head:
            self._learn(head)
        records = [] if self._head_written else [self._head_record]
        data = self._paged([*records, *(self._record(row) for row in rows)])
        try:
            self._write(self._page, data)
        except OSError as err:
            # Tried again, the same goes to the same place: nothing that counts is touched.
            self._page += err.errno == errno.EIO  # that page of the card may be spoilt
            raise
        self._page += len(data) // PAGE_BYTES
        self._head_written = True

    def _learn(self, head: Head) -> None:
        names = json.dumps([head.boot_id, head.keys], separators=(",", ":"))
        self._head_record = bytes([HEAD]) + zlib.compress(names.encode())
        self._head, self._per_unit, self._head_written = head, per_unit(head.keys), False

    def _record(self, row: Row) -> bytes:
        steps, present = scaled(row.values, self._per_unit)
        width, planes = differences(steps)
        kind = UNSTAMPED if row.seq is None else STAMPED
        top = ROW_TOP.pack(kind, zlib.crc32(self._head_record), width, row.start_s, row.seq or 0)
        return top + zlib.compress(np.packbits(present).tobytes() + planes)

    def _paged(self, records: Sequence[bytes]) -> bytes:
        """Records in whole pages; one that does not fit into the rest of a page begins another."""
        done, draft = b"", b""
        for record in records:
            framed = RECORD_TOP.pack(zlib.crc32(record, self.generation), len(record)) + record
            if draft and len(draft) + len(framed) > PAGE_BYTES:
                done, draft = done + _padded(draft), b""
            draft = (draft or PAGE_TOP.pack(MAGIC, self.generation)) + framed
        return done + _padded(draft)

    def _write(self, page: int, data: bytes) -> None:
        number = self.generation % FILES
        file, at = self._files[number], page * PAGE_BYTES
        while self._sizes[number] < at + len(data):
            # Page by page: what a recent kernel is handed in one piece it keeps, and counts, as one page.
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
