"""The battery's health, found in made-up months of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from report_month import CAPACITY_WH, FUEL, ROUND_TRIP, SITE, ZONE, MadeMonth

from controller.reports.figures.battery import BatteryFigures, BatterySeries, battery_figures, discharges
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.whole import month_figures

MONTH = Month(2026, 2)
STEPS = Steps.whole(MONTH, ZONE)
COUNTED_OUT_WH = CAPACITY_WH * ROUND_TRIP**0.5
"""What comes out at the terminals from full to empty."""


def made_figures(*gaps: tuple[int, int], seed: int = 7) -> BatteryFigures:
    made = MadeMonth(MONTH, seed=seed)
    for first, last in gaps:
        made.gap(first, last)
    return month_figures(made.material(), SITE, FUEL).battery


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_capacity_and_efficiency_are_found_within_their_margins(seed: int) -> None:
    found = made_figures(seed=seed)
    assert found.capacity is not None
    assert abs(found.capacity.wh - COUNTED_OUT_WH) < max(found.capacity.error_wh, 0.01 * COUNTED_OUT_WH)
    assert found.capacity.ah == pytest.approx(found.capacity.wh / 52, rel=1e-6)
    assert found.efficiency_frac == pytest.approx(ROUND_TRIP, abs=0.01)


def test_gaps_neither_bend_capacity_nor_efficiency() -> None:
    # forenoons, in which the battery takes in much that nobody counts
    found = made_figures(*((day * 96 + 34, day * 96 + 44) for day in range(3, 20)))
    assert found.capacity is not None
    assert found.capacity.wh == pytest.approx(COUNTED_OUT_WH, rel=0.02)
    assert found.efficiency_frac == pytest.approx(ROUND_TRIP, abs=0.02)


def test_with_many_gaps_efficiency_is_not_told() -> None:
    found = made_figures((0, 300))
    assert found.efficiency_frac is None
    assert found.capacity is not None


def series(soc_frac: np.ndarray, power_w: np.ndarray) -> BatterySeries:
    nothing = np.full(soc_frac.size, np.nan)
    return BatterySeries(power_w, nothing, soc_frac, soc_frac, soc_frac, nothing, nothing, nothing)


def test_without_losses_capacity_and_efficiency_are_exact_even_over_gaps() -> None:
    capacity_wh = 80_000.0
    power_w = np.tile(np.repeat([-5000.0, 4000.0], [40, 50]), STEPS.count // 90 + 1)[: STEPS.count]
    before_wh = 70_000.0 + np.concatenate(([0.0], np.cumsum(power_w)[:-1])) / 4
    soc_frac = (before_wh + power_w / 8) / capacity_wh  # means of the quarters
    power_w[1000:1007] = power_w[2003:2011] = np.nan
    found = battery_figures(series(soc_frac, power_w), STEPS, nameplate_wh=capacity_wh, soc_max_frac=1.0)
    assert found.capacity is not None
    assert found.capacity.wh == pytest.approx(capacity_wh, rel=1e-9)
    assert found.efficiency_frac == pytest.approx(1.0, rel=1e-9)


def test_two_deep_discharges_are_too_few_to_tell_a_capacity() -> None:
    soc = np.full(STEPS.count, 0.9)
    soc[100:121] = np.linspace(0.9, 0.4, 21)
    soc[121:200] = 0.9
    soc[300:321] = np.linspace(0.9, 0.4, 21)
    found = battery_figures(
        series(soc, np.full(STEPS.count, -1000.0)), STEPS, nameplate_wh=100_000.0, soc_max_frac=0.97
    )
    assert found.swings == 2
    assert found.capacity is None


def test_a_discharge_ends_with_a_gap_and_with_a_rise() -> None:
    soc = np.array([0.9, 0.7, 0.5, 0.49, 0.8, 0.6, 0.55, 0.3])
    known = np.ones(8, dtype=bool)
    assert discharges(soc, known) == [(0, 3), (4, 7)]
    known[2] = False
    assert discharges(soc, known) == [(4, 7)]


def test_a_month_without_a_gauge_tells_nothing() -> None:
    nothing = np.full(STEPS.count, np.nan)
    found = battery_figures(series(nothing, nothing), STEPS, nameplate_wh=100_000.0, soc_max_frac=0.97)
    assert found.measured_days == 0
    assert (found.capacity, found.efficiency_frac, found.cycles, found.deepest_frac) == (
        None,
        None,
        None,
        None,
    )


def test_days_full_lowest_and_highest_are_those_within_the_quarters() -> None:
    soc = np.full(STEPS.count, 0.5)
    low, high = soc.copy(), soc.copy()
    low[10], high[200] = 0.21, 0.96
    seen = BatterySeries(np.zeros(STEPS.count), soc, soc, low, high, soc * 60, soc * 62, soc)
    found = battery_figures(seen, STEPS, nameplate_wh=100_000.0, soc_max_frac=0.97)
    assert (found.deepest_frac, found.highest_frac, found.full_days) == (0.21, 0.96, 1)
    assert (found.mean_c, found.hottest_c) == (pytest.approx(30.0), pytest.approx(31.0))
