"""A controller that began without its store starts anew once the disk is back, and loses no sample."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "telemetry"))

# isort: split
from telemetry_village import BOOT, NOON, HandClock

from controller.runtime.late_store import TRY_EVERY_S, start_anew_once_it_opens
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

PV = ("site", "pv_w")


class SamplingClock(HandClock):
    """Samples every ten seconds while somebody waits; the disk comes back after a while."""

    def __init__(self, back_after_s: float, disk) -> None:
        super().__init__()
        self.store = None
        self._back_s = self.monotonic_s + back_after_s
        self._disk = disk

    async def sleep(self, duration_s: float) -> None:
        for _ in range(int(duration_s // 10)):
            self.store.add_samples(self.at, True, {PV: -1000.0})
            self.advance(10)
        if self.monotonic_s >= self._back_s:
            self._disk()


async def test_it_tries_until_the_disk_is_back_and_the_samples_of_the_time_between_are_stored(tmp_path):
    folder = tmp_path / "card"
    folder.touch()  # no folder: nothing can be opened

    def back() -> None:
        folder.unlink(missing_ok=True)

    clock = SamplingClock(5 * TRY_EVERY_S, back)
    clock.store = store = TelemetryStore(folder / "telemetry.db", boot_id=BOOT, clock=clock)
    with pytest.raises(StorageError):
        await store.open()
    stop = asyncio.Event()

    await start_anew_once_it_opens(store, clock, stop)

    assert stop.is_set()
    with pytest.raises(StorageError, match="not open"):  # what this run believes of alarms is not written
        await store.keep_alarms([])
    end = NOON + timedelta(seconds=5 * TRY_EVERY_S - 10)
    held = TelemetryReader(folder / "telemetry.db").history([PV], NOON, end, 10)
    assert held == {PV: [-1000.0] * 29}
    with suppress(StorageError):
        await store.close()
