"""From the programme's values back to watts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from controller.planning.problem import Floats, Storage
from controller.planning.program.build import Program
from controller.planning.program.generators import GeneratorColumns
from controller.planning.program.linear import TINY, Indices
from controller.planning.program.loads import FlexibleColumns
from controller.planning.solution import Solution

ON = 0.5
"""Above it an integer variable is 1: solvers leave them a hair off."""


def read(
    program: Program, values: Floats, row_prices: Floats, *, cost: float, gap_frac: float, solve_s: float
) -> Solution:
    """The solution that the values of all columns stand for; cost and prices are in the programme's unit."""
    problem, unit = program.problem, program.scale.power_w
    nothing = np.zeros(program.pv.shape)

    def power_w(columns: Indices | None) -> Floats:
        return nothing if columns is None else np.maximum(values[columns], 0.0) * unit

    storage, grid = program.storage, program.grid
    standing_w = problem.storage.standing_w if problem.storage else 0.0
    solution = Solution(
        pv_w=power_w(program.pv),
        charge_w=power_w(storage.charge if storage else None),
        discharge_w=power_w(storage.discharge if storage else None),
        soc_frac=np.full((problem.weights.size, problem.step_h.size + 1), np.nan),
        generator_w={name: _generator_w(one, values, unit) for name, one in program.generators.items()},
        generator_on={name: _part(one, values) > ON for name, one in program.generators.items()},
        generator_part={name: _part(one, values) for name, one in program.generators.items()},
        import_w=power_w(grid[0] if grid else None),
        export_w=power_w(grid[1] if grid else None),
        unserved_w={name: power_w(one.unserved).sum(axis=-1) for name, one in program.classes.items()},
        announced_w=_announced_w(program, values),
        flexible_w={name: _flexible_w(one, values, unit) for name, one in program.flexible.items()},
        dumped_w=power_w(program.dumped),
        standing_w=standing_w - power_w(storage.unpowered if storage else None),
        energy_price_per_wh=row_prices[program.balance].sum(axis=0)
        / problem.step_h
        * program.scale.price_per_wh,
        cost=cost * program.scale.money,
        gap_frac=gap_frac,
        solve_s=solve_s,
    )
    return solution if problem.storage is None else _one_way(solution, problem.storage, program)


def _generator_w(columns: GeneratorColumns, values: Floats, unit: float) -> Floats:
    total = sum((values[numbers] * coefficient for numbers, coefficient in columns.power), np.float64(0.0))
    return np.where(_part(columns, values) > 0, np.maximum(total, 0.0) * unit, 0.0)


def _part(columns: GeneratorColumns, values: Floats) -> Floats:
    part = np.clip(values[columns.on], 0.0, 1.0)
    part[:, : columns.common_steps] = part[:, : columns.common_steps] > ON
    return np.where(part > TINY, part, 0.0)


def _flexible_w(columns: FlexibleColumns, values: Floats, unit: float) -> Floats:
    drawn = np.maximum(values[columns.drawn], 0.0)
    return np.where(drawn > ON, columns.power_w, 0.0) if columns.all_or_nothing else drawn * unit


def _announced_w(program: Program, values: Floats) -> dict[str, Floats]:
    announced: dict[str, Floats] = {}
    for load in program.problem.loads:
        columns = program.classes[load.id].announced
        parts = np.zeros(load.demand_w.shape[1])
        if columns is not None:
            parts[: columns.shape[0]] = np.clip(values[columns].sum(axis=-1), 0.0, 1.0)
        if load.cut_at_will:
            announced[load.id] = parts * (program.problem.weights @ load.demand_w)
    return announced


def _one_way(solution: Solution, storage: Storage, program: Program) -> Solution:
    """Charging and discharging at once is netted, and SoC follows from what is left.

    It happens only where power is worth nothing: what the battery's losses would have burnt is then sun not
    used, or power neither bought nor taken.
    """
    stored = (
        solution.charge_w * storage.charge_efficiency - solution.discharge_w / storage.discharge_efficiency
    )
    charge_w = np.maximum(stored, 0.0) / storage.charge_efficiency
    discharge_w = np.maximum(-stored, 0.0) * storage.discharge_efficiency
    left_w = (solution.charge_w - solution.discharge_w) - (charge_w - discharge_w)
    unused_w = np.minimum(left_w, solution.pv_w)
    unbought_w = np.minimum(left_w - unused_w, solution.import_w)
    start = program.storage.start * program.scale.power_w if program.storage else 0.0
    energy_wh = start + np.cumsum(stored * program.problem.step_h, axis=1)
    soc_frac = np.hstack([np.full((energy_wh.shape[0], 1), start), energy_wh]) / storage.energy_wh
    return replace(
        solution,
        pv_w=solution.pv_w - unused_w,
        charge_w=charge_w,
        discharge_w=discharge_w,
        soc_frac=soc_frac,
        import_w=solution.import_w - unbought_w,
        dumped_w=solution.dumped_w + left_w - unused_w - unbought_w,
    )
