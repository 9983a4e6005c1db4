"""Quarter-hour means, kept for years: what forecasts and monthly reports learn from.

They are made from the 10 s means whenever those are sorted into their series, in the same transaction: no
further write has to wait for the disk, and a power cut leaves both or neither. A quarter is always computed
from all of its samples, so that doing it twice changes nothing. Samples whose stamp cannot be trusted stay
out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from controller.telemetry.schema import QUARTER_S

BACKLOG_SLICE_S = 6 * 3600
"""Of an older store so much is rolled up at a time: a decision that waits for the disk waits briefly."""

_BACKLOG = "rolled_up_from_s"
_FAR_FUTURE_S = 1 << 40
_ROLL_UP = """
    INSERT OR REPLACE INTO quarter
    SELECT touched.series_id, touched.at_s, avg(sample.mean), count(*)
    FROM ({touched}) AS touched JOIN sample ON sample.series_id = touched.series_id
        AND sample.at_s >= touched.at_s AND sample.at_s < touched.at_s + {quarter}
    WHERE sample.synchronised = 1 GROUP BY touched.series_id, touched.at_s
"""
_OF_RECENT = f"SELECT DISTINCT series_id, at_s - at_s % {QUARTER_S} AS at_s FROM recent"  # noqa: S608
_OF_STARTS = "SELECT id AS series_id, ? AS at_s FROM series"
_OF_WINDOW = f"""
    SELECT DISTINCT series.id AS series_id, sample.at_s - sample.at_s % {QUARTER_S} AS at_s
    FROM series JOIN sample ON sample.series_id = series.id AND sample.at_s >= ? AND sample.at_s < ?
"""  # noqa: S608


def _statement(touched: str) -> str:
    return _ROLL_UP.format(touched=touched, quarter=QUARTER_S)


def roll_up_recent(connection: sqlite3.Connection) -> None:
    """Bring the quarters of `recent` up to date; call once its rows are in `sample` too."""
    connection.execute(_statement(_OF_RECENT))


def roll_up_quarters_of(connection: sqlite3.Connection, periods_s: Iterable[int]) -> None:
    """Bring the quarters up to date in which periods lie that were stored late."""
    for start_s in sorted({at_s - at_s % QUARTER_S for at_s in periods_s}):
        connection.execute(_statement(_OF_STARTS), (start_s,))


def note_backlog(connection: sqlite3.Connection) -> None:
    """Note that none of the samples in a store has its quarter yet: `roll_up_backlog` works that off."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_BACKLOG, str(_FAR_FUTURE_S)))


def backlog_until_s(connection: sqlite3.Connection) -> int | None:
    """Up to where an older store's samples lack their quarters, Unix seconds; None: none does."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_BACKLOG,)).fetchone()
    return int(row[0]) if row else None


def roll_up_backlog(connection: sqlite3.Connection, until_s: int) -> None:
    """Roll up the next older slice of an older store, newest first, and note how far that is."""
    newest_s = _newest_before(connection, until_s)
    if newest_s is None:
        connection.execute("DELETE FROM meta WHERE key = ?", (_BACKLOG,))
        return
    from_s = newest_s - BACKLOG_SLICE_S
    connection.execute(_statement(_OF_WINDOW), (from_s, newest_s))
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_BACKLOG, str(from_s)))


def _newest_before(connection: sqlite3.Connection, at_s: int) -> int | None:
    """End of the newest quarter with samples before a moment: months without any are skipped."""
    newest_s: int | None = connection.execute(
        "SELECT max(newest) FROM (SELECT (SELECT max(at_s) FROM sample"
        " WHERE series_id = series.id AND at_s < ?) AS newest FROM series)",
        (at_s,),
    ).fetchone()[0]
    return None if newest_s is None else newest_s - newest_s % QUARTER_S + QUARTER_S
