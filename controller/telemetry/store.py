"""The one writer of telemetry.db, for use from the event loop.

SQLite blocks, and an SD card may stall for seconds: all that touches the disk runs on one thread, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from controller.clock import Clock, ScaledClock
from controller.core.alarming.facts import Wear
from controller.core.model import Answer, Reason
from controller.telemetry.alarm_log import AlarmRecord
from controller.telemetry.averaging import Period, SampleAverager
from controller.telemetry.counter_breaks import NO_COUNTERS, LastCounter, StoredBreak
from controller.telemetry.database import BUDGET_BYTES, TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord, canonical_json
from controller.telemetry.issued import IssuedForecast
from controller.telemetry.opening import ANNOUNCED, OpenReport, Restored
from controller.telemetry.salvage import Salvage
from controller.telemetry.schema import PERIOD_S, SeriesKey, StorageError
from controller.telemetry.wear import StorageStatus, WriteMeter

LOOK_EVERY_S = 600.0
"""How often the store looks how much room it takes."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class TelemetryStore:
    """Decisions at once, samples in batches. Call from one event loop; `open` first, `close` last.

    When the disk refuses, `open`, `append_decisions` and `close` raise StorageError; samples wait in
    memory, for an hour at most, and `sample_error` says why. `open` may then be tried again.
    """

    def __init__(self, path: Path, *, boot_id: str, clock: Clock, budget_bytes: int = BUDGET_BYTES) -> None:
        self._path = path
        self._boot_id = boot_id
        self._clock = clock
        self._database = TelemetryDatabase(path, budget_bytes)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telemetry")
        self._restored: Restored | None = None
        self._averager = SampleAverager()
        self._tried_s = clock.monotonic()
        self._offset_known = False
        self._committing: Future[None] | None = None
        self._in_flight: tuple[Period, ...] = ()
        self._closed = False
        self._working = False
        self._meter = WriteMeter()
        self._looked_s = clock.monotonic()
        self._status: StorageStatus | None = None
        self._commit_error: str | None = None
        self._work_error: str | None = None

    @property
    def sample_error(self) -> str | None:
        """Why the last batch of samples could not be stored, or not be folded; None once one could."""
        return self._commit_error or self._work_error

    @property
    def dropped_samples(self) -> int:
        """Means given up since the start because the disk refused for too long."""
        return self._averager.dropped

    @property
    def status(self) -> StorageStatus | None:
        """How the store stands, as of the last hour; None while that is not known."""
        return self._status

    @property
    def written_bytes_per_day(self) -> float | None:
        """What this process has had written to disks, of the last day; None in the first minutes."""
        return self._meter.bytes_per_day

    def wear(self) -> Wear:
        """What the store takes of the memory card."""
        used_frac = None if self._status is None else self._status.used_frac
        return Wear(used_frac, self.written_bytes_per_day)

    @property
    def salvaged(self) -> Salvage | None:
        """The last damaged file that was salvaged, as long as it lies beside the store; None otherwise."""
        found = self._database.salvaged
        return found if found is not None and Path(found.file).exists() else None

    async def open(self) -> OpenReport:
        """Check the file and make it ready; a corrupt one is set aside, never deleted, and a new one started.

        A big file is not checked as a whole: control waits for this. Raises StorageError; as SchemaError when
        the file is another program's or a newer Tawan's.
        """
        self._restored = await self._on_thread(self._database.open, self._boot_id, self._clock.utc_now())
        return self._restored.report

    @property
    def opened(self) -> bool:
        """Whether the store could be opened."""
        return self._restored is not None

    @property
    def newest_at(self) -> datetime | None:
        """The newest true stamp that the store held when it was opened, aware; None without one."""
        newest_s = self._restored.newest_at_s if self._restored else None
        return None if newest_s is None else datetime.fromtimestamp(newest_s, UTC)

    async def open_late(self) -> None:
        """Open what could not be opened at the start, write the samples that wait, and close it again.

        Nothing else may be written now: what the file holds of memory and alarms was not known when this run
        began. Whoever calls this is to start anew. Raises StorageError; the samples then go on waiting.
        """
        committing = self._committing
        if committing is not None:
            await asyncio.gather(asyncio.wrap_future(committing), return_exceptions=True)
            if self._committing is committing:
                self._collect(committing)
        waiting = self._averager.take_closed()
        try:
            await self._on_thread(self._write_late, self._clock.utc_now(), waiting)
        except StorageError:
            self._averager.put_back(waiting)
            raise

    def load_memory(self) -> Mapping[str, Any] | None:
        """The controller's memory as it was when the store was opened; None when there was none."""
        return self._restored.memory if self._restored else None

    async def append_decisions(
        self,
        records: Sequence[DecisionRecord],
        memory_json: Mapping[str, Any],
        answers: Sequence[Answer] = (),
    ) -> None:
        """Commit decisions, the controller's memory and what requests came to in one transaction.

        Then they survive a power cut. Without records the memory alone is stored. Raises StorageError, and
        then nothing was stored; ValueError or TypeError when memory or parameters are not JSON values.
        """
        decided_utc = self._clock.utc_now().isoformat(timespec="microseconds")
        rows = tuple(
            (each.number, each.id, decided_utc, each.outcome, each.reason.code, _params(each.reason))
            for each in answers
        )
        await self._on_thread(
            self._database.append_decisions, tuple(records), canonical_json(dict(memory_json)), rows
        )

    async def keep_forecasts(self, forecasts: Sequence[IssuedForecast]) -> None:
        """Commit forecasts as they were issued; they are kept for four weeks. Raises StorageError."""
        await self._on_thread(self._database.keep_forecasts, tuple(forecasts))

    async def keep_alarms(self, records: Sequence[AlarmRecord]) -> None:
        """Commit alarms as they are now, new or changed. Raises StorageError, and then nothing was stored."""
        await self._on_thread(self._database.keep_alarms, tuple(records))

    def load_alarms(self) -> tuple[Sequence[AlarmRecord], int]:
        """Alarms that stood when the store was opened, and the highest id ever given."""
        return (self._restored.alarms, self._restored.newest_alarm_id) if self._restored else ((), 0)

    async def keep_counter_breaks(self, breaks: Sequence[StoredBreak]) -> None:
        """Commit places where energy counters do not go on from where they were. Raises StorageError."""
        await self._on_thread(self._database.keep_counter_breaks, tuple(breaks))

    def load_counters(self) -> Mapping[SeriesKey, LastCounter]:
        """Where each energy counter stood when the store was opened, as far as its stamp was true."""
        return self._restored.counters if self._restored else NO_COUNTERS

    async def keep_state(self, key: str, value: Mapping[str, Any]) -> None:
        """Commit a small document under a key (`notes.read_note`). Raises StorageError."""
        await self._on_thread(self._database.keep_state, key, canonical_json(dict(value)))

    async def keep_announced(self, announced: Mapping[str, Any]) -> None:
        """Commit what people were told of coming cuts. Raises StorageError."""
        await self._on_thread(self._database.keep_state, ANNOUNCED, canonical_json(dict(announced)))

    def load_announced(self) -> Mapping[str, Any] | None:
        """What people had been told when the store was opened; None when nothing was."""
        return self._restored.announced if self._restored else None

    def add_samples(
        self, at_utc: datetime, synchronised: bool, values: Mapping[SeriesKey, float | None]
    ) -> None:
        """Take one sample of each series (None: missing) into the 10 s means; never blocks.

        at_utc: aware. While the clock is not synchronised a sample belongs to a period of the monotonic
        clock, which gets its true stamp once that is known; otherwise to the one that at_utc names. A period
        is committed when it is over; a disk that refuses shows in `sample_error` only.
        """
        now_s = self._clock.monotonic()
        if synchronised != self._offset_known:
            self._learn_time(at_utc.timestamp() - now_s if synchronised else None)
        self._averager.add(at_utc.timestamp() if synchronised else now_s, synchronised, values)
        if self._committing is not None:
            if not self._committing.done():
                return
            self._collect(self._committing)
        patient = self._commit_error is not None and now_s - self._tried_s < PERIOD_S
        if self._averager.closed and not patient and not self._closed:
            self._tried_s = now_s
            self._in_flight = self._averager.take_closed()
            self._committing = self._thread.submit(self._write, self._in_flight)

    def _learn_time(self, offset_s: float | None) -> None:
        """The clock became right, or doubtful (None)."""
        self._offset_known = offset_s is not None
        self._averager.stamp(offset_s)
        if not self._closed:
            self._thread.submit(self._set_offset, offset_s)

    async def close(self) -> None:
        """Commit all samples, the period in progress included, and close for good. Raises StorageError."""
        if self._closed:
            return
        self._closed = True
        if self._committing is not None:
            await asyncio.gather(asyncio.wrap_future(self._committing), return_exceptions=True)
            self._collect(self._committing)
        future = self._thread.submit(self._write_and_close, self._averager.take_all())
        self._thread.shutdown(wait=False)
        await asyncio.wrap_future(future)

    def _collect(self, committing: Future[None]) -> None:
        """Take note of how the last batch went."""
        self._committing = None
        try:
            committing.result()
        except StorageError as err:
            self._commit_error = str(err)
            self._averager.put_back(self._in_flight)
        else:
            self._commit_error = None
        self._in_flight = ()

    def _write(self, periods: Sequence[Period]) -> None:
        self._database.write_samples(periods)
        if not self._working:
            self._working = True
            self._work()

    def _set_offset(self, offset_s: float | None) -> None:
        with suppress(StorageError):  # while the store is not open there is nothing that waits for its stamp
            self._database.set_offset(offset_s)

    def _work(self) -> None:
        """Do a slice of the background work, and queue for the next: decisions come in between."""
        try:
            self._working = self._database.work()
        except StorageError as err:
            self._working, self._work_error = False, str(err)
            return
        if self._working:
            with suppress(RuntimeError):  # the thread is being shut down; the rest waits for the next start
                self._thread.submit(self._work)
        else:
            self._work_error = self._work_error if self._database.broken_off else None
            self._look()

    def _look(self) -> None:
        """See how the store stands, now and then."""
        now_s = self._clock.monotonic()
        if not isinstance(self._clock, ScaledClock):  # in a demo everything is on the disk
            self._meter.look(now_s)
        if self._status is None or now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            with suppress(StorageError):  # who writes next will say so
                self._status = self._database.status()

    def _write_and_close(self, periods: Sequence[Period]) -> None:
        try:
            if periods:
                self._database.write_samples(periods)
        finally:
            self._database.close()

    def _write_late(self, at_utc: datetime, waiting: Sequence[Period]) -> None:
        self._database.open(self._boot_id, at_utc)
        try:
            self._database.write_samples(waiting)
        finally:
            self._database.close()

    async def _on_thread(self, work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        if self._closed:
            msg = f"{self._path} was closed"
            raise StorageError(msg)
        return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))


def _params(reason: Reason) -> str:
    return canonical_json(dict(reason.params))
