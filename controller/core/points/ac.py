"""Quantities of alternating current, at each port of a device and by phase."""

from __future__ import annotations

from collections.abc import Mapping

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


def ac_points() -> dict[str, str]:
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
