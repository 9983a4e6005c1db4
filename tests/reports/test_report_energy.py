"""Energies are sums of what was measured, and say how much that was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_month import FUEL, SITE, ZONE, MadeMonth

from controller.core.model import GridConnection, PriorityClass
from controller.reports.figures.energy import energy_figures
from controller.reports.figures.month import Month, Steps
from controller.reports.figures.series import Column, Columns, flow
from controller.reports.figures.unused_sun import unused_sun
from controller.reports.figures.whole import month_figures

MONTH = Month(2026, 2)
STEPS = Steps.whole(MONTH, ZONE)


@pytest.fixture(scope="module")
def made() -> MadeMonth:
    return MadeMonth(MONTH, seed=3)


def columns(**powers: np.ndarray) -> Columns:
    return Columns(
        STEPS, {tuple(name.split("__")): Column(each, each, each) for name, each in powers.items()}
    )


def test_a_kilowatt_for_a_month_is_24_kwh_a_day() -> None:
    found = flow(np.full(STEPS.count, 1000.0), STEPS)
    assert found.wh == pytest.approx(28 * 24_000)
    assert found.wh_per_day == pytest.approx(24_000)
    assert found.known_frac == 1.0
    assert found.by_day_wh == pytest.approx(np.full(28, 24_000.0))


def test_a_gap_adds_nothing_and_is_told() -> None:
    power_w = np.full(STEPS.count, 1000.0)
    power_w[: 7 * 96] = np.nan
    found = flow(power_w, STEPS)
    assert found.wh == pytest.approx(21 * 24_000)
    assert found.known_frac == pytest.approx(0.75)
    assert found.wh_per_day == pytest.approx(24_000), "of a measured day"
    assert np.isnan(found.by_day_wh[:7]).all()
    assert np.isfinite(found.by_day_wh[7:]).all()


def test_of_a_month_without_a_measurement_nothing_is_known() -> None:
    found = flow(np.full(STEPS.count, np.nan), STEPS)
    assert (found.wh, found.known_frac, found.wh_per_day) == (None, 0.0, None)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e5)), min_size=96, max_size=96))
def test_a_months_energy_is_the_sum_of_its_days(day: list[float | None]) -> None:
    power_w = np.tile(np.array([np.nan if each is None else each for each in day]), 28)
    found = flow(power_w, STEPS)
    assert (found.wh or 0.0) == pytest.approx(float(np.nansum(found.by_day_wh)))


def test_what_the_sources_give_goes_to_lines_battery_and_losses(made: MadeMonth) -> None:
    found = energy_figures(made.material().columns, SITE)
    assert found.genset is not None
    came_wh = found.sun.wh + found.genset.wh
    went_wh = found.load.wh + found.battery_in.wh - found.battery_out.wh + found.losses_wh
    assert came_wh == pytest.approx(went_wh, rel=1e-9)
    assert found.sun_share_frac == pytest.approx(found.sun.wh / came_wh)
    assert sum(wh for wh in found.classes.values() if wh is not None) == pytest.approx(found.load.wh)


def test_an_open_line_and_a_dark_village_draw_nothing_though_their_meters_are_silent() -> None:
    silent = np.full(STEPS.count, np.nan)
    closed, dark = np.ones(STEPS.count), np.zeros(STEPS.count)
    closed[:96], dark[96:192] = 0.0, 1.0
    found = energy_figures(
        columns(houses_a__power_w=silent, houses_a__closed=closed, site__blackout=dark), SITE
    ).feeders["houses_a"]
    assert found.flow.wh == 0.0
    assert found.flow.known_frac == pytest.approx(2 / 28)


def test_a_group_with_a_line_that_was_not_measured_is_not_known(made: MadeMonth) -> None:
    other = MadeMonth(MONTH, seed=3)
    other.gap(0, STEPS.count, "houses_b")
    found = energy_figures(other.material().columns, SITE)
    assert found.classes[PriorityClass.HOUSEHOLD] is None
    assert found.classes[PriorityClass.CRITICAL] is not None
    assert found.load.wh == pytest.approx(energy_figures(made.material().columns, SITE).load.wh, rel=0.01)


def test_a_grid_gives_and_takes() -> None:
    made = MadeMonth(MONTH, seed=3)
    half = STEPS.count // 2
    made.values["site", "grid_w"] = np.where(np.arange(STEPS.count) < half, 2000.0, -500.0)
    site = replace(SITE, grid=GridConnection("battery", import_w=5000, export_w=1000, stable_s=300))
    found = month_figures(made.material(), site, FUEL)
    days = half / 96
    assert found.energy.grid_in.wh == pytest.approx(2000 * 24 * days)
    assert found.energy.grid_out.wh == pytest.approx(500 * 24 * days)
    gave_wh = found.energy.sun.wh + found.energy.genset.wh + found.energy.grid_in.wh
    assert found.energy.sun_share_frac == pytest.approx(found.energy.sun.wh / gave_wh)
    without = month_figures(made.material(), SITE, FUEL)
    assert without.savings.diesel_l - found.savings.diesel_l == pytest.approx(0.3 * 2 * 24 * days, rel=1e-6)


def test_sun_that_was_held_back_is_estimated_from_the_sensor() -> None:
    ghi = np.tile(np.maximum(0.0, np.sin((np.arange(96) - 24) / 48 * np.pi)) * 900, 28)
    limit = np.ones(STEPS.count)
    limit[48:60] = 0.25
    offered_w = np.minimum(24.0 * ghi, 18_000)  # no more than an inverter can carry
    powers = dict.fromkeys(("pv_south", "pv_east"), -np.minimum(offered_w, 18_000 * limit))
    lost_wh = 2 * float(np.maximum(0.0, offered_w - 18_000 * limit)[48:60].sum()) / 4
    given_columns = columns(
        sun__irradiance_wm2=ghi,
        **{f"{name}__power_w": power_w for name, power_w in powers.items()},
        **{f"{name}__limit_frac": limit for name in powers},
    )
    found = unused_sun(given_columns, SITE)
    assert found.held_back_h == pytest.approx(3.0)
    assert found.wh == pytest.approx(lost_wh, rel=1e-6)


def test_without_a_sensor_only_the_hours_are_told(made: MadeMonth) -> None:
    other = MadeMonth(MONTH, seed=3, clear=0.95)
    other.gap(0, STEPS.count, "sun")
    found = unused_sun(other.material().columns, SITE)
    assert found.held_back_h > 1
    assert found.wh is None
