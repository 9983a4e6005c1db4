"""When forecasts are issued in a trial, over which steps, and which of them are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np

from forecasting.backtest.local_days import date_of, day_bounds, local_moment
from forecasting.grid import DAY_S, HOUR_S, Bools, Grid, Ints, local_time

LEADS_S = tuple(
    int(hours * HOUR_S) for hours in (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 9, 12, 18, 24, 30, 36, 42, 48)
)
"""Leads at which frequent issues are scored: from the issue to the end of the step."""
_DEFAULT_WARM_UP_DAYS = 60
_BURN_IN_DAYS = 30
_FREQUENT_BURN_IN_DAYS = 10
_LEAST_DAYS = 2


class PlanError(Exception):
    """What was asked for cannot be tried; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """How a trial goes."""

    first: date | None = None
    """First local day that is scored; None: after a warm-up."""
    last: date | None = None
    """Last local day that is scored; None: the last of the file."""
    issue: time = time(18)
    """Local time at which the day ahead is forecast."""
    every_s: int | None = None
    """Issue so often through the scored hours instead, and score by lead."""
    hours: tuple[int, int] | None = None
    """First and last local hour that is scored; None: those of the site file."""
    horizon_s: int = 6 * HOUR_S
    """How far frequent issues look ahead."""
    relearn_days: int = 7

    @property
    def midnight(self) -> bool:
        """Issued at the beginning of the scored day rather than on the day before."""
        return self.issue == time(0)


@dataclass(frozen=True, slots=True, eq=False)
class Issue:
    """One forecast of the trial."""

    at_s: int
    grid: Grid
    scored: Bools
    """Which steps of the grid count, shape (grid.count,)."""
    warm_up: bool
    """Issued so that errors are known when scoring begins; never scored."""
    drawn: bool = True
    """Kept whole for the report: one a day."""


def issues(record: Grid, options: TrialOptions, timezone: str, counts: Bools) -> list[Issue]:
    """All forecasts of a trial in the order of time, for the days on which anything counts.

    Scoring begins at `options.first`, else when a fifth of the days, at most 60, has been seen. For up to a
    month before it (ten days where issues are frequent), but not for the first half of what lies before,
    forecasts are issued unscored.

    Args:
        record: steps of the measured file.
        options: how the trial goes.
        timezone: whose days and hours are meant.
        counts: which steps were measured in hours that count, shape (record.count,).

    Raises PlanError.
    """
    if options.every_s is not None and options.horizon_s < record.step_s:
        minutes, step_min = options.horizon_s // 60, record.step_s // 60
        raise PlanError(f"--horizon {minutes}m is less than one step of the data: they have {step_min} min")
    days = [date_of(int(day)) for day in np.unique(local_time(record.starts_s[counts], timezone).day)]
    first, last = _scored_span(days, options)
    seen = sum(day < first for day in days)
    burn_in = _BURN_IN_DAYS if options.every_s is None else _FREQUENT_BURN_IN_DAYS
    begin = days[max(seen // 2, seen - burn_in)]
    planned = [
        issue
        for day in days
        if begin <= day <= last
        for issue in (
            [_daily(day, record, options, timezone, counts, warm_up=day < first)]
            if options.every_s is None
            else _frequent(day, record, options, timezone, counts, warm_up=day < first)
        )
        if issue.scored.any()
    ]
    if all(issue.warm_up for issue in planned):
        raise PlanError(f"no step from {first} to {last} has a forecast: is the horizon too short?")
    return planned


def _scored_span(days: Sequence[date], options: TrialOptions) -> tuple[date, date]:
    """First and last day that is scored. Raises PlanError when the file holds no such days."""
    if len(days) <= _LEAST_DAYS:
        message = f"{len(days)} days of the file have steps that count: are the hours and columns right?"
        raise PlanError(message)
    warm_up = max(min(_DEFAULT_WARM_UP_DAYS, len(days) // 5), _LEAST_DAYS)
    first, last = options.first or days[warm_up], options.last or days[-1]
    before, within = sum(day < first for day in days), sum(first <= day <= last for day in days)
    if not within or before < _LEAST_DAYS:
        message = (
            f"nothing to score from {first} to {last}: the file has steps that count from {days[0]} to "
            f"{days[-1]}, and the first {_LEAST_DAYS} of those days are for learning"
        )
        raise PlanError(message)
    return first, last


def _daily(
    day: date, record: Grid, options: TrialOptions, timezone: str, counts: Bools, *, warm_up: bool
) -> Issue:
    """The day ahead, issued at the hour of the day before."""
    begin_s, end_s = day_bounds(day, timezone)
    at_s = local_moment(day if options.midnight else day - timedelta(days=1), options.issue, timezone)
    start_s = -(-at_s // record.step_s) * record.step_s
    grid = Grid(start_s, record.step_s, (end_s - start_s) // record.step_s)
    return Issue(at_s, grid, _counting(grid, record, counts) & (grid.starts_s >= begin_s), warm_up)


def _frequent(
    day: date, record: Grid, options: TrialOptions, timezone: str, counts: Bools, *, warm_up: bool
) -> list[Issue]:
    """Issues through the hours that count, each scored at a few leads; one of the morning is drawn."""
    every_s = options.every_s or DAY_S
    begin_s, end_s = day_bounds(day, timezone)
    leads_s = _leads(record.step_s, options.horizon_s)
    starts = [(at_s, -(-at_s // record.step_s) * record.step_s) for at_s in range(begin_s, end_s, every_s)]
    starts = [(at_s, start_s) for at_s, start_s in starts if _counts_at(start_s, record, counts)]
    found = []
    for number, (at_s, start_s) in enumerate(starts):
        grid = Grid(start_s, record.step_s, options.horizon_s // record.step_s)
        told = np.isin(grid.starts_s + grid.step_s - start_s, leads_s)
        scored = _counting(grid, record, counts) & told
        found.append(Issue(at_s, grid, scored, warm_up, drawn=number == len(starts) // 3))
    return found


def _counts_at(start_s: int, record: Grid, counts: Bools) -> bool:
    position = record.position(start_s)
    return 0 <= position < record.count and bool(counts[position])


def _leads(step_s: int, horizon_s: int) -> Ints:
    """The leads that steps of a length have, one step ahead included."""
    fitting = [lead for lead in (step_s, *LEADS_S) if lead <= horizon_s and lead % step_s == 0]
    return np.array(sorted(set(fitting)), dtype=np.int64)


def _counting(grid: Grid, record: Grid, counts: Bools) -> Bools:
    where = (grid.starts_s - record.start_s) // record.step_s
    inside = (where >= 0) & (where < record.count)
    return inside & counts[np.where(inside, where, 0)]
