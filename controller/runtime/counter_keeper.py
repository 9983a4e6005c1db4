"""Watches the devices' energy counters: what is believed of them is sampled, and their breaks are stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from controller.core.counters import (
    BreakKind,
    CounterBreak,
    CounterReading,
    CounterSpec,
    CounterWatch,
    moduli_of,
)
from controller.core.model import Health, ProcessImage, Site
from controller.runtime.unstamped_breaks import NOTE, noted, told
from controller.telemetry.counter_breaks import LastCounter, StoredBreak, period_of
from controller.telemetry.schema import SeriesKey, StorageError
from drivers.model import DataType, Profile

_log = logging.getLogger(__name__)

_GENEROUS = 2.0
"""A breaker lets more through than its rating, for a while."""
_UNKNOWN_PAUSE_S = 14 * 86_400.0
"""Taken for the time since the last reading while the clock is not known."""
_RETRY_S = 10.0
_BITS: Mapping[DataType, int | None] = {
    DataType.UINT16: 16,
    DataType.INT16: 16,
    DataType.UINT32: 32,
    DataType.INT32: 32,
    DataType.UINT64: 64,
    DataType.INT64: 64,
}
_FLOAT_STEP_WH = 10.0
_LEAST_STEP_WH = 1.0
"""The store keeps no finer one, so that none is to be expected after a restart."""


class BreakStore(Protocol):
    """What keeps breaks (controller.telemetry.store)."""

    async def keep_counter_breaks(self, breaks: Sequence[StoredBreak]) -> None:
        """Commit breaks. Raises StorageError."""
        ...

    async def keep_state(self, key: str, value: Mapping[str, Any]) -> None:
        """Commit a small document. Raises StorageError."""
        ...


def most_power(site: Site) -> dict[str, float]:
    """Device id -> what can flow through it at most [W]; for any other, see `site_power`."""
    most_w = {feeder.meter: feeder.rated_w for feeder in site.feeders if feeder.meter is not None}
    most_w |= {pv.id: pv.ac_w for pv in site.pv}
    if site.battery.id not in most_w:  # a hybrid's counters may also count what passes through it
        most_w[site.battery.id] = site_power(site)
    return most_w


def site_power(site: Site) -> float:
    """What can flow through any one device of the site at most [W]."""
    grid_w = 0.0 if site.grid is None else max(site.grid.import_w, site.grid.export_w)
    genset_w = 0.0 if site.genset is None else site.genset.rated_w
    return sum(pv.ac_w for pv in site.pv) + site.battery.inverter_w + genset_w + grid_w


def counter_spec(profile: Profile | None, point: str, rated_w: float) -> CounterSpec:
    """What is known of a counter from its device's profile and rating [W]."""
    read = None if profile is None else profile.reads.get(point)
    bits = None if read is None or read.scale_address is not None else _BITS.get(read.type)
    step_wh = _FLOAT_STEP_WH if read is None or bits is None else abs(read.scale)
    return CounterSpec(_GENEROUS * rated_w, max(step_wh, _LEAST_STEP_WH), moduli_of(step_wh, bits))


class CounterKeeper:
    """Hands out, tick by tick, what the counters are believed to show; has their breaks committed at once.

    A break needs the right time. Until that is known it is noted, and stored by whoever knows the time within
    this boot. With the power it is lost, as are the readings behind it, and found anew.
    """

    def __init__(
        self,
        store: BreakStore,
        keys: Sequence[SeriesKey],
        spec_of: Callable[[SeriesKey], CounterSpec],
        last: Mapping[SeriesKey, LastCounter],
        *,
        boot_id: str,
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """last: where counters stood, by readings with a true stamp; note: what was noted under `NOTE`."""
        self._store = store
        self._keys = tuple(keys)
        self._spec_of = spec_of
        self._last = dict(last)
        self._watches: dict[SeriesKey, CounterWatch] = {}
        self._boot_id = boot_id
        self._unsaved = told(note, boot_id)
        self._unstamped = dict(self._unsaved)
        """The newest break of each counter that an earlier process of this boot noted."""
        self._noted = len(self._unsaved)
        self._saving: asyncio.Task[None] | None = None
        self._retry_s = 0.0

    def readings(self, image: ProcessImage) -> dict[SeriesKey, float | None]:
        """What each counter is believed to show [Wh]; None while it is silent or doubted."""
        believed = {key: self._observe(key, image) for key in self._keys}
        if self._unsaved:
            self._save(image)
        return believed

    async def close(self) -> None:
        """Wait for breaks that are being stored."""
        if self._saving is not None:
            await self._saving

    def _observe(self, key: SeriesKey, image: ProcessImage) -> float | None:
        reading = image.reading(*key)
        if reading.health is not Health.GOOD or reading.value is None or reading.age_s is None:
            return None
        read_s = image.monotonic_s - reading.age_s
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = self._begin(key, image, read_s)
        observed = watch.observe(reading.value, read_s)
        if observed.broken is not None:
            self._unsaved.append((key, observed.broken))
            _tell(key, observed.broken)
        return observed.raw_wh

    def _begin(self, key: SeriesKey, image: ProcessImage, read_s: float) -> CounterWatch:
        """A watch that goes on from where the counter stood before the restart."""
        unstamped = self._unstamped.get(key)
        if unstamped is not None:
            believed = CounterReading(unstamped.after_wh, unstamped.read_s)
            return CounterWatch(self._spec_of(key), believed, unstamped)
        last = self._last.pop(key, None)
        if last is None:
            return CounterWatch(self._spec_of(key))

        def before_s(at_s: int) -> float:
            """A moment of the past on the monotonic clock."""
            known = image.clock_synchronised
            return read_s - (max(0.0, image.at.timestamp() - at_s) if known else _UNKNOWN_PAUSE_S)

        latest = None
        if (each := last.latest) is not None:
            latest = CounterBreak(
                each.kind, before_s(each.at_s), each.before_wh, each.after_wh, each.offset_wh
            )
        return CounterWatch(self._spec_of(key), CounterReading(last.raw_wh, before_s(last.at_s)), latest)

    def _save(self, image: ProcessImage) -> None:
        if self._saving is not None:
            if not self._saving.done():
                return
            self._saving.result()
            self._saving = None
            self._retry_s = image.monotonic_s + _RETRY_S
        if image.monotonic_s < self._retry_s:
            return
        if image.clock_synchronised:
            self._saving = asyncio.create_task(self._keep([_stamped(*each, image) for each in self._unsaved]))
        elif self._noted < len(self._unsaved):
            self._saving = asyncio.create_task(self._note())

    async def _keep(self, stamped: Sequence[StoredBreak]) -> None:
        try:
            await self._store.keep_counter_breaks(stamped)
            del self._unsaved[: len(stamped)]
            if self._noted:
                await self._store.keep_state(NOTE, noted(self._unsaved, self._boot_id))
                self._noted = 0
        except StorageError as error:
            _log.error("breaks of energy counters could not be stored, and are kept to be: %s", error)

    async def _note(self) -> None:
        breaks = tuple(self._unsaved)
        try:
            await self._store.keep_state(NOTE, noted(breaks, self._boot_id))
            self._noted = len(breaks)
        except StorageError as error:
            _log.error("breaks of energy counters could not be noted: %s", error)


def _stamped(key: SeriesKey, broken: CounterBreak, image: ProcessImage) -> StoredBreak:
    """A break with the time of day, from an image whose clock is right."""
    at_utc = image.at - timedelta(seconds=image.monotonic_s - broken.read_s)
    return StoredBreak(
        key, period_of(at_utc.timestamp()), broken.kind, broken.before_wh, broken.after_wh, broken.offset_wh
    )


def _tell(key: SeriesKey, broken: CounterBreak) -> None:
    log = _log.warning if broken.kind is BreakKind.REPLACEMENT else _log.info
    log(
        "%s.%s: %s of the counter, from %.0f to %.0f Wh",
        *key,
        broken.kind.value,
        broken.before_wh,
        broken.after_wh,
    )
