from datetime import UTC, datetime, timedelta

import pytest
from telemetry_village import BOOT, NOON, HandClock

from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import PERIOD_S
from controller.telemetry.store import TelemetryStore

PV, COUNTER = ("site", "pv_w"), ("meter", "energy_wh")
EPOCH = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "telemetry.db"


class Pi:
    """A Raspberry Pi without a battery clock: the wall clock starts in 1970, somewhere in a period."""

    def __init__(self, path, boot_id=BOOT):
        self.path = path
        self.clock = HandClock(EPOCH)
        self.truth = NOON + timedelta(seconds=3.7)
        self.knows = False
        self.store = TelemetryStore(path, boot_id=boot_id, clock=self.clock)

    async def live(self, seconds):
        for _ in range(seconds):
            self.clock.advance(1)
            self.truth += timedelta(seconds=1)
            at = self.truth if self.knows else self.clock.at
            seen = (self.truth - NOON).total_seconds()
            self.store.add_samples(at, self.knows, {PV: seen, COUNTER: seen})
            if int(self.clock.monotonic_s) % PERIOD_S == 0:
                await self.store._on_thread(lambda: None)

    async def settle(self):
        await self.store._on_thread(self.store._database.fold_all)


def stored(path):
    return {period.at_s: period for period in TelemetryReader(path).periods(0, 100_000)}


def assert_true(periods, seconds):
    """Each value lies in the period that it is stored under, or begins at most one before."""
    start_s = int(NOON.timestamp())
    for at_s, period in periods.items():
        assert -0.1 <= period.values[PV] - (at_s - start_s) <= 2 * PERIOD_S
        assert 0 <= period.values[COUNTER] - (at_s - start_s) <= 2 * PERIOD_S
    assert sorted(periods) == list(range(start_s, start_s + 10 * len(periods), 10)), "a gap or an overlap"
    assert len(periods) == pytest.approx(seconds / PERIOD_S, abs=1.5)


@pytest.mark.parametrize("before_s", [7, 25, 4000, 7300])
async def test_what_was_sampled_before_the_time_was_known_gets_its_true_stamp(path, before_s):
    pi = Pi(path)
    await pi.store.open()
    await pi.live(before_s)
    assert stored(path) == {}
    pi.knows = True
    await pi.live(60)
    await pi.settle()
    await pi.store.close()
    assert_true(stored(path), before_s + 60)


async def test_it_gets_it_also_when_the_controller_was_restarted_in_the_same_boot(path):
    pi = Pi(path)
    await pi.store.open()
    await pi.live(300)
    await pi.store.close()
    pi.store = TelemetryStore(path, boot_id=BOOT, clock=pi.clock)
    await pi.store.open()
    await pi.live(300)
    pi.knows = True
    await pi.live(60)
    await pi.settle()
    await pi.store.close()
    assert len(stored(path)) == pytest.approx(66, abs=2)


async def test_power_that_fails_just_after_the_time_became_known_costs_no_stamp(path):
    pi = Pi(path, "the boot before")
    await pi.store.open()
    await pi.live(4000)
    pi.knows = True
    pi.store._database.work = lambda: False  # nothing is folded any more
    await pi.live(20)
    await pi.store._on_thread(pi.store._database._open._connection.close)  # as a power cut leaves it
    later = Pi(path, "this boot")
    later.knows, later.truth = True, pi.truth + timedelta(minutes=5)
    later.clock.monotonic_s = 10.0
    await later.store.open()
    await later.live(60)
    await later.settle()
    await later.store.close()
    found = sorted(stored(path))
    assert len(found) == pytest.approx(408, abs=3)
    assert found[0] == int(NOON.timestamp())


async def test_nor_does_power_that_fails_again_before_anything_was_folded(path):
    truth = NOON
    for boot in ("first", "second"):
        pi = Pi(path, boot)
        pi.truth = truth + timedelta(seconds=3.7)
        await pi.store.open()
        pi.store._database.work = lambda: False  # nothing is folded
        await pi.live(300)
        pi.knows = True
        await pi.live(20)
        await pi.store._on_thread(pi.store._database._open._connection.close)
        truth = pi.truth + timedelta(minutes=5)
    later = Pi(path, "third")
    later.knows, later.truth = True, truth
    await later.store.open()
    await later.live(20)
    await later.settle()
    await later.store.close()
    assert len(stored(path)) == pytest.approx(2 * 32 + 2, abs=4)


async def test_samples_of_a_boot_that_never_learned_the_time_stay_apart(path):
    pi = Pi(path, "the boot before")
    await pi.store.open()
    await pi.live(3700)
    await pi.store.close()
    later = Pi(path, "this boot")
    later.knows = True
    await later.store.open()
    await later.live(3700)
    await later.settle()
    status = await later.store._on_thread(later.store._database.status)
    await later.store.close()
    assert_true(stored(path), 3700)
    assert status.unstamped_hours == 2


async def test_a_cursor_over_the_numbers_misses_nothing_and_repeats_nothing(path):
    pi = Pi(path)
    reader, cursor, seen = TelemetryReader(path), 0, []

    def follow():
        nonlocal cursor
        for period in reader.periods(cursor, 50):
            assert period.seq > cursor
            cursor = period.seq
            seen.append(period.at_s)

    await pi.store.open()
    for knows, seconds in ((False, 4000), (True, 200), (False, 700), (True, 4000)):
        pi.knows = knows
        for _ in range(0, seconds, 100):
            await pi.live(100)
            follow()
    await pi.settle()
    await pi.store.close()
    while cursor < reader.newest_seq():
        follow()
    assert len(seen) == len(set(seen))
    assert set(seen) == set(stored(path))
    assert_true(stored(path), 8900)
    assert reader.oldest_seq() == min(period.seq for period in stored(path).values())
