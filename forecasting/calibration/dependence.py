"""How the errors of a forecast hang together in time: learned from normal scores of past forecasts. Pure.

The correlation of two steps is a mixture of a few kernels of their distance: noise of one step, decays from
an hour to days, and "the same hour tomorrow". Their weights are fitted to the correlations seen at some lags
by nonnegative least squares, pulled to a prior while data are few. A mixture of valid kernels with weights
>= 0 is valid (Rasmussen & Williams 2006, ch. 4), so every fit can be sampled from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls

from forecasting.calibration.normal_scores import scores_of
from forecasting.grid import DAY_S, HOUR_S, Floats
from forecasting.quantiles import QuantileForecast

_DECAYS_H = (1.0, 3.0, 8.0, 24.0, 96.0)
_DAILY_DECAY_H = 96.0
_DAILY_WIDTH = 0.5
"""Length scale of the daily kernel: errors three hours apart on the clock share about a third of it."""
_LAGS_H = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 24.0, 36.0)
_LAGS_S = np.array([int(hours * HOUR_S) for hours in _LAGS_H])

Weights = tuple[float, ...]
"""Of the kernels: noise, the five decays, the same hour tomorrow; >= 0, sum 1."""
PV_PRIOR: Weights = (0.05, 0.30, 0.15, 0.15, 0.0, 0.10, 0.25)
"""Sun an hour apart goes together by two thirds, days by about a quarter."""
LOAD_PRIOR: Weights = (0.10, 0.30, 0.15, 0.15, 0.05, 0.05, 0.20)
"""Use goes together a little less."""

_PRIOR_D = 10.0
"""Weight of the priors, in days of data."""
_HALF_LIFE_D = 60.0
_SPAN_D = 2.0
"""What forecasts span: those issued more often overlap, and weigh less."""


def correlation(weights: Weights, distance_s: Floats) -> Floats:
    """Correlation of normal scores at distances >= 0 [s], any shape."""
    found: Floats = np.tensordot(np.array(weights), _kernels(distance_s), axes=1)
    return found


def _kernels(distance_s: Floats) -> Floats:
    hours = distance_s / HOUR_S
    daily = np.exp(-hours / _DAILY_DECAY_H - 2 * (np.sin(np.pi * hours / 24) / _DAILY_WIDTH) ** 2)
    return np.stack([1.0 * (hours == 0), *(np.exp(-hours / decay) for decay in _DECAYS_H), daily])


@dataclass(frozen=True, slots=True, eq=False)
class LagSums:
    """Sums over pairs of scores at each lag, in days' worth of data, forgotten by and by; shape (lags,)."""

    products: Floats
    squares: Floats
    """What the products would be if both scores of each pair were the same."""

    def __post_init__(self) -> None:
        shape = (len(_LAGS_H),)
        if self.products.shape != shape or self.squares.shape != shape:
            raise ValueError("dependence: the state has another shape than this version's")
        if not (np.isfinite(self.products).all() and np.isfinite(self.squares).all()):
            raise ValueError("dependence: the state holds impossible values")

    def weights(self, prior: Weights) -> Weights:
        """The kernels' weights that fit best."""
        kernels = _kernels(_LAGS_S.astype(np.float64))
        expected = np.array(prior) @ kernels
        seen = (self.products + _PRIOR_D * expected) / (self.squares + _PRIOR_D)
        certainty = np.sqrt(self.squares + _PRIOR_D)
        sum_row = 100.0 * certainty.max() * np.ones((1, len(prior)))
        left = np.concatenate((certainty[:, None] * kernels.T, sum_row))
        found, _ = nnls(left, np.append(certainty * seen, sum_row[0, 0]))
        return tuple((found / found.sum()).tolist())


@dataclass(frozen=True, slots=True, eq=False)
class DependenceState:
    """What was learned of how the errors of PV and load hang together."""

    pv: LagSums
    load: LagSums
    cross: Floats
    """The same two sums for PV and load in the same step."""
    learned_s: int | None
    """When the last forecast learned from was issued."""

    def __post_init__(self) -> None:
        if self.cross.shape != (2,) or not np.isfinite(self.cross).all():
            raise ValueError("dependence: cross is no pair of numbers")

    @property
    def pv_weights(self) -> Weights:
        """Kernels of PV."""
        return self.pv.weights(PV_PRIOR)

    @property
    def load_weights(self) -> Weights:
        """Kernels of the load."""
        return self.load.weights(LOAD_PRIOR)

    @property
    def pv_load_correlation(self) -> float:
        """Of their scores in the same step: below 0 where dull days make people switch on more."""
        product, squares = self.cross.tolist()
        return float(np.clip(product / (squares + _PRIOR_D), -0.9, 0.9))


def fresh_dependence() -> DependenceState:
    """Nothing learned yet: the priors hold."""
    nothing = LagSums(np.zeros(len(_LAGS_H)), np.zeros(len(_LAGS_H)))
    return DependenceState(nothing, nothing, np.zeros(2), None)


def learn_dependence(
    state: DependenceState,
    pv: QuantileForecast,
    pv_observed_w: Floats,
    load: QuantileForecast,
    load_observed_w: Floats,
) -> DependenceState:
    """The state after forecasts of PV and load on one grid met what was observed [W], each shape (count,).

    NaN where nothing was observed. Hand in forecasts as published (a bias that calibration takes away would
    look like errors that last), when all is observed that will be, in the order of issue: an earlier one than
    the last teaches nothing. Raises ValueError for two different grids.
    """
    if pv.grid != load.grid:
        raise ValueError("PV and load are learned from on the same grid")
    if state.learned_s is not None and pv.issued_s <= state.learned_s:
        return state
    age_d = _SPAN_D if state.learned_s is None else (pv.issued_s - state.learned_s) / DAY_S
    kept, step_s = 0.5 ** (age_d / _HALF_LIFE_D), pv.grid.step_s
    weight = min(1.0, age_d / _SPAN_D) * step_s / DAY_S
    pv_scores = _bounded(scores_of(pv.values_w, pv_observed_w))
    load_scores = _bounded(scores_of(load.values_w, load_observed_w))
    return replace(
        state,
        pv=_added(state.pv, kept, weight, pv_scores, step_s),
        load=_added(state.load, kept, weight, load_scores, step_s),
        cross=kept * state.cross + weight * np.array(_products(pv_scores, load_scores)),
        learned_s=pv.issued_s,
    )


def _bounded(scores: Floats) -> Floats:
    """The middle of the scores, held within -3 and 3 so that one wild value does not rule the sums."""
    middle: Floats = np.clip(scores[scores.shape[0] // 2], -3.0, 3.0)
    return middle


def _added(sums: LagSums, kept: float, weight: float, scores: Floats, step_s: int) -> LagSums:
    products, squares = kept * sums.products, kept * sums.squares
    for number, lag_s in enumerate(_LAGS_S.tolist()):
        steps, rest = divmod(lag_s, step_s)
        if rest == 0 and 0 < steps < scores.size:
            product, square = _products(scores[:-steps], scores[steps:])
            products[number] += weight * product
            squares[number] += weight * square
    return LagSums(products, squares)


def _products(first: Floats, second: Floats) -> tuple[float, float]:
    both = np.isfinite(first) & np.isfinite(second)
    one, other = first[both], second[both]
    return float(one @ other), float(np.sqrt((one @ one) * (other @ other)))
