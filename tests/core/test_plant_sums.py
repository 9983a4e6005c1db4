"""The site's sums: what is missing is missing, and is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from core_world import World

from controller.core.model import Health, PlantState, Reading
from controller.core.plant import battery_reading, energy_left_h, summarise, view_feeders


def sums(world: World) -> PlantState:
    image = world.image()
    return summarise(image, world.site, view_feeders(world.site, image).values())


def test_the_parts_balance() -> None:
    plant = sums(World(sun_w=9000))
    assert plant.pv_w == -9000
    assert plant.pv_w + plant.load_w + plant.inverter_w + plant.genset_w == pytest.approx(0)
    assert plant.missing == ()


def test_a_sum_without_one_of_its_parts_is_missing_and_says_which() -> None:
    plant = sums(World(lost={"meter_school", "pv_east"}))
    assert plant.load_w is None
    assert plant.pv_w is None
    assert plant.missing == ("pv_east", "meter_school")
    assert plant.soc_frac == 0.7


def test_an_open_feeder_draws_nothing_even_if_its_meter_is_silent() -> None:
    world = World(lost={"meter_school"})
    world.closed["school"] = False
    assert sums(world).load_w == pytest.approx(world.load_w)


def test_hours_left_count_down_to_the_reserve() -> None:
    battery = World().site.battery
    assert energy_left_h(battery, 0.70, -6000) == pytest.approx(10)
    assert energy_left_h(battery, 0.15, -6000) == 0
    assert energy_left_h(battery, 0.70, 3000) is None
    assert energy_left_h(battery, None, -6000) is None
    assert energy_left_h(battery, 0.70, None) is None


def test_a_battery_that_speaks_for_itself_goes_before_its_inverter() -> None:
    world = World()
    battery = replace(world.site.battery, bms="bms")
    image = world.image()
    own = {"battery_soc_frac": Reading(0.31, 0.5, Health.GOOD)}
    told = replace(image, devices={**image.devices, "bms": own})
    assert battery_reading(told, battery, "battery_soc_frac").value == 0.31
    assert battery_reading(told, battery, "battery_power_w") == image.reading("battery", "battery_power_w")
    assert battery_reading(image, battery, "battery_soc_frac").value == 0.7  # silent: the inverter's word


def test_panels_on_the_dc_side_count_by_their_own_point() -> None:
    world = World(sun_w=9000)
    image = world.image()
    roof = replace(world.site.pv[0], id="hybrid", power_point="pv_power_w", limitable=False)
    devices = {**image.devices, "hybrid": {"pv_power_w": Reading(-1500.0, 0.5, Health.GOOD)}}
    site = replace(world.site, pv=(*world.site.pv, roof))
    image = replace(image, devices=devices)
    assert summarise(image, site, view_feeders(site, image).values()).pv_w == -10500
