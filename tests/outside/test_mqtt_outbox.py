"""The newest value of each topic is told, and waits are drawn below a ceiling that grows."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.outside.mqtt.backoff import QUICK_S, SLOW_S, wait_s
from controller.outside.mqtt.outbox import Outbox, Told


async def sent_by(outbox: Outbox) -> list[tuple[str, str]]:
    """All that is due."""
    found = []
    while len(outbox):
        topic, told = await outbox.due()
        outbox.sent(topic, told)
        found.append((topic, told.payload))
    return found


async def test_a_newer_value_takes_the_place_of_the_one_that_waits() -> None:
    outbox = Outbox()
    for value in range(1000):
        outbox.tell("a", str(value))
        outbox.tell("b", "same")
    assert await sent_by(outbox) == [("a", "999"), ("b", "same")]
    outbox.tell("b", "same")
    assert len(outbox) == 0, "it has been told already"


async def test_a_value_that_changes_while_it_is_sent_is_sent_again() -> None:
    outbox = Outbox()
    outbox.tell("a", "1")
    topic, told = await outbox.due()
    outbox.tell("a", "2")
    outbox.sent(topic, told)
    assert await sent_by(outbox) == [("a", "2")]


async def test_after_a_connection_all_is_told_anew_and_availability_last() -> None:
    outbox = Outbox()
    for topic in ("availability", "a", "b"):
        outbox.tell(topic, "x")
    await sent_by(outbox)
    outbox.everything_again(last="availability")
    assert [topic for topic, _ in await sent_by(outbox)] == ["a", "b", "availability"]


async def test_a_topic_that_is_taken_back_is_forgotten_once_the_broker_knows() -> None:
    outbox = Outbox()
    outbox.tell("a", "x")
    outbox.take_back("a")
    assert await sent_by(outbox) == [("a", "")]
    assert outbox.topics == 0
    outbox.everything_again(last="availability")
    assert len(outbox) == 0


async def test_who_waits_for_something_to_send_is_woken() -> None:
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.due())
    await asyncio.sleep(0)
    outbox.tell("a", "x", qos=1)
    assert await waiting == ("a", Told("x", 1))


@given(st.integers(1, 10_000), st.floats(0, 1e7), st.booleans(), st.floats(0, 1))
def test_a_wait_is_below_its_ceiling(failures, away_s, refused, luck) -> None:
    ceiling = wait_s(failures, away_s, refused=refused, luck=1.0)
    assert 0 <= wait_s(failures, away_s, refused=refused, luck=luck) <= ceiling <= SLOW_S
    if away_s <= 600 and not refused:
        assert ceiling <= QUICK_S


@pytest.mark.parametrize(("failures", "most_s"), [(1, 0.5), (2, 1.0), (4, 2.0), (9, 2.0)])
def test_a_broker_that_was_started_again_is_found_within_seconds(failures, most_s) -> None:
    assert wait_s(failures, 20.0, refused=False, luck=1.0) == most_s


def test_a_broker_that_refuses_us_is_not_hammered() -> None:
    assert wait_s(9, 20.0, refused=True, luck=1.0) == SLOW_S
