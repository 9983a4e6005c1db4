"""What clock and calendar say of a plan's steps."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.planner.plan_calendar import LEAST_STEP_S, Steps, monthly_run, quiet, steps_from, windows
from controller.settings.plant import FlexibleSettings, MonthlyTest, QuietHours
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid

ZONE = "Asia/Bangkok"
MIDNIGHT_S = int(datetime(2026, 3, 31, 17, tzinfo=UTC).timestamp())
"""The first of April in the village."""
PUMP = FlexibleSettings(energy_wh=8000.0, power_w=4000.0, begin="08:00", end="17:00")


def hourly(from_h: float, count: int) -> Steps:
    return Steps(MIDNIGHT_S + np.round((from_h + np.arange(count + 1)) * HOUR_S).astype(np.int64), ZONE)


def hours_of(steps: Steps, holds: np.ndarray) -> list[int]:
    return [round((at - MIDNIGHT_S) / HOUR_S) % 24 for at in steps.edges_s[:-1][holds].tolist()]


@given(st.integers(0, 3 * DAY_S))
def test_steps_begin_now_and_end_with_the_forecast_on_full_quarters(offset_s: int) -> None:
    at_s = MIDNIGHT_S + offset_s
    grid = Grid(at_s // QUARTER_S * QUARTER_S, QUARTER_S, 192)
    steps = steps_from(at_s, grid, ZONE)
    assert steps.begin_s == at_s
    assert not np.any(steps.edges_s[1:] % QUARTER_S)
    assert steps.hours.min() * HOUR_S >= LEAST_STEP_S - 1
    assert steps.end_s <= grid.end_s


def test_means_of_a_grid_in_longer_steps() -> None:
    grid = Grid(MIDNIGHT_S, QUARTER_S, 8)
    steps = Steps(MIDNIGHT_S + np.array([600, 900, 3600, 7200]), ZONE)
    assert np.arange(8.0) @ steps.means_of(grid) == pytest.approx([0.0, 2.0, 5.5])


def test_quiet_hours_pass_midnight() -> None:
    steps = hourly(20, 12)
    assert hours_of(steps, quiet(steps, QuietHours(begin="22:00", end="05:00"))) == [22, 23, 0, 1, 2, 3, 4]
    assert not quiet(steps, None).any()


def test_the_days_begin_where_a_changed_clock_has_them() -> None:
    eve = int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp())  # Berlin, the night of summer time
    steps = Steps(eve + HOUR_S * np.arange(37), "Europe/Berlin")
    loud = ~quiet(steps, QuietHours(begin="22:00", end="06:00"))
    # Of the first night an hour is missing, and the plan ends within the second.
    assert loud.sum() == 36 - 7 - 4


def test_a_test_run_on_its_day_alone() -> None:
    steps = hourly(6, 48)
    test = MonthlyTest(day=1, begin="09:00", run_s=1800.0)
    assert hours_of(steps, monthly_run(steps, test, 0.0)) == [9]
    assert not monthly_run(steps, test, 1800.0).any()
    assert not monthly_run(steps, None, 0.0).any()
    assert not monthly_run(hourly(10, 48), test, 0.0).any()


def test_a_flexible_load_wants_its_energy_on_each_day() -> None:
    steps = hourly(6, 48)
    today, tomorrow = windows(steps, PUMP, 0.0)
    assert hours_of(steps, today.inside) == list(range(8, 17))
    assert (today.energy_wh, tomorrow.energy_wh) == (8000.0, 8000.0)


def test_what_it_has_had_today_is_taken_off_today_alone() -> None:
    assert [window.energy_wh for window in windows(hourly(12, 48), PUMP, 5000.0)][:2] == [3000.0, 8000.0]
    assert [window.energy_wh for window in windows(hourly(12, 24), PUMP, 9000.0)] == [
        pytest.approx(8000.0 * 4 / 9)
    ]


def test_a_window_that_is_nearly_over_holds_what_can_still_be_drawn() -> None:
    (window,) = windows(hourly(16, 12), PUMP, 0.0)
    assert window.energy_wh == 4000.0
    assert windows(hourly(17, 12), PUMP, 0.0) == []
