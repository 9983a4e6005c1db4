"""What became of earlier forecasts: calibration learns from it, and the page shows how good they were.

The planner keeps no state of its own for this: the controller stores what was issued, and all is reckoned
from that and from what was measured. So a new process knows at once what the last one knew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from controller.telemetry.issued import IssuedForecast, read_issued
from forecasting.calibration.conformal import (
    LEAD_EDGES_S,
    CalibrationState,
    fresh_state,
    learn_from,
)
from forecasting.calibration.dependence import DependenceState, fresh_dependence, learn_dependence
from forecasting.calibration.tracking import fresh_scorecard, score_onto, tally
from forecasting.grid import DAY_S, QUARTER_S, Bools, Floats, Grid
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, QuantileForecast

KEPT_S = 28 * DAY_S
"""What was issued longer ago is not in the store any more."""
SCORED_DAYS = 14
_LEAST_DAYS = 3
"""Before, a score would be chance."""
_REFERENCE_DAYS = 42
"""The reference knows the days of so many before, by the quarter of an hour of the day."""
_LEAST_REFERENCE = 7


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a total, NaN where it says nothing [W], shape (grid.count,)."""

    grid: Grid
    values_w: Floats

    def on(self, grid: Grid) -> Floats:
        """The part on another grid of the same step, NaN outside."""
        first = self.grid.position(grid.start_s)
        found = np.full(grid.count, np.nan)
        low, high = max(0, first), min(self.grid.count, first + grid.count)
        if high > low:
            found[low - first : high - first] = self.values_w[low:high]
        return found


@dataclass(frozen=True, slots=True)
class Calibrations:
    """What earlier forecasts taught of the totals' doubt."""

    pv: CalibrationState
    load: CalibrationState
    dependence: DependenceState


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the forecasts of a total were."""

    days: int
    """Days of which something was held against forecasts."""
    coverage_80_frac: float | None = None
    pinball_skill_frac: float | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """Forecasts of the totals that were stored, oldest first."""

    pv: Sequence[QuantileForecast]
    load: Sequence[QuantileForecast]


def issued_forecasts(telemetry: Path, kind: str, from_s: int, until_s: int) -> list[QuantileForecast]:
    """The forecasts of a kind that were stored, oldest first, without those of other levels or steps.

    Raises StorageError.
    """
    return [
        QuantileForecast(one.issued_s, Grid(one.start_s, one.step_s, len(one.values_w[0])), _rows(one))
        for one in read_issued(telemetry, kind, from_s, until_s)
        if len(one.values_w) == len(LEVELS) and one.step_s == QUARTER_S
    ]


def _rows(issued: IssuedForecast) -> Floats:
    return np.array(issued.values_w, dtype=np.float64)


def fresh_calibrations() -> Calibrations:
    """Nothing learned yet: bands are wide."""
    return Calibrations(fresh_state(), fresh_state(), fresh_dependence())


def caught_up(
    before: Calibrations,
    models: Issued,
    published: Issued,
    pv_measured: Measured,
    load_measured: Measured,
    now_s: int,
) -> Calibrations:
    """The calibrations after what the models said, in the order of issue, met what was measured by now_s.

    How errors hang together is learned from what was published: a bias of the models, which calibration
    takes away, would look like an error that lasts.
    """
    dependence = before.dependence
    loads = {forecast.issued_s: forecast for forecast in published.load}
    for forecast in published.pv:
        other = loads.get(forecast.issued_s)
        if other is not None and other.grid == forecast.grid and forecast.grid.end_s <= now_s:
            dependence = learn_dependence(
                dependence, forecast, pv_measured.on(forecast.grid), other, load_measured.on(other.grid)
            )
    return Calibrations(
        _learned(before.pv, models.pv, pv_measured, now_s),
        _learned(before.load, models.load, load_measured, now_s),
        dependence,
    )


def _learned(
    state: CalibrationState, forecasts: Sequence[QuantileForecast], measured: Measured, now_s: int
) -> CalibrationState:
    for forecast in forecasts:
        if all(at is not None and forecast.issued_s <= at for at in state.learned_s):
            continue
        ripe = np.where(_ripe(forecast, now_s), measured.on(forecast.grid), np.nan)
        if np.isfinite(ripe).any():
            state = learn_from(state, forecast, ripe)
    return state


def _ripe(forecast: QuantileForecast, now_s: int) -> Bools:
    """Where the whole span of lead times is over: a span is learned from once, so it must be complete."""
    lead_s = forecast.grid.starts_s - forecast.issued_s
    ends_s = np.append(np.array(LEAD_EDGES_S[1:]), forecast.grid.end_s - forecast.issued_s)
    span = np.clip(np.searchsorted(LEAD_EDGES_S, lead_s, side="right") - 1, 0, len(LEAD_EDGES_S) - 1)
    ripe: Bools = np.minimum(ends_s[span], ends_s[-1]) + forecast.issued_s <= now_s
    return ripe


def quality(published: Sequence[QuantileForecast], measured: Measured, now_s: int) -> Quality:
    """How good what was published in the last fortnight was, against quantiles by the time of day."""
    since_s = now_s - SCORED_DAYS * DAY_S
    usual_w = _by_time_of_day(measured, since_s)
    card = fresh_scorecard()
    for forecast in published:
        if forecast.issued_s >= since_s:
            observed_w = measured.on(forecast.grid)
            card = score_onto(card, forecast, observed_w, _reference(forecast, usual_w))
    if len(card.days) < _LEAST_DAYS:
        return Quality(len(card.days))
    found = tally(card, now_s, SCORED_DAYS)
    return Quality(len(card.days), found.coverage_frac, found.skill_frac)


def _reference(forecast: QuantileForecast, usual_w: Floats) -> QuantileForecast | None:
    """What is usual at the steps of a forecast; None while that is not known."""
    values_w = usual_w[:, forecast.grid.starts_s % DAY_S // QUARTER_S]
    return replace(forecast, values_w=values_w) if np.isfinite(values_w).all() else None


def _by_time_of_day(measured: Measured, until_s: int) -> Floats:
    """Quantiles of the weeks before a moment by the quarter of the UTC day, shape (levels, 96).

    Only sameness matters, so UTC will do. NaN where too few days are known.
    """
    within = (measured.grid.starts_s < until_s) & (
        measured.grid.starts_s >= until_s - _REFERENCE_DAYS * DAY_S
    )
    starts_s, values_w = measured.grid.starts_s[within], measured.values_w[within]
    found = np.full((len(LEVELS), DAY_S // QUARTER_S), np.nan)
    slots = starts_s % DAY_S // QUARTER_S
    for slot in range(found.shape[1]):
        of_slot = values_w[(slots == slot) & np.isfinite(values_w)]
        if of_slot.size >= _LEAST_REFERENCE:
            found[:, slot] = np.quantile(of_slot, LEVELS_ARRAY)
    return found
