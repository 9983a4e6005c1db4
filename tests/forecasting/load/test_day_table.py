"""The past by local day and hour, daylight saving and odd time zones included."""

import numpy as np
import pytest

from forecasting.grid import DAY_S, Grid, local_time
from forecasting.load.day_table import empty_table, lay_out
from forecasting.load.detail import shape_within_hours, within_steps

BERLIN = "Europe/Berlin"
SPRING_S = 1_774_652_400  # 2026-03-28 00:00 in Berlin: the next night has no hour from 2 to 3


def test_the_hour_that_a_spring_day_lacks_is_missing_and_no_other() -> None:
    grid = Grid(SPRING_S, 3600, 71)
    table = lay_out(grid, np.arange(71.0), BERLIN)
    assert table.values_w.shape == (3, 24)
    assert np.argwhere(np.isnan(table.values_w)).tolist() == [[1, 2]]
    assert table.values_w[2, 0] == 47.0


def test_an_autumn_day_has_its_25_hours_in_24() -> None:
    grid = Grid(1_792_792_800, 3600, 73)  # 2026-10-24 00:00 in Berlin
    table = lay_out(grid, np.arange(73.0), BERLIN)
    assert table.values_w.shape == (3, 24)
    assert np.isfinite(table.values_w).all()
    assert table.values_w[1, 2] == 27.0
    assert table.values_w[2, 0] == 49.0


@pytest.mark.parametrize("timezone", ["Asia/Kolkata", "Asia/Kathmandu", "Asia/Bangkok"])
@pytest.mark.parametrize("step_s", [60, 300, 600, 900, 1800])
def test_each_step_stands_at_its_local_time(timezone, step_s) -> None:
    grid = Grid(1_771_200_000, step_s, 2 * DAY_S // step_s)
    local = local_time(grid.centres_s, timezone)
    table = lay_out(grid, local.hour, timezone)
    known = np.isfinite(table.values_w)
    expected = (np.arange(table.values_w.shape[1]) + 0.5) * step_s / 3600
    assert known.sum() == grid.count
    assert np.abs(table.values_w - expected)[known].max() <= 0.5 * step_s / 3600 + 1e-9


def test_an_hour_is_known_when_half_of_it_is() -> None:
    values_w = np.full(96, 100.0)
    values_w[:2] = np.nan
    values_w[4:7] = np.nan
    hourly_w = lay_out(Grid(0, 900, 96), values_w, "UTC").hourly_w
    assert hourly_w[0, 0] == 100.0
    assert np.isnan(hourly_w[0, 1])


def test_days_that_were_not_measured_are_missing() -> None:
    table = lay_out(Grid(DAY_S, 3600, 48), np.ones(48), "UTC")
    days_w = table.days(0, 5)
    assert np.isfinite(days_w).all(axis=1).tolist() == [False, True, True, False, False]
    assert np.isnan(empty_table(7).days(5, 8)).all()


@pytest.mark.parametrize("step_s", [7200, 1000, 120 * 7, 240])
def test_a_step_that_does_not_fit_is_refused(step_s) -> None:
    with pytest.raises(ValueError, match="steps that divide an hour"):
        lay_out(Grid(0, step_s, 10), np.ones(10), "UTC")


def test_lamps_that_go_on_within_the_hour_are_remembered_to_the_quarter() -> None:
    quarters_w = np.tile(np.where(np.arange(96) >= 73, 500.0, 0.0), 30)  # from 18:15
    table = lay_out(Grid(0, 900, 30 * 96), quarters_w, "UTC")
    shape = shape_within_hours(table.by_slot_w)
    quarters = within_steps(shape, np.array([18.0, 18.25, 18.5, 18.75, 20.0]), 900)
    assert quarters[0] < 0.2
    assert quarters[1:4] == pytest.approx([4 / 3] * 3, rel=0.1)
    assert quarters[4] == pytest.approx(1.0, abs=0.05)
    assert shape.reshape(24, 12).mean(axis=1) == pytest.approx(np.ones(24))


def test_nothing_measured_is_flat_within_the_hour() -> None:
    np.testing.assert_array_equal(shape_within_hours(np.empty((0, 288))), np.ones(288))
