"""Percentiles from bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.runtime.lateness import LatenessHistogram


def test_nothing_is_said_before_the_first_tick() -> None:
    assert LatenessHistogram().percentile_ms(99) is None


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=300), st.sampled_from([50, 90, 99, 100]))
def test_a_percentile_is_never_too_low_and_at_most_a_tenth_too_high(
    late_ms: list[float], percent: int
) -> None:
    histogram = LatenessHistogram()
    for value in late_ms:
        histogram.add(value)
    exact = sorted(late_ms)[max(0, -(-len(late_ms) * percent // 100) - 1)]
    told = histogram.percentile_ms(percent)
    assert told is not None
    assert exact * 0.99 <= told <= max(0.1, exact * 1.12)
