"""The result of trials as plain lists and numbers: what `tawan backtest --json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from controller.core.reasons import render
from forecasting.backtest.leaderboard import Duel, LeadRow, Row
from forecasting.backtest.plan import TrialOptions
from forecasting.backtest.trial import Result
from forecasting.quantiles import LEVELS

FORMAT = 1


def document(
    what: str, file: str, results: Sequence[Result], options: TrialOptions, rated_w: float | None
) -> dict[str, Any]:
    """All trials of one command; shares are fractions, powers watts, and what is not known is null."""
    return {
        "format": FORMAT,
        "what": what,
        "data": file,
        "issue": None if options.every_s is not None else options.issue.strftime("%H:%M"),
        "every_s": options.every_s,
        "levels": list(LEVELS),
        "rated_w": rated_w,
        "trials": [_trial(result, rated_w) for result in results],
        "mean_better_by": mean_duels(results),
    }


def mean_duels(results: Sequence[Result]) -> list[dict[str, Any]]:
    """By which share ours were better than each reference, averaged over the trials in which both stood."""
    pairs = dict.fromkeys((duel.ours, duel.reference) for result in results for duel in result.board.duels)
    return [
        {
            "ours": ours,
            "reference": reference,
            "trials": len(duels),
            "rmse_frac": _mean([duel.rmse_frac for duel in duels]),
            "wape_frac": _mean([duel.wape_frac for duel in duels]),
            "pinball_frac": _mean([duel.pinball_frac for duel in duels]),
        }
        for (ours, reference), duels in ((pair, _duels_of(results, *pair)) for pair in pairs)
    ]


def _duels_of(results: Sequence[Result], ours: str, reference: str) -> list[Duel]:
    return [
        duel
        for result in results
        for duel in result.board.duels
        if (duel.ours, duel.reference) == (ours, reference)
    ]


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def _trial(result: Result, rated_w: float | None) -> dict[str, Any]:
    walked, board = result.walked, result.board
    return {
        "name": result.name,
        "from_utc": _utc(int(walked.start_s.min())),
        "to_utc": _utc(int(walked.start_s.max()) + walked.step_s),
        "step_s": walked.step_s,
        "issues": int(np.unique(walked.issued_s).size),
        "steps": board.measured,
        "scored_where_known": result.reference,
        "findings": [{"code": reason.code, "en": render(reason).en} for reason in result.findings],
        "contenders": [
            {"name": row.name, "ours": row.name in result.ours, **_scores(row, rated_w)} for row in board.rows
        ],
        "better_by": [_duel(duel) for duel in board.duels],
        "leads": [_lead(lead, rated_w) for lead in board.leads],
    }


def _duel(duel: Duel) -> dict[str, Any]:
    return {
        "ours": duel.ours,
        "reference": duel.reference,
        "pairs": duel.pairs,
        "rmse_frac": duel.rmse_frac,
        "wape_frac": duel.wape_frac,
        "pinball_frac": duel.pinball_frac,
    }


def _scores(row: Row, rated_w: float | None) -> dict[str, Any]:
    quantiles = row.quantiles
    return {
        "pairs": row.mean.pairs,
        "rmse_w": row.mean.rmse_w,
        "nrmse_frac": None if rated_w is None else row.mean.nrmse_frac(rated_w),
        "mae_w": row.median.mae_w,
        "wape_frac": row.median.wape_frac,
        "bias_w": row.mean.bias_w,
        "pinball_w": None if quantiles is None else quantiles.pinball_w,
        "crps_w": None if quantiles is None else quantiles.crps_w,
        "coverage_80_frac": None if quantiles is None else quantiles.coverage_frac,
        "width_80_w": None if quantiles is None else quantiles.width_w,
        "observed_frac": (
            None
            if quantiles is None or quantiles.observed_frac is None
            else [round(float(share), 4) for share in quantiles.observed_frac]
        ),
    }


def _lead(lead: LeadRow, rated_w: float | None) -> dict[str, Any]:
    return {
        "from_s": lead.from_s,
        "to_s": lead.to_s,
        "contenders": {row.name: _scores(row, rated_w) for row in lead.rows},
        "better_by": [_duel(duel) for duel in lead.duels],
    }


def _utc(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")
