"""How good the forecasts were, held against what came. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from controller.reports.figures.month import QUARTER_S, Bools, Floats, Ints, Steps

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The probabilities of a stored forecast's rows (forecasting.quantiles)."""
_LOW, _MIDDLE, _HIGH = (LEVELS.index(level) for level in (0.10, 0.50, 0.90))
_DAY_S = 86_400
LEADS_H = ((0, 6), (6, 30))
"""The next hours, and the day ahead: from the issue to the start of the quarter that was foretold."""
_LEAST_FRAC = 0.01
_LEAST_QUARTERS = 96
"""Fewer pairs of forecast and measurement say nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """A forecast as issued: quantiles in quarters of an hour, magnitudes [W]."""

    issued_s: int
    """Unix seconds."""
    start_s: int
    values_w: Floats
    """Shape (len(LEVELS), n)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """How good the forecasts of one total were at some lead."""

    from_h: int
    to_h: int
    quarters: int
    """Pairs of forecast and measurement that were compared."""
    bias_frac: float
    """Mean of (forecast less measured), by the mean measured; > 0: too much was expected."""
    error_frac: float
    """Mean absolute error of the median, by the mean measured."""
    skill_frac: float | None
    """1 less this error by that of "as at the same time of the last day known"; > 0: better than that."""
    coverage_80_frac: float
    """How often what came lay between P10 and P90; 0.8 is right."""


@dataclass(frozen=True, slots=True)
class SkillFigures:
    """The scores of one total."""

    skills: Sequence[Skill]
    """By lead; empty where too little could be compared."""
    first_s: int | None
    """When the oldest forecast still in the store was issued, Unix seconds: they are kept for four weeks."""


def skill_figures(forecasts: Iterable[Foretold], measured_w: Floats, steps: Steps) -> SkillFigures:
    """Bias, error, skill and coverage of stored forecasts against quarter-hour means [W, >= 0], (count,).

    measured_w is NaN where nothing was measured and where it says nothing: panels held back, feeders off.
    Quarters in which both what came and P95 lie below a hundredth of the highest measured are left out: for
    the sun that is the night, in which everybody is right.
    """
    forecasts = list(forecasts)
    floor_w = _LEAST_FRAC * float(np.nanmax(measured_w, initial=0.0))
    pairs = [_pairs(each, measured_w, steps, floor_w) for each in forecasts]
    skills = [skill for from_h, to_h in LEADS_H if (skill := _skill(pairs, from_h, to_h)) is not None]
    return SkillFigures(skills, min((each.issued_s for each in forecasts), default=None))


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """One forecast's quarters that can be judged."""

    lead_s: Ints
    low_w: Floats
    middle_w: Floats
    high_w: Floats
    measured_w: Floats
    persisted_w: Floats


def _pairs(forecast: Foretold, measured_w: Floats, steps: Steps, floor_w: float) -> _Pairs:
    starts_s = forecast.start_s + QUARTER_S * np.arange(forecast.values_w.shape[1], dtype=np.int64)
    came_w = _at(starts_s, measured_w, steps)
    # the last whole day before the issue of which this time of the day is known
    days_back = np.maximum(1, -(-(starts_s + QUARTER_S - forecast.issued_s) // _DAY_S))
    persisted_w = _at(starts_s - days_back * _DAY_S, measured_w, steps)
    something: Bools = (came_w > floor_w) | (forecast.values_w[-1] > floor_w)
    use = np.isfinite(came_w) & something
    return _Pairs(
        lead_s=(starts_s - forecast.issued_s)[use],
        low_w=forecast.values_w[_LOW][use],
        middle_w=forecast.values_w[_MIDDLE][use],
        high_w=forecast.values_w[_HIGH][use],
        measured_w=came_w[use],
        persisted_w=persisted_w[use],
    )


def _at(starts_s: Ints, values: Floats, steps: Steps) -> Floats:
    """Values of the month at some quarters, NaN outside of it."""
    place = (starts_s - steps.start_s) // QUARTER_S
    inside = (place >= 0) & (place < steps.count)
    found = np.full(starts_s.size, np.nan)
    found[inside] = values[place[inside]]
    return found


def _skill(pairs: Sequence[_Pairs], from_h: int, to_h: int) -> Skill | None:
    chosen = [
        (each, (each.lead_s >= from_h * 3600) & (each.lead_s < to_h * 3600))
        for each in pairs
        if each.lead_s.size
    ]
    if not chosen:
        return None
    low, middle, high, came, before = (
        np.concatenate([getattr(each, name)[here] for each, here in chosen])
        for name in ("low_w", "middle_w", "high_w", "measured_w", "persisted_w")
    )
    if came.size < _LEAST_QUARTERS or came.mean() <= 0:
        return None
    error_w = np.abs(middle - came)
    known = np.isfinite(before)
    reference_w = float(np.abs(before[known] - came[known]).mean()) if known.sum() >= _LEAST_QUARTERS else 0.0
    return Skill(
        from_h=from_h,
        to_h=to_h,
        quarters=int(came.size),
        bias_frac=float((middle - came).mean() / came.mean()),
        error_frac=float(error_w.mean() / came.mean()),
        skill_frac=1.0 - float(error_w[known].mean()) / reference_w if reference_w > 0 else None,
        coverage_80_frac=float(((came >= low) & (came <= high)).mean()),
    )
