"""Whether a problem makes sense: what reality can do is never refused, only what nobody can have meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from controller.planning.problem import Bools, Floats, LoadClass, Problem, Storage

Named = tuple[str, Floats | Bools | None, tuple[int, ...]]


def checked(problem: Problem) -> Problem:
    """The same problem. Raises ValueError for shapes that do not fit and numbers that mean nothing."""
    scenarios, steps = problem.weights.size, problem.step_h.size
    if not scenarios or not steps:
        raise ValueError("a plan needs at least one scenario and one step")
    for name, values, shape in _arrays(problem, scenarios, steps):
        if values is None:
            continue
        if values.shape != shape:
            raise ValueError(f"{name} has the shape {values.shape}, expected {shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"{name} has a value that is no number")
        if name not in _MAY_BE_NEGATIVE and (values < 0).any():
            raise ValueError(f"{name} is below 0 somewhere")
    if not (problem.step_h > 0).all() or not (problem.weights > 0).all():
        raise ValueError("each step needs a length and each scenario a probability")
    if not np.isclose(problem.weights.sum(), 1.0):
        raise ValueError("the probabilities of the scenarios do not sum to 1")
    for load in problem.loads:
        _check_prices(load)
    if problem.storage is not None:
        _check_storage(problem.storage, problem.present.soc_frac)
    return problem


_MAY_BE_NEGATIVE = ("grid: import price", "grid: export price")


def _arrays(problem: Problem, scenarios: int, steps: int) -> Iterator[Named]:
    yield "step_h", problem.step_h, (steps,)
    yield "weights", problem.weights, (scenarios,)
    yield "pv_w", problem.pv_w, (scenarios, steps)
    for load in problem.loads:
        yield f"{load.id}: demand", load.demand_w, (scenarios, steps)
    for name, told in problem.announced_cut_w.items():
        yield f"{name}: announced cut", told, (steps,)
    for generator in problem.generators:
        yield f"{generator.id}: allowed", generator.allowed, (steps,)
        yield f"{generator.id}: required", generator.required, (steps,)
    for flexible in problem.flexible:
        yield f"{flexible.id}: window", flexible.window, (steps,)
    if problem.grid is not None:
        yield "grid: import", problem.grid.import_w, (steps,)
        yield "grid: export", problem.grid.export_w, (steps,)
        yield "grid: import price", problem.grid.import_price_per_wh, (steps,)
        yield "grid: export price", problem.grid.export_price_per_wh, (steps,)


def _check_prices(load: LoadClass) -> None:
    parts, prices = np.array(load.unserved_prices, dtype=np.float64).reshape(-1, 2).T
    if not np.isclose(parts.sum(), 1.0) or (parts < 0).any():
        raise ValueError(f"{load.id}: the parts of its demand do not sum to 1")
    if (np.diff(prices) < 0).any() or (prices < 0).any():
        raise ValueError(f"{load.id}: prices of unserved energy do not rise")


def _check_storage(storage: Storage, soc_frac: float) -> None:
    if not storage.energy_wh > 0 or not np.isfinite(soc_frac):
        raise ValueError("a battery needs an energy above 0 and a known SoC")
    if not (0 < storage.charge_efficiency <= 1 and 0 < storage.discharge_efficiency <= 1):
        raise ValueError("the battery's efficiencies are not between 0 and 1")
    if storage.soc_min_frac > storage.soc_max_frac:
        raise ValueError("the battery's least SoC is above its greatest")
    prices = [price for _, price in storage.end_prices]
    if any(upper > lower for lower, upper in pairwise(prices)):
        raise ValueError("the worth of energy left must not rise with SoC")
