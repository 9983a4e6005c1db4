"""What is asked of the battery's inverters: by the plan, within what protection leaves, only on a grid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from core_world import World, make_site
from made_plan import HOUR_S, make_plan

from controller.core.model import BatteryRole, GridConnection, Setpoint

TIED = {
    "grid_voltage_l1_v": 230.0,
    "grid_frequency_hz": 50.0,
    "grid_power_w": 3000.0,
    "voltage_l1_v": 230.0,
    "inverter_state": 9.0,
}
DARK_GRID = {**TIED, "grid_voltage_l1_v": 0.0, "grid_power_w": 0.0}


def village(
    power_w: float = 4000.0, *, role: BatteryRole = BatteryRole.GRID_FOLLOWING, soc: float = 0.6
) -> World:
    """A village at the grid whose plan wants so much of the battery."""
    site = make_site()
    grid = GridConnection("battery", import_w=30000, export_w=30000, stable_s=0)
    world = World(site=replace(site, grid=grid, battery=replace(site.battery, role=role)), soc=soc)
    world.extra = dict(TIED)
    world.run(600, dt_s=10)
    plan = make_plan(world.now_s, soc=(soc,))
    world.plan = replace(plan, battery_w=(power_w,) * (len(plan.edges_s) - 1))
    return world


def asked(world: World) -> float | None:
    """What is asked after a minute."""
    setpoint = world.run(60, dt_s=10).battery
    return None if setpoint is None else setpoint.power_w


@pytest.mark.parametrize("power_w", [4000.0, 0.0, -9000.0])
def test_inverters_that_follow_the_grid_are_asked_what_the_plan_wants(power_w: float) -> None:
    assert asked(village(power_w)) == power_w


def test_inverters_that_form_the_grid_are_never_asked_anything() -> None:
    assert asked(village(role=BatteryRole.GRID_FORMING)) is None


def test_without_the_grid_nothing_is_asked() -> None:
    world = village()
    assert asked(world) == 4000.0
    world.extra = dict(DARK_GRID)
    assert asked(world) is None


def test_without_a_plan_in_force_nothing_is_asked() -> None:
    world = village()
    world.plan = None
    assert asked(world) is None


def test_no_more_is_asked_than_the_inverters_can_give() -> None:
    assert asked(village(90_000.0)) == 24_000
    assert asked(village(-90_000.0)) == -24_000


@pytest.mark.parametrize(
    "points",
    [{"battery_temperature_c": -1.0}, {"cell_voltage_max_v": 3.6}],
    ids=["cold", "a cell at its highest"],
)
def test_a_battery_that_may_not_be_charged_is_not(points: dict[str, float]) -> None:
    world = village()
    world.extra |= points
    assert asked(world) == 0.0


def test_a_full_battery_is_not_charged_and_an_empty_one_not_discharged() -> None:
    assert asked(village(4000.0, soc=0.98)) == 0.0
    world = village(-4000.0, soc=0.3)
    world.extra |= {"low_battery_alarm": 2.0}
    assert asked(world) == 0.0


def test_a_setpoint_lapses_with_the_step_it_belongs_to() -> None:
    world = village()
    world.run(880, dt_s=10)
    assert world.step(10).battery == Setpoint(4000.0, 10.0)
    assert world.step(10).battery == Setpoint(4000.0, 30.0)
    world.run(889, dt_s=1)
    last = world.step(0.5).battery
    assert last is not None
    assert last.expires_s >= 2.0, "it holds until the next tick renews it"
    world.run(13 * HOUR_S, dt_s=60)
    assert world.step(10).battery is None
