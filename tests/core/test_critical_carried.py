"""An empty battery keeps nobody critical dark while sun or genset charge it."""

from __future__ import annotations

import pytest
from core_world import FEEDERS, World

EMPTY = {"cell_voltage_min_v": 2.75}


def drained() -> World:
    """1 % and the cells low: everybody is off, nobody helps."""
    village = World(soc=0.01, genset_mode=0.0, extra=dict(EMPTY))
    village.run(90)
    assert village.on() == set()
    return village


def test_without_sun_and_genset_an_empty_battery_serves_nobody() -> None:
    assert drained().why("clinic") in ("battery_empty", "battery_cell_low")


@pytest.mark.parametrize("source", ["sun", "genset"])
def test_whoever_charges_the_battery_carries_the_clinic_and_nobody_else(source: str) -> None:
    village = drained()
    if source == "sun":
        village.sun_w = 4000.0
    else:
        village.genset_mode = 1.0
        village.run(150)
    village.run(60)
    assert village.on() == {"clinic"}
    assert village.why("clinic") == "critical_carried"
    assert "charges" in village.says("clinic").en


def test_a_surplus_smaller_than_the_clinic_does_not_connect_it() -> None:
    village = drained()
    village.sun_w = 100.0
    village.run(300)
    assert village.on() == set()


def test_clouds_of_seconds_do_not_make_the_clinic_flicker_but_lasting_ones_cut_it() -> None:
    village = drained()
    village.sun_w = 4000.0
    village.run(60)
    for _ in range(20):
        village.sun_w = 100.0
        village.run(8)
        village.sun_w = 4000.0
        village.run(30)
    assert len([event for event in village.events("open", "close") if event.subject == "clinic"]) == 2
    village.sun_w = 100.0
    village.run(25)
    assert village.on() == set()


def test_once_the_battery_has_recovered_the_rules_take_over_without_a_gap() -> None:
    village = drained()
    village.sun_w = 6000.0
    village.run(60)
    for per_cent in range(2, 20):
        village.soc = per_cent / 100
        village.extra["cell_voltage_min_v"] = 3.2
        village.run(400, dt_s=5)
        assert "clinic" in village.on()
    assert village.why("clinic") != "critical_carried"
    assert {feeder.id for feeder in FEEDERS} > village.on()


def test_an_alarm_over_cells_that_are_well_leaves_the_clinic_on() -> None:
    village = World(soc=0.049, genset_mode=0.0, extra={"low_battery_alarm": 2.0, "cell_voltage_min_v": 3.05})
    village.run(600)
    assert village.on() == {"clinic"}


def test_after_a_cut_the_clinic_rests_before_it_is_carried() -> None:
    village = World(soc=0.01, genset_mode=0.0, sun_w=6000.0, extra=dict(EMPTY))
    village.run(50)
    assert village.on() == set()
    village.run(30)
    assert village.on() == {"clinic"}
