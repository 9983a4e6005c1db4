"""The steps of a plan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.planning.horizon import aggregate, spread, steps_of

QUARTERS = st.integers(0, 95).map(lambda quarter: quarter / 4)


@given(QUARTERS)
def test_thirty_odd_steps_make_two_days(start_hour: float) -> None:
    lengths = steps_of(start_hour)
    assert lengths.sum() == 48.0
    assert 25 <= lengths.size <= 38
    assert (lengths[:8] == 0.25).all()


@given(QUARTERS)
def test_later_steps_end_on_full_hours_and_are_short_by_day(start_hour: float) -> None:
    lengths = steps_of(start_hour)
    ends = start_hour + np.cumsum(lengths)
    assert (ends[12:-1] % 1 == 0).all()
    near_day = (ends[12:-1] <= start_hour + 12) & (ends[12:-1] % 24 > 6) & (ends[12:-1] % 24 <= 20)
    assert (lengths[12:-1][near_day] <= 1.0).all()


@given(QUARTERS, st.lists(st.floats(0, 1e5), min_size=192, max_size=192))
def test_energy_is_the_same_in_long_steps(start_hour: float, powers: list[float]) -> None:
    values, lengths = np.array(powers), steps_of(start_hour)
    assert aggregate(values, lengths) @ lengths == pytest.approx(values.sum() / 4)


@given(QUARTERS)
def test_spreading_and_taking_means_gives_the_same_again(start_hour: float) -> None:
    lengths = steps_of(start_hour)
    values = np.arange(2.0 * lengths.size).reshape(2, -1)
    assert spread(values, lengths).shape == (2, 192)
    assert aggregate(spread(values, lengths), lengths) == pytest.approx(values)


def test_steps_that_are_no_quarters_are_refused() -> None:
    with pytest.raises(ValueError, match="whole quarters"):
        aggregate(np.zeros(192), np.array([0.3, 0.2]))


def test_steps_beyond_the_values_are_refused() -> None:
    with pytest.raises(ValueError, match="last"):
        aggregate(np.zeros(3), np.array([1.0]))


@given(QUARTERS, st.integers(1, 400).map(lambda quarter: quarter / 4))
def test_any_horizon_is_filled(start_hour: float, horizon_h: float) -> None:
    lengths = steps_of(start_hour, horizon_h)
    assert lengths.sum() == horizon_h
    assert (lengths >= 0.25).all()
