"""Small villages to plan for: drawn by a seed, or as plain as can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from controller.planning.problem import (
    FlexibleLoad,
    Floats,
    Generator,
    GridSupply,
    LoadClass,
    Present,
    Problem,
    Storage,
)

KWH = 1e-3
"""A price per kWh, per Wh."""


def plain(**changes: Any) -> Problem:
    """One scenario of four hours, one class that draws 1 kW, a 10 kWh battery half full, no sun."""
    problem = Problem(
        step_h=np.ones(4),
        weights=np.ones(1),
        pv_w=np.zeros((1, 4)),
        loads=(household(np.full((1, 4), 1000.0)),),
        storage=Storage(energy_wh=10_000.0, charge_w=5000.0, discharge_w=5000.0),
    )
    return replace(problem, **changes)


def household(demand_w: Floats, **changes: Any) -> LoadClass:
    """Households at 40 a kWh."""
    return replace(LoadClass("household", demand_w, ((1.0, 40 * KWH),)), **changes)


def genset(**changes: Any) -> Generator:
    """5 kW, 2 kW at least, about 10 a kWh."""
    return replace(
        Generator(
            "genset", 5000.0, 2000.0, 5.0, 8 * KWH, start_price=2.0, fuel_per_h=0.4, fuel_per_wh=0.22 * KWH
        ),
        **changes,
    )


@dataclass(frozen=True)
class _Dice:
    rng: np.random.Generator
    scenarios: int
    steps: int

    def per_step(self, high: float, low: float = 0.0) -> Floats:
        return self.rng.uniform(low, high, self.steps)

    def uncertain(self, high: float) -> Floats:
        """Often nothing, sometimes far too much."""
        values = self.rng.uniform(0, high, (self.scenarios, self.steps))
        return values * (self.rng.random((self.scenarios, self.steps)) > 0.3)

    def chance(self, part: float) -> bool:
        return bool(self.rng.random() < part)

    def choice(self, *values: float) -> float:
        return float(self.rng.choice(values))


def drawn(seed: int, *, integers: bool = True, steps: int = 12) -> Problem:
    """A village in whatever state: empty, overfull, out of fuel, with a genset that runs and must not."""
    rng = np.random.default_rng(seed)
    dice = _Dice(rng, int(rng.integers(1, 4)), steps)
    size_w = 10 ** rng.uniform(2, 6)
    weights = rng.uniform(0.1, 1.0, dice.scenarios)
    loads = tuple(_class(dice, name, size_w) for name in ("critical", "household", "flexible"))
    told = {load.id: dice.per_step(size_w) for load in loads if load.cut_at_will and dice.chance(0.5)}
    return Problem(
        step_h=rng.choice([0.25, 0.5, 1.0, 3.0], steps),
        weights=weights / weights.sum(),
        pv_w=dice.uncertain(2 * size_w),
        loads=loads,
        storage=_storage(dice, size_w) if dice.chance(0.9) else None,
        generators=(_generator(dice, size_w),) if integers and dice.chance(0.8) else (),
        grid=_grid(dice, size_w, integers=integers) if dice.chance(0.4) else None,
        flexible=_flexible(dice, size_w, integers=integers),
        present=Present(
            soc_frac=float(rng.uniform(-0.02, 1.02)),
            generator_on={"genset": dice.chance(0.5)},
            generator_since_h={"genset": dice.choice(0.0, 0.2, 5.0)},
            fuel_l={"genset": dice.choice(0.0, 0.5, 100.0)} if dice.chance(0.6) else {},
        ),
        curtailment_price_per_wh=dice.choice(0.0, 0.1 * KWH),
        announced_h=dice.choice(0.0, 2.0, 100.0),
        committed_h=dice.choice(0.0, 3.0, 100.0),
        announced_cut_w=told,
        promised_h=dice.choice(0.0, 1.0, 100.0),
    )


def _class(dice: _Dice, name: str, size_w: float) -> LoadClass:
    parts = dice.rng.uniform(0.1, 1.0, int(dice.rng.integers(1, 4)))
    prices = np.sort(10 ** dice.rng.uniform(0, 3.5, parts.size)) * KWH
    pieces = tuple((float(p), float(c)) for p, c in zip(parts / parts.sum(), prices, strict=True))
    return LoadClass(name, dice.uncertain(size_w), pieces, cut_at_will=dice.chance(0.5))


def _storage(dice: _Dice, size_w: float) -> Storage:
    energy_wh = size_w * dice.choice(0.01, 1.0, 10.0)
    least = dice.choice(0.0, 0.1, 0.5)
    return Storage(
        energy_wh=energy_wh,
        charge_w=size_w * dice.choice(0.0, 0.5, 2.0),
        discharge_w=size_w * dice.choice(0.0, 0.5, 2.0),
        charge_efficiency=float(dice.rng.uniform(0.5, 1.0)),
        discharge_efficiency=float(dice.rng.uniform(0.5, 1.0)),
        soc_min_frac=least,
        soc_max_frac=dice.choice(least, 0.9, 1.0),
        reserve_soc_frac=dice.choice(0.0, 0.2, 0.95),
        reserve_price_per_wh_h=dice.choice(0.0, 5 * KWH),
        wear_price_per_wh=dice.choice(0.0, 1 * KWH),
        end_prices=((0.3 * energy_wh, 20 * KWH), (0.7 * energy_wh, 5 * KWH)) if dice.chance(0.7) else (),
        standing_w=0.01 * size_w * dice.choice(0.0, 1.0),
    )


def _generator(dice: _Dice, size_w: float) -> Generator:
    rated_w = size_w * dice.choice(0.3, 1.0, 3.0)
    return Generator(
        id="genset",
        rated_w=rated_w,
        least_w=rated_w * dice.choice(0.0, 0.3, 1.0),
        price_per_h=dice.choice(0.0, 3.0) * rated_w * KWH,
        price_per_wh=dice.choice(0.0, 8 * KWH),
        start_price=dice.choice(0.0, 20.0),
        min_run_h=dice.choice(0.0, 0.5, 4.0),
        min_rest_h=dice.choice(0.0, 0.25, 4.0),
        warm_up_h=dice.choice(0.0, 0.05, 1.0),
        fuel_per_h=dice.choice(0.0, 0.08) * rated_w * KWH,
        fuel_per_wh=dice.choice(0.0, 0.22 * KWH),
        allowed=dice.rng.random(dice.steps) < 0.6 if dice.chance(0.5) else None,
        required=dice.rng.random(dice.steps) < 0.1 if dice.chance(0.5) else None,
        disallowed_price_per_h=dice.choice(0.0, 100.0),
    )


def _grid(dice: _Dice, size_w: float, *, integers: bool) -> GridSupply:
    bought = dice.per_step(10 * KWH, -1 * KWH)
    sold = dice.per_step(10 * KWH) if integers else bought - dice.per_step(2 * KWH)
    outage = dice.rng.random(dice.steps) < 0.3
    return GridSupply(
        import_w=np.where(outage, 0.0, dice.per_step(size_w)),
        export_w=np.where(outage, 0.0, dice.per_step(size_w)),
        import_price_per_wh=bought,
        export_price_per_wh=sold,
    )


def _flexible(dice: _Dice, size_w: float, *, integers: bool) -> tuple[FlexibleLoad, ...]:
    if dice.chance(0.5):
        return ()
    return (
        FlexibleLoad(
            id="pump",
            power_w=0.3 * size_w,
            energy_wh=size_w * dice.choice(0.0, 0.5, 50.0),
            window=dice.rng.random(dice.steps) < 0.5,
            unserved_price_per_wh=10 * KWH,
            all_or_nothing=integers and dice.chance(0.3),
        ),
    )
