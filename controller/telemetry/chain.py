"""Appending to the decision log, each entry linked to the one before."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from controller.telemetry.decision_log import GENESIS_HASH, DecisionRecord, LogRow, seal

SET_ASIDE, SALVAGED = "storage_set_aside", "storage_salvaged"
"""Codes of the entries, and alarms, that say when a damaged file was set aside and what was found in it."""
LOST = "lost_decisions"
"""Parameter of SALVAGED: first and last number of the entries that were not found, in pairs."""
UNDER_WAY = "salvage"
"""Key of `meta` while a damaged file is being salvaged."""


def append_entries(connection: sqlite3.Connection, records: Sequence[DecisionRecord]) -> None:
    """Append decisions; call within a transaction.

    Raises TypeError or ValueError when parameters are not JSON values.
    """
    head = connection.execute("SELECT seq, hash FROM decision ORDER BY seq DESC LIMIT 1").fetchone()
    last_seq, previous_hash = head or (0, GENESIS_HASH)
    rows: list[LogRow] = []
    for seq, record in enumerate(records, start=last_seq + 1):
        rows.append(seal(record, seq, previous_hash))
        previous_hash = rows[-1].hash
    connection.executemany("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
