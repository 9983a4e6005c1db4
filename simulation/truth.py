"""What really is, for benchmarks, tests and the demo's last line: plain JSON, signs of the house."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from simulation.faults import Faults
from simulation.live import LiveVillage
from simulation.modbus.bus import Bus
from simulation.physics.genset import Genset
from simulation.physics.grid import PublicGrid
from simulation.physics.pv import PvPlant

ALARMS = ("overload_alarm", "low_battery_alarm", "temperature_alarm")


def summary(live: LiveVillage) -> dict[str, Any]:
    """What village.json holds: the energies since the start and where the village stands now."""
    village = live.village
    ledger = village.ledger
    return {
        "format": 1,
        "now_s": village.now_s,
        "utc": live.clock.utc_now().isoformat(),
        "host_monotonic_s": time.monotonic(),
        "soc_frac": village.storage.soc_frac,
        "energy_wh": {
            "pv": ledger.pv,
            "battery_in": ledger.battery_in,
            "battery_out": ledger.battery_out,
            "genset": ledger.genset,
            "grid_in": ledger.grid_in,
            "grid_out": ledger.grid_out,
            "load_by_class": {str(each): wh for each, wh in ledger.load_by_class.items()},
            "unserved_by_class": {str(each): wh for each, wh in ledger.unserved_by_class.items()},
            "losses": ledger.losses,
            "stored_change": ledger.stored_change,
        },
        "energy_balance_error_pct": ledger.balance_error_pct(),
        "blackouts": ledger.blackouts,
    }


def truth(live: LiveVillage, faults: Faults, buses: Iterable[Bus]) -> dict[str, Any]:
    """The summary and every component's state; times of changes are the host's monotonic ones."""
    village = live.village
    storage = village.storage
    return {
        **summary(live),
        "storage": {
            "alive": storage.alive,
            "ac_power_w": storage.ac_power_w,
            "battery_power_w": storage.battery_power_w,
            "frequency_hz": storage.frequency_hz,
            "inverter_state": storage.inverter_state,
        },
        "alarms": {name: _seen(live, name) for name in ALARMS},
        "feeders": {feeder_id: _feeder(live, feeder_id) for feeder_id in village.feeders},
        "pv": {plant_id: _plant(plant) for plant_id, plant in village.pv.items()},
        "genset": None if village.genset is None else _genset(village.genset),
        "grid": None if village.grid is None else _grid(village.grid),
        "irradiance_wm2": village.sky.irradiance_wm2,
        "faults": [
            {"kind": str(each.kind), "target": each.target, "until_s": each.until_s}
            for each in faults.standing()
        ],
        "requests": {bus.bus_id: bus.requests for bus in buses},
    }


def _seen(live: LiveVillage, name: str) -> Mapping[str, float]:
    seen = live.seen[name]
    return {"value": seen.value, "changed_s": seen.since_s}


def _feeder(live: LiveVillage, feeder_id: str) -> Mapping[str, Any]:
    feeder = live.village.feeders[feeder_id]
    return {
        "power_w": feeder.power_w,
        "energised": feeder.contactor.energised,
        "closed": feeder.contactor.closed,
        "moved_s": live.seen[feeder_id].since_s,
    }


def _plant(plant: PvPlant) -> Mapping[str, Any]:
    return {
        "power_w": 0.0 - plant.ac_power_w,
        "limit_frac": plant.limit_frac if plant.limit_enabled else 1.0,
        "energy_wh": plant.energy_wh,
    }


def _grid(grid: PublicGrid) -> Mapping[str, Any]:
    return {"there": grid.there, "connected": grid.connected, "power_w": grid.power_w, "losses": grid.losses}


def _genset(genset: Genset) -> Mapping[str, Any]:
    return {
        "power_w": 0.0 - genset.power_w,
        "state": str(genset.state),
        "engine_speed_rpm": genset.engine_speed_rpm,
        "control_mode": genset.control_mode,
        "fuel_frac": genset.fuel_frac,
        "starts": genset.starts,
    }
