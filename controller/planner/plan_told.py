"""The plan document: what plan.json holds, but for the stamp that the controller adds.

The schema is in docs/architecture.md. Powers are magnitudes; where scenarios differ the mean is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.core.model import Reason
from controller.planner.document import iso
from controller.planner.plan_calendar import Steps
from controller.planner.plan_hours import HeavyUse
from controller.planner.plan_now import AnnouncedCut
from controller.planner.plan_prices import KILO
from controller.planner.plan_runs import Runs
from controller.planning.problem import Problem
from controller.planning.solution import Solution
from controller.runtime.child_wire import Json
from controller.runtime.image_document import said
from forecasting.grid import Floats
from forecasting.quantiles import weighted_quantiles

FORMAT = 1
_LEVELS = np.array([0.1, 0.5, 0.9])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that binds for a while; Unix seconds."""

    from_s: int
    to_s: int
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A plan before it is put into words."""

    steps: Steps
    problem: Problem
    solution: Solution
    wanted_w: Mapping[str, Floats]
    """By feeder, shape (n,)."""
    cuts: Mapping[str, tuple[AnnouncedCut, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """All that goes into the document."""

    issued_s: int
    announced_until_s: int
    solved: Solved
    follows: bool
    """Whether the battery inverters take a setpoint; those that form the grid take none."""
    runs: Runs | None
    """None without a genset."""
    heavy_use: Sequence[HeavyUse]
    price_per_wh: Floats
    """What another Wh in a step would cost, shape (n,)."""
    why: Sequence[Stretch]


def document(told: Told) -> Json:
    """The document, JSON values only."""
    steps, problem, solution = told.solved.steps, told.solved.problem, told.solved.solution
    expected = _Expected(problem, solution)
    return {
        "format": FORMAT,
        "issued_utc": iso(told.issued_s),
        "edges_utc": [iso(edge_s) for edge_s in steps.edges_s],
        "announced_until_utc": iso(told.announced_until_s),
        "pv_w": _rounded(expected.of(solution.pv_w)),
        "curtailed_w": _rounded(expected.of(problem.pv_w - solution.pv_w)),
        "served_w": _rounded(expected.served_w),
        "charge_w": _rounded(expected.of(solution.charge_w)),
        "discharge_w": _rounded(expected.of(solution.discharge_w)),
        "genset_w": _rounded(expected.genset_w),
        "import_w": _rounded(expected.of(solution.import_w)),
        "export_w": _rounded(expected.of(solution.export_w)),
        "unserved_w": {name: _rounded(expected.of(power_w)) for name, power_w in solution.unserved_w.items()},
        "soc_frac": _corridor(solution.soc_frac, problem.weights),
        "genset": None if told.runs is None else _genset(told.runs),
        "battery_setpoint_w": expected.setpoint_w if told.follows else None,
        "wanted_w": {name: _rounded(power_w) for name, power_w in told.solved.wanted_w.items()},
        "cuts": {name: [_cut(cut) for cut in cuts] for name, cuts in told.solved.cuts.items() if cuts},
        "heavy_use": [
            {**_stretch(part.from_s, part.to_s, part.reason), "good": part.good} for part in told.heavy_use
        ],
        "energy_thb_per_kwh": np.round(told.price_per_wh * KILO, 2).tolist(),
        "why": [_stretch(part.from_s, part.to_s, part.reason) for part in told.why],
        "expected": expected.sums(),
        "solver": {
            "scenarios": int(problem.weights.size),
            "gap_frac": round(max(0.0, solution.gap_frac), 4),
            "solve_s": round(solution.solve_s, 3),
        },
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """Means over the scenarios."""

    problem: Problem
    solution: Solution

    def of(self, power_w: Floats) -> Floats:
        """Shape (n,); solvers leave powers a hair below nothing."""
        found: Floats = np.maximum(self.problem.weights @ power_w, 0.0)
        return found

    @property
    def genset_w(self) -> Floats:
        """What all generators give."""
        return sum((self.of(power_w) for power_w in self.solution.generator_w.values()), self._nothing)

    @property
    def served_w(self) -> Floats:
        """Demand that is met, flexible loads included."""
        asked = sum((self.of(load.demand_w) for load in self.problem.loads), self._nothing)
        flexible = sum((self.of(power_w) for power_w in self.solution.flexible_w.values()), self._nothing)
        missing = sum((self.of(power_w) for power_w in self.solution.unserved_w.values()), self._nothing)
        found: Floats = np.maximum(asked + flexible - missing, 0.0)
        return found

    @property
    def setpoint_w(self) -> list[float]:
        """Of the battery, charging > 0, shape (n,)."""
        weights = self.problem.weights
        return _rounded(weights @ (self.solution.charge_w - self.solution.discharge_w))

    def sums(self) -> Json:
        """What the plan comes to."""
        hours, generators = self.problem.step_h, self.problem.generators
        litres = 0.0
        for generator in generators:
            on_h = float(self.of(self.solution.generator_part[generator.id]) @ hours)
            given_wh = float(self.of(self.solution.generator_w[generator.id]) @ hours)
            litres += on_h * generator.fuel_per_h + given_wh * generator.fuel_per_wh
        return {
            "diesel_l": round(litres, 2),
            "cost_thb": round(self.solution.cost, 2),
            "unserved_wh": {
                name: round(float(self.of(power_w) @ hours), 1)
                for name, power_w in self.solution.unserved_w.items()
            },
            "pv_unused_wh": round(float(self.of(self.problem.pv_w - self.solution.pv_w) @ hours), 1),
        }

    @property
    def _nothing(self) -> Floats:
        return np.zeros(self.problem.step_h.size)


def _corridor(soc_frac: Floats, weights: Floats) -> Json:
    """P10, P50 and P90 at the edges, each shape (n + 1,)."""
    inside = np.clip(soc_frac, 0.0, 1.0)
    rows = np.array([weighted_quantiles(column, weights, _LEVELS) for column in inside.T])
    rows = np.maximum.accumulate(np.round(rows, 4), axis=1)
    return {name: rows[:, row].tolist() for row, name in enumerate(("p10", "p50", "p90"))}


def _genset(runs: Runs) -> Json:
    return {"on": list(runs.on), "why": [None if reason is None else said(reason) for reason in runs.why]}


def _cut(cut: AnnouncedCut) -> Json:
    return {**_stretch(cut.from_s, cut.to_s, cut.reason), "announced_utc": iso(cut.announced_s)}


def _stretch(from_s: int, to_s: int, reason: Reason) -> Json:
    return {"from_utc": iso(from_s), "to_utc": iso(to_s), "reason": said(reason)}


def _rounded(power_w: Floats) -> list[float]:
    found: list[float] = np.round(power_w, 1).tolist()
    return found
