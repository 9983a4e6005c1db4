"""Whatever the wall clock does: no gap, no overlap, nothing of the future, and right stamps in the end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.clock_trust import STANDING_S, Seen
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.store import TelemetryStore
from controller.trusted_clock import RELEASED, TrustedClock

YEAR_S = 365 * 86_400.0
BEGIN = RELEASED + timedelta(days=40)
BEGIN_S = BEGIN.timestamp()
STEP_S = 5.0
POWER, TIME = ("site", "load_w"), ("site", "since_s")


class Host(TrustedClock):
    """A Raspberry Pi whose wall clock is set at will; time passes when told."""

    def __init__(self) -> None:
        super().__init__(self.see)
        self.passed_s = 0.0
        self.wrong_s = 0.0
        self.flagged = True

    def see(self) -> Seen:
        return Seen(60.0 + self.passed_s, BEGIN_S + self.passed_s + self.wrong_s, self.flagged)

    def monotonic(self) -> float:
        return 60.0 + self.passed_s


async def lived(store: TelemetryStore, host: Host, seconds: float) -> None:
    """Sample a load of 3.6 kW, and the true time beside it."""
    for number in range(int(seconds / STEP_S)):
        store.add_samples(host.utc_now(), host.synchronised(), {POWER: 3600.0, TIME: host.passed_s})
        host.passed_s += STEP_S
        if number % 30 == 0:
            await store.append_decisions([], {})


async def settled(store: TelemetryStore, host: Host) -> None:
    """Go on until what the store does in the background, between decisions, has had its turns."""
    for _ in range(25):
        await lived(store, host, 10)
        for _ in range(4):
            await store.append_decisions([], {})


async def recorded(path, boot, *chapters):
    """Live through chapters: seconds, error of the wall clock, whether it counts as set; then all is well."""
    host = Host()
    _, host.wrong_s, host.flagged = chapters[0]
    store = TelemetryStore(path, boot_id=boot, clock=host)
    await store.open()
    host.remember(store.newest_at)
    for seconds, wrong_s, flagged in chapters:
        host.wrong_s, host.flagged = wrong_s, flagged
        await lived(store, host, seconds)
    host.wrong_s, host.flagged = 0.0, True
    await lived(store, host, 350)
    await settled(store, host)
    await store.close()
    return host.passed_s


def examine(path, passed_s):
    """Every period once, and each with the time that it was."""
    periods = TelemetryReader(path).periods(0, 100_000)
    stamps = sorted(period.at_s for period in periods)
    assert stamps == list(range(stamps[0], stamps[0] + 10 * len(stamps), 10)), "a gap or an overlap"
    assert stamps[0] == pytest.approx(BEGIN_S, abs=10)
    assert stamps[-1] <= BEGIN_S + passed_s, "a sample of the future"
    for period in periods:
        assert period.values[TIME] == pytest.approx(period.at_s - BEGIN_S, abs=15)
    begin = datetime.fromtimestamp(stamps[0], UTC)
    energy_wh, _ = TelemetryReader(path).energy_wh(*POWER, begin, begin + timedelta(seconds=passed_s))
    assert energy_wh == pytest.approx(passed_s, abs=10), "3.6 kW are a watt-hour a second"


@pytest.mark.parametrize(
    "chapters",
    [
        pytest.param([(1800, -BEGIN_S, False)], id="booted in 1970"),
        pytest.param([(1800, -BEGIN_S, True)], id="booted in 1970 and called right"),
        pytest.param([(600, 0, True), (1200, YEAR_S, True)], id="a year ahead for twenty minutes"),
        pytest.param([(600, 0, True), (1200, -YEAR_S, True)], id="a year back for twenty minutes"),
        pytest.param(
            [(605, 0, True), (7200, YEAR_S, False)], id="set by hand for two hours, not synchronised"
        ),
    ],
)
async def test_whatever_the_wall_clock_does_the_history_is_whole_and_right(tmp_path, chapters):
    examine(tmp_path / "telemetry.db", await recorded(tmp_path / "telemetry.db", "boot", *chapters))


async def test_a_second_boot_with_a_clock_of_the_past_waits_for_the_time(tmp_path):
    path = tmp_path / "telemetry.db"
    passed_s = await recorded(path, "first", (600, 0, True))
    before = len(TelemetryReader(path).periods(0, 10_000))
    host = Host()
    host.passed_s, host.wrong_s = passed_s + 3600, -2 * 86_400.0
    store = TelemetryStore(path, boot_id="second", clock=host)
    await store.open()
    host.remember(store.newest_at)
    assert not host.synchronised(), "the clock of the host shows less than the newest sample"
    await lived(store, host, 600)
    host.wrong_s = 0.0
    await lived(store, host, 350)
    await settled(store, host)
    await store.close()
    periods = TelemetryReader(path).periods(0, 10_000)
    assert len(periods) == pytest.approx(before + 120, abs=1)
    assert all(period.values[TIME] == pytest.approx(period.at_s - BEGIN_S, abs=15) for period in periods)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 12).map(lambda n: 55.0 * n), st.floats(-YEAR_S, YEAR_S), st.booleans()),
        min_size=1,
        max_size=4,
    ).filter(lambda chapters: sum(seconds for seconds, *_ in chapters) < STANDING_S)
)
def test_a_clock_that_jumps_at_random_leaves_no_gap_and_no_overlap(tmp_path_factory, jumps):
    path = tmp_path_factory.mktemp("jumps") / "telemetry.db"
    examine(path, asyncio.run(recorded(path, "boot", (300, 0, True), *jumps)))
