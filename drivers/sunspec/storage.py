"""Batteries in SunSpec's models, and what the house calls their points. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from drivers.sunspec.wanted import (
    CURRENT_A,
    FRACTION,
    PERCENT,
    POWER_W,
    TEMPERATURE_C,
    VOLTAGE_V,
    Wanted,
    fast,
    slow,
)

STORAGE_CONTROLS = 124
DER_STORAGE = 713
BATTERY = 802
LITHIUM_BANK = 803

STATES_OF_CHARGE = ("SoC", "ChaState", "ModTmpMax")
"""Points by which a model shows that its battery management is at work."""
_CAPACITY = (0.0, 1e9)
_CELL_V = (0.0, 10.0)

STORAGE_POINTS: Mapping[int, tuple[Wanted, ...]] = MappingProxyType(
    {
        BATTERY: (
            fast("battery_soc_frac", "SoC", FRACTION, PERCENT),
            fast("battery_voltage_v", "V", VOLTAGE_V),
            # Discharging is positive there (evcc, sunspec-battery-control and kostal-plenticore-gen2).
            fast("battery_current_a", "A", CURRENT_A, -1.0),
            fast("battery_power_w", "W", POWER_W, -1.0),
            fast("battery_state", "State"),
            fast("battery_alarm_word_1", "Evt1"),
            fast("battery_alarm_word_2", "Evt2"),
            slow("battery_alarm_word_3", "EvtVnd1"),
            slow("battery_alarm_word_4", "EvtVnd2"),
            slow("battery_direction", "ChaSt"),
            slow("battery_soh_frac", "SoH", FRACTION, PERCENT),
            slow("battery_cycles", "NCyc", (0, 1e6)),
            slow("battery_capacity_ah", "AHRtg", _CAPACITY),
            slow("battery_capacity_wh", "WHRtg", _CAPACITY),
            slow("battery_charge_limit_w", "WChaRteMax", POWER_W),
            slow("battery_discharge_limit_w", "WDisChaRteMax", POWER_W),
            fast("battery_charge_limit_a", "AChaMax", CURRENT_A),
            fast("battery_discharge_limit_a", "ADisChaMax", CURRENT_A),
            fast("cell_voltage_min_v", "CellVMin", _CELL_V),
            fast("cell_voltage_max_v", "CellVMax", _CELL_V),
            slow("reserve_soc_frac", "SoCRsvMin", FRACTION, PERCENT),
            slow("soc_max_frac", "SocRsvMax", FRACTION, PERCENT),
            slow("remote_control_enabled", "LocRemCtl", FRACTION, -1.0, 1.0),
        ),
        LITHIUM_BANK: (
            slow("battery_temperature_c", "ModTmpAvg|ModTmpMax", TEMPERATURE_C),
            slow("cell_temperature_min_c", "ModTmpMin", TEMPERATURE_C),
            slow("cell_temperature_max_c", "ModTmpMax", TEMPERATURE_C),
        ),
        DER_STORAGE: (
            fast("battery_soc_frac", "SoC", FRACTION, PERCENT),
            slow("battery_soh_frac", "SoH", FRACTION, PERCENT),
            slow("battery_capacity_wh", "WHRtg", _CAPACITY),
            slow("battery_energy_left_wh", "WHAvail", _CAPACITY),
            fast("bms_state", "Sta"),
        ),
        STORAGE_CONTROLS: (
            fast("battery_soc_frac", "ChaState", FRACTION, PERCENT),
            fast("battery_voltage_v", "InBatV", VOLTAGE_V),
            slow("battery_direction", "ChaSt"),
            slow("battery_charge_left_ah", "StorAval", _CAPACITY),
            slow("battery_charge_limit_w", "WChaMax", POWER_W),
            slow("battery_status_word_1", "StorCtl_Mod"),
            slow("charge_limit_frac", "InWRte", (-1, 1), PERCENT),
            slow("discharge_limit_frac", "OutWRte", (-1, 1), PERCENT),
            slow("reserve_soc_frac", "MinRsvPct", FRACTION, PERCENT),
            slow("grid_charge_enabled", "ChaGriSet", FRACTION),
        ),
    }
)
"""Model -> its points; where several models have a point, the first model here gives it."""
