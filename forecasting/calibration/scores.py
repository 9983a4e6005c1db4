"""How good forecasts were: scores of quantiles and of the median against what was measured. Pure.

Quantiles have shape (len(LEVELS), n) and observations (n,), magnitudes [W]. A pair of which either side is
NaN is left out everywhere; where none is left a ValueError is raised: having no score is not a score of 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Bools, Floats
from forecasting.quantiles import LEVELS, LEVELS_ARRAY

_MEDIAN = LEVELS.index(0.50)


def _level_shares() -> Floats:
    """The part of 0 to 1 for which each level stands: halfway to its neighbours, at the ends to 0 and 1."""
    edges = np.concatenate(([0.0], (LEVELS_ARRAY[1:] + LEVELS_ARRAY[:-1]) / 2, [1.0]))
    shares: Floats = np.diff(edges)
    return shares


_SHARES = _level_shares()


@dataclass(frozen=True, slots=True)
class PointScores:
    """Errors of a point forecast, forecast minus observed."""

    pairs: int
    rmse_w: float
    mae_w: float
    bias_w: float
    """Mean error: positive where too much was forecast."""
    wape_frac: float | None
    """Sum of absolute errors over the sum observed; None where nothing but zeros was observed."""

    def nrmse_frac(self, capacity_w: float) -> float:
        """RMSE as a fraction of a capacity. Raises ValueError for one that is not positive."""
        if capacity_w <= 0:
            msg = f"an error is related to a positive capacity, not {capacity_w} W"
            raise ValueError(msg)
        return self.rmse_w / capacity_w


@dataclass(frozen=True, slots=True, eq=False)
class QuantileScores:
    """Everything that is told of one set of quantile forecasts."""

    pairs: int
    median: PointScores
    pinball_by_level_w: Floats
    """Shape (len(LEVELS),)."""
    pinball_w: float
    """Mean over LEVELS."""
    crps_w: float
    observed_frac: Floats | None
    """Share of observations at or below each level, shape (len(LEVELS),): what reliability compares with
    LEVELS. Exact zeros, at dawn, lie at or below every level. None where every step was certain and right."""
    coverage_frac: float | None
    """Share of observations within P10 to P90."""
    width_w: float
    """Mean of P90 minus P10: sharpness."""


def score_point(forecast_w: Floats, observed_w: Floats) -> PointScores:
    """Errors of a point forecast, both shape (n,). Raises ValueError without a pair."""
    known = np.isfinite(forecast_w) & np.isfinite(observed_w)
    _demand_pairs(known)
    error, observed = forecast_w[known] - observed_w[known], observed_w[known]
    total = float(np.sum(np.abs(observed)))
    return PointScores(
        pairs=int(known.sum()),
        rmse_w=float(np.sqrt(np.mean(error**2))),
        mae_w=float(np.mean(np.abs(error))),
        bias_w=float(np.mean(error)),
        wape_frac=float(np.sum(np.abs(error))) / total if total > 0 else None,
    )


def score_quantiles(quantiles_w: Floats, observed_w: Floats) -> QuantileScores:
    """All scores of one set. Raises ValueError for shapes that do not fit, or without a pair."""
    quantiles, observed = _pairs(quantiles_w, observed_w)
    loss = pinball_losses_w(quantiles, observed).mean(axis=1)
    open_steps = ~certain_and_right(quantiles, observed)
    below = (observed <= quantiles)[:, open_steps]
    return QuantileScores(
        pairs=observed.size,
        median=score_point(quantiles[_MEDIAN], observed),
        pinball_by_level_w=loss,
        pinball_w=float(loss.mean()),
        crps_w=_integrated(loss),
        observed_frac=below.mean(axis=1) if open_steps.any() else None,
        coverage_frac=coverage_frac(quantiles, observed),
        width_w=width_w(quantiles),
    )


def pinball_losses_w(quantiles_w: Floats, observed_w: Floats) -> Floats:
    """Loss of each quantile at each step (Koenker & Bassett 1978), shape (len(LEVELS), n), NaN kept."""
    error = observed_w - quantiles_w
    levels = LEVELS_ARRAY[:, None]
    losses: Floats = np.maximum(levels * error, (levels - 1) * error)
    return losses


def crps_w(quantiles_w: Floats, observed_w: Floats) -> float:
    """Continuous ranked probability score: twice the pinball loss integrated over all probabilities.

    Each level stands for its share of 0 to 1 (Gneiting & Ranjan 2011, with quadrature over LEVELS). Raises
    ValueError without a pair.
    """
    quantiles, observed = _pairs(quantiles_w, observed_w)
    return _integrated(pinball_losses_w(quantiles, observed).mean(axis=1))


def coverage_frac(
    quantiles_w: Floats, observed_w: Floats, low: float = 0.10, high: float = 0.90
) -> float | None:
    """Share of observations within two of the LEVELS, both ends included.

    Steps that were certain and right (nights of PV: all quantiles and the observation are 0) say nothing of
    the doubt and are left out; None when there are no others. Raises ValueError without a pair.
    """
    quantiles, observed = _pairs(quantiles_w, observed_w)
    open_steps = ~certain_and_right(quantiles, observed)
    if not open_steps.any():
        return None
    quantiles, observed = quantiles[:, open_steps], observed[open_steps]
    inside = (quantiles[LEVELS.index(low)] <= observed) & (observed <= quantiles[LEVELS.index(high)])
    return float(np.mean(inside))


def width_w(quantiles_w: Floats, low: float = 0.10, high: float = 0.90) -> float:
    """Mean distance between two of the LEVELS [W], where both are known. Raises ValueError for none."""
    width = quantiles_w[LEVELS.index(high)] - quantiles_w[LEVELS.index(low)]
    known = np.isfinite(width)
    _demand_pairs(known)
    return float(np.mean(width[known]))


def skill_frac(score: float, reference: float) -> float | None:
    """By how much a score (the lower the better) beats a reference: 0.25 is a quarter better.

    None against a perfect reference: nothing can be better by a share of nothing.
    """
    return 1.0 - score / reference if reference > 0 else None


def _integrated(loss_by_level_w: Floats) -> float:
    return float(2 * np.sum(loss_by_level_w * _SHARES))


def _pairs(quantiles_w: Floats, observed_w: Floats) -> tuple[Floats, Floats]:
    if quantiles_w.shape != (len(LEVELS), *observed_w.shape) or observed_w.ndim != 1:
        msg = f"quantiles of shape {quantiles_w.shape} do not fit observations of shape {observed_w.shape}"
        raise ValueError(msg)
    known = np.isfinite(observed_w) & np.isfinite(quantiles_w).all(axis=0)
    _demand_pairs(known)
    return quantiles_w[:, known], observed_w[known]


def _demand_pairs(known: Bools) -> None:
    if not known.any():
        raise ValueError("there is no pair of forecast and observation to score")


def certain_and_right(quantiles_w: Floats, observed_w: Floats) -> Bools:
    """Steps whose quantiles were all the same and came true: nights of PV, which say nothing of the doubt."""
    certain: Bools = (quantiles_w[0] == quantiles_w[-1]) & (observed_w == quantiles_w[0])
    return certain
