"""What has arrived is remembered exactly, however it came."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.outside.influx.intervals import Arrived
from controller.outside.influx.pace import Backoff, BatchSize

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=20)


def arrived(spans: list[tuple[int, int]]) -> Arrived:
    found = Arrived()
    for after, count in spans:
        found = found.with_periods(after, after + count, 10 * (after + count))
    return found


@given(spans=SPANS)
def test_it_is_the_set_of_all_that_was_put_in(spans: list[tuple[int, int]]) -> None:
    numbers = {number for after, count in spans for number in range(after + 1, after + count + 1)}
    found = arrived(spans)
    assert {number for each in found.intervals for number in range(each.first, each.last + 1)} == numbers
    assert all(each.last_at_s == 10 * each.last for each in found.intervals)
    missing = {number for gap in found.gaps() for number in range(gap.after + 1, gap.last + 1)}
    assert missing == set(range(min(numbers, default=1), max(numbers, default=0))) - numbers
    assert all(gap.after_at_s == 10 * gap.after for gap in found.gaps())


@given(spans=SPANS)
def test_it_comes_back_from_the_notebook(spans: list[tuple[int, int]]) -> None:
    found = arrived(spans)
    assert Arrived.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    "nonsense", [None, 3, "x", [[1]], [["a", 2, 3]], [[5, 3, 0]], [[5, 9, 0], [2, 3, 0]], {}]
)
def test_nonsense_in_the_notebook_is_a_new_start(nonsense: object) -> None:
    assert Arrived.from_json(nonsense) == Arrived()


def test_no_periods_are_an_error() -> None:
    with pytest.raises(ValueError, match="no periods"):
        Arrived().with_periods(3, 3, 30)


def test_batches_grow_while_the_server_is_brisk_and_shrink_when_it_is_not() -> None:
    size = BatchSize()
    for _ in range(5):
        size.took(0.1, size.periods)
    assert size.periods == 120
    size.took(9.0, 120)
    assert size.periods == 60
    size.failed()
    assert size.periods == 30
    size.took(2.0, 30)
    assert size.periods == 30
    size.too_large(30)
    for _ in range(5):
        size.took(0.1, size.periods)
    assert size.periods == 15
    for _ in range(9):
        size.failed()
    assert size.periods == 1


def test_waits_are_drawn_between_nothing_and_ever_more_up_to_five_minutes() -> None:
    drawn: list[tuple[float, float]] = []

    def most(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    backoff = Backoff(most)
    waits = [backoff.failed() for _ in range(12)]
    assert waits[:4] == [2.0, 4.0, 8.0, 16.0]
    assert waits[-1] == 300.0
    assert {low for low, _ in drawn} == {0.0}
    assert backoff.failed(120.0) == 125.0
    backoff.done()
    assert backoff.failed() == 2.0
