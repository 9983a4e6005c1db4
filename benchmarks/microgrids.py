"""Other people's microgrids, planned step by step: against plain model-predictive control and foresight.

Made-up microgrids (seeded) of the kind that public simulators publish: sun and demand by the hour, a battery
with limits and a price for each kWh in and out, a genset with a least load, a strong or a weak grid with
prices by the hour; energy unserved costs 10, power that nobody takes 2, for each kWh. Each of them is run by

- MPC: the next 24 hours exactly, as a mixed-integer programme written out plainly below, over and over;
- Tawan: `MicrogridPlanner`, with the same 24 hours known, and with 48;
- the whole period at once: what nobody can beat.

Run: python benchmarks/microgrids.py [--count 25] [--days 14] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
from microgrids_made import DAY, DUMPED_PRICE, GENSET, UNSERVED_PRICE, Controller, Made, lived, made
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_array, vstack

from controller.planning.problem import Floats, Generator, Present
from controller.planning.stepwise import MicrogridPlanner, Setpoints

NO_LIMIT = 1e12
NO_GENSET = Generator(GENSET, 0.0, 0.0, 0.0, 0.0)
GENERATED, IMPORTED, EXPORTED, CHARGE, DISCHARGE, UNUSED, UNSERVED, DUMPED, STORED, ON = np.eye(10)
BALANCE = GENERATED + IMPORTED - EXPORTED - CHARGE + DISCHARGE - UNUSED + UNSERVED - DUMPED
"""Variables of an hour: which of them feed the bus, and which it feeds."""


def plain_programme(grid: Made, first: int, count: int, soc_frac: float) -> tuple[Floats, float]:
    """The cheapest course of some hours, (hours, variables), and its cost: one textbook MILP."""
    battery = grid.storage
    genset = grid.site.generators[0] if grid.site.generators else NO_GENSET
    part = slice(first, first + count)
    flow = STORED - battery.charge_efficiency * CHARGE + DISCHARGE / battery.discharge_efficiency
    before = vstack([csr_array((1, 10 * count)), _each(STORED, count)[:-1]])
    begun = np.zeros(count)
    begun[0] = soc_frac * battery.energy_wh
    net = grid.load_w[part] - grid.pv_w[part]
    answer = milp(
        _costs(grid, genset, part),
        constraints=[
            LinearConstraint(_each(BALANCE, count), net, net),
            LinearConstraint(_each(flow, count) - before, begun, begun),
            LinearConstraint(_each(GENERATED - genset.least_w * ON, count), 0.0, np.inf),
            LinearConstraint(_each(genset.rated_w * ON - GENERATED, count), 0.0, np.inf),
        ],
        bounds=_bounds(grid, genset, part),
        integrality=np.tile(ON, count),
        options={"mip_rel_gap": 1e-6 if count <= 2 * DAY else 1e-4, "time_limit": 120.0},
    )
    return answer.x.reshape(count, 10), float(answer.fun)


def _each(row: Floats, count: int) -> csr_array:
    """The same constraint for each hour."""
    return csr_array(block_diag([row[np.newaxis]] * count))


def _costs(grid: Made, genset: Generator, part: slice) -> Floats:
    storage = grid.storage
    fixed = genset.price_per_wh * GENERATED + UNSERVED_PRICE * UNSERVED + DUMPED_PRICE * DUMPED
    fixed += storage.charge_wear_price_per_wh * CHARGE + storage.wear_price_per_wh * DISCHARGE
    found: Floats = (fixed + grid.import_price[part, np.newaxis] * IMPORTED).ravel()
    return found


def _bounds(grid: Made, genset: Generator, part: slice) -> Bounds:
    storage, site, up = grid.storage, grid.site, grid.grid_up[part, np.newaxis]
    most = genset.rated_w * GENERATED + up * (site.import_w * IMPORTED + site.export_w * EXPORTED)
    most = most + storage.charge_w * CHARGE + storage.discharge_w * DISCHARGE + NO_LIMIT * DUMPED + ON
    most = most + storage.energy_wh * storage.soc_max_frac * STORED
    most = most + grid.pv_w[part, np.newaxis] * UNUSED + grid.load_w[part, np.newaxis] * UNSERVED
    least = np.tile(storage.energy_wh * storage.soc_min_frac * STORED, len(most))
    return Bounds(least, most.ravel())


def mpc(grid: Made, hour: int, soc_frac: float) -> Setpoints:
    """The first hour of the cheapest course of the next 24."""
    course, _ = plain_programme(grid, hour, min(DAY, grid.load_w.size - hour), soc_frac)
    generated, imported, exported, charge, discharge, unused, unserved, dumped, _, _ = course[0].tolist()
    net = charge - discharge
    return Setpoints(
        charge_w=max(net, 0.0),
        discharge_w=max(-net, 0.0),
        import_w=imported,
        export_w=exported,
        pv_w=float(grid.pv_w[hour]) - unused,
        unserved_w=unserved,
        dumped_w=dumped,
        generator_w={GENSET: generated} if grid.site.generators else {},
    )


def planned(grid: Made, known: int) -> Controller:
    """Tawan's planner, told so many hours ahead."""
    planner = MicrogridPlanner(grid.site)

    def decide(grid: Made, hour: int, soc_frac: float) -> Setpoints:
        return planner.decide(Present(soc_frac), grid.outlook(hour, known))

    return decide


@dataclass(frozen=True, slots=True)
class Outcome:
    """Costs of one microgrid, and what a decision of Tawan's took."""

    seed: int
    mpc: float
    known_24: float
    known_48: float
    best: float
    decision_ms: float


def compared(seed: int, days: int) -> Outcome:
    """All controllers on one microgrid."""
    grid = made(seed, DAY * days)
    begun_s = time.perf_counter()
    known_24 = lived(grid, planned(grid, DAY))
    decision_ms = 1000 * (time.perf_counter() - begun_s) / grid.load_w.size
    known_48 = lived(grid, planned(grid, 2 * DAY))
    _, best = plain_programme(grid, 0, grid.load_w.size, grid.soc_frac)
    return Outcome(seed, lived(grid, mpc), known_24, known_48, best, decision_ms)


def shown(outcomes: list[Outcome]) -> Table:
    """Costs as parts of the MPC's."""
    table = Table(title="cost over that of 24 h MPC")
    for heading in ("microgrid", "Tawan, 24 h known", "48 h known", "whole period", "ms a decision"):
        table.add_column(heading, justify="right")
    parts = np.array([[one.known_24, one.known_48, one.best] for one in outcomes])
    parts /= np.array([[one.mpc] for one in outcomes])
    for one, row in zip(outcomes, parts, strict=True):
        table.add_row(str(one.seed), *(f"{part:.5f}" for part in row), f"{one.decision_ms:.1f}")
    table.add_section()
    middle = np.median([one.decision_ms for one in outcomes])
    table.add_row("mean", *(f"{part:.5f}" for part in parts.mean(axis=0)), f"{middle:.1f}")
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--count", type=int, default=25, help="how many microgrids")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1, help="of the first")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    args = parser.parse_args()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        seeds = progress.track(range(args.seed, args.seed + args.count), description="microgrids")
        outcomes = [compared(seed, args.days) for seed in seeds]
    if args.json:
        print(json.dumps([asdict(one) for one in outcomes]))
    else:
        Console().print(shown(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
