from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.settings import NameSettings, PvSettings
from simulation.physics.pv import MPPT, SLEEPING, STANDBY, STARTING, THROTTLED, PvPlant


def array() -> PvPlant:
    names = NameSettings(th="แผง", en="Array")
    return PvPlant(PvSettings(name=names, dc_w=22_000.0, ac_w=18_000.0, tilt_deg=12.0, azimuth_deg=180.0))


def shine(plant: PvPlant, sun_wm2: float, seconds: int, *, share: float = 1.0, alive: bool = True) -> PvPlant:
    for _ in range(seconds):
        plant.prepare(1.0, sun_wm2, 30.0, bus_alive=alive)
        plant.produce(share, 1.0, 230.0 if alive else 0.0, 50.0 if alive else 0.0, 30.0)
    return plant


def test_full_sun_yields_its_rated_power_or_a_little_less() -> None:
    plant = shine(array(), 900.0, 60)
    assert 14_000.0 < plant.ac_power_w < 18_000.0
    assert plant.dc_power_w > plant.ac_power_w
    assert plant.operating_state == MPPT


def test_heat_costs_power() -> None:
    cool, hot = array(), array()
    for _ in range(60):
        cool.prepare(1.0, 800.0, 20.0, bus_alive=True)
        cool.produce(1.0, 1.0, 230.0, 50.0, 20.0)
        hot.prepare(1.0, 800.0, 40.0, bus_alive=True)
        hot.produce(1.0, 1.0, 230.0, 50.0, 40.0)
    assert hot.ac_power_w < 0.95 * cool.ac_power_w


def test_it_sleeps_at_night_and_connects_a_minute_after_dawn() -> None:
    plant = shine(array(), 0.0, 10)
    assert (plant.operating_state, plant.ac_power_w) == (SLEEPING, 0.0)
    shine(plant, 300.0, 30)
    assert (plant.operating_state, plant.ac_power_w) == (STARTING, 0.0)
    shine(plant, 300.0, 60)
    assert plant.operating_state == MPPT
    assert plant.ac_power_w > 4000.0


def test_it_stands_by_on_a_dead_bus_and_connects_a_minute_after_its_return() -> None:
    plant = shine(shine(array(), 800.0, 60), 800.0, 5, alive=False)
    assert (plant.operating_state, plant.ac_power_w, plant.voltage_v) == (STANDBY, 0.0, 0.0)
    shine(plant, 800.0, 59)
    assert plant.ac_power_w == 0.0
    shine(plant, 800.0, 5)
    assert 0.0 < plant.ac_power_w < 6000.0, "it ramps up"


def test_a_limit_holds_until_it_is_lifted() -> None:
    plant = shine(array(), 900.0, 60)
    plant.set_limit(0.25, True, None)
    shine(plant, 900.0, 1000)
    assert plant.ac_power_w == pytest.approx(4500.0)
    assert plant.operating_state == THROTTLED
    plant.set_limit(1.0, False, None)
    shine(plant, 900.0, 60)
    assert plant.ac_power_w > 14_000.0


def test_a_limit_lapses_by_itself_after_its_revert_time() -> None:
    plant = shine(array(), 900.0, 60)
    plant.set_limit(0.25, True, 60.0)
    shine(plant, 900.0, 59)
    assert plant.limit_enabled
    shine(plant, 900.0, 40)
    assert not plant.limit_enabled
    assert plant.ac_power_w > 14_000.0


def test_writing_the_limit_again_starts_its_time_again() -> None:
    plant = shine(array(), 900.0, 60)
    for _ in range(4):
        plant.set_limit(0.25, True, 60.0)
        shine(plant, 900.0, 40)
    assert plant.limit_enabled
    assert plant.ac_power_w == pytest.approx(4500.0)


@given(sun_wm2=st.floats(0.0, 1400.0), share=st.floats(0.0, 1.0), limit=st.floats(0.0, 1.0))
def test_it_never_exceeds_what_sun_rating_limit_and_frequency_allow(
    sun_wm2: float, share: float, limit: float
) -> None:
    plant = array()
    plant.set_limit(limit, True, None)
    shine(plant, sun_wm2, 40, share=share)
    assert 0.0 <= plant.ac_power_w <= 18_000.0 * min(limit, share) + 1e-6
    assert plant.ac_power_w <= 22_000.0 * sun_wm2 / 1000.0
    assert plant.dc_power_w >= plant.ac_power_w


def test_its_cabinet_warms_with_power() -> None:
    busy, idle = shine(array(), 900.0, 3600), shine(array(), 0.0, 3600)
    assert busy.cabinet_temperature_c > idle.cabinet_temperature_c + 12.0
