"""The clock of the controller: which one a process gets, and what a wall clock that steps comes to."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

from controller.clock import ScaledClock, clock_from
from controller.clock_trust import Seen
from controller.runtime.clock_alarms import clock_alarms
from controller.trusted_clock import RELEASED, TrustedClock, seen_now

TRUE = RELEASED + timedelta(days=20)


class Host:
    """What a clock sees; moved by hand."""

    def __init__(self) -> None:
        self.seen = Seen(100.0, TRUE.timestamp(), True)

    def __call__(self) -> Seen:
        return self.seen

    def advance(self, seconds: float, step_s: float = 0.0) -> None:
        self.seen = Seen(
            self.seen.monotonic_s + seconds, self.seen.wall_s + seconds + step_s, self.seen.synchronised
        )


def test_a_process_without_the_demos_clock_gets_one_that_does_not_believe_everything():
    assert isinstance(clock_from(None), TrustedClock)
    assert isinstance(clock_from(ScaledClock.starting(TRUE, 60).spec()), ScaledClock)


def test_it_reads_the_clocks_of_the_host():
    before_s, seen = time.monotonic(), seen_now()
    assert before_s <= seen.monotonic_s <= time.monotonic()
    assert TrustedClock().utc_now() >= RELEASED


def test_a_step_is_an_alarm_while_it_is_doubted_and_for_a_day_once_it_is_believed(caplog):
    caplog.set_level(logging.INFO)
    host = Host()
    clock = TrustedClock(host)
    assert clock.synchronised()
    assert clock_alarms(clock) == ()
    host.advance(10, step_s=7200)
    assert clock.utc_now() == TRUE + timedelta(seconds=10)
    assert not clock.synchronised()
    assert [(reason.code, round(reason.params["off_s"])) for reason in clock_alarms(clock)] == [
        ("clock_doubted", 7200)
    ]
    host.advance(3601)
    assert clock.utc_now() == TRUE + timedelta(seconds=3611 + 7200)
    assert [reason.code for reason in clock_alarms(clock)] == ["clock_stepped"]
    host.advance(90_000)
    assert clock_alarms(clock) == ()
    told = [record.getMessage() for record in caplog.records]
    assert [text.split(":")[0] for text in told] == [
        "the time is known",
        "the wall clock shows 2026-11-21 02",
        "the wall clock stood for over an hour",
    ]


def test_what_the_store_holds_is_known_to_the_clock():
    host = Host()
    clock = TrustedClock(host)
    clock.remember(TRUE + timedelta(hours=1))
    assert not clock.synchronised()
    assert clock.utc_now() == TRUE + timedelta(hours=1)
    clock.remember(None)
    assert clock.synchronised()


def test_the_demos_clock_is_never_an_alarm():
    assert clock_alarms(ScaledClock.starting(datetime(2026, 11, 21, tzinfo=UTC), 60)) == ()
