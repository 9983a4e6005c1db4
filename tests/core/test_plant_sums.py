"""The site's sums: what is missing is missing, and is named."""

from __future__ import annotations

import pytest
from core_world import World

from controller.core.model import PlantState
from controller.core.plant import energy_left_h, summarise, view_feeders


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
