"""Raw rows in any order become means on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.grid import Grid
from forecasting.sanity import regular, usual_step_s

NOON = 1_700_000_100 // 900 * 900


def stamps(*offsets_s: int) -> np.ndarray:
    return np.array([NOON + offset_s for offset_s in offsets_s], dtype=np.int64)


def test_irregular_rows_become_means_of_their_steps() -> None:
    found = regular(stamps(10, 400, 905), np.array([1.0, 3.0, 8.0]), 900)
    assert found.grid == Grid(NOON, 900, 2)
    assert found.values.tolist() == [2.0, 8.0]
    assert found.reasons("meter") == ()


def test_a_gap_is_missing_and_not_zero() -> None:
    found = regular(stamps(0, 2700), np.array([1.0, 2.0]), 900)
    np.testing.assert_array_equal(found.values, [1.0, np.nan, np.nan, 2.0])
    assert found.empty == 2


def test_a_row_written_twice_weighs_once() -> None:
    found = regular(stamps(0, 0, 0, 450), np.array([1.0, 1.0, 1.0, 3.0]), 900)
    assert found.values.tolist() == [2.0]
    assert found.duplicated == 2
    assert [reason.code for reason in found.reasons("meter")] == ["stamps_duplicated"]


def test_rows_that_run_backward_are_sorted_and_named() -> None:
    found = regular(stamps(1800, 0, 900), np.array([3.0, 1.0, 2.0]), 900)
    assert found.values.tolist() == [1.0, 2.0, 3.0]
    assert [reason.code for reason in found.reasons("meter")] == ["stamps_backward"]


def test_a_stamp_of_1970_does_not_make_a_grid_of_half_a_century() -> None:
    found = regular(np.concatenate(([0], stamps(0, 900))), np.array([9.0, 1.0, 2.0]), 900)
    assert found.grid.count == 2
    assert [reason.params["count"] for reason in found.reasons("meter")] == [1]


def test_a_value_that_is_missing_spoils_no_mean_of_others() -> None:
    rows = np.array([[1.0, np.nan], [3.0, np.nan]])
    np.testing.assert_array_equal(regular(stamps(0, 450), rows, 900).values, [[2.0, np.nan]])


def test_rows_without_stamps_are_refused() -> None:
    with pytest.raises(ValueError, match="0 stamps"):
        regular(stamps(), np.array([]), 900)
    with pytest.raises(ValueError, match="two different stamps"):
        usual_step_s(stamps(0, 0))


def test_the_usual_step_is_not_misled_by_gaps_and_repeats() -> None:
    assert usual_step_s(stamps(0, 600, 600, 1200, 90_000, 90_600)) == 600


@given(st.lists(st.tuples(st.integers(0, 20_000), st.floats(0, 1e4)), min_size=1), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, float]], random) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = (
        regular(stamps(*(at_s for at_s, _ in some)), np.array([value for _, value in some]), 900)
        for some in (rows, shuffled)
    )
    assert one.grid == other.grid
    np.testing.assert_allclose(one.values, other.values)
