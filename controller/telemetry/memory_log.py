"""The controller's memory on the disk: in full now and then, and what changed since.

After a month the memory is some 30 kB, of which a minute changes little, and it is stored every two minutes
and with every decision: in full that alone would be 30 MB a day for the card. So a change is what zlib
makes of the new memory with the stored one as its dictionary, which is about 1 kB: one page.
"""

from __future__ import annotations

import sqlite3
import zlib

FULL, CHANGE = "memory", "memory_change"
"""Keys of `state`."""
_PUT = "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
"""In its place: to replace the row would touch the index too, which is another page."""
_LARGEST_CHANGE = 2000
"""Bytes; a larger one would not fit into a page with its neighbours."""


def keep_memory(connection: sqlite3.Connection, memory: str) -> None:
    """Store the memory (JSON); call within a transaction."""
    stored = connection.execute("SELECT value FROM state WHERE key = ?", (FULL,)).fetchone()
    if stored is not None and isinstance(stored[0], str):
        change = _change(stored[0].encode(), memory.encode())
        if len(change) <= _LARGEST_CHANGE:
            connection.execute(_PUT, (CHANGE, change))
            return
    connection.execute(_PUT, (FULL, memory))
    connection.execute("DELETE FROM state WHERE key = ?", (CHANGE,))


def read_memory(connection: sqlite3.Connection) -> str | None:
    """The memory as it was stored last (JSON); None while there is none.

    Raises ValueError when a change does not belong to what is stored in full.
    """
    stored = dict(
        connection.execute("SELECT key, value FROM state WHERE key IN (?, ?)", (FULL, CHANGE)).fetchall()
    )
    if FULL not in stored or CHANGE not in stored:
        return stored.get(FULL)
    try:
        undo = zlib.decompressobj(zdict=str(stored[FULL]).encode())
        return (undo.decompress(stored[CHANGE]) + undo.flush()).decode()
    except (zlib.error, TypeError) as err:
        msg = f"its last change does not fit: {err}"
        raise ValueError(msg) from err


def _change(full: bytes, text: bytes) -> bytes:
    pack = zlib.compressobj(9, zdict=full)
    return pack.compress(text) + pack.flush()
