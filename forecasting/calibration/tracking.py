"""How good were we: a running scorecard of the last weeks, by lead time. Pure.

Sums are kept by day (of UTC) and lead time, so that any number of past days up to KEPT_DAYS can be told of
and the card stays small. The page and the API show it; it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from forecasting.calibration.scores import certain_and_right, pinball_losses_w, skill_frac
from forecasting.grid import DAY_S, HOUR_S, Floats
from forecasting.quantiles import QuantileForecast

LEAD_EDGES_S = tuple(hours * HOUR_S for hours in (0, 1, 6, 24, 48))
"""Lead times are told of between these; longer ones count as the last."""
KEPT_DAYS = 30
_LEADS = len(LEAD_EDGES_S) - 1


class _Sum(IntEnum):
    """The columns of the card."""

    PAIRS = 0
    OPEN = 1
    """Pairs that were not certain and right, of which coverage tells."""
    COVERED = 2
    PINBALL = 3
    ERROR = 4
    ABSOLUTE_ERROR = 5
    OBSERVED = 6
    OWN_BESIDE_REFERENCE = 7
    """Pinball loss where the reference had a forecast too."""
    REFERENCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """Sums by day, lead time and kind. Raises ValueError for arrays that do not fit or impossible values."""

    days: tuple[int, ...]
    """Days since 1970-01-01 (UTC) of the steps scored, rising."""
    sums: Floats
    """Shape (len(days), leads, columns)."""

    def __post_init__(self) -> None:
        if self.sums.shape != (len(self.days), _LEADS, len(_Sum)):
            raise ValueError("scorecard: it has another shape than this version's")
        if not np.isfinite(self.sums).all() or list(self.days) != sorted(set(self.days)):
            raise ValueError("scorecard: it holds impossible values")


@dataclass(frozen=True, slots=True)
class Tally:
    """What the card says of some days and lead times; None where nothing can be said."""

    from_s: int
    to_s: int
    """Lead times [from_s, to_s)."""
    pairs: int
    coverage_frac: float | None
    """Of P10 to P90; 0.80 is what is promised."""
    pinball_w: float | None
    skill_frac: float | None
    """By what share the pinball loss is below the reference's."""
    bias_w: float | None
    """Of the median, positive where too much was forecast."""
    wape_frac: float | None
    """Of the median."""


def fresh_scorecard() -> Scorecard:
    """Nothing scored yet."""
    return Scorecard((), np.zeros((0, _LEADS, len(_Sum))))


def score_onto(
    card: Scorecard,
    forecast: QuantileForecast,
    observed_w: Floats,
    reference: QuantileForecast | None = None,
) -> Scorecard:
    """The card after a forecast as published met what was observed [W], shape (count,).

    NaN where nothing was observed: hand in each step of a forecast once. reference: what climatology or
    persistence had said for the same grid. Days before the last KEPT_DAYS are dropped. Raises ValueError for
    a reference on another grid.
    """
    if reference is not None and reference.grid != forecast.grid:
        raise ValueError("a forecast and its reference are compared on the same grid")
    seen = np.isfinite(observed_w)
    if not seen.any():
        return card
    starts_s = forecast.grid.starts_s[seen]
    step_days = starts_s // DAY_S
    newest = max((int(step_days.max()), *card.days[-1:]))
    found = {int(day) for day in step_days} | set(card.days)
    days = sorted(day for day in found if day > newest - KEPT_DAYS)
    sums = np.zeros((len(days), _LEADS, len(_Sum)))
    for row, day in enumerate(card.days):
        if day in days:
            sums[days.index(day)] = card.sums[row]
    recent = step_days >= days[0]
    lead = np.searchsorted(LEAD_EDGES_S, starts_s - forecast.issued_s, side="right") - 1
    place = (np.searchsorted(days, step_days[recent]), np.clip(lead[recent], 0, _LEADS - 1))
    np.add.at(sums, place, _summands(forecast, observed_w, reference)[seen][recent])
    return Scorecard(tuple(days), sums)


def tallies(card: Scorecard, now_s: float, days: int = 14) -> tuple[Tally, ...]:
    """What is said of each lead time over the last days, today's included.

    Raises ValueError for days beyond KEPT_DAYS.
    """
    sums = _recent(card, now_s, days)
    return tuple(
        _tally(LEAD_EDGES_S[lead], LEAD_EDGES_S[lead + 1], sums[lead].tolist()) for lead in range(_LEADS)
    )


def tally(card: Scorecard, now_s: float, days: int = 14) -> Tally:
    """What is said of all lead times together over the last days, today's included.

    Raises ValueError for days beyond KEPT_DAYS.
    """
    return _tally(LEAD_EDGES_S[0], LEAD_EDGES_S[-1], _recent(card, now_s, days).sum(axis=0).tolist())


def _summands(forecast: QuantileForecast, observed_w: Floats, reference: QuantileForecast | None) -> Floats:
    """What each step adds to the columns, shape (count, columns)."""
    open_steps = ~certain_and_right(forecast.values_w, observed_w)
    covered = (forecast.level(0.10) <= observed_w) & (observed_w <= forecast.level(0.90))
    own = pinball_losses_w(forecast.values_w, observed_w).mean(axis=0)
    error = forecast.median_w - observed_w
    columns = np.zeros((observed_w.size, len(_Sum)))
    columns[:, _Sum.PAIRS] = 1.0
    columns[:, _Sum.OPEN] = open_steps
    columns[:, _Sum.COVERED] = open_steps & covered
    columns[:, _Sum.PINBALL] = own
    columns[:, _Sum.ERROR] = error
    columns[:, _Sum.ABSOLUTE_ERROR] = np.abs(error)
    columns[:, _Sum.OBSERVED] = observed_w
    if reference is not None:
        columns[:, _Sum.OWN_BESIDE_REFERENCE] = own
        columns[:, _Sum.REFERENCE] = pinball_losses_w(reference.values_w, observed_w).mean(axis=0)
    return columns


def _recent(card: Scorecard, now_s: float, days: int) -> Floats:
    """Sums over the last days, shape (leads, columns)."""
    if not 0 < days <= KEPT_DAYS:
        msg = f"the scorecard tells of 1 to {KEPT_DAYS} days, not {days}"
        raise ValueError(msg)
    since = int(now_s // DAY_S) - days
    rows = [row for row, day in enumerate(card.days) if day > since]
    recent: Floats = card.sums[rows].sum(axis=0)
    return recent


def _tally(from_s: int, to_s: int, sums: list[float]) -> Tally:
    return Tally(
        from_s=from_s,
        to_s=to_s,
        pairs=round(sums[_Sum.PAIRS]),
        coverage_frac=_share(sums[_Sum.COVERED], sums[_Sum.OPEN]),
        pinball_w=_share(sums[_Sum.PINBALL], sums[_Sum.PAIRS]),
        skill_frac=skill_frac(sums[_Sum.OWN_BESIDE_REFERENCE], sums[_Sum.REFERENCE]),
        bias_w=_share(sums[_Sum.ERROR], sums[_Sum.PAIRS]),
        wape_frac=_share(sums[_Sum.ABSOLUTE_ERROR], sums[_Sum.OBSERVED]),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
