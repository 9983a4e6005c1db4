"""What of a record is demand to learn from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from village_loads import homes, recorded

from forecasting.grid import Grid
from forecasting.load.demand import after_cut, teachable_w

GRID = Grid(0, 900, 96)


def test_steps_not_served_and_the_half_hour_after_them_teach_nothing() -> None:
    unserved = np.zeros(96, dtype=np.bool_)
    unserved[40:44] = True
    power_w = np.linspace(100.0, 200.0, 96)
    power_w[44:46] = 900.0  # all refrigerators at once
    missing = np.isnan(teachable_w(recorded(GRID, power_w, unserved)))
    np.testing.assert_array_equal(np.flatnonzero(missing), np.arange(40, 46))


def test_of_hours_the_whole_one_after_a_cut_is_left_out() -> None:
    unserved = np.zeros(24, dtype=np.bool_)
    unserved[18] = True
    assert np.flatnonzero(after_cut(unserved, 3600)).tolist() == [18, 19]


def test_impossible_values_teach_nothing() -> None:
    power_w = np.linspace(100.0, 200.0, 96)
    power_w[[3, 7, 9]] = [-50.0, np.inf, np.nan]
    missing = np.isnan(teachable_w(recorded(GRID, power_w)))
    assert np.flatnonzero(missing).tolist() == [3, 7, 9]


def test_a_stuck_meter_teaches_nothing_but_a_load_that_is_off_does() -> None:
    record = homes(2)
    power_w = record.power_w.copy()
    power_w[20:50] = 431.7
    power_w[100:150] = 0.0
    teachable = teachable_w(recorded(record.grid, power_w))
    assert np.isnan(teachable[20:50]).all()
    assert np.isfinite(teachable[:20]).all()
    assert (teachable[100:150] == 0.0).all()


@given(
    power_w=arrays(np.float64, 96, elements=st.floats(allow_nan=True, allow_infinity=True)),
    unserved=arrays(np.bool_, 96),
)
def test_what_is_taught_is_what_was_measured_while_served(power_w, unserved) -> None:
    teachable = teachable_w(recorded(GRID, power_w, unserved))
    taught = np.isfinite(teachable)
    assert not (taught & unserved).any()
    assert (teachable[taught] >= 0).all()
    np.testing.assert_array_equal(teachable[taught], power_w[taught])
