"""A handful of weighted paths that stand for many. Pure.

What matters for a battery is energy over hours, so paths are alike when their energies up to each hour are.
Forward selection (Heitsch & Roemisch 2003) picks the paths to keep, exchanges improve the choice (Kaufman &
Rousseeuw 1987), and the weights are then corrected so that each day's expected energies stay where they were.
Paths themselves are never bent: each one kept is one that may come true.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, Ints

_MARK_S = 2 * HOUR_S
"""How often the energies of two paths are compared."""
_ROUNDS = 2
"""Of exchanges; more change next to nothing."""
_FAITH = 0.05
"""How strongly weights are held to the share of paths that each stands for, against exact mean energies."""
_LEAST_SHARE = 1e-3
"""Taken for a path that is the twin of another one kept."""
_SAME_FRAC = 1e-6
"""Energies that differ by less than this part are the same in all paths."""
_LEAST_PART = 0.2
"""Of its share, that no kept path's weight falls below: else it were kept for nothing."""
_EXACT = 1e3
"""Weight of the rule that weights sum to 1."""


def reduce_scenarios(scenarios: Scenarios, count: int = 5) -> Scenarios:
    """At most `count` of the paths, with weights that keep the expected energies as well as can be.

    Raises ValueError for a count that is not positive.
    """
    if count <= 0:
        raise ValueError("at least one scenario must be kept")
    if count >= scenarios.weights.size:
        return scenarios
    distances = _distances(_features_wh(scenarios))
    kept = _exchanged(distances, scenarios.weights, _selected(distances, scenarios.weights, count))
    shares = np.zeros(count)
    np.add.at(shares, np.argmin(distances[:, kept], axis=1), scenarios.weights)
    weights = _corrected(scenarios, kept, shares)
    return Scenarios(
        issued_s=scenarios.issued_s,
        grid=scenarios.grid,
        pv_w=scenarios.pv_w[kept],
        load_w=scenarios.load_w[kept],
        weights=weights,
    )


def _features_wh(scenarios: Scenarios) -> Floats:
    """Net energy used, and PV energy, from now to each mark; shape (paths, 2 * marks)."""
    pv_wh = _up_to_wh(scenarios.pv_w, scenarios.grid, _MARK_S)
    return np.concatenate((_up_to_wh(scenarios.load_w, scenarios.grid, _MARK_S) - pv_wh, pv_wh), axis=1)


def _up_to_wh(power_w: Floats, grid: Grid, every_s: int) -> Floats:
    """Energy from the start to the end of each span and of the grid, shape (paths, spans)."""
    every = max(1, every_s // grid.step_s)
    last = np.append(np.arange(every - 1, grid.count - 1, every), grid.count - 1)
    found: Floats = np.cumsum(power_w, axis=1)[:, last] * grid.step_s / HOUR_S
    return found


def _distances(energies: Floats) -> Floats:
    """Euclidean, shape (paths, paths)."""
    squares = np.sum(energies**2, axis=1)
    found = squares[:, None] + squares[None, :] - 2 * energies @ energies.T
    distances: Floats = np.sqrt(np.maximum(found, 0.0))
    return distances


def _selected(distances: Floats, weights: Floats, count: int) -> Ints:
    """Indices of the paths kept: each in turn the one that brings the others closest to what is kept."""
    kept: list[int] = []
    nearest = np.full(weights.size, np.inf)
    for _ in range(count):
        cost = weights @ np.minimum(nearest[:, None], distances)
        cost[kept] = np.inf
        kept.append(int(np.argmin(cost)))
        nearest = np.minimum(nearest, distances[:, kept[-1]])
    return np.array(kept, dtype=np.int64)


def _exchanged(distances: Floats, weights: Floats, kept: Ints) -> Ints:
    """The choice after each path kept was exchanged for the one that serves best beside the others."""
    chosen = kept.copy()
    for _ in range(_ROUNDS):
        for place in range(chosen.size):
            others = np.delete(chosen, place)
            nearest = np.min(distances[:, others], axis=1, initial=np.inf)
            cost = weights @ np.minimum(nearest[:, None], distances)
            cost[others] = np.inf
            chosen[place] = np.argmin(cost)
    return chosen


def _corrected(scenarios: Scenarios, kept: Ints, shares: Floats) -> Floats:
    """Weights near the shares with which the kept paths have the expected energies of all."""
    energies = np.concatenate(
        [_up_to_wh(power_w, scenarios.grid, DAY_S) for power_w in (scenarios.pv_w, scenarios.load_w)], axis=1
    )
    expected = scenarios.weights @ energies
    spread = np.sqrt(scenarios.weights @ (energies - expected) ** 2)
    known = spread > _SAME_FRAC * expected
    scale = 1.0 / (spread[known] * np.sqrt(max(1, known.sum())))
    faith = _FAITH / np.sqrt(np.maximum(shares, _LEAST_SHARE))
    left = np.concatenate(
        ((energies[kept][:, known] * scale).T, np.diag(faith), np.full((1, kept.size), _EXACT))
    )
    right = np.concatenate((expected[known] * scale, faith * shares, [_EXACT]))
    least = _LEAST_PART * shares
    found, _ = nnls(left, right - left @ least)
    corrected: Floats = (least + found) / np.sum(least + found)
    return corrected
