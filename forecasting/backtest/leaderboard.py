"""Who was how good: the scores of all contenders on the same steps, against each other and by lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecasting.backtest.walk import Outcome, Walked
from forecasting.calibration.scores import (
    PointScores,
    QuantileScores,
    score_point,
    score_quantiles,
    skill_frac,
)
from forecasting.grid import HOUR_S, Bools

_BANDS_H = (0, 0.25, 0.5, 1, 2, 3, 4, 6, 9, 12, 15, 18, 21, 24, 27, 30, 36, 42, 48, 96)
"""Edges of the spans of leads [h] where each step has a lead of its own."""
_MANY_LEADS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The scores of one contender."""

    name: str
    mean: PointScores
    """Of the mean: its RMSE and bias count."""
    median: PointScores
    """Of the median: its MAE and WAPE count."""
    quantiles: QuantileScores | None
    """None where it has no doubt to tell: a reference in its first days."""


@dataclass(frozen=True, slots=True)
class Duel:
    """One of ours against a reference where both had a value: by which share it is better (positive)."""

    ours: str
    reference: str
    pairs: int
    rmse_frac: float | None
    wape_frac: float | None
    """The same as that of the MAE."""
    pinball_frac: float | None


@dataclass(frozen=True, slots=True, eq=False)
class LeadRow:
    """The scores of all contenders at one lead, or in a span of leads."""

    from_s: int
    """Leads above this count; the same as to_s for a single lead."""
    to_s: int
    rows: tuple[Row, ...]
    duels: tuple[Duel, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leaderboard:
    """All that is told of a trial."""

    rows: tuple[Row, ...]
    """On the steps of one reference, ours first."""
    measured: int
    """Steps that count; more than the pairs of a row where somebody had no value."""
    duels: tuple[Duel, ...]
    leads: tuple[LeadRow, ...]


class NothingToScoreError(Exception):
    """No step was both measured and forecast by ours and the reference; the message says who was silent."""


def leaderboard(walked: Walked, ours: tuple[str, ...], against: str) -> Leaderboard:
    """Score a trial.

    Args:
        walked: what was forecast and what came.
        ours: the names of our own contenders.
        against: the reference whose steps are the leaderboard's; the others are scored on those of them on
            which they have a value.

    Raises NothingToScoreError.
    """
    measured = np.isfinite(walked.observed_w)
    common = measured.copy()
    for name in (*ours, against):
        common &= _spoken(walked.outcomes[name])
    if not common.any():
        raise NothingToScoreError(_silence(walked, measured))
    return Leaderboard(
        rows=_rows(walked, common),
        measured=int(measured.sum()),
        duels=tuple(_duels(walked, measured, ours)),
        leads=tuple(_leads(walked, common, ours)),
    )


def _spoken(outcome: Outcome) -> Bools:
    said: Bools = np.isfinite(outcome.mean_w)
    return said


def _silence(walked: Walked, measured: Bools) -> str:
    if not measured.any():
        return "nothing usable was measured in any step that counts: choose other dates or hours"
    shares = (
        f"{name} at {np.mean(_spoken(outcome)[measured]):.0%}" for name, outcome in walked.outcomes.items()
    )
    return f"no measured step has a forecast of everybody: there are some of {', '.join(shares)}"


def _rows(walked: Walked, where: Bools) -> tuple[Row, ...]:
    rows = (_row(walked, name, where & _spoken(outcome)) for name, outcome in walked.outcomes.items())
    return tuple(row for row in rows if row is not None)


def _row(walked: Walked, name: str, where: Bools) -> Row | None:
    if not where.any():
        return None
    outcome, observed_w = walked.outcomes[name], walked.observed_w
    doubt = where & np.isfinite(outcome.values_w).all(axis=0)
    return Row(
        name,
        score_point(outcome.mean_w[where], observed_w[where]),
        score_point(outcome.median_w[where], observed_w[where]),
        score_quantiles(outcome.values_w[:, doubt], observed_w[doubt]) if doubt.any() else None,
    )


def _duels(walked: Walked, where: Bools, ours: tuple[str, ...]) -> Iterator[Duel]:
    for name in ours:
        for reference in walked.outcomes:
            both = where & _spoken(walked.outcomes[name]) & _spoken(walked.outcomes[reference])
            we, they = _row(walked, name, both), _row(walked, reference, both)
            if reference in ours or we is None or they is None:
                continue
            yield Duel(
                name,
                reference,
                we.mean.pairs,
                rmse_frac=skill_frac(we.mean.rmse_w, they.mean.rmse_w),
                wape_frac=skill_frac(we.median.mae_w, they.median.mae_w),
                pinball_frac=_pinball_skill(walked, name, reference, both),
            )


def _pinball_skill(walked: Walked, ours: str, reference: str, both: Bools) -> float | None:
    """On the steps at which both have quantiles; None where there are none."""
    we, they = walked.outcomes[ours].values_w, walked.outcomes[reference].values_w
    doubt = both & np.isfinite(we).all(axis=0) & np.isfinite(they).all(axis=0)
    if not doubt.any():
        return None
    observed_w = walked.observed_w[doubt]
    losses_w = (score_quantiles(values_w[:, doubt], observed_w).pinball_w for values_w in (we, they))
    return skill_frac(*losses_w)


def _leads(walked: Walked, common: Bools, ours: tuple[str, ...]) -> Iterator[LeadRow]:
    """Each lead for itself where there are few, spans of leads where each step has its own."""
    lead_s = walked.lead_s
    single = np.unique(lead_s)
    if single.size <= _MANY_LEADS:
        spans = [(int(lead), int(lead)) for lead in single]
    else:
        spans = [(int(low * HOUR_S), int(high * HOUR_S)) for low, high in pairwise(_BANDS_H)]
    for from_s, to_s in spans:
        here = common & (lead_s == to_s if from_s == to_s else (lead_s > from_s) & (lead_s <= to_s))
        if here.any():
            yield LeadRow(from_s, to_s, _rows(walked, here), tuple(_duels(walked, here, ours)))
