"""Profiles and the virtual devices were written apart, from the makers' documents: they must agree."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.config_file import load_config
from controller.settings import Config
from drivers.codec import decode, encode, signed16
from drivers.errors import RequestRefusedError
from drivers.model import Profile, ReadPoint, Table, derived_value
from drivers.profile import SUNSPEC, load_profile
from drivers.sunspec import ask
from simulation.devices.catalogue import VirtualDevice, build_device
from simulation.modbus.protocol import ModbusRefusal, Space
from simulation.physics.village import Village

CONFIG_FILE = Path(__file__).parents[2] / "config.yaml"
ABSENT = {
    "battery": {"grid_frequency_hz", "charge_limit_a", "discharge_limit_w", "export_limit_w"},
    "genset": {
        *("grid_frequency_hz", "grid_voltage_l1_v", "grid_voltage_l2_v", "grid_voltage_l3_v"),
        *("apparent_energy_vah", "reactive_energy_total_varh"),
    },
}
"""Device -> what it says that it does not have: an islanded village has no grid, and no limits are set;
the genset counts watt-hours only."""
NOON = datetime(2026, 3, 21, 5, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CONFIG_FILE)


@pytest.fixture(scope="module")
def village(config: Config) -> Village:
    village = Village(config, start_utc=NOON, clouds="clear")
    assert village.genset is not None
    village.genset.telemetry_start(True)
    village.advance(120.0)
    return village


class Wire:
    """Reads a virtual device's registers as a bus would."""

    def __init__(self, device: VirtualDevice) -> None:
        self.device = device

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        registers = self.device.stations[unit].registers
        try:
            if table.is_bits:
                return [int(bit) for bit in registers.read_bits(Space.COIL, address, count)]
            space = Space.INPUT if table is Table.INPUT else Space.HOLDING
            return list(struct.unpack(f">{count}H", registers.read_registers(space, address, count)))
        except ModbusRefusal as err:
            raise RequestRefusedError(f"{table} {address}", 2) from err


class Seen:
    """A device of the village through its profile."""

    def __init__(self, name: str, config: Config, village: Village) -> None:
        self.settings = config.devices[name]
        self.device = build_device(name, config, village, lambda: 0.0)
        self.wire = Wire(self.device)

    async def profile(self) -> Profile:
        if self.settings.profile == SUNSPEC:
            return await ask(self.settings.unit)(self.wire)
        return load_profile(self.settings.profile)

    async def values(self) -> dict[str, float | None]:
        profile = await self.profile()
        values = {name: await self._value(point) for name, point in profile.reads.items()}
        derived = {
            name: derived_value(how, [values[part] for part in how.parts])
            for name, how in profile.derived.items()
        }
        return values | derived

    async def _value(self, point: ReadPoint) -> float | None:
        unit = self.settings.unit if point.unit_name is None else self.settings.units[point.unit_name]
        words = await self.wire.read(unit, point.table, point.address, point.type.words)
        exponent = None
        if point.scale_address is not None:
            exponent = signed16((await self.wire.read(unit, point.table, point.scale_address, 1))[0])
        return decode(words, point, exponent)


def agree(values: Mapping[str, float | None], truth: Mapping[str, float], *, rel: float = 0.02) -> None:
    for name, expected in truth.items():
        assert values[name] == pytest.approx(expected, rel=rel, abs=0.06), name


async def test_every_point_of_every_device_is_there(config: Config, village: Village) -> None:
    for name in config.devices:
        values = await Seen(name, config, village).values()
        assert {point for point, value in values.items() if value is None} == ABSENT.get(name, set()), name


async def test_pv_inverters_agree(config: Config, village: Village) -> None:
    plant = village.pv["pv_south"]
    values = await Seen("pv_south", config, village).values()
    assert plant.ac_power_w > 5000
    truth = {
        "power_w": -plant.ac_power_w,
        "pv_power_w": -plant.dc_power_w,
        "frequency_hz": plant.frequency_hz,
    }
    agree(values, truth | {"voltage_l1_v": plant.voltage_v, "operating_state": plant.operating_state})


async def test_the_battery_inverter_agrees(config: Config, village: Village) -> None:
    storage = village.storage
    values = await Seen("battery", config, village).values()
    agree(values, {"ac_power_w": sum(storage.phase_power_w), "battery_power_w": storage.battery_power_w})
    agree(values, {"battery_soc_frac": storage.soc_frac, "cell_voltage_min_v": storage.cell_voltage_min_v})
    agree(values, {"battery_voltage_v": storage.battery_voltage_v, "frequency_hz": storage.frequency_hz})
    agree(values, {"inverter_state": storage.inverter_state, "overload_alarm": storage.overload_alarm})


async def test_meters_agree(config: Config, village: Village) -> None:
    feeder = village.feeders["houses_a"]
    values = await Seen("meter_houses_a", config, village).values()
    agree(values, {"power_w": sum(feeder.phase_power_w), "energy_import_wh": feeder.energy_wh})


async def test_the_sensor_and_the_genset_agree(config: Config, village: Village) -> None:
    sky, genset = village.sky, village.genset
    assert genset is not None
    agree(
        await Seen("sun", config, village).values(),
        {"irradiance_wm2": sky.irradiance_wm2, "ambient_temperature_c": sky.ambient_temperature_c},
    )
    assert genset.running
    agree(
        await Seen("genset", config, village).values(),
        {"power_w": -genset.power_w, "engine_speed_rpm": genset.engine_speed_rpm, "control_mode": 1}
        | {"fuel_frac": genset.fuel_frac, "engine_run_s": genset.run_s, "number_of_starts": genset.starts},
    )


async def test_the_genset_understands_its_keys(config: Config, village: Village) -> None:
    seen = Seen("genset", config, village)
    registers = seen.device.stations[seen.settings.unit].registers
    for control in (await seen.profile()).writes.values():
        for value in control.words:
            registers.write_registers(control.address, encode(value, control))


async def test_the_inverter_takes_its_limit(config: Config, village: Village) -> None:
    seen = Seen("pv_east", config, village)
    limit = (await seen.profile()).writes["limit_frac"]
    registers = seen.device.stations[seen.settings.unit].registers
    assert limit.scale_address is not None
    (factor,) = await seen.wire.read(seen.settings.unit, Table.HOLDING, limit.scale_address, 1)
    for address, words in (
        *((address, (word,)) for address, word in limit.before),
        (limit.address, encode(0.3, limit, signed16(factor))),
        *((address, (word,)) for address, word in limit.after),
    ):
        registers.write_registers(address, words)
    values = await seen.values()
    assert (values["limit_frac"], values["limit_enabled"]) == (pytest.approx(0.3), 1)
