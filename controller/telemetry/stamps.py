"""Which periods have a true stamp, and the number that each got when it had one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from controller.telemetry.schema import HOUR_S, PERIOD_S


@dataclass(frozen=True, slots=True)
class Run:
    """Periods of one hour that follow each other, numbered in the same order."""

    first_seq: int
    at_s: int
    """Start of the first, Unix seconds."""
    count: int


def runs_of(stamps: Iterable[tuple[int, int]]) -> list[Run]:
    """Runs of periods given as (seq, at_s), in the order of seq."""
    runs: list[Run] = []
    for seq, at_s in sorted(stamps):
        last = runs[-1] if runs else None
        if (
            last is not None
            and seq == last.first_seq + last.count
            and at_s == last.at_s + PERIOD_S * last.count
            and at_s % HOUR_S
        ):
            runs[-1] = Run(last.first_seq, last.at_s, last.count + 1)
        elif last is None or seq >= last.first_seq + last.count:
            runs.append(Run(seq, at_s, 1))
    return runs


def read_runs(connection: sqlite3.Connection, after_seq: int = 0) -> list[Run]:
    """The stored runs that reach beyond a number, in its order."""
    rows = connection.execute(
        "SELECT first_seq, at_s, count FROM period_run WHERE first_seq + count - 1 > ? ORDER BY first_seq",
        (after_seq,),
    )
    return [Run(*row) for row in rows]


def keep_runs(connection: sqlite3.Connection, runs: Iterable[Run]) -> None:
    """Store runs; call within a transaction. A run that is stored already is left as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO period_run VALUES (?, ?, ?)",
        [(run.first_seq, run.at_s, run.count) for run in runs],
    )


class StampIndex:
    """Gives periods their numbers, and no period of Unix time to two of them.

    A number is never lower than the count of periods since 1970: so those of a store that was begun anew, or
    restored from a backup, go on above those that others have seen already. They may have holes.
    """

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}
        self.newest_seq = 0
        """0 before the first."""

    def note(self, seq: int, at_s: int) -> None:
        """Take note of a period that has its number."""
        hour_s = at_s - at_s % HOUR_S
        self._taken[hour_s] = self._taken.get(hour_s, 0) | 1 << (at_s - hour_s) // PERIOD_S
        self.newest_seq = max(self.newest_seq, seq)

    def note_run(self, run: Run) -> None:
        """Take note of a run."""
        for number in range(run.count):
            self.note(run.first_seq + number, run.at_s + PERIOD_S * number)

    def taken(self, at_s: int) -> bool:
        """Whether there are samples of this period already."""
        hour_s = at_s - at_s % HOUR_S
        return bool(self._taken.get(hour_s, 0) >> (at_s - hour_s) // PERIOD_S & 1)

    def next_seq(self, at_s: int) -> int:
        """The number for a period that gets its stamp now."""
        return max(self.newest_seq + 1, at_s // PERIOD_S)

    def forget_hour(self, hour_s: int) -> None:
        """Forget an hour whose periods are not kept any more."""
        self._taken.pop(hour_s, None)
