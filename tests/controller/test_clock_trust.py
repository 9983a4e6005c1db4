"""The time of day as it is believed: no jump of the wall clock reaches a stamp unless it stands for long."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.clock_trust import LONG_AWAY_S, SLEW, STANDING_S, STEP_S, Belief, Known, Seen, look

DAY_S = 86_400.0
YEAR_S = 365 * DAY_S
RELEASED_S = 1_793_491_200.0
NOW_S = RELEASED_S + 60 * DAY_S
BOOTED_S = 40.0


@dataclass
class Host:
    """A host whose wall clock can be set to anything; looks once a second unless told otherwise."""

    known: Known = field(default_factory=lambda: Known(RELEASED_S))
    wrong_s: float = 0.0
    """What the wall clock shows beyond the truth."""
    flagged: bool = True
    monotonic_s: float = BOOTED_S
    belief: Belief | None = None

    @property
    def true_s(self) -> float:
        return NOW_S + self.monotonic_s - BOOTED_S

    def look(self, after_s: float = 1.0) -> Belief:
        self.monotonic_s += after_s
        self.belief = look(
            self.belief, Seen(self.monotonic_s, self.true_s + self.wrong_s, self.flagged), self.known
        )
        return self.belief

    def run(self, seconds: float, every_s: float = 10.0) -> list[Belief]:
        return [self.look(every_s) for _ in range(int(seconds / every_s))]

    @property
    def off_s(self) -> float:
        return self.belief.utc_s - self.true_s


def test_a_clock_that_was_set_is_believed_at_once():
    host = Host()
    assert host.look().synchronised
    assert host.off_s == 0


def test_a_clock_that_was_never_set_is_not_believed_but_shown():
    host = Host(flagged=False, wrong_s=-3600)
    assert not host.look().synchronised
    assert host.off_s == pytest.approx(-3600)


@pytest.mark.parametrize("flagged", [True, False])
def test_after_a_boot_in_1970_time_goes_on_from_the_newest_that_is_known(flagged):
    host = Host(Known(RELEASED_S, newest_s=NOW_S - 600), wrong_s=-NOW_S, flagged=flagged)
    beliefs = host.run(2 * STANDING_S)
    assert not any(belief.synchronised for belief in beliefs), "no flag makes 1970 true"
    assert beliefs[-1].utc_s - (NOW_S - 600) == pytest.approx(2 * STANDING_S, abs=20)


@pytest.mark.parametrize("years", [-1, 1])
def test_a_step_at_run_time_does_not_reach_the_stamps_and_leaves_nothing_when_it_is_taken_back(years):
    host = Host()
    host.run(60)
    host.wrong_s = years * YEAR_S
    doubted = host.run(STANDING_S - 60)
    assert not any(belief.synchronised for belief in doubted)
    assert abs(host.off_s) < 1e-6
    host.wrong_s = 0.0
    assert host.look().synchronised
    assert abs(host.off_s) < 1e-6
    assert host.belief.stepped_by_s is None


@pytest.mark.parametrize("years", [-0.05, 1])
def test_a_step_that_stands_for_over_an_hour_is_believed_and_told(years):
    host = Host()
    host.run(60)
    host.wrong_s = years * YEAR_S
    host.run(STANDING_S + 60)
    assert host.belief.synchronised
    assert host.off_s == pytest.approx(years * YEAR_S)
    assert host.belief.stepped_by_s == pytest.approx(years * YEAR_S)


def test_a_step_that_moves_on_or_is_not_synchronised_never_stands():
    host = Host()
    host.run(60)
    for step in range(1, 20):
        host.wrong_s = step * 1000.0
        assert not any(belief.synchronised for belief in host.run(STANDING_S / 2))
    host.flagged = False
    assert not any(belief.synchronised for belief in host.run(3 * STANDING_S))
    host.wrong_s = -YEAR_S  # before this version was made
    host.flagged = True
    assert not any(belief.synchronised for belief in host.run(3 * STANDING_S))
    assert abs(host.off_s) < 1e-6


def test_weeks_of_drift_are_corrected_without_a_jolt():
    host = Host()
    host.run(60)
    host.wrong_s = 40.0
    before_s = host.belief.utc_s
    for belief in host.run(3000):
        assert 9.89 < belief.utc_s - before_s < 10.11
        assert belief.synchronised
        before_s = belief.utc_s
    host.run(3000)
    assert host.off_s == pytest.approx(40, abs=0.1)


def test_a_clock_behind_the_newest_sample_must_stand_for_an_hour_though_the_host_calls_it_right():
    host = Host(Known(RELEASED_S, newest_s=NOW_S), wrong_s=-3 * DAY_S)
    assert not any(belief.synchronised for belief in host.run(STANDING_S - 10))
    host.run(60)
    assert host.belief.synchronised, "or wrong stamps of the past would keep the right time out for ever"


def test_a_site_dark_for_longer_than_a_month_waits_for_an_hour_too():
    host = Host(Known(RELEASED_S, newest_s=NOW_S - LONG_AWAY_S - DAY_S))
    assert not host.look().synchronised
    host.run(STANDING_S + 60)
    assert host.belief.synchronised


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 4000.0),  # seconds until the next look
            st.one_of(st.just(0.0), st.floats(-2 * YEAR_S, 2 * YEAR_S), st.floats(-STEP_S, STEP_S)),
            st.booleans(),
        ),
        min_size=2,
        max_size=60,
    ),
    st.sampled_from([None, NOW_S - 30.0]),
)
def test_while_it_is_believed_time_never_goes_back_or_jumps(jumps, newest_s):
    host = Host(Known(RELEASED_S, newest_s))
    before = None
    for after_s, host.wrong_s, host.flagged in jumps:
        belief = host.look(after_s)
        if before is not None and before.synchronised and belief.synchronised:
            passed_s = belief.utc_s - before.utc_s
            assert abs(passed_s - after_s) <= SLEW * after_s + 1e-5
        before = belief


@given(st.lists(st.tuples(st.floats(1.0, 600.0), st.floats(-2 * YEAR_S, 2 * YEAR_S)), max_size=40))
def test_no_stamp_lies_in_the_future_while_no_wrong_clock_stands_for_an_hour(jumps):
    host = Host(Known(RELEASED_S, NOW_S - 600))
    host.run(100)
    for after_s, wrong_s in jumps:
        host.wrong_s = wrong_s
        host.look(after_s)
        host.look(1.0)
        host.wrong_s = 0.0  # a time server puts it right within the hour
        belief = host.look(1.0)
        assert belief.synchronised
        assert abs(host.off_s) <= STEP_S
