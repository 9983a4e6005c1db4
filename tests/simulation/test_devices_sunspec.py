"""The SunSpec inverter: a chain that can be walked, scale factors, and a power limit with an end."""

from __future__ import annotations

import pytest
from served_village import ask, refused, registers, village_config, write

from simulation.devices.sunspec_inverter import SunSpecInverter
from simulation.physics.pv import PvPlant

LENGTHS = {1: 66, 103: 50, 120: 26, 121: 30, 122: 44, 123: 24, 160: 28}
"""As sunspec/models has them; 160 with one tracker."""


@pytest.fixture
def plant() -> PvPlant:
    plant = PvPlant(village_config().pv["pv_south"])
    plant.ac_power_w, plant.dc_power_w, plant.energy_wh = 12345.0, 12700.0, 70_000.0
    plant.voltage_v, plant.frequency_hz, plant.cabinet_temperature_c = 231.2, 50.03, 41.5
    plant.operating_state = 4
    return plant


@pytest.fixture
def inverter(plant) -> SunSpecInverter:
    return SunSpecInverter(plant, unit=126, serial="21000126")


def models(device) -> dict[int, int]:
    """Address of each model, found by walking the chain."""
    assert registers(device, 40000, 2) == (0x5375, 0x6E53)
    found, at = {}, 40002
    while (header := registers(device, at, 2))[0] != 0xFFFF:
        found[header[0]] = at
        assert LENGTHS[header[0]] == header[1]
        at += 2 + header[1]
    assert header == (0xFFFF, 0)
    return found


def test_the_chain_holds_the_models_in_their_right_lengths(inverter):
    assert list(models(inverter)) == [1, 103, 120, 121, 122, 123, 160]


def test_all_of_the_chain_can_be_read_in_blocks_across_models(inverter):
    end = models(inverter)[160] + 30 + 2
    for at in range(40000, end, 60):
        registers(inverter, at, min(60, end - at))
    assert refused(ask(inverter, 3, end, 1)) == 2
    assert refused(ask(inverter, 3, 39999, 2)) == 2


def test_powers_carry_their_scale_factors(inverter):
    at = models(inverter)[103]
    power, exponent = registers(inverter, at + 14, 2)
    assert (power, exponent) == (12345, 0)
    assert registers(inverter, at + 16, 2) == (5003, 0xFFFE)
    assert registers(inverter, at + 10, 4) == (2312, 2312, 2312, 0xFFFF)
    assert registers(inverter, at + 24, 3) == (1, 70_000 - 65_536, 0)
    assert registers(inverter, at + 31, 2) == (12700, 0)
    assert registers(inverter, at + 33, 6) == (415, 0x8000, 0x8000, 0x8000, 0xFFFF, 4)


def test_a_larger_inverter_shows_tens_of_watts(plant):
    plant.ac_rated_w = 60_000.0
    inverter = SunSpecInverter(plant, unit=126, serial="1")
    at = models(inverter)[103]
    assert registers(inverter, at + 14, 2) == (1234, 1)
    assert registers(inverter, models(inverter)[120] + 3, 2) == (6000, 1)


def test_a_limit_takes_effect_when_it_is_enabled_and_reverts_by_itself(inverter, plant):
    at = models(inverter)[123]
    assert registers(inverter, at + 23, 1) == (0xFFFE,)
    assert refused(write(inverter, at + 7, 60)) is None
    assert refused(write(inverter, at + 5, 4000)) is None
    assert plant.limit_enabled is False
    assert refused(ask(inverter, 6, at + 9, 1)) is None
    assert (plant.limit_frac, plant.limit_enabled) == (0.4, True)
    assert registers(inverter, at + 5, 5) == (4000, 0, 60, 0, 1)
    plant.prepare(61.0, 800.0, 30.0, bus_alive=True)
    assert registers(inverter, at + 9, 1) == (0,)


def test_all_of_a_limit_can_be_written_at_once(inverter, plant):
    at = models(inverter)[123]
    assert refused(write(inverter, at + 5, 2500, 0, 0, 0, 1)) is None
    assert (plant.limit_frac, plant.limit_enabled) == (0.25, True)
    plant.prepare(10_000.0, 800.0, 30.0, bus_alive=True)
    assert plant.limit_enabled is True


def test_limits_out_of_range_and_read_only_points_are_refused(inverter, plant):
    at = models(inverter)[123]
    assert refused(write(inverter, at + 5, 10001)) == 3
    assert refused(write(inverter, at + 9, 2)) == 3
    assert refused(write(inverter, at + 8, 0, 1, 0)) == 2
    assert refused(write(inverter, 40070, 0)) == 2
    assert plant.limit_enabled is False
