"""The blocking half of the store: what is written to telemetry.db, and how. Used from one thread only."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from controller.telemetry.alarm_log import AlarmRecord, keep_alarms
from controller.telemetry.averaging import Period
from controller.telemetry.blocks import Series
from controller.telemetry.chain import append_entries
from controller.telemetry.chores import Chores
from controller.telemetry.counter_breaks import StoredBreak, keep_counter_breaks
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.folding import Batch
from controller.telemetry.issued import IssuedForecast, keep_issued
from controller.telemetry.memory_log import keep_memory
from controller.telemetry.opening import Restored, open_for_writing
from controller.telemetry.salvage import Salvage
from controller.telemetry.sample_writer import SampleWriter
from controller.telemetry.schema import SeriesKey, StorageError
from controller.telemetry.transactions import OpenDatabase, explained
from controller.telemetry.wear import StorageStatus

_log = logging.getLogger(__name__)

BUDGET_BYTES = 2_000_000_000
"""What the store may take of the disk, unless config.yaml says otherwise."""
AnswerRow = tuple[int, str, str, str, str, str]
"""A row of `request_outcome`."""


class TelemetryDatabase:
    """The one that writes. Every method blocks, and raises StorageError when the disk refuses.

    Periods of 10 s go to the journal at once; `work` folds them into the database, a slice at a time.
    """

    def __init__(self, path: Path, budget_bytes: int = BUDGET_BYTES) -> None:
        self._path = path
        self._budget_bytes = budget_bytes
        self._open: OpenDatabase | None = None
        self._writer: SampleWriter | None = None
        self._chores: Chores | None = None
        self._defect: str | None = None

    def open(self, boot_id: str, at_utc: datetime) -> Restored:
        """Check the file, set it aside when it is corrupt, create what is missing, read what was left.

        Raises SchemaError for a file of another program or a newer Tawan, StorageError also for one whose
        contents make no sense.
        """
        self.close()
        try:
            with explained(self._path):
                connection, restored = open_for_writing(self._path, boot_id, at_utc)
                self._open = OpenDatabase(self._path, connection)
                self._writer = SampleWriter(self._open, boot_id)
                self._chores = Chores(self._open, self._writer, self._budget_bytes)
        except StorageError:
            self.close()
            raise
        except (TypeError, ValueError) as err:
            self.close()
            msg = f"{self._path}: what it holds makes no sense ({err}): restore a backup, or move it away"
            raise StorageError(msg) from err
        return replace(restored, newest_at_s=self._writer.newest_at_s)

    def append_decisions(
        self, records: Sequence[DecisionRecord], memory: str, answers: Sequence[AnswerRow] = ()
    ) -> None:
        """Commit decisions, linked to the chain, the controller's memory (JSON) and what requests came to.

        All of it or nothing.
        """
        with self.transaction() as connection:
            append_entries(connection, records)
            connection.executemany(
                "INSERT OR IGNORE INTO request_outcome(number, id, decided_utc, outcome, code, params)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                answers,
            )
            keep_memory(connection, memory)

    def keep_state(self, key: str, value: str) -> None:
        """Commit something that outlives the process (JSON), beside the controller's memory."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def write_samples(self, periods: Sequence[Period]) -> None:
        """Put closed periods into the journal; when this returns they survive a power cut.

        A period of which there are samples already, with a true stamp, is given up.
        """
        with explained(self._path):
            self._sampling().write(periods)

    def set_offset(self, offset_s: float | None) -> None:
        """Take note of what the time is: Unix time less the monotonic clock of this boot [s]; None: unknown.

        Periods of this boot that were written without a true stamp get it before long.
        """
        self._sampling().set_offset(offset_s)

    def work(self) -> bool:
        """One slice of what is to be done in the background; whether there is more.

        Raises StorageError, also for a defect: control must go on. Then it is begun anew with the next call.
        """
        if self._chores is None:
            return False
        try:
            with explained(self._path):
                return self._chores.work()
        except StorageError:
            raise
        except Exception as err:  # whatever a damaged file leads to
            msg = f"{self._path}: samples cannot be sorted ({err!r}); make a backup and report this"
            if msg != self._defect:
                _log.exception("%s", msg)
                self._defect = msg
            raise StorageError(msg) from err

    @property
    def broken_off(self) -> bool:
        """Whether the background work ended in an error, and waits to be begun anew."""
        return self._chores is not None and self._chores.broken_off

    def add_history(self, batch: Batch) -> None:
        """Store periods from elsewhere; a value that is there already stays."""
        self._sampling()
        if self._chores is not None:
            deque(self._chores.folding.store(batch), maxlen=0)

    def status(self) -> StorageStatus | None:
        """How the store stands; None while it is not open."""
        if self._chores is None:
            return None
        with explained(self._path):
            return self._chores.status()

    @property
    def salvaged(self) -> Salvage | None:
        """The last damaged file that was salvaged; None where there was none."""
        return None if self._chores is None else self._chores.salvaged

    def fold_all(self) -> None:
        """Fold the whole journal into the database, and do all else that waits; takes as long as it takes."""
        with explained(self._path):
            while self.work():
                pass
            self._sampling().turn()
            while self.work():
                pass

    def fold_journal(self) -> None:
        """Fold the whole journal into the database, and do nothing else: nothing is forgotten or thinned."""
        writer = self._sampling()
        if self._chores is not None:
            with explained(self._path):
                deque(self._chores.folding.fold(), maxlen=0)
                writer.turn()
                deque(self._chores.folding.fold(), maxlen=0)

    def keep_forecasts(self, forecasts: Sequence[IssuedForecast]) -> None:
        """Commit forecasts as they were issued, and forget the oldest."""
        with self.transaction() as connection:
            for forecast in forecasts:
                keep_issued(connection, forecast)

    def keep_alarms(self, records: Sequence[AlarmRecord]) -> None:
        """Commit alarms as they are now."""
        with self.transaction() as connection:
            keep_alarms(connection, records)

    def keep_counter_breaks(self, breaks: Sequence[StoredBreak]) -> None:
        """Commit places where energy counters do not go on from where they were."""
        with self.transaction() as connection:
            keep_counter_breaks(connection, breaks)

    def close(self) -> None:
        """Fold the WAL into the file and close; harmless when not open."""
        chores, writer, database = self._chores, self._writer, self._open
        self._chores = self._writer = self._open = None
        if chores is not None:
            chores.close()
        if writer is not None:
            writer.close()
        if database is not None:
            database.close()

    def _sampling(self) -> SampleWriter:
        if self._writer is None:
            msg = f"{self._path} is not open"
            raise StorageError(msg)
        return self._writer

    def series_of(self, keys: Iterable[SeriesKey]) -> list[Series]:
        """The series as they are stored; new ones are stored now."""
        return self._sampling().series_of(keys)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Committed when the block ends well. Raises StorageError."""
        if self._open is None:
            msg = f"{self._path} is not open"
            raise StorageError(msg)
        with self._open.transaction() as connection:
            yield connection
