"""Paths of PV and load that may come true together: what the planner and the outlook reckon with. Pure.

A Gaussian copula (Pinson et al. 2009): normal scores that hang together in time as errors did in the past,
and PV with load, are turned into power by the quantiles of each step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import toeplitz

from forecasting.calibration.dependence import DependenceState, Weights, correlation
from forecasting.calibration.normal_scores import values_at
from forecasting.grid import HOUR_S, Floats, Grid
from forecasting.quantiles import QuantileForecast

_JITTER = 1e-9
"""Keeps the factorisation going where steps hang together almost entirely."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenarios:
    """Joint paths with their weights. Raises ValueError for shapes or weights that do not fit."""

    issued_s: int
    grid: Grid
    pv_w: Floats
    """Magnitudes >= 0 [W], shape (paths, grid.count)."""
    load_w: Floats
    """Magnitudes >= 0 [W], shape (paths, grid.count)."""
    weights: Floats
    """Probabilities, shape (paths,), sum 1."""

    def __post_init__(self) -> None:
        shape = (self.weights.size, self.grid.count)
        if self.weights.ndim != 1 or self.pv_w.shape != shape or self.load_w.shape != shape:
            msg = f"scenarios: {self.pv_w.shape} PV and {self.load_w.shape} load paths do not fit {shape}"
            raise ValueError(msg)
        if np.any(self.weights < 0) or not np.isclose(self.weights.sum(), 1.0):
            raise ValueError("scenarios: weights are probabilities that sum to 1")

    @property
    def expected_pv_wh(self) -> float:
        """Mean PV energy over the horizon."""
        return float(self.weights @ self.pv_w.sum(axis=1)) * self.grid.step_s / HOUR_S

    @property
    def expected_load_wh(self) -> float:
        """Mean energy used over the horizon."""
        return float(self.weights @ self.load_w.sum(axis=1)) * self.grid.step_s / HOUR_S


def sample_scenarios(
    pv: QuantileForecast,
    load: QuantileForecast,
    dependence: DependenceState,
    *,
    count: int = 200,
    seed: int = 0,
    pv_ceiling_w: Floats | float | None = None,
    load_ceiling_w: float | None = None,
) -> Scenarios:
    """Equally likely joint paths between 0 and the ceilings; the same seed gives the same paths.

    Paths come in mirrored pairs (antithetic variates), so that their mean is close to what is expected even
    when they are few. Raises ValueError for two different grids or a count below 2.
    """
    if pv.grid != load.grid:
        raise ValueError("scenarios need PV and load on the same grid")
    if count < 2:
        raise ValueError("scenarios come at least in pairs")
    draws = np.random.default_rng(seed).standard_normal((2, (count + 1) // 2, pv.grid.count))
    pv_draws, own_draws = np.concatenate((draws, -draws), axis=1)[:, :count]
    rho = dependence.pv_load_correlation
    load_draws = rho * pv_draws + np.sqrt(1 - rho**2) * own_draws
    pv_w = values_at(pv.values_w, pv_draws @ _factor(dependence.pv_weights, pv.grid).T)
    load_w = values_at(load.values_w, load_draws @ _factor(dependence.load_weights, load.grid).T)
    return Scenarios(
        issued_s=pv.issued_s,
        grid=pv.grid,
        pv_w=np.clip(pv_w, 0.0, pv_ceiling_w),
        load_w=np.clip(load_w, 0.0, load_ceiling_w),
        weights=np.full(count, 1.0 / count),
    )


def _factor(weights: Weights, grid: Grid) -> Floats:
    """Lower factor of the correlation of all steps, shape (count, count)."""
    distance_s = grid.step_s * np.arange(grid.count, dtype=np.float64)
    matrix = toeplitz(correlation(weights, distance_s))
    factor: Floats = np.linalg.cholesky(matrix + _JITTER * np.eye(grid.count))
    return factor
