"""What all parts of the programme share: its scale, its axes and the power balance they add to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from controller.planning.problem import Floats, Problem
from controller.planning.program.linear import Indices, LinearProgram, Term

PREFERENCE_FRAC = 1e-4
"""Of the programme's unit of price: what decides between courses that cost the same."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Per unit: powers by the site's largest, prices by their median, so that all coefficients are near 1.

    HiGHS works with absolute tolerances and needs up to nine times longer with watts.
    """

    power_w: float
    price_per_wh: float

    @property
    def money(self) -> float:
        """What the objective's unit is worth."""
        return self.power_w * self.price_per_wh


def scale_of(problem: Problem) -> Scale:
    """The scale that suits a problem."""
    storage, grid = problem.storage, problem.grid
    powers = [float(load.demand_w.max(initial=0.0)) for load in problem.loads]
    powers += [generator.rated_w for generator in problem.generators]
    powers += [storage.charge_w, storage.discharge_w] if storage else []
    powers += [float(problem.pv_w.max(initial=0.0))]
    prices = [price for load in problem.loads for _, price in load.unserved_prices]
    prices += [generator.price_per_wh for generator in problem.generators]
    prices += [load.unserved_price_per_wh for load in problem.flexible]
    prices += [float(np.median(grid.import_price_per_wh))] if grid else []
    positive = [price for price in prices if price > 0]
    return Scale(max([*powers, 1.0]), float(np.median(positive)) if positive else 1.0)


@dataclass(eq=False)
class Frame:
    """The programme under construction. Powers in it are per unit; energies are per unit times hours."""

    problem: Problem
    linear: LinearProgram = field(default_factory=LinearProgram)
    supply: list[Term] = field(default_factory=list)
    """What feeds the bus (coefficients > 0) and what it feeds (< 0): columns of the shape (scenarios, n)."""
    demand: Floats = field(init=False)
    """What the bus feeds if nothing is unserved, (scenarios, n)."""

    def __post_init__(self) -> None:
        self.demand = np.zeros(self.shape)

    @cached_property
    def scale(self) -> Scale:
        """Per-unit bases."""
        return scale_of(self.problem)

    @property
    def shape(self) -> tuple[int, int]:
        """Scenarios and steps."""
        return self.problem.weights.size, self.problem.step_h.size

    @cached_property
    def expected_h(self) -> Floats:
        """Probability times length of each scenario's steps [h], shape (scenarios, n)."""
        return self.problem.weights[:, np.newaxis] * self.problem.step_h

    @cached_property
    def edges_h(self) -> Floats:
        """Begin of each step and end of the last [h], shape (n + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.problem.step_h)])

    @cached_property
    def dearest_per_wh(self) -> float:
        """The highest price of energy unserved."""
        prices = [price for load in self.problem.loads for _, price in load.unserved_prices]
        return max(prices, default=self.scale.price_per_wh)

    def power(self, watts: Floats | float) -> Floats:
        """Per unit."""
        return np.asarray(watts, dtype=np.float64) / self.scale.power_w

    def price(self, per_wh: Floats | float) -> Floats:
        """Per unit, for one unit of power over one hour."""
        return np.asarray(per_wh, dtype=np.float64) / self.scale.price_per_wh

    def money(self, amount: float) -> float:
        """Per unit."""
        return amount / self.scale.money

    def steps_within(self, hours: float) -> int:
        """How many steps begin within so many hours from now."""
        return int(np.searchsorted(self.edges_h[:-1], hours - 1e-9))

    def feeds(self, columns: Indices, coefficient: Floats | float = 1.0) -> None:
        """These variables put power on the bus; with a negative coefficient they take it."""
        self.supply.append((columns, coefficient))
