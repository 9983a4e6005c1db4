"""The names of the points that each device role offers, whatever its maker calls them.

A driver profile maps registers to these names; the core, the store and the page know devices only by them.
Units are in the names, signs are the house's (power into a component is positive).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.model import Role

REQUIRED: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.PV_INVERTER: frozenset({"power_w"}),
        Role.BATTERY_INVERTER: frozenset({"ac_power_w", "battery_power_w", "battery_soc_frac"}),
        Role.METER: frozenset({"power_w"}),
        Role.GENSET: frozenset({"power_w", "engine_speed_rpm", "control_mode"}),
        Role.SWITCH: frozenset({"channel_1"}),
        Role.IRRADIANCE_SENSOR: frozenset({"irradiance_wm2"}),
    }
)
"""Without these a device cannot fill its role."""

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        # any AC device
        "power_w": "active power, all phases",
        "power_l1_w": "active power of phase 1",
        "power_l2_w": "active power of phase 2",
        "power_l3_w": "active power of phase 3",
        "voltage_l1_v": "voltage of phase 1 to neutral",
        "voltage_l2_v": "voltage of phase 2 to neutral",
        "voltage_l3_v": "voltage of phase 3 to neutral",
        "current_l1_a": "current of phase 1",
        "current_l2_a": "current of phase 2",
        "current_l3_a": "current of phase 3",
        "frequency_hz": "frequency of the AC side",
        "apparent_power_va": "apparent power",
        "reactive_power_var": "reactive power",
        "power_factor": "power factor",
        "energy_import_wh": "energy counter, drawn",
        "energy_export_wh": "energy counter, delivered",
        # PV inverter
        "energy_wh": "energy counter, generated since installation (a magnitude)",
        "dc_power_w": "power of the panels (a magnitude)",
        "cabinet_temperature_c": "temperature inside the cabinet",
        "operating_state": "SunSpec operating state: 1 off, 2 sleeping, 3 starting, 4 MPPT, 5 throttled, "
        "6 shutting down, 7 fault, 8 standby",
        "limit_frac": "power limit in force, fraction of rated power (control point)",
        "limit_enabled": "1 while the power limit is in force",
        # battery inverter
        "ac_power_w": "AC power into the grid-forming inverters: < 0 while they feed the feeders",
        "battery_power_w": "DC power into the battery: charging > 0",
        "battery_soc_frac": "state of charge, 0 to 1",
        "battery_soh_frac": "state of health, 0 to 1",
        "battery_voltage_v": "battery voltage",
        "battery_current_a": "battery current: charging > 0",
        "battery_temperature_c": "battery temperature",
        "cell_voltage_min_v": "lowest cell voltage",
        "cell_voltage_max_v": "highest cell voltage",
        "overload_alarm": "0 none, 1 warning, 2 alarm",
        "low_battery_alarm": "0 none, 1 warning, 2 alarm",
        "temperature_alarm": "0 none, 1 warning, 2 alarm",
        "inverter_state": "Victron state of operation: 0 off, 1 low power, 2 fault, 3 bulk, 4 absorption, "
        "5 float, 9 inverting, 252 external control",
        # genset
        "engine_speed_rpm": "engine speed",
        "fuel_frac": "fuel level, 0 to 1",
        "engine_run_s": "engine run time since new",
        "control_mode": "0 stop, 1 auto, 2 manual, 3 test on load, 4 auto with manual restore",
        "run": "1 asks the engine to run while in auto, 0 withdraws it (control point)",
        "oil_pressure_kpa": "engine oil pressure",
        "coolant_temperature_c": "engine coolant temperature",
        "starter_battery_v": "voltage of the starter battery",
        "number_of_starts": "starts since new",
        # irradiance sensor
        "irradiance_wm2": "irradiance in the plane of the sensor",
        "cell_temperature_c": "temperature of the reference cell",
        "ambient_temperature_c": "air temperature",
    }
)
"""What each point means. Switches add `channel_1` to `channel_N`: 1 while the relay is energised."""
