from datetime import timedelta

import pytest
from telemetry_village import BOOT, NOON, HandClock

from controller.clock import ScaledClock
from controller.runtime.storage_document import storage_document
from controller.telemetry import wear
from controller.telemetry.store import TelemetryStore
from controller.telemetry.wear import WriteMeter, written_bytes

PV = ("site", "pv_w")


@pytest.fixture
def kernel(monkeypatch):
    counted = {"bytes": 0}
    monkeypatch.setattr(wear, "written_bytes", lambda: counted["bytes"])
    return counted


def test_what_the_kernel_counts_is_told_per_day(kernel):
    meter = WriteMeter()
    for hour in range(30):
        meter.look(3600.0 * hour)
        assert meter.bytes_per_day == (None if hour == 0 else pytest.approx(48e6))
        kernel["bytes"] += 2_000_000


def test_only_the_last_day_counts(kernel):
    meter = WriteMeter()
    for minute in range(0, 3 * 1440, 10):
        meter.look(60.0 * minute)
        kernel["bytes"] += 1_000_000 if minute < 1440 else 100_000
    assert meter.bytes_per_day == pytest.approx(100_000 * 144)


def test_where_the_kernel_tells_nothing_nothing_is_known(monkeypatch):
    monkeypatch.setattr(wear, "written_bytes", lambda: None)
    meter = WriteMeter()
    meter.look(0)
    meter.look(3600)
    assert meter.bytes_per_day is None


def test_what_this_process_writes_is_counted(tmp_path):
    before = written_bytes()
    if before is None:
        pytest.skip("this kernel does not count what a process writes")
    (tmp_path / "some").write_bytes(bytes(100_000))
    assert written_bytes() >= before


async def lived(path, clock, step_s=10):
    store = TelemetryStore(path, boot_id=BOOT, clock=clock, budget_bytes=10_000_000)
    await store.open()
    for number in range(130):
        store.add_samples(NOON + timedelta(seconds=step_s * number), True, {PV: 1.0})
        if isinstance(clock, HandClock):
            clock.advance(step_s)
        await store._on_thread(lambda: None)
    await store.close()
    return store


async def test_the_state_of_the_store_is_told(tmp_path, kernel):
    clock = HandClock()
    store = await lived(tmp_path / "telemetry.db", clock)
    told = storage_document(store)
    assert told["budget_bytes"] == 10_000_000
    assert told["used_frac"] == pytest.approx(told["used_bytes"] / 10_000_000, abs=1e-4)
    assert told["used_bytes"] > told["journal_bytes"] > 0
    assert told["written_bytes_per_day"] == 0
    assert told["error"] is None
    assert told["converting"] is False
    assert store.wear().used_frac == pytest.approx(told["used_frac"], abs=1e-4)


async def test_a_demo_says_nothing_of_the_card(tmp_path, kernel):
    store = await lived(tmp_path / "telemetry.db", ScaledClock.starting(NOON, 1e6))
    assert store.written_bytes_per_day is None
    assert store.wear().written_bytes_per_day is None


def test_before_the_first_look_the_figures_are_null(tmp_path):
    told = storage_document(TelemetryStore(tmp_path / "telemetry.db", boot_id=BOOT, clock=HandClock()))
    assert told["used_bytes"] is told["used_frac"] is told["oldest_utc"]["fine"] is None
    assert told["dropped_samples"] == 0
