"""How long a plan takes, and how good it is when it is cut short.

Two villages, differing days, hours and states (plan_villages.py): 48 h, five scenarios, genset commitment,
announced cuts. Then a home's day ahead as EMHASS plans it (plan_home.py), beside EMHASS itself if a Python is
given that has it (a venv of its own, `pip install emhass`): both get one thread, the same numbers, a fresh
process, and a new day each time.
Run: python benchmarks/plan.py [--cases 20] [--solves 300] [--emhass PYTHON] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as the controller starts the planner
_BEGUN_S = time.perf_counter()

import numpy as np  # noqa: E402
from plan_home import BATTERY, GRID_W, LOADS, STEP_H, STEPS, day, money  # noqa: E402
from plan_villages import KWH, VILLAGES, Village, problem_of  # noqa: E402

from controller.planning.highs import Relaxation  # noqa: E402
from controller.planning.problem import (  # noqa: E402
    FlexibleLoad,
    GridSupply,
    LoadClass,
    Present,
    Problem,
    Storage,
)
from controller.planning.program import build  # noqa: E402
from controller.planning.solver import solve  # noqa: E402

IMPORT_S = time.perf_counter() - _BEGUN_S
HERE = Path(__file__).resolve().parent
COMMITTED_H = (6.0, 24.0, 48.0)
"""The first is what villages are planned with; the others are for comparison."""
EXACT = 1e-6
DAYS = 8
Json = dict[str, Any]


class Stopwatch:
    """Processor time and that of the clock [s]; other programs of the machine are in the second only."""

    def __init__(self) -> None:
        self._begun = time.process_time(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        """Since it was made."""
        return time.process_time() - self._begun[0], time.perf_counter() - self._begun[1]


def spread_ms(times: list[tuple[float, float]]) -> Json:
    """Median and 95th percentile of both clocks [ms]."""
    return {
        name: {
            "median": round(1000 * statistics.median(one), 1),
            "p95": round(1000 * float(np.quantile(one, 0.95)), 1),
        }
        for name, one in zip(("processor", "clock"), zip(*times, strict=True), strict=True)
    }


def village_figures(village: Village, cases: int, committed_h: float) -> Json:
    """Plans of one village; a generous time limit, so that it is the search that is measured."""
    plans, relaxations, gaps, dearer = [], [], [], []
    for seed in range(cases):
        problem = problem_of(village, seed, committed_h)
        watch = Stopwatch()
        solution = solve(problem, time_limit_s=60.0)
        plans.append(watch.read())
        gaps.append(solution.gap_frac)
        watch = Stopwatch()
        program = build(problem)
        Relaxation(program.linear.columns(), program.linear.rows()).solve()
        relaxations.append(watch.read())
        ideal = program.linear.ideal * program.scale.money
        short = solve(problem, time_limit_s=0.0)
        dearer.append((short.cost - solution.cost) / (solution.cost + ideal))
    return {
        "village": village.name,
        "committed_h": committed_h,
        "plan_ms": spread_ms(plans),
        "lp_ms": spread_ms(relaxations),
        "largest_gap_frac": round(max(gaps), 4),
        "dearer_without_time_frac": {
            "median": round(statistics.median(dearer), 4),
            "max": round(max(dearer), 4),
        },
    }


def memory_figures(solves: int) -> Json:
    """Resident memory after a few plans and after many [MB]."""
    after: Json = {}
    for number in range(solves):
        solve(problem_of(VILLAGES[number % 2], number, COMMITTED_H[0]))
        if number + 1 in {50, solves}:
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            after[f"after_{number + 1}_plans"] = round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    return after


def home_problem(number: int) -> Problem:
    """The home as a problem: energy below the wanted SoC at the end costs more than any import."""
    given = {name: np.array(values) for name, values in day(number).items()}
    efficiency = BATTERY["efficiency"]
    return Problem(
        step_h=np.full(STEPS, STEP_H),
        weights=np.ones(1),
        pv_w=given["pv_w"][np.newaxis],
        loads=(LoadClass("load", given["load_w"][np.newaxis], ((1.0, 2 * KWH),)),),
        storage=Storage(
            energy_wh=BATTERY["energy_wh"],
            charge_w=BATTERY["charge_w"],
            discharge_w=efficiency * BATTERY["discharge_w"],  # EMHASS limits what leaves the cells
            charge_efficiency=efficiency,
            discharge_efficiency=efficiency,
            soc_min_frac=BATTERY["soc_min"],
            soc_max_frac=BATTERY["soc_max"],
            end_prices=((BATTERY["soc_end"] * BATTERY["energy_wh"], 1 * KWH),),
        ),
        grid=GridSupply(
            import_w=np.full(STEPS, GRID_W),
            export_w=np.clip(given["pv_w"] - given["load_w"], 0.0, GRID_W),  # not out of the battery
            import_price_per_wh=given["bought"] * KWH,
            export_price_per_wh=given["sold"] * KWH,
        ),
        flexible=tuple(
            FlexibleLoad(
                f"load_{power_w:.0f}",
                power_w,
                power_w * hours,
                np.ones(STEPS, dtype=bool),
                2 * KWH,
                all_or_nothing=True,
            )
            for power_w, hours in LOADS
        ),
        present=Present(soc_frac=BATTERY["soc_begin"]),
        early_frac=0.0,
    )


def home_run(gap: float) -> Json:
    """The same figures as plan_emhass.py prints."""
    times, costs = [], []
    for number in range(DAYS):
        watch = Stopwatch()
        solution = solve(home_problem(number), time_limit_s=60.0, gap_frac=gap)
        times.append(watch.read())
        flows = {"import_w": solution.import_w[0].tolist(), "export_w": solution.export_w[0].tolist()}
        costs.append(money(flows, day(number)))
    processor_s, clock_s = zip(*times, strict=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    figures = {"clock_s": clock_s, "processor_s": processor_s, "money": costs, "import_s": IMPORT_S}
    return figures | {"peak_mb": round(peak_mb)}


def home_figures(command: list[str], gap: float) -> Json:
    """A planner in a process of its own: first plan, later ones [ms], and what the days cost."""
    done = subprocess.run([*command, str(gap)], capture_output=True, text=True, check=True, cwd=HERE.parent)
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        "first_ms": {name: round(1000 * told[f"{name}_s"][0], 1) for name in ("processor", "clock")},
        "later_ms": spread_ms(list(zip(told["processor_s"][1:], told["clock_s"][1:], strict=True))),
        "money": [round(cost, 6) for cost in told["money"]],
        "import_s": round(told["import_s"], 2),
        "peak_mb": told["peak_mb"],
    }


def compared(emhass: str | None) -> Json:
    """The home, planned by Tawan and, if there is one, by EMHASS."""
    own = [sys.executable, str(HERE / "plan.py"), "--home"]
    figures: Json = {"tawan": home_figures(own, 0.01), "tawan_exact": home_figures(own, EXACT)}
    if emhass is None:
        return figures
    other = [emhass, str(HERE / "plan_emhass.py")]
    figures |= {"emhass": home_figures(other, 0.01), "emhass_exact": home_figures(other, EXACT)}
    for name in ("first_ms", "later_ms"):
        for gap in ("", "_exact"):
            ours, theirs = figures[f"tawan{gap}"][name], figures[f"emhass{gap}"][name]
            ratio = _median(theirs["processor"]) / _median(ours["processor"])
            figures[f"times_faster_{name.removesuffix('_ms')}{gap}"] = round(ratio, 1)
    pairs = zip(figures["tawan_exact"]["money"], figures["emhass_exact"]["money"], strict=True)
    figures["largest_difference_of_optima"] = max(abs(ours - theirs) for ours, theirs in pairs)
    return figures


def _median(times: Json | float) -> float:
    return float(times["median"] if isinstance(times, dict) else times)


def failures(figures: Json) -> list[str]:
    """What misses its bar; by processor time."""
    found: list[str] = []
    for plans in figures["villages"]:
        if plans["committed_h"] != COMMITTED_H[0]:
            continue
        took, relaxed = plans["plan_ms"]["processor"], plans["lp_ms"]["processor"]
        if took["median"] > 500 or took["p95"] > 1500:
            found.append(f"{plans['village']}: a plan takes {took['median']} ms, p95 {took['p95']} ms")
        if relaxed["median"] > 50:
            found.append(f"{plans['village']}: the LP alone takes {relaxed['median']} ms")
    home = figures["home"]
    found += [
        f"{name}: only {home[name]}" for name in home if name.startswith("times_faster") and home[name] < 5
    ]
    if home.get("largest_difference_of_optima", 0.0) > 1e-4:
        found.append("not the same optimum as EMHASS")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--solves", type=int, default=300)
    parser.add_argument("--emhass", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--home", type=float, metavar="GAP", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.home is not None:
        print(json.dumps(home_run(arguments.home)))
        return 0
    figures = {
        "conditions": f"{arguments.cases} cases of each village, 48 h, 5 scenarios, gap 1 %, one thread",
        "villages": [
            village_figures(village, arguments.cases, committed_h)
            for committed_h in COMMITTED_H
            for village in VILLAGES
        ],
        "memory_mb": memory_figures(arguments.solves),
        "home": compared(arguments.emhass),
    }
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))
    missed = failures(figures)
    print("\n".join(missed) or "all bars are met", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
