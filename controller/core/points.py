"""The names of the points that each device role offers, whatever its maker calls them.

A driver profile maps registers to these names; the core, the store and the page know devices only by them.
Units are in the names, signs are the house's (power into a component is positive; PV and gensets <= 0, loads
>= 0, battery charging > 0, grid import > 0). Energy counters are magnitudes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from controller.core.model import Role

REQUIRED: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.PV_INVERTER: frozenset({"power_w"}),
        Role.BATTERY_INVERTER: frozenset({"ac_power_w", "battery_power_w", "battery_soc_frac"}),
        Role.HYBRID_INVERTER: frozenset({"ac_power_w", "battery_power_w", "battery_soc_frac", "pv_power_w"}),
        Role.SOLAR_CHARGER: frozenset({"pv_power_w"}),
        Role.BATTERY: frozenset({"battery_soc_frac"}),
        Role.METER: frozenset({"power_w"}),
        Role.GENSET: frozenset({"power_w", "engine_speed_rpm", "control_mode"}),
        Role.SWITCH: frozenset({"channel_1"}),
        Role.IRRADIANCE_SENSOR: frozenset({"irradiance_wm2"}),
    }
)
"""Without these a device cannot fill its role."""

_PORTS: Mapping[str, str] = {
    "": "at its own AC terminals",
    "grid_": "at the grid connection, import > 0",
    "load_": "of the loads, >= 0",
    "backup_": "of the backed-up output, >= 0",
    "generator_": "of the generator input, <= 0 while it delivers",
    "ac_input_": "at its AC input, whatever is connected there, drawn > 0",
}
_AC: Mapping[str, str] = {
    "power_w": "active power",
    "apparent_power_va": "apparent power",
    "reactive_power_var": "reactive power",
    "power_factor": "power factor",
    "voltage_v": "voltage",
    "current_a": "current",
    "energy_import_wh": "energy counter, drawn",
    "energy_export_wh": "energy counter, delivered",
    "energy_total_wh": "energy counter, drawn and delivered together",
    "reactive_energy_import_varh": "reactive energy counter, drawn",
    "reactive_energy_export_varh": "reactive energy counter, delivered",
    "reactive_energy_total_varh": "reactive energy counter, drawn and delivered together",
    "apparent_energy_vah": "apparent energy counter",
    "phase_angle_deg": "angle from voltage to current",
    "voltage_thd_frac": "harmonic distortion of the voltage",
    "current_thd_frac": "harmonic distortion of the current",
    "power_demand_w": "active power, mean of the demand period",
    "power_demand_max_w": "highest active power of any demand period",
    "current_demand_a": "current, mean of the demand period",
    "current_demand_max_a": "highest current of any demand period",
    "energy_import_today_wh": "energy drawn since midnight",
    "energy_export_today_wh": "energy delivered since midnight",
}
_PHASES: Mapping[str, str] = {
    "": "",
    "_l1": " of phase 1",
    "_l2": " of phase 2",
    "_l3": " of phase 3",
    "_l12": " between phases 1 and 2",
    "_l23": " between phases 2 and 3",
    "_l31": " between phases 3 and 1",
}


def _ac_points() -> dict[str, str]:
    """Each AC quantity at each port, in all and by phase: `grid_power_l1_w`."""
    points: dict[str, str] = {}
    for port, where in _PORTS.items():
        points[f"{port}frequency_hz"] = f"frequency {where}"
        for quantity, what in _AC.items():
            stem, _, unit = quantity.rpartition("_")
            if quantity == "power_factor":
                stem, unit = quantity, ""
            for phase, which in _PHASES.items():
                if len(phase) > 3 and stem != "voltage":
                    continue
                name = f"{port}{stem}{phase}" + (f"_{unit}" if unit else "")
                points[name] = f"{what}{which} {where}"
    return points


_BATTERY: Mapping[str, str] = {
    "power_w": "DC power into it: charging > 0",
    "charging_power_w": "DC power while it is charged, else 0 (a magnitude)",
    "discharging_power_w": "DC power while it is discharged, else 0 (a magnitude)",
    "voltage_v": "voltage",
    "current_a": "current: charging > 0",
    "charging_current_a": "current while it is charged, else 0 (a magnitude)",
    "discharging_current_a": "current while it is discharged, else 0 (a magnitude)",
    "soc_frac": "state of charge, 0 to 1",
    "soh_frac": "state of health, 0 to 1",
    "temperature_c": "temperature",
    "capacity_ah": "capacity",
    "capacity_wh": "capacity",
    "charge_left_ah": "charge that can still be drawn",
    "energy_left_wh": "energy that can still be drawn",
    "cycles": "charge cycles so far",
    "energy_charged_wh": "energy counter, charged",
    "energy_discharged_wh": "energy counter, discharged",
    "energy_charged_today_wh": "energy charged since midnight",
    "energy_discharged_today_wh": "energy discharged since midnight",
    "state": "state in the maker's code",
    "time_left_s": "time until it is empty at the present load",
    "charge_voltage_v": "charge voltage that its BMS asks for",
    "discharge_voltage_v": "voltage at which its BMS ends discharge",
    "charge_limit_a": "most charge current that its BMS allows",
    "discharge_limit_a": "most discharge current that its BMS allows",
    "charge_limit_w": "most charge power that its BMS allows",
    "discharge_limit_w": "most discharge power that its BMS allows",
    "output_voltage_v": "voltage at its terminals, outside of its contactors",
}

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        **_ac_points(),
        **{f"battery_{name}": f"battery: {what}" for name, what in _BATTERY.items()},
        **{f"battery2_{name}": f"second battery: {what}" for name, what in _BATTERY.items()},
        # any device
        "rated_power_w": "power that it is built for (a magnitude)",
        "device_type": "type in the maker's code",
        "position": "where in the plant it is connected, in the maker's code",
        "firmware": "version of its firmware in the maker's code",
        "insulation_ohm": "insulation of the panels against earth",
        "cabinet_temperature_c": "temperature inside the cabinet",
        "heatsink_temperature_c": "temperature of the heat sink",
        "transformer_temperature_c": "temperature of the transformer",
        "dc_temperature_c": "temperature of the DC side",
        "board_temperature_c": "temperature of the communication board",
        "power_module_temperature_c": "temperature of the power semiconductors",
        "inverter_state": "state of operation in the maker's code",
        "grid_state": "state of the grid connection in the maker's code",
        "meter_state": "whether the device hears its meter at the grid connection, in the maker's code",
        "operating_state": "SunSpec operating state: 1 off, 2 sleeping, 3 starting, 4 MPPT, 5 throttled, "
        "6 shutting down, 7 fault, 8 standby",
        "derating_state": "what limits the inverter's power, in the maker's code",
        "operating_s": "time in operation since new",
        "health_state": "whether it is well, warns or has failed, in the maker's code",
        "event_code": "number of its present event in the maker's list",
        # meters
        "voltage_ll_v": "voltage between phases, their mean",
        "current_n_a": "current of the neutral",
        "current_sum_a": "current of all phases added",
        "import_power_w": "power drawn, else 0 (a magnitude)",
        "export_power_w": "power delivered, else 0 (a magnitude)",
        "import_demand_w": "power drawn, mean of the demand period (a magnitude)",
        "import_demand_max_w": "most power drawn in any demand period (a magnitude)",
        "export_demand_w": "power delivered, mean of the demand period (a magnitude)",
        "export_demand_max_w": "most power delivered in any demand period (a magnitude)",
        "apparent_power_demand_va": "apparent power, mean of the demand period",
        "apparent_power_demand_max_va": "highest apparent power of any demand period",
        # PV
        "pv_power_w": "power of the panels, DC side, <= 0",
        "pv_voltage_v": "voltage of the panels, where all share one input",
        "pv_current_a": "current of the panels, DC side (a magnitude)",
        "mppt_state": "state of the maximum power point tracker in the maker's code",
        "pv_energy_wh": "energy counter of the panels",
        "pv_energy_today_wh": "energy of the panels since midnight",
        "pv_to_grid_energy_wh": "energy counter, from the panels to the grid",
        "pv_to_grid_energy_today_wh": "energy from the panels to the grid since midnight",
        "pv_to_battery_energy_wh": "energy counter, from the panels to the battery",
        "pv_to_battery_energy_today_wh": "energy from the panels to the battery since midnight",
        "pv_to_load_energy_wh": "energy counter, from the panels to the loads",
        "pv_to_load_energy_today_wh": "energy from the panels to the loads since midnight",
        "energy_wh": "energy counter, AC energy generated since installation",
        "energy_today_wh": "AC energy generated since midnight",
        "dc_bus_voltage_v": "voltage of the inverter's DC link",
        "dc_bus_positive_voltage_v": "voltage of the positive half of the inverter's DC link",
        "dc_bus_negative_voltage_v": "voltage of the negative half of the inverter's DC link (a magnitude)",
        # loads
        "load_energy_wh": "energy counter of the loads",
        "load_energy_today_wh": "energy of the loads since midnight",
        "load_frac": "load, fraction of rated power",
        "backup_energy_wh": "energy counter of the backed-up output",
        "backup_energy_today_wh": "energy of the backed-up output since midnight",
        "generator_energy_wh": "energy counter of the generator input",
        "generator_energy_today_wh": "energy of the generator input since midnight",
        "grid_import_power_w": "power drawn from the grid, else 0 (a magnitude)",
        "grid_export_power_w": "power fed into the grid, else 0 (a magnitude)",
        "grid_charge_power_w": "power that charges the battery from the AC side (a magnitude)",
        "grid_charge_current_a": "current that charges the battery from the AC side (a magnitude)",
        "grid_charge_energy_wh": "energy counter, charged into the battery from the AC side",
        "grid_charge_energy_today_wh": "energy charged into the battery from the AC side since midnight",
        "ac_discharge_power_w": "what the maker calls AC discharge (Growatt off-grid inverters), a magnitude",
        "ac_discharge_energy_wh": "energy counter of what the maker calls AC discharge",
        "ac_discharge_energy_today_wh": "energy since midnight of what the maker calls AC discharge",
        "generator_state": "state of the generator input in the maker's code",
        # battery inverter
        "ac_power_w": "AC power into the inverters: < 0 while they feed",
        "charger_power_w": "power that the device itself puts into the battery: charging > 0",
        "charger_current_a": "current that the device itself puts into the battery: charging > 0",
        "charger_battery_temperature_c": "battery temperature, as the charger itself senses it",
        "charger_battery_soc_frac": "state of charge, as the charger itself reckons it",
        "charge_state": "phase of charging in the maker's code",
        "bms_charge_allowed": "1 while the BMS lets the battery be charged",
        "bms_discharge_allowed": "1 while the BMS lets the battery be discharged",
        "system_battery_voltage_v": "battery voltage, as the overview of the whole system has it",
        "system_battery_current_a": "battery current, as the overview of the system has it: charging > 0",
        "system_battery_power_w": "battery power, as the overview of the system has it: charging > 0",
        "system_battery_soc_frac": "state of charge, as the overview of the whole system has it",
        "monitor_battery_power_w": "battery power, as its own monitor or BMS has it: charging > 0",
        "dc_load_power_w": "power of the loads on the DC side",
        "ac_input_state": "which AC input is connected, in the maker's code",
        "battery_power_abs_w": "battery power without its sign",
        "battery_current_abs_a": "battery current without its sign",
        "battery_direction": "whether the battery charges or discharges, in the maker's code",
        "bms_state": "state of the battery management in the maker's code",
        "bms_soc_frac": "state of charge, as the battery management tells it",
        "bms_voltage_v": "battery voltage, as the battery management tells it",
        "bms_temperature_c": "battery temperature, as the battery management tells it",
        "cell_voltage_min_v": "lowest cell voltage",
        "cell_voltage_max_v": "highest cell voltage",
        "cell_temperature_min_c": "lowest cell temperature",
        "cell_temperature_max_c": "highest cell temperature",
        "module_count": "battery modules in all",
        "overload_alarm": "0 none, 1 warning, 2 alarm",
        "low_battery_alarm": "0 none, 1 warning, 2 alarm",
        "temperature_alarm": "0 none, 1 warning, 2 alarm",
        "high_voltage_alarm": "0 none, 1 warning, 2 alarm",
        "low_voltage_alarm": "0 none, 1 warning, 2 alarm",
        "grid_lost_alarm": "0 none, 1 warning, 2 alarm",
        # genset
        "engine_speed_rpm": "engine speed",
        "fuel_frac": "fuel level, 0 to 1",
        "engine_run_s": "engine run time since new",
        "engine_state": "state of the engine in the maker's code",
        "breaker_state": "state of the generator breaker in the maker's code",
        "control_mode": "0 stop, 1 auto, 2 manual, 3 test on load, 4 auto with manual restore",
        "run": "1 asks the engine to run while in auto, 0 withdraws it (control point)",
        "oil_pressure_kpa": "engine oil pressure",
        "oil_temperature_c": "engine oil temperature",
        "coolant_temperature_c": "engine coolant temperature",
        "starter_battery_v": "voltage of the starter battery",
        "number_of_starts": "starts since new",
        # irradiance sensor
        "irradiance_wm2": "irradiance in the plane of the sensor",
        "cell_temperature_c": "temperature of the reference cell",
        "ambient_temperature_c": "air temperature",
        "wind_speed_ms": "wind speed",
        # settings and setpoints: read where they can be, written as control points
        "enabled": "1 on, 0 off",
        "startup": "1 starts it (control point)",
        "shutdown": "1 shuts it down (control point)",
        "limit_frac": "limit of active power, fraction of rated power",
        "limit_w": "limit of active power",
        "limit_enabled": "1 while the power limit is in force",
        "limit_mode": "where the power limit comes from, in the maker's code",
        "export_limit_w": "most power fed into the grid (a magnitude)",
        "export_limit_frac": "most power fed into the grid, fraction of rated power",
        "export_limit_enabled": "1 while the export limit is in force",
        "export_limit_mode": "which export limit is in force, in the maker's code",
        "export_limit_a": "most current fed into the grid, each phase",
        "feed_in_enabled": "1 while surplus may be fed into the grid",
        "dc_feed_in_enabled": "1 while surplus of DC-coupled PV may be fed into the grid (setting)",
        "ac_feed_in_enabled": "1 while surplus of AC-coupled PV may be fed into the grid (setting)",
        "pv_enabled": "1 while PV inverters on the backed-up output may feed",
        "transfer_enabled": "1 while the inverter may connect its output to its AC input",
        "boost_enabled": "1 while the inverter may help a weak AC input",
        "grid_setpoint_w": "power asked for at the grid connection, import > 0",
        "grid_setpoint_stored_w": "the same as a stored setting, in force while nothing else is asked",
        "grid_import_limit_w": "most power drawn from the grid",
        "ac_input_limit_a": "most current drawn at the AC input",
        "ac_input_mode": "what the AC input is taken for, in the maker's code",
        "battery_setpoint_w": "power asked of the battery: charging > 0",
        "battery_setpoint_frac": "power asked of the battery, fraction of rated: charging > 0",
        "battery_setpoint_enabled": "1 while the battery setpoint is in force",
        "ac_setpoint_w": "AC power asked of the inverter: > 0 while it charges the battery",
        "charge_limit_w": "most charge power (setting)",
        "charge_limit_a": "most charge current (setting)",
        "charge_limit_frac": "most charge power, fraction of rated (setting)",
        "discharge_limit_w": "most discharge power (setting)",
        "discharge_limit_a": "most discharge current (setting)",
        "discharge_limit_frac": "most discharge power, fraction of rated (setting)",
        "charge_enabled": "1 while the battery may be charged",
        "discharge_enabled": "1 while the battery may be discharged",
        "grid_charge_enabled": "1 while the battery may be charged from the grid",
        "grid_charge_limit_a": "most charge current from the grid",
        "grid_charge_limit_w": "most charge power from the grid",
        "grid_charge_limit_frac": "most charge power from the grid, fraction of rated",
        "grid_charge_soc_max_frac": "SoC above which the battery is not charged from the grid",
        "backup_enabled": "1 while the backed-up output is served without a grid (setting)",
        "reserve_soc_frac": "SoC below which the battery is not discharged",
        "grid_reserve_soc_frac": "SoC below which the battery is not discharged while there is a grid",
        "offgrid_reserve_soc_frac": "SoC below which the battery is not discharged while there is no grid",
        "grid_reserve_active_soc_frac": "the reserve that the device keeps now, its own raise included",
        "soc_max_frac": "SoC above which the battery is not charged",
        "low_soc_frac": "SoC at which the battery counts as low (setting)",
        "restart_soc_frac": "SoC at which an inverter that an empty battery stopped starts again",
        "grid_charge_start_soc_frac": "SoC below which the battery is charged from the grid",
        "generator_charge_start_soc_frac": "SoC below which the battery is charged from the generator",
        "pv_limit_w": "most power taken from the panels (setting)",
        "ess_mode": "who controls the energy storage system, in the maker's code",
        "work_mode": "mode of operation in the maker's code",
        "priority_mode": "who is served first, in the maker's code",
        "charge_source": "what the battery is charged from, in the maker's code",
        "battery_first_enabled": "1 while a time slot fills the battery before it serves loads",
        "grid_first_enabled": "1 while a time slot feeds the grid before it fills the battery",
        "forced_mode": "forced charge or discharge in the maker's code",
        "forced_charge_w": "power of a forced charge",
        "forced_discharge_w": "power of a forced discharge (a magnitude)",
        "forced_power_w": "power of a forced charge or discharge (a magnitude)",
        "forced_s": "how long a forced charge or discharge lasts",
        "forced_target_soc_frac": "SoC at which a forced charge or discharge ends",
        "forced_until_soc": "1 while a forced charge or discharge ends at its target SoC, 0 after its time",
        "remote_control_enabled": "1 while the device obeys setpoints",
        "watchdog_s": "after so long without a setpoint the device falls back",
        "watchdog_enabled": "1 while the device falls back without setpoints, 0 while it keeps the last",
        "heartbeat": "written again and again to show that the controller lives",
        "generator_charge_enabled": "1 while the battery may be charged from the generator",
        "generator_charge_limit_a": "most charge current from the generator",
        "generator_limit_w": "most power drawn from the generator (setting)",
        "float_voltage_v": "float voltage (setting)",
        "absorption_voltage_v": "absorption voltage (setting)",
        "equalisation_voltage_v": "equalisation voltage (setting)",
        "cutoff_voltage_v": "voltage below which the inverter stops (setting)",
        "time_of_use_enabled": "1 while the time slots are in force",
        "alarm_reset": "1 acknowledges alarms (control point)",
    }
)
"""What each point means. Numbered points, such as `pv2_power_w`, are told by `meaning`."""

_NUMBERED: tuple[tuple[str, str], ...] = (
    (r"channel_N", "1 while the relay is energised"),
    (r"pvN_power_w", "power of PV string N, <= 0"),
    (r"pvN_voltage_v", "voltage of PV string N"),
    (r"pvN_current_a", "current of PV string N (a magnitude)"),
    (r"pvN_energy_wh", "energy counter of PV string N"),
    (r"pvN_energy_today_wh", "energy of PV string N since midnight"),
    (r"stringN_current_a", "current of PV string N, where several strings share a tracker (a magnitude)"),
    (r"pvN_temperature_c", "temperature of PV string N's input"),
    (r"cellN_voltage_v", "voltage of cell N"),
    (r"grid_import_power_lN_w", "power drawn from phase N of the grid, else 0 (a magnitude)"),
    (r"grid_export_power_lN_w", "power fed into phase N of the grid, else 0 (a magnitude)"),
    (r"pv_output_power_lN_w", "power of PV on its AC output, phase N, <= 0"),
    (r"pv_grid_power_lN_w", "power of PV on the grid's side of it, phase N, <= 0"),
    (r"ac_setpoint_lN_w", "AC power asked of phase N: > 0 while it charges the battery"),
    (r"inputN_to_output_energy_wh", "energy counter, from AC input N to the output"),
    (r"inputN_to_inverter_energy_wh", "energy counter, from AC input N to the inverter"),
    (r"output_to_inputN_energy_wh", "energy counter, from the output to AC input N"),
    (r"inverter_to_inputN_energy_wh", "energy counter, from the inverter to AC input N"),
    (r"status_word_N", "status bits N"),
    (r"alarm_word_N", "alarm bits or code N"),
    (r"warning_word_N", "warning bits or code N"),
    (r"fault_word_N", "fault bits or code N"),
    (r"battery_alarm_word_N", "battery: alarm bits or code N"),
    (r"battery_warning_word_N", "battery: warning bits or code N"),
    (r"battery_fault_word_N", "battery: fault bits or code N"),
    (r"battery_status_word_N", "battery: status bits N"),
    (r"slotN_start_hhmm", "start of time slot N, 1830 for half past six in the evening"),
    (r"slotN_end_hhmm", "end of time slot N"),
    (r"slotN_power_w", "power in time slot N (setting)"),
    (r"slotN_soc_frac", "SoC aimed at in time slot N (setting)"),
    (r"slotN_enabled", "1 while time slot N is in force"),
    (r"slotN_grid_charge_enabled", "1 while time slot N may charge from the grid"),
    (r"slotN_charge_source", "what may charge the battery in time slot N, in the maker's code"),
    (r"slotN_voltage_v", "battery voltage aimed at in time slot N (setting)"),
)
_PATTERNS = tuple((re.compile(name.replace("N", "([1-9][0-9]?)")), what) for name, what in _NUMBERED)
_TROUBLE = re.compile(r"(battery_)?(alarm|warning|fault)_word_[1-9][0-9]?")


def meaning(name: str) -> str | None:
    """What a point means, in English; None: there is no such point."""
    if name in KNOWN:
        return KNOWN[name]
    for pattern, what in _PATTERNS:
        match = pattern.fullmatch(name)
        if match is not None:
            return what.replace("N", match.group(1))
    return None


def tells_trouble(name: str) -> bool:
    """Whether a value other than 0 of this point is an alarm, warning or fault of the device."""
    return _TROUBLE.fullmatch(name) is not None
