"""What binds in a plan: where it would be better if some limit were not there. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from controller.planning.problem import Bools, Floats, Generator, Problem, Storage
from controller.planning.solution import Solution

Kind = Literal[
    "battery_empty",
    "battery_below_reserve",
    "battery_at_reserve",
    "battery_full",
    "discharge_limit",
    "charge_limit",
    "generator_runs",
    "generator_least_load",
    "generator_full_load",
    "generator_not_allowed",
    "generator_out_of_fuel",
    "grid_limit",
    "grid_away",
    "sun_unused",
    "demand_unserved",
]
LIKELY = 0.5
"""Something binds where it does so with more than this probability."""
CLOSE_FRAC = 1e-3
"""Nearer to a limit than this part of it is at the limit."""
NOTABLE_FRAC = 0.02
"""Less than this part of the sun or of a class's demand is not worth a word."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that binds in the steps [first, last)."""

    kind: Kind
    subject: str | None
    """The generator or the class; None for what there is one of."""
    first: int
    last: int
    energy_wh: float
    """What is lost by it: sun unused, demand unserved; else what passes at the limit."""


def binding(problem: Problem, solution: Solution) -> tuple[Binding, ...]:
    """All that binds, in order of time."""
    found: list[Binding] = []
    for kind, subject, where, power_w in _limits(problem, solution):
        energy_wh = problem.weights @ np.broadcast_to(power_w, problem.pv_w.shape) * problem.step_h
        found += [
            Binding(kind, subject, first, last, float(energy_wh[first:last].sum()))
            for first, last in _stretches(problem.weights @ where > LIKELY)
        ]
    return tuple(sorted(found, key=lambda one: (one.first, one.last)))


Limit = tuple[Kind, str | None, Bools, Floats]
"""Where it binds, shape (scenarios, n), and what passes or is lost there [W], likewise."""


def _limits(problem: Problem, solution: Solution) -> Iterator[Limit]:
    if problem.storage is not None:
        yield from _of_storage(problem.storage, solution)
    for generator in problem.generators:
        yield from _of_generator(problem, generator, solution)
    if problem.grid is not None:
        limit_w = np.broadcast_to(problem.grid.import_w, problem.pv_w.shape)
        bought_w = solution.import_w
        yield "grid_limit", None, (limit_w > 0) & (bought_w >= limit_w * (1 - CLOSE_FRAC)), bought_w
        yield "grid_away", None, limit_w <= 0, np.zeros_like(bought_w)
    unused_w = problem.pv_w - solution.pv_w
    yield "sun_unused", None, unused_w > NOTABLE_FRAC * problem.pv_w.max(initial=0.0), unused_w
    for load in problem.loads:
        missed_w = solution.unserved_w[load.id]
        notable = (load.demand_w > 0) & (missed_w > NOTABLE_FRAC * load.demand_w)
        yield "demand_unserved", load.id, notable, missed_w


def _of_storage(storage: Storage, solution: Solution) -> Iterator[Limit]:
    soc = solution.soc_frac[:, 1:]
    charge_w, discharge_w = solution.charge_w, solution.discharge_w
    reserve, empty = storage.reserve_soc_frac, soc <= storage.soc_min_frac + CLOSE_FRAC
    below = soc < reserve - CLOSE_FRAC
    yield "battery_empty", None, empty, discharge_w
    yield "battery_below_reserve", None, below & ~empty, discharge_w
    yield "battery_at_reserve", None, ~below & ~empty & (soc <= reserve + CLOSE_FRAC), discharge_w
    yield "battery_full", None, soc >= storage.soc_max_frac - CLOSE_FRAC, charge_w
    if storage.discharge_w > 0:
        at_limit = discharge_w >= storage.discharge_w * (1 - CLOSE_FRAC)
        yield "discharge_limit", None, at_limit, discharge_w
    if storage.charge_w > 0:
        yield "charge_limit", None, charge_w >= storage.charge_w * (1 - CLOSE_FRAC), charge_w


def _of_generator(problem: Problem, generator: Generator, solution: Solution) -> Iterator[Limit]:
    name, power_w = generator.id, solution.generator_w[generator.id]
    part = solution.generator_part[name]
    runs = part > LIKELY
    close_w = CLOSE_FRAC * generator.rated_w
    yield "generator_runs", name, runs, power_w
    yield "generator_least_load", name, runs & (power_w <= generator.least_w * part + close_w), power_w
    yield "generator_full_load", name, runs & (power_w >= generator.rated_w * part - close_w), power_w
    if generator.allowed is not None:
        cheapest = generator.price_per_wh + generator.price_per_h / max(generator.rated_w, 1.0)
        wanted = solution.energy_price_per_wh > cheapest
        silent = np.broadcast_to(~generator.allowed & wanted, power_w.shape)
        yield "generator_not_allowed", name, silent & ~runs, power_w
    fuel_l = problem.present.fuel_l.get(name)
    if fuel_l is not None:
        per_step_l = generator.fuel_per_h * part + generator.fuel_per_wh * power_w
        burnt_l = np.cumsum(per_step_l * problem.step_h, axis=1)
        yield "generator_out_of_fuel", name, burnt_l >= fuel_l * (1 - CLOSE_FRAC), power_w


def _stretches(holds: Bools) -> list[tuple[int, int]]:
    """First step and the one after the last of each run of True."""
    edges = np.flatnonzero(np.diff(holds.astype(np.int8), prepend=0, append=0))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
