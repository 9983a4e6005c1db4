"""The cursor over the store: live data first, then the oldest gap, then annotations.

Periods are numbered in the order in which they got their true stamp. What has arrived is a small set of
intervals of numbers, so that an outage leaves one gap, filled from its old end while live data go past it.
The set goes into the notebook now and then; after a power cut the last minutes are sent once more, to the
same series and stamps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from controller.outside.influx.annotations import annotations_after, of_this_store
from controller.outside.influx.coarse import History, means_between
from controller.outside.influx.delivery import Delivered, Delivery
from controller.outside.influx.health import Health
from controller.outside.influx.intervals import MAX_INTERVALS, Arrived, Gap
from controller.outside.influx.lines import Line, Naming
from controller.outside.influx.pace import Backoff, BatchSize
from controller.outside.influx.progress import Memory, Progress
from controller.outside.influx.server import NotAcceptedError, Server, UnreachableError, WriteError
from controller.telemetry.exporting import StoredPeriod
from controller.telemetry.schema import PERIOD_S, StorageError

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0
SAVE_EVERY_S = 300.0
"""Each time costs a few pages of the SD card."""
ANNOTATE_EVERY_S = 30.0
ANNOTATE_AGAIN_S = 3600.0
"""After a server has refused them."""
LIVE_PERIODS = 30
"""Further behind than that, new data go past the gap."""
_FIRST_LIVE = 6


class Forwarder:
    """Sends one site's history. `step` blocks, on one thread; all else may be asked from another."""

    def __init__(
        self,
        store: History,
        telemetry: Path,
        server: Server,
        naming: Naming,
        memory: Memory,
        target: str,
        *,
        with_annotations: bool,
        utc_now: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._store = store
        self._telemetry = telemetry
        self._server = server
        self._naming = naming
        self._memory = memory
        self._utc_now = utc_now
        self._monotonic_s = monotonic_s
        self._delivery = Delivery(server.write)
        self._batch = BatchSize()
        self._backoff = Backoff()
        self._progress = Progress(target)
        self._begun = self._changed = False
        self._waiting_since_s: float | None = None
        self._saved_s = monotonic_s()
        self._annotate_at_s = monotonic_s() if with_annotations else float("inf")
        self.health = Health()

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return self._progress

    def step(self) -> float:
        """Do what is most urgent; seconds to wait until the next step. Never raises for network or disk."""
        try:
            if not self._begun and not self._begin():
                return LOOK_EVERY_S
            busy = self._live() or self._fill() or self._annotate()
        except StorageError as error:
            self.health.disk_failed(str(error))
            return LOOK_EVERY_S * 10
        except WriteError as error:
            return self._failed(error)
        finally:
            self._note_waiting()
            self._save_now_and_then()
        return 0.0 if busy else LOOK_EVERY_S

    def save(self) -> None:
        """Keep the progress, so far as the disk can."""
        self._saved_s = self._monotonic_s()
        if not self._changed:
            return
        try:
            self._memory.save(self._progress)
            self._changed = False
        except StorageError as error:
            self.health.disk_failed(str(error))

    def _begin(self) -> bool:
        """Find out where to go on; False while the store holds nothing. Raises StorageError."""
        progress = self._memory.load(self._progress.target)
        newest, oldest = self._store.newest_seq(), self._store.oldest_seq()
        first = self._store.periods(oldest - 1, 1)
        if not first:
            return False
        if not self._is_of_this_store(progress.arrived, newest):
            _log.warning("telemetry.db is another one than before: what it holds is sent anew")
            progress = Progress(progress.target)
        if progress.arrived.newest is None:  # all that is there now, and nothing before, is owed
            arrived = Arrived().with_periods(-1, first[0].seq - 1, first[0].at_s - PERIOD_S)
            progress = replace(progress, arrived=arrived)
            self._changed = True
        self._progress = of_this_store(self._telemetry, progress)
        self._begun = True
        return True

    def _is_of_this_store(self, arrived: Arrived, newest: int) -> bool:
        """A store that was begun anew, or restored from a backup, numbers its periods otherwise."""
        last = arrived.newest
        if last is None:
            return True
        found = self._store.periods(last.last - 1, 1)
        moved = bool(found) and found[0].seq == last.last and found[0].at_s != last.last_at_s
        return newest >= last.last and not moved

    def _live(self) -> bool:
        """Send the newest; False when there is nothing new. Raises WriteError, StorageError."""
        arrived, newest = self._progress.arrived, self._store.newest_seq()
        last = arrived.newest
        assert last is not None  # noqa: S101 - `_begin` has seen to it
        if newest <= last.last:
            return False
        in_order = newest - last.last <= LIVE_PERIODS or len(arrived.intervals) >= MAX_INTERVALS
        after = last.last if in_order else newest - _FIRST_LIVE
        periods = self._store.periods(after, min(self._batch.periods, LIVE_PERIODS))
        self._send(periods)
        until = periods[-1].seq if periods else newest
        at_s = periods[-1].at_s if periods else last.last_at_s
        self._arrived(after, until, at_s)
        return True

    def _fill(self) -> bool:
        """Send what is oldest; False when there is no gap. Raises WriteError, StorageError."""
        gaps = self._progress.arrived.gaps()
        if not gaps:
            self._waiting_since_s = None
            return False
        gap, oldest = gaps[0], self._store.oldest_seq()
        if gap.after + 1 < oldest:
            self._fill_coarsely(gap, min(gap.last, oldest - 1))
            return True
        periods = [
            each for each in self._store.periods(gap.after, self._batch.periods) if each.seq <= gap.last
        ]
        self._send(periods)
        if periods:
            self._waiting_since_s = periods[-1].at_s
            self._arrived(gap.after, periods[-1].seq, periods[-1].at_s)
        else:
            self._arrived(gap.after, gap.last, gap.after_at_s)
        return True

    def _fill_coarsely(self, gap: Gap, until: int) -> None:
        """Send means of an hour of what is gone up to number `until`. Raises WriteError, StorageError."""
        following = self._store.periods(until, 1)
        end_s = following[0].at_s if following else int(self._utc_now().timestamp())
        begin_s = gap.after_at_s + PERIOD_S
        start_s = begin_s if self._progress.coarse_s is None else self._progress.coarse_s
        if start_s < end_s:
            means = means_between(self._store, start_s, end_s)
            self._waiting_since_s = start_s if means.moments else None
            self._deliver([line for moment in means.moments for line in self._naming.lines(*moment)])
            start_s = means.until_s
            self._advance(replace(self._progress, coarse_s=start_s))
            if means.moments:
                self._note_thinned(begin_s, means.periods)
        if start_s >= end_s:
            self._advance(replace(self._progress, coarse_s=None))
            self._arrived(gap.after, until, end_s - PERIOD_S)

    def _note_thinned(self, begin_s: int, periods: int) -> None:
        before = self._progress
        if before.thinned_from_s != begin_s:
            _log.warning("what waited for InfluxDB for more than 7 days is sent as means of a minute")
        thinned = before.thinned_periods + periods
        self._advance(replace(before, thinned_periods=thinned, thinned_from_s=begin_s))
        self.health.thinned()

    def _annotate(self) -> bool:
        """Send decisions and alarms; False when there are none, or it is not yet time for them."""
        if self._monotonic_s() < self._annotate_at_s:
            return False
        lines, after = annotations_after(self._telemetry, self._naming, self._progress)
        try:
            self._deliver(lines)
        except NotAcceptedError as error:
            self._annotate_at_s = self._monotonic_s() + ANNOTATE_AGAIN_S
            self.health.annotations_refused(str(error))
            return False
        found = after != self._progress
        self._annotate_at_s = self._monotonic_s() + (0.0 if found else ANNOTATE_EVERY_S)
        self._advance(replace(self._progress, decision=after.decision, alarm=after.alarm))
        return found

    def _send(self, periods: Sequence[StoredPeriod]) -> None:
        """Bring whole periods, and learn how many the server takes at once. Raises WriteError."""
        began_s = self._monotonic_s()
        delivered = self._deliver(
            [line for each in periods for line in self._naming.lines(each.at_s, each.values)]
        )
        if delivered.split:
            self._batch.too_large(len(periods))
        else:
            self._batch.took(self._monotonic_s() - began_s, len(periods))

    def _deliver(self, lines: Sequence[Line]) -> Delivered:
        delivered = self._delivery.deliver(lines)
        self._backoff.done()
        self.health.delivered(delivered.values, refused=bool(delivered.refused))
        if delivered.refused:
            self._memory.set_aside(delivered.refused)
            self._advance(self._progress.with_refused(delivered.refused))
        return delivered

    def _arrived(self, after: int, last: int, last_at_s: int) -> None:
        self._advance(
            replace(self._progress, arrived=self._progress.arrived.with_periods(after, last, last_at_s))
        )

    def _advance(self, progress: Progress) -> None:
        self._changed = self._changed or progress != self._progress
        self._progress = progress

    def _failed(self, error: WriteError) -> float:
        """Take note of a request in vain; seconds to wait."""
        if not self.health.failing:
            _log.warning("InfluxDB: %s", error)
        self.health.failed(str(error), needs_somebody=isinstance(error, NotAcceptedError))
        self._server.close()
        self._waiting_since_s = self._oldest_waiting_s()
        if isinstance(error, UnreachableError):
            self._batch.failed()
            return self._backoff.failed(error.wait_s)
        return self._backoff.failed()

    def _note_waiting(self) -> None:
        """How far behind the live data are, and since when the oldest have waited."""
        arrived, now_s = self._progress.arrived, self._utc_now().timestamp()
        if arrived.newest is None:
            return
        since_s = self._waiting_since_s
        self.health.waiting(
            lag_s=max(0.0, now_s - arrived.newest.last_at_s - PERIOD_S),
            oldest_s=0.0 if since_s is None else max(0.0, now_s - since_s - PERIOD_S),
            periods=sum(gap.last - gap.after for gap in arrived.gaps()),
        )

    def _oldest_waiting_s(self) -> float | None:
        """Start of the oldest period that has not arrived, Unix seconds; None where nothing waits."""
        first = self._progress.arrived.intervals[:1]
        try:
            waiting = self._store.periods(first[0].last, 1) if first else ()
        except StorageError as error:
            self.health.disk_failed(str(error))
            return self._waiting_since_s
        return waiting[0].at_s if waiting else None

    def _save_now_and_then(self) -> None:
        if self._monotonic_s() - self._saved_s >= SAVE_EVERY_S:
            self.save()
