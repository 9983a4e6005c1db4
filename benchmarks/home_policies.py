"""What may run the home's battery: from no battery at all to knowing what comes."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from home_days import (
    BATTERY,
    BEGUN_WH,
    GRID_W,
    NIGHT_PRICE,
    NIGHT_STEPS,
    PRICES,
    STEP_H,
    STEPS,
    UNSERVED_PRICE,
    Days,
    Likeness,
    Outlook,
    market,
    outlooks,
)

from controller.planning.problem import Floats
from controller.planning.stored_energy import StoredEnergy

NODES = 41
"""Energies for which costs are known, 200 Wh apart."""


class Policy(Protocol):
    """Decides each half hour; the demand and the sun of that half hour are known, as published."""

    def begin_day(self, past: Days) -> None:
        """All days before today."""
        ...

    def move_w(self, step: int, energy_wh: float, net_w: float) -> float:
        """Power into the battery (charging > 0) in a half hour of today. net_w: demand less sun."""
        ...


class Rules:
    """Sun first, then battery, then grid; at night the battery is kept at, or charged to, a level."""

    def __init__(self, night_wh: float = 0.0) -> None:
        self._night_wh = night_wh

    def begin_day(self, past: Days) -> None:
        """Rules learn nothing."""

    def move_w(self, step: int, energy_wh: float, net_w: float) -> float:
        """As Policy."""
        least_wh = self._night_wh if step < NIGHT_STEPS else 0.0
        return max(-net_w, (least_wh - energy_wh) / STEP_H)


class MeanPattern:
    """Model-predictive control over 24 hours that takes the mean day of the past for the coming one."""

    def __init__(self) -> None:
        self._pattern_w = np.zeros(STEPS)
        self._batteries = [StoredEnergy(BATTERY, market(step), STEP_H, NODES) for step in range(STEPS)]

    def begin_day(self, past: Days) -> None:
        """The mean day of the whole past."""
        self._pattern_w = (past.load_w - past.pv_w).mean(axis=0)

    def move_w(self, step: int, energy_wh: float, net_w: float) -> float:
        """As Policy."""
        battery = self._batteries[step]
        coming_w = np.roll(self._pattern_w, -step)[np.newaxis]
        costs = battery.costs(coming_w, np.ones(1), np.zeros(battery.nodes))
        return battery.best_move_w(energy_wh, net_w, 0, costs[1])


class LikelyDays:
    """Stochastic dynamic programming over whole days of the past, weighted by yesterday's evening sun.

    What today brings is told apart from the morning on; until then, while the grid is cheap, nothing is known
    but what is likely. A Wh left at midnight is worth what it saves on a usual day.
    """

    def __init__(self, like: Likeness = Likeness()) -> None:  # noqa: B008 frozen
        self._like = like
        self._battery = StoredEnergy(BATTERY, market(), STEP_H, NODES)
        self._costs = np.zeros((STEPS + 1, self._battery.nodes))

    def begin_day(self, past: Days) -> None:
        """Costs by energy for all half hours of today."""
        today, usual = outlooks(past, self._like)
        night = -NIGHT_PRICE * self._battery.energy_wh
        tomorrow = self._costs_of(usual, night)[0]
        self._costs = self._costs_of(today, tomorrow)

    def _costs_of(self, day: Outlook, end: Floats) -> Floats:
        return self._battery.costs(day.net_w, day.weights, end, learned_from=NIGHT_STEPS)

    def move_w(self, step: int, energy_wh: float, net_w: float) -> float:
        """As Policy."""
        return self._battery.best_move_w(energy_wh, net_w, step, self._costs[step + 1])


class Foresight:
    """Knows all that comes: the least that it can cost."""

    def __init__(self, coming: Days, nodes: int = 161) -> None:
        net_w = (coming.load_w - coming.pv_w).ravel()
        self._battery = StoredEnergy(BATTERY, market(0, net_w.size), STEP_H, nodes)
        self._costs = self._battery.costs(net_w[np.newaxis], np.ones(1), np.zeros(nodes))
        self._day = -1

    def begin_day(self, past: Days) -> None:  # noqa: ARG002 it knows them
        """One day further."""
        self._day += 1

    def move_w(self, step: int, energy_wh: float, net_w: float) -> float:
        """As Policy."""
        at = self._day * STEPS + step
        return self._battery.best_move_w(energy_wh, net_w, at, self._costs[at + 1])


def live_day(
    policy: Policy | None, load_w: Floats, pv_w: Floats, energy_wh: float
) -> tuple[float, float, float]:
    """One day as it really was: cost [EUR], energy unserved [Wh], and energy in the battery at its end.

    Without a policy there is no battery. What a policy asks for is cut to what battery and grid can do.
    """
    cost = unserved_wh = 0.0
    for step, net_w in enumerate(load_w - pv_w):
        move_w = 0.0
        if policy is not None:
            move_w = policy.move_w(step, energy_wh, float(net_w))
            move_w = min(move_w, GRID_W - net_w, (BATTERY.energy_wh - energy_wh) / STEP_H)
            move_w = max(move_w, -energy_wh / STEP_H)
        needed_w = max(0.0, float(net_w) + move_w)
        energy_wh += move_w * STEP_H
        grid_wh = min(needed_w, GRID_W) * STEP_H
        unserved_wh += needed_w * STEP_H - grid_wh
        cost += grid_wh * float(PRICES[step])
    return cost, unserved_wh, energy_wh


def tuned_level_wh(past: Days) -> float:
    """The night level that would have cost least so far."""
    levels_wh = np.linspace(0.0, BATTERY.energy_wh, 81)
    return float(min(levels_wh, key=lambda level: _past_cost(Rules(level), past)))


def _past_cost(policy: Policy, past: Days) -> float:
    total, energy_wh = 0.0, BEGUN_WH
    for load_w, pv_w in zip(past.load_w, past.pv_w, strict=True):
        cost, unserved_wh, energy_wh = live_day(policy, load_w, pv_w, energy_wh)
        total += cost + UNSERVED_PRICE * unserved_wh
    return total
