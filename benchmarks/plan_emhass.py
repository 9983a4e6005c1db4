"""EMHASS on plan_home.py's days, in whatever Python has it: prints a JSON object. Started by plan.py.

Run: PYTHON_WITH_EMHASS benchmarks/plan_emhass.py [GAP] [DAYS]
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from datetime import UTC
from pathlib import Path
from typing import Any

_BEGUN_S = time.perf_counter()

import emhass  # noqa: E402
import pandas as pd  # noqa: E402
from emhass.optimization import Optimization  # noqa: E402
from plan_home import BATTERY, GRID_W, LOADS, STEP_H, STEPS, day, money  # noqa: E402

IMPORT_S = time.perf_counter() - _BEGUN_S


def optimization(gap: float) -> Optimization:
    """EMHASS' defaults, with the battery and the loads of plan_home.py."""
    root = Path(emhass.__file__).parent
    settings: dict[str, Any] = json.loads((root / "data" / "config_defaults.json").read_text())
    settings |= {
        "set_use_battery": True,
        "battery_nominal_energy_capacity": BATTERY["energy_wh"],
        "battery_charge_power_max": BATTERY["charge_w"],
        "battery_discharge_power_max": BATTERY["discharge_w"],
        "battery_minimum_state_of_charge": BATTERY["soc_min"],
        "battery_maximum_state_of_charge": BATTERY["soc_max"],
        "battery_target_state_of_charge": BATTERY["soc_end"],
        "nominal_power_of_deferrable_loads": [power for power, _ in LOADS],
        "operating_hours_of_each_deferrable_load": [hours for _, hours in LOADS],
        "maximum_power_from_grid": GRID_W,
        "maximum_power_to_grid": GRID_W,
        "lp_solver_mip_rel_gap": gap,
        "num_threads": 1,
        "optimization_time_step": pd.to_timedelta(STEP_H, "hours"),
        "time_zone": UTC,
    }
    paths = {"root_path": root, "data_path": root / "data"}
    logger = logging.getLogger("emhass")
    logger.setLevel(logging.ERROR)
    return Optimization(
        settings, settings, settings, "unit_load_cost", "unit_prod_price", "profit", paths, logger
    )


def main(gap: float, days: int) -> None:
    index = pd.date_range("2026-04-01", periods=STEPS, freq="30min", tz="UTC")
    took_s, processor_s, costs = [], [], []
    planner = None
    for number in range(days):
        given = day(number)
        begun_s, begun_processor_s = time.perf_counter(), time.process_time()
        planner = planner or optimization(gap)
        frame = pd.DataFrame(
            {"unit_load_cost": given["bought"], "unit_prod_price": given["sold"]}, index=index
        )
        frame[planner.var_load] = frame[planner.var_load_new] = frame[planner.var_pv] = 0.0
        pv, load = (pd.Series(given[name], index=index) for name in ("pv_w", "load_w"))
        result = planner.perform_dayahead_forecast_optim(frame, pv, load)
        took_s.append(time.perf_counter() - begun_s)
        processor_s.append(time.process_time() - begun_processor_s)
        flows = {"import_w": result["P_grid_pos"].tolist(), "export_w": (-result["P_grid_neg"]).tolist()}
        costs.append(money(flows, given))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    figures = {"clock_s": took_s, "processor_s": processor_s, "money": costs, "import_s": IMPORT_S}
    print(json.dumps(figures | {"peak_mb": round(peak_mb)}))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.01, int(sys.argv[2]) if len(sys.argv) > 2 else 8)
