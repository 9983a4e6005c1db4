"""Quantiles that keep what they promise: calibrated online by what was observed later. Pure.

Each observation is turned into its normal score within the forecast as issued (`normal_scores`), so that what
is learned scales with the band. The scores are counted by lead time and hour of the day, with exponential
forgetting. Their distribution, mixed with that of the whole lead time and a wide prior while data are few,
says where the quantiles belong: conformal prediction beyond exchangeability with weighted quantiles (Barber,
Candes, Ramdas & Tibshirani 2023), of a predictive distribution (Vovk et al. 2020). On top, each level of each
lead time is shifted by the misses that remain: the adaptive step of Gibbs & Candes (2021) and the quantile
tracker of Angelopoulos, Candes & Tibshirani (2023), so that coverage comes back after a change of regime.

Feedback may come late, in portions and with gaps: a forecast is learned from once by each lead time. What it
missed is judged by the calibration of today, not of the day of issue, so that delays do not make it swing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from forecasting.calibration.normal_scores import scores_of, values_at
from forecasting.grid import DAY_S, HOUR_S, Floats, Ints
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, QuantileForecast, tidy

LEAD_EDGES_S = tuple(hours * HOUR_S for hours in (0, 1, 3, 6, 12, 24, 48))
"""Lead times (start of the step minus issue) are treated alike between these; longer ones as the last."""
_PART_S = 3 * HOUR_S
"""Hours of the day are treated alike in parts of this length (of the UTC day: only sameness matters)."""
_LEADS, _PARTS = len(LEAD_EDGES_S) - 1, DAY_S // _PART_S

_BINS = 80
_REACH = 4.0
"""Scores are counted in bins of asinh(score) from -4 to 4: fine in the middle, up to a score of 27."""
_EDGES: Floats = np.sinh(np.linspace(-_REACH, _REACH, _BINS + 1))

_HALF_LIFE_D = 45.0
_PRIOR_SPREAD = 1.3
"""A forecast of which nothing is known is taken to be this much too narrow."""
_PRIOR_D = 10.0
"""Weight of the prior, in days of data of one part of the day."""
_POOL_D = 40.0
"""Weight of the whole lead time beside an hour's own data, in days."""
_STEP = 0.25
"""Shift in normal scores per day on which every observation is missed."""
_MEDIAN = LEVELS.index(0.50)
_PRIOR: Floats = np.diff(ndtr(_EDGES / _PRIOR_SPREAD))


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationState:
    """What was learned so far. Raises ValueError for arrays of another shape or with impossible values."""

    counts: Floats
    """Days' worth of scores by lead time, part of the day and bin, forgotten by and by."""
    shifts: Floats
    """Added to the scores of the LEVELS by lead time, shape (leads, len(LEVELS))."""
    learned_s: tuple[int | None, ...]
    """When the last forecast learned from was issued, by lead time."""

    def __post_init__(self) -> None:
        fits = (
            self.counts.shape == (_LEADS, _PARTS, _BINS)
            and self.shifts.shape == (_LEADS, len(LEVELS))
            and len(self.learned_s) == _LEADS
        )
        if not fits:
            raise ValueError("calibration: the state has another shape than this version's")
        if not (np.isfinite(self.counts).all() and np.isfinite(self.shifts).all()) or np.any(self.counts < 0):
            raise ValueError("calibration: the state holds impossible values")


def fresh_state() -> CalibrationState:
    """Nothing learned yet: bands are wide."""
    return CalibrationState(
        np.zeros((_LEADS, _PARTS, _BINS)), np.zeros((_LEADS, len(LEVELS))), (None,) * _LEADS
    )


def calibrate(
    state: CalibrationState, forecast: QuantileForecast, ceiling_w: Floats | float | None = None
) -> QuantileForecast:
    """The forecast with its bands moved to where the observations have been, between 0 and a ceiling.

    The median stays the model's own. A step without any band stays as it is.
    """
    leads, parts = _groups(forecast)
    at = _level_scores(state)[leads, parts].T
    return replace(forecast, values_w=tidy(values_at(forecast.values_w, at), ceiling_w))


def learn_from(state: CalibrationState, forecast: QuantileForecast, observed_w: Floats) -> CalibrationState:
    """The state after a forecast, as issued and *not* calibrated, met what was observed [W], shape (count,).

    NaN where nothing was, or not yet, observed. A lead time is learned from when anything was observed in it,
    and then not again for this or an earlier forecast: hand in what is ripe, in the order of issue.
    """
    leads, parts = _groups(forecast)
    scores = scores_of(forecast.values_w, observed_w)
    at = _level_scores(state)
    counts, shifts, learned = state.counts.copy(), state.shifts.copy(), list(state.learned_s)
    for lead in np.unique(leads[np.isfinite(scores[0])]).tolist():
        last_s = learned[lead]
        if last_s is not None and forecast.issued_s <= last_s:
            continue
        age_d = 1.0 if last_s is None else (forecast.issued_s - last_s) / DAY_S
        of_lead = (leads == lead) & np.isfinite(scores[0])
        width_d = (LEAD_EDGES_S[lead + 1] - LEAD_EDGES_S[lead]) / DAY_S
        weight = forecast.grid.step_s / _PART_S * min(1.0, age_d / width_d)
        kept = 0.5 ** (age_d / _HALF_LIFE_D)
        counts[lead] *= kept
        counts[lead] += weight * _counted(scores[:, of_lead], parts[of_lead])
        over = (scores[:, None, of_lead] > at[lead, parts[of_lead]].T[None]).mean(axis=(0, 2))
        shifts[lead] *= kept
        shifts[lead] += _STEP * min(1.0, age_d) * (over - (1.0 - LEVELS_ARRAY))
        learned[lead] = forecast.issued_s
    return CalibrationState(counts, shifts, tuple(learned))


def _groups(forecast: QuantileForecast) -> tuple[Ints, Ints]:
    """Index of the lead time and of the part of the day of each step."""
    lead_s = forecast.grid.starts_s - forecast.issued_s
    leads = np.clip(np.searchsorted(LEAD_EDGES_S, lead_s, side="right") - 1, 0, _LEADS - 1)
    return leads, forecast.grid.centres_s % DAY_S // _PART_S


def _counted(scores: Floats, parts: Ints) -> Floats:
    """Scores of shape (k, n) counted by part of the day and bin; each of the n weighs 1."""
    bins = np.clip(np.searchsorted(_EDGES, scores, side="right") - 1, 0, _BINS - 1)
    counts = np.zeros((_PARTS, _BINS))
    np.add.at(counts, (np.broadcast_to(parts, bins.shape), bins), 1.0 / scores.shape[0])
    return counts


def _level_scores(state: CalibrationState) -> Floats:
    """Where the LEVELS lie, as normal scores of the forecast as issued; (leads, parts, len(LEVELS))."""
    of_lead = state.counts.sum(axis=1) + _PRIOR_D * _PRIOR
    of_lead /= of_lead.sum(axis=1, keepdims=True)
    mixed = state.counts + _POOL_D * of_lead[:, None, :]
    below = np.cumsum(mixed, axis=2)
    below = np.concatenate((np.zeros((_LEADS, _PARTS, 1)), below / below[:, :, -1:]), axis=2)
    found = np.empty((_LEADS, _PARTS, len(LEVELS)))
    for lead, part in np.ndindex(_LEADS, _PARTS):
        found[lead, part] = np.interp(LEVELS_ARRAY, below[lead, part], _EDGES)
    shifted: Floats = np.sort(found + state.shifts[:, None, :], axis=2)
    # The bands open to where the observations lie; the middle stays the model's, which knows more of the day
    # than the errors of the last weeks do: moving it cost loads 1 to 3 % of their WAPE.
    shifted[..., :_MEDIAN] = np.minimum(shifted[..., :_MEDIAN], 0.0)
    shifted[..., _MEDIAN] = 0.0
    shifted[..., _MEDIAN + 1 :] = np.maximum(shifted[..., _MEDIAN + 1 :], 0.0)
    return shifted
