"""What goes wrong while samples are sorted in the background is told, and stops nothing else."""

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta

from telemetry_village import BOOT, HandClock, decision

from controller.telemetry.reader import TelemetryReader
from controller.telemetry.store import TelemetryStore

PV = ("site", "pv_w")


async def test_a_flipped_bit_that_sorting_cannot_cope_with_stops_neither_samples_nor_decisions(
    tmp_path, caplog
):
    path, clock = tmp_path / "telemetry.db", HandClock()
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await store.open()

    async def live_for(duration: timedelta):
        for _ in range(3):
            store.add_samples(clock.at, True, {PV: -1.0})
            clock.advance(10)
            await store._on_thread(lambda: None)
        while store._working:
            await store._on_thread(lambda: None)
        clock.advance(duration.total_seconds())

    await live_for(timedelta(days=1))
    with closing(sqlite3.connect(path)) as other, other:  # text becomes a blob by one bit of its row
        other.execute("UPDATE series SET point = CAST(point AS BLOB)")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await live_for(timedelta(days=1))
    assert "samples cannot be sorted" in store.sample_error
    assert str(path) in store.sample_error
    assert len(caplog.records) == 1, "told once, not every 10 s"
    await store.append_decisions([decision(1)], {})
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE series SET point = CAST(point AS TEXT)")
    await live_for(timedelta(days=1))
    assert store.sample_error is None, "whatever was wrong is over"
    await store.close()
    assert len(TelemetryReader(path).periods(0, 100)) == 5 * 3
