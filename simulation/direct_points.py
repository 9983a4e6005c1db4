"""What each device of the village tells, by the names and signs of the house: power into a component > 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.core.model import Role
from controller.settings import Config
from simulation.household import metered_line
from simulation.physics.genset import Genset, GensetState
from simulation.physics.grid import PublicGrid
from simulation.physics.pv import PvPlant
from simulation.physics.sky import Sky
from simulation.physics.storage import Storage
from simulation.physics.village import Village

Points = Mapping[str, float | None]
"""Point -> value; None where the device tells something implausible."""

_ENGINE_STATES = {
    GensetState.STOPPED: 0.0,
    GensetState.CRANKING: 1.0,
    GensetState.RESTING: 1.0,
    GensetState.WARMING_UP: 2.0,
    GensetState.ON_LOAD: 3.0,
    GensetState.COOLING_DOWN: 4.0,
    GensetState.FAILED: 5.0,
}
"""As a Deep Sea controller numbers them."""


def points_of(role: Role, device: str, config: Config, village: Village) -> Callable[[], Points]:
    """How to look at a device; the answer is of the moment of the call. Raises ValueError, KeyError."""
    match role:
        case Role.PV_INVERTER:
            return lambda: _pv(village.pv[device])
        case Role.BATTERY_INVERTER:
            return lambda: {**_inverter(village.storage), **_grid(village.grid), **_battery(village.storage)}
        case Role.BATTERY:
            return lambda: _battery(village.storage)
        case Role.METER:
            return _meter(device, config, village)
        case Role.GENSET:
            return _genset(village.genset, device)
        case Role.SWITCH:
            return _switch(device, config, village)
        case Role.IRRADIANCE_SENSOR:
            return lambda: _sun(village.sky)
        case Role.HYBRID_INVERTER | Role.SOLAR_CHARGER:
            raise ValueError(f"{device}: the virtual village has its panels on the AC side, not on a {role}")


def _pv(plant: PvPlant) -> Points:
    return {
        "power_w": 0.0 - plant.ac_power_w,
        "operating_state": float(plant.operating_state),
        "limit_frac": plant.limit_frac if plant.limit_enabled else 1.0,
        "temperature_c": plant.cabinet_temperature_c,
        "energy_export_wh": plant.energy_wh,
    }


def _inverter(storage: Storage) -> Points:
    volts, dead = storage.output_voltage_v, storage.frequency_hz <= 0.0
    return {
        "ac_power_w": storage.ac_power_w,
        "inverter_state": float(storage.inverter_state),
        "voltage_l1_v": volts,
        "voltage_l2_v": volts,
        "voltage_l3_v": volts,
        # 0 Hz is outside of what a profile takes for plausible.
        "frequency_hz": None if dead else storage.frequency_hz,
        "overload_alarm": float(storage.overload_alarm),
        "low_battery_alarm": float(storage.low_battery_alarm),
        "temperature_alarm": float(storage.temperature_alarm),
    }


def _grid(grid: PublicGrid | None) -> Points:
    if grid is None:
        return {}
    volts = grid.voltage_v
    return {
        "grid_power_w": grid.power_w,
        "grid_voltage_l1_v": volts,
        "grid_voltage_l2_v": volts,
        "grid_voltage_l3_v": volts,
        "grid_frequency_hz": grid.frequency_hz if grid.there else None,
        "grid_connected": float(grid.connected),
    }


def _battery(storage: Storage) -> Points:
    return {
        "battery_power_w": storage.battery_power_w,
        "battery_current_a": storage.battery_current_a,
        "battery_voltage_v": storage.battery_voltage_v,
        "battery_soc_frac": storage.soc_frac,
        "battery_soh_frac": storage.soh_frac,
        "battery_temperature_c": storage.battery_temperature_c,
        "cell_voltage_min_v": storage.cell_voltage_min_v,
        "cell_voltage_max_v": storage.cell_voltage_max_v,
    }


def _meter(device: str, config: Config, village: Village) -> Callable[[], Points]:
    line = metered_line(device, config, village)
    if line is None:
        raise ValueError(f"{device}: no feeder or household has this meter")
    return lambda: {
        "power_w": line.power_w,
        "voltage_v": line.voltage_v,
        "frequency_hz": line.frequency_hz,
        "energy_import_wh": line.energy_wh,
    }


def _genset(genset: Genset | None, device: str) -> Callable[[], Points]:
    if genset is None:
        raise ValueError(f"{device}: config.yaml has no genset section")
    return lambda: {
        "power_w": 0.0 - genset.power_w,
        "engine_speed_rpm": genset.engine_speed_rpm,
        "engine_state": _ENGINE_STATES[genset.state],
        "control_mode": float(genset.control_mode),
        "fuel_frac": genset.fuel_frac,
        "frequency_hz": genset.frequency_hz,
        "voltage_l1_v": genset.voltage_v,
        "starter_battery_v": genset.starter_battery_v,
        "coolant_temperature_c": genset.coolant_temperature_c,
    }


def _switch(device: str, config: Config, village: Village) -> Callable[[], Points]:
    contactors = {
        f"channel_{feeder.switch.channel}": village.feeders[id_].contactor
        for id_, feeder in config.feeders.items()
        if feeder.switch.device == device
    }
    return lambda: {point: float(contactor.energised) for point, contactor in contactors.items()}


def _sun(sky: Sky) -> Points:
    return {
        "irradiance_wm2": sky.irradiance_wm2,
        "cell_temperature_c": sky.cell_temperature_c,
        "ambient_temperature_c": sky.ambient_temperature_c,
    }
