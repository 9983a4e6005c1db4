"""Where a value lies within a forecast, as a normal score, and back. Pure.

The normal score of a value is the standard normal quantile of its probability: P50 has score 0, P95 1.645.
Between the LEVELS power is taken as linear in the score; beyond P05 and P95 the tail goes on with the mean
slope of its half of the band, so that a value far outside still has a score that tells how far.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from forecasting.grid import Bools, Floats, Ints
from forecasting.quantiles import LEVELS, LEVELS_ARRAY

LEVEL_SCORES: Floats = ndtri(LEVELS_ARRAY)
"""The normal scores of the LEVELS."""
_MEDIAN = LEVELS.index(0.50)
_LEAST_SLOPE = 0.1
"""Of the whole band's mean slope: a half that is squeezed flat, against a ceiling say, can still be left."""
_SHARES_OF_TIE = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where within the probabilities of a tie its scores are taken."""


def in_doubt(quantiles_w: Floats) -> Bools:
    """Steps that have a band at all, shape (n,): nights of PV have none and say nothing of the doubt."""
    found: Bools = quantiles_w[-1] > quantiles_w[0]
    return found


def scores_of(quantiles_w: Floats, observed_w: Floats) -> Floats:
    """Normal scores of observations, shape (5, n); NaN where nothing was observed or there is no band.

    quantiles_w has shape (len(LEVELS), n), observed_w (n,) [W]. The five are the same but for a tie, where
    several quantiles equal the observation (a load that is often 0): its probabilities are an interval, and
    the scores are spread over it (Czado, Gneiting & Held 2009).
    """
    usable = in_doubt(quantiles_w) & np.isfinite(observed_w)
    quantiles, observed = quantiles_w[:, usable], observed_w[usable]
    below = (quantiles < observed).sum(axis=0)
    up_to = (quantiles <= observed).sum(axis=0)
    tied = (up_to > below + 1) | ((up_to > below) & (observed == 0.0))
    first = np.where(observed == 0.0, 0.0, LEVELS_ARRAY[np.minimum(below, len(LEVELS) - 1)])
    last = LEVELS_ARRAY[np.maximum(up_to, 1) - 1]
    spread = ndtri(np.clip(first + np.outer(_SHARES_OF_TIE, np.maximum(last - first, 0.0)), 1e-4, None))
    scores = np.full((len(_SHARES_OF_TIE), observed_w.size), np.nan)
    scores[:, usable] = np.where(tied, spread, _untied(quantiles, observed, below))
    return scores


def _untied(quantiles_w: Floats, observed_w: Floats, below: Ints) -> Floats:
    """Scores by interpolation in the segment above `below` quantiles, shape (n,)."""
    step = np.arange(observed_w.size)
    left = np.clip(below - 1, 0, len(LEVELS) - 2)
    rise = quantiles_w[left + 1, step] - quantiles_w[left, step]
    share = (observed_w - quantiles_w[left, step]) / np.where(rise > 0, rise, 1.0)
    inner = LEVEL_SCORES[left] + share * (LEVEL_SCORES[left + 1] - LEVEL_SCORES[left])
    low_slope, high_slope = _tail_slopes(quantiles_w)
    under = LEVEL_SCORES[0] + (observed_w - quantiles_w[0]) / low_slope
    over = LEVEL_SCORES[-1] + (observed_w - quantiles_w[-1]) / high_slope
    scores: Floats = np.where(below == 0, under, np.where(below == len(LEVELS), over, inner))
    return scores


def values_at(quantiles_w: Floats, scores: Floats) -> Floats:
    """The power [W] at normal scores of shape (k, n) in a forecast of shape (len(LEVELS), n); shape (k, n).

    Not bounded: the caller knows what is possible.
    """
    step = np.arange(quantiles_w.shape[1])
    left = np.clip(np.searchsorted(LEVEL_SCORES, scores) - 1, 0, len(LEVELS) - 2)
    share = (scores - LEVEL_SCORES[left]) / (LEVEL_SCORES[left + 1] - LEVEL_SCORES[left])
    lower = quantiles_w[left, step]
    inner = lower + np.clip(share, 0.0, 1.0) * (quantiles_w[left + 1, step] - lower)
    low_slope, high_slope = _tail_slopes(quantiles_w)
    values: Floats = (
        inner
        + np.minimum(scores - LEVEL_SCORES[0], 0.0) * low_slope
        + np.maximum(scores - LEVEL_SCORES[-1], 0.0) * high_slope
    )
    return values


def _tail_slopes(quantiles_w: Floats) -> tuple[Floats, Floats]:
    """Watts per unit of score below P05 and above P95, each shape (n,)."""
    reach = LEVEL_SCORES[-1]
    least = _LEAST_SLOPE * (quantiles_w[-1] - quantiles_w[0]) / (2 * reach)
    low = np.maximum((quantiles_w[_MEDIAN] - quantiles_w[0]) / reach, least)
    high = np.maximum((quantiles_w[-1] - quantiles_w[_MEDIAN]) / reach, least)
    return low, high
