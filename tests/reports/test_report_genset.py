"""Hours, fuel, and what was saved against diesel alone."""

from __future__ import annotations

import numpy as np
import pytest
from report_month import FUEL, SITE, ZONE, MadeMonth

from controller.reports.figures.genset import (
    CO2_KG_PER_L,
    FuelCurve,
    GensetFigures,
    Run,
    genset_figures,
    genset_runs,
    savings,
)
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.whole import month_figures

STEPS = Steps.whole(Month(2026, 2), ZONE)
CURVE = FuelCurve(idle_l_per_h=2.0, l_per_kwh=0.2, rated_w=20_000.0)
NOTHING = np.full(STEPS.count, np.nan)
HOUR_S = 3600.0


def powered(quarters: int, power_w: float = 10_000.0) -> np.ndarray:
    power = np.zeros(STEPS.count)
    power[40 : 40 + quarters] = power_w
    return power


def figures(
    power_w: np.ndarray, *runs: Run, engine_run_s: np.ndarray = NOTHING, **more: object
) -> GensetFigures:
    found = {"fuel_frac": NOTHING, "tank_l": 200.0, **more}
    return genset_figures(
        power_w, engine_run_s, found["fuel_frac"], runs, CURVE, tank_l=found["tank_l"], thb_per_l=35.0
    )


def run(hours: float) -> Run:
    start_s = STEPS.start_s + 36_000.0
    return Run(start_s, start_s + hours * HOUR_S)


def test_fuel_is_that_of_the_curve() -> None:
    found = figures(powered(8), run(2.0))
    assert (found.hours, found.hours_from, found.starts) == (2.0, "log", 1)
    assert found.wh == pytest.approx(20_000)
    assert found.litres == pytest.approx(2 * 2.0 + 20 * 0.2)
    assert found.cost_thb == pytest.approx(35 * 8.0)


def test_the_engines_own_hour_meter_is_believed_first_and_may_be_replaced() -> None:
    counter = np.linspace(1000 * HOUR_S, 1003 * HOUR_S, STEPS.count)
    counter[2000:] -= counter[2000]  # a new controller that counts from nothing
    found = figures(powered(8), run(2.0), engine_run_s=counter)
    assert found.hours_from == "counter"
    assert found.hours == pytest.approx(3.0, abs=0.01)


def test_a_run_that_nobody_logged_is_known_by_its_power() -> None:
    found = figures(powered(12))
    assert (found.hours, found.hours_from, found.starts) == (3.0, "power", 0)


def test_the_tank_tells_what_was_burnt_over_refills() -> None:
    level = np.full(STEPS.count, 0.8)
    level[500:] = 0.3
    level[1000:] = 0.9
    level[1500:] = 0.7
    assert figures(powered(8), run(2.0), fuel_frac=level).tank_litres == pytest.approx((0.5 + 0.2) * 200)
    assert figures(powered(8), run(2.0), fuel_frac=level, tank_l=None).tank_litres is None


def test_a_genset_of_which_nothing_is_known_is_not_known() -> None:
    found = figures(NOTHING)
    assert (found.hours, found.wh, found.litres, found.cost_thb) == (None, None, None, None)


def test_runs_are_cut_at_the_ends_of_the_month() -> None:
    before, after = STEPS.start_s - HOUR_S, STEPS.end_s - HOUR_S
    runs = genset_runs([(before, True), (STEPS.start_s + HOUR_S, False), (after, True)], STEPS)
    assert [(each.end_s - each.start_s, each.began_before) for each in runs] == [
        (HOUR_S, True),
        (HOUR_S, False),
    ]


def test_a_litre_of_diesel_gives_as_much_as_the_ipcc_says() -> None:
    assert pytest.approx(0.84 * 43.0 * 74.1 / 1000) == CO2_KG_PER_L
    assert 2.6 < CO2_KG_PER_L < 2.75


def test_saved_is_what_the_least_hungry_genset_would_have_burnt_less_what_was() -> None:
    found = savings(1_000_000.0, 200_000.0, 40.0, CURVE, 35.0)
    assert found.l_per_kwh == pytest.approx(0.2 + 2.0 / 20)
    assert found.diesel_l == pytest.approx(800 * 0.3 - 40)
    assert found.co2_kg == pytest.approx(200 * CO2_KG_PER_L)
    assert found.thb == pytest.approx(200 * 35)


def test_nothing_is_saved_where_the_genset_burnt_more() -> None:
    assert savings(100_000.0, 0.0, 500.0, CURVE, None).diesel_l == 0.0


def test_the_made_months_genset_is_found() -> None:
    made = MadeMonth(Month(2026, 2), seed=2, clear=0.5)
    found = month_figures(made.material(), SITE, FUEL).genset
    ran_h = float((made.values["site", "genset_w"] < 0).sum()) / 4
    assert found is not None
    assert ran_h > 5
    assert found.hours == pytest.approx(ran_h)
    assert found.litres == pytest.approx(1.92 * ran_h + 0.22 * 14 * ran_h)
