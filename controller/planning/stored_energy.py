"""What energy in a battery is worth: stochastic dynamic programming over its SoC. Pure.

For one battery and anything that can be bought by the Wh this is exact on its nodes, whatever the number of
scenarios, and it knows what has been learned when: a plan that takes each scenario for known would put off
buying at night until it is too late (Bertsekas, Dynamic Programming and Optimal Control, section 1.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from controller.planning.problem import Floats, Storage

_TIE_FRAC = 1e-9
"""Costs nearer than this part of what the battery is about are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """What may be bought and sold in each step, besides what the battery gives and takes."""

    offer_w: Floats
    """The most of each offer, shape (offers, n)."""
    offer_price_per_wh: Floats
    """Likewise; in any order, each >= 0."""
    unserved_price_per_wh: float
    """Of demand that no offer covers, above all offers."""
    sale_w: Floats
    """The most that can be sold, shape (n,); beyond it sun stays unused for nothing."""
    sale_price_per_wh: Floats
    """Shape (n,); not above the cheapest offer."""

    def merit_order(self) -> Market:
        """The same with each step's offers from cheap to dear."""
        order = np.argsort(self.offer_price_per_wh, axis=0)
        return Market(
            np.take_along_axis(self.offer_w, order, axis=0),
            np.take_along_axis(self.offer_price_per_wh, order, axis=0),
            self.unserved_price_per_wh,
            self.sale_w,
            self.sale_price_per_wh,
        )

    def price_per_h(self, needed_w: Floats, step: int) -> Floats:
        """What power of any shape costs in a step; below 0 it is a surplus. The offers are in merit order."""
        cost = -self.sale_price_per_wh[step] * np.clip(-needed_w, 0.0, self.sale_w[step])
        rest_w = np.maximum(needed_w, 0.0)
        for power_w, price in zip(self.offer_w[:, step], self.offer_price_per_wh[:, step], strict=True):
            cost += price * np.minimum(rest_w, power_w)
            rest_w = np.maximum(rest_w - power_w, 0.0)
        found: Floats = cost + self.unserved_price_per_wh * rest_w
        return found

    def kinks_w(self, step: int) -> Floats:
        """Powers at which the next Wh has another price, shape (offers + 2,)."""
        return np.concatenate([[-self.sale_w[step], 0.0], np.cumsum(self.offer_w[:, step])])


@dataclass(frozen=True, slots=True, eq=False)
class StoredEnergy:
    """A battery on a market, its energy on equal nodes from the least to the greatest SoC."""

    storage: Storage
    market: Market
    step_h: float
    nodes: int = 81
    energy_wh: Floats = field(init=False)
    """At the nodes, shape (nodes,)."""
    _moves_w: Floats = field(init=False)
    """AC power that leads from one node (row) to another (column); infinite where it cannot be."""

    def __post_init__(self) -> None:
        storage = self.storage
        energy_wh = storage.energy_wh * np.linspace(storage.soc_min_frac, storage.soc_max_frac, self.nodes)
        moves_w = self._ac_w(energy_wh - energy_wh[:, np.newaxis])
        moves_w[(moves_w > storage.charge_w) | (moves_w < -storage.discharge_w)] = np.inf
        object.__setattr__(self, "market", self.market.merit_order())
        object.__setattr__(self, "energy_wh", energy_wh)
        object.__setattr__(self, "_moves_w", moves_w)

    def costs(self, net_w: Floats, weights: Floats, end_cost: Floats, learned_from: int = 0) -> Floats:
        """Expected cost from each step on by energy at its begin, shape (n + 1, nodes).

        net_w: demand less sun [W], shape (scenarios, n). weights: their probabilities. end_cost: of ending
        with each node's energy, shape (nodes,). Before the step `learned_from` a step's demand is known when
        it comes and tells nothing of the later ones; from then on the whole scenario is known.
        """
        scenarios, steps = net_w.shape
        cost = np.broadcast_to(end_cost, (scenarios, self.nodes))
        expected = np.empty((steps + 1, self.nodes))
        expected[steps] = weights @ cost
        for step in reversed(range(steps)):
            cost = self._cost(net_w[:, step], step, cost)
            expected[step] = weights @ cost
            if step <= learned_from:
                cost = np.broadcast_to(expected[step], cost.shape)
        return expected

    def best_move_w(self, energy_wh: float, net_w: float, step: int, cost_after: Floats) -> float:
        """AC power into the battery (charging > 0) in a step that begins with any energy.

        cost_after: expected cost from the step's end on by energy, shape (nodes,). Of moves that cost the
        same, the one that leaves least in the battery.
        """
        begun_wh = np.array([min(max(energy_wh, self.energy_wh[0]), self.energy_wh[-1])])
        moves_w = self._ac_w(self.energy_wh - begun_wh)
        moves_w = moves_w[(moves_w <= self.storage.charge_w) & (moves_w >= -self.storage.discharge_w)]
        moves_w = np.concatenate([moves_w, self._kink_moves_w(begun_wh, np.array([net_w]), step).ravel()])
        ends_wh = begun_wh + self._stored_wh(moves_w)
        total = self._step_cost(moves_w, net_w, step) + np.interp(ends_wh, self.energy_wh, cost_after)
        best = moves_w[total <= total.min() + _TIE_FRAC * np.ptp(cost_after)]
        return float(best.min())

    def _cost(self, net_w: Floats, step: int, cost_after: Floats) -> Floats:
        """Cost from a step on, (scenarios, nodes), from that at its end: the best of all moves.

        Between nodes costs are straight lines, so a best move leads to a node or to a kink of the market.
        """
        to_nodes = self._step_cost(self._moves_w, net_w[:, np.newaxis, np.newaxis], step)
        best = np.min(to_nodes + cost_after[:, np.newaxis, :], axis=2)
        to_kinks = self._kink_moves_w(self.energy_wh, net_w, step)
        ends_wh = self.energy_wh[:, np.newaxis] + self._stored_wh(to_kinks)
        after = np.stack(
            [np.interp(ends, self.energy_wh, cost) for ends, cost in zip(ends_wh, cost_after, strict=True)]
        )
        total = self._step_cost(to_kinks, net_w[:, np.newaxis, np.newaxis], step) + after
        found: Floats = np.minimum(best, np.min(total, axis=2))
        return found

    def _kink_moves_w(self, begun_wh: Floats, net_w: Floats, step: int) -> Floats:
        """Moves that bring the market to its kinks, or as near as can be: (scenarios, energies, kinks)."""
        wanted_w = self.market.kinks_w(step) - net_w[:, np.newaxis, np.newaxis]
        most_w = self._ac_w(self.energy_wh[-1] - begun_wh)[:, np.newaxis]
        least_w = self._ac_w(self.energy_wh[0] - begun_wh)[:, np.newaxis]
        found: Floats = np.clip(
            wanted_w,
            np.maximum(least_w, -self.storage.discharge_w),
            np.minimum(most_w, self.storage.charge_w),
        )
        return found

    def _step_cost(self, moves_w: Floats, net_w: Floats | float, step: int) -> Floats:
        """Of moving the battery so in a step."""
        wear = self.storage.wear_price_per_wh * np.maximum(-moves_w, 0.0)
        # A move that cannot be is infinite, and 0 times that is no number.
        if self.storage.charge_wear_price_per_wh:
            wear += self.storage.charge_wear_price_per_wh * np.maximum(moves_w, 0.0)
        return self.step_h * (self.market.price_per_h(net_w + moves_w, step) + wear)

    def _ac_w(self, gained_wh: Floats) -> Floats:
        """AC power that brings so much more energy within a step."""
        charge, discharge = self.storage.charge_efficiency, self.storage.discharge_efficiency
        found: Floats = np.where(gained_wh > 0, gained_wh / charge, gained_wh * discharge) / self.step_h
        return found

    def _stored_wh(self, moves_w: Floats) -> Floats:
        """The other way round."""
        charge, discharge = self.storage.charge_efficiency, self.storage.discharge_efficiency
        found: Floats = np.where(moves_w > 0, moves_w * charge, moves_w / discharge) * self.step_h
        return found
