"""When forecasts are issued, what counts, and how the scores come about."""

from __future__ import annotations

from datetime import date, time

import numpy as np
import pytest
from trial_files import DAY_S, HOUR_S, PLACE, START_S, days_of, load_known

from forecasting.backtest.contender import Issued, Known
from forecasting.backtest.leaderboard import NothingToScoreError, leaderboard
from forecasting.backtest.plan import PlanError, TrialOptions, issues
from forecasting.backtest.trial import within_hours
from forecasting.backtest.walk import Walked, walk
from forecasting.grid import Floats, Grid
from forecasting.quantiles import LEVELS
from forecasting.records import LoadRecord, WeatherArchive, missing

ZONE = PLACE.timezone
ALL = np.ones(40 * 24, dtype=np.bool_)
GRID = days_of(40)


def test_the_day_ahead_is_issued_the_evening_before_and_scored_from_midnight() -> None:
    options = TrialOptions(first=date(2025, 2, 20), last=date(2025, 2, 21))
    scored = [issue for issue in issues(GRID, options, ZONE, ALL) if not issue.warm_up]
    assert [issue.at_s for issue in scored] == [START_S + day * DAY_S + 18 * HOUR_S for day in (18, 19)]
    assert scored[0].grid == Grid(START_S + 18 * DAY_S + 18 * HOUR_S, HOUR_S, 30)
    assert scored[0].scored.tolist() == [False] * 6 + [True] * 24


def test_at_midnight_the_day_that_begins_is_meant() -> None:
    options = TrialOptions(first=date(2025, 2, 20), last=date(2025, 2, 20), issue=time(0))
    (issue,) = (issue for issue in issues(GRID, options, ZONE, ALL) if not issue.warm_up)
    assert issue.grid == Grid(START_S + 19 * DAY_S, HOUR_S, 24)
    assert issue.at_s == issue.grid.start_s


def test_only_hours_that_count_are_scored_and_days_without_any_are_left_out() -> None:
    counts = within_hours(GRID, (7, 16), ZONE)
    counts[20 * 24 : 21 * 24] = False
    options = TrialOptions(first=date(2025, 2, 20), last=date(2025, 2, 22))
    scored = [issue for issue in issues(GRID, options, ZONE, counts) if not issue.warm_up]
    assert len(scored) == 2
    assert [int(issue.scored.sum()) for issue in scored] == [10, 10]


def test_a_fifth_of_the_days_is_only_learned_from_and_half_of_it_warms_up() -> None:
    planned = issues(GRID, TrialOptions(issue=time(0)), ZONE, ALL)
    assert planned[0].at_s == START_S + 4 * DAY_S
    assert next(issue for issue in planned if not issue.warm_up).at_s == START_S + 8 * DAY_S


def test_frequent_issues_are_scored_at_a_few_leads_to_the_end_of_the_step() -> None:
    grid = days_of(10, 900)
    counts = within_hours(grid, (9, 15), ZONE)
    options = TrialOptions(first=date(2025, 2, 6), last=date(2025, 2, 6), every_s=1800, horizon_s=4 * HOUR_S)
    scored = [issue for issue in issues(grid, options, ZONE, counts) if not issue.warm_up]
    assert [issue.at_s - START_S - 5 * DAY_S for issue in scored] == list(
        range(9 * HOUR_S, 16 * HOUR_S, 1800)
    )
    leads = scored[0].grid.starts_s[scored[0].scored] + 900 - scored[0].at_s
    assert leads.tolist() == [900, 1800, 2700, 3600, 5400, 7200, 10800, 14400]
    assert scored[-1].scored.sum() == 2  # the sun sets on the others
    assert sum(issue.drawn for issue in scored) == 1


def test_days_outside_of_the_file_are_refused_with_what_there_is() -> None:
    with pytest.raises(PlanError, match="has steps that count from 2025-02-01 to 2025-03-12"):
        issues(GRID, TrialOptions(first=date(2026, 1, 1)), ZONE, ALL)
    with pytest.raises(PlanError, match="are the hours and columns right"):
        issues(GRID, TrialOptions(), ZONE, np.zeros(GRID.count, dtype=np.bool_))
    with pytest.raises(PlanError, match="are for learning"):
        issues(GRID, TrialOptions(first=date(2025, 2, 2)), ZONE, ALL)


class Constant:
    """Says the same of each step, or nothing."""

    def __init__(self, name: str, mean_w: float, spread_w: float = 50.0) -> None:
        self.name = name
        self._mean_w = mean_w
        self._offsets_w = spread_w * np.linspace(-1, 1, len(LEVELS))

    def learn(self, known: Known[LoadRecord]) -> None:
        pass

    def forecast(self, known: Known[LoadRecord], grid: Grid) -> Issued:
        mean_w = np.full(grid.count, self._mean_w)
        return Issued(mean_w, mean_w, mean_w + self._offsets_w[:, None])


def walked(power_w: Floats, *contenders: Constant) -> Walked:
    grid = days_of(power_w.size // 24)
    record = LoadRecord(grid, power_w, np.zeros(grid.count, dtype=np.bool_), missing(grid))
    planned = issues(grid, TrialOptions(issue=time(0)), ZONE, np.isfinite(power_w))
    return walk(contenders, Known(grid.end_s, record, WeatherArchive()), planned, 7, lambda: None)


def test_the_leaderboard_tells_errors_as_they_are() -> None:
    power_w = np.full(20 * 24, 100.0)
    power_w[::2] = 200.0
    board = leaderboard(
        walked(power_w, Constant("ours", 150.0), Constant("other", 250.0)), ("ours",), "other"
    )
    ours, other = board.rows
    assert ours.mean.rmse_w == pytest.approx(50.0)
    assert ours.median.wape_frac == pytest.approx(50 / 150)
    assert other.mean.bias_w == pytest.approx(100.0)
    assert ours.quantiles is not None
    assert ours.quantiles.coverage_frac == 0.0
    (duel,) = board.duels
    assert duel.rmse_frac == pytest.approx(1 - 50 / np.sqrt(12500))
    assert duel.wape_frac == pytest.approx(0.5)


def test_a_reference_without_values_is_left_out_and_nobody_suffers() -> None:
    board = leaderboard(
        walked(np.full(480, 100.0), Constant("ours", 90.0), Constant("a", 80.0), Constant("b", np.nan)),
        ("ours",),
        "a",
    )
    assert [row.name for row in board.rows] == ["ours", "a"]
    assert board.rows[0].mean.pairs == board.measured


def test_without_a_common_step_it_is_said_who_was_silent() -> None:
    silent = walked(np.full(480, 100.0), Constant("ours", 90.0), Constant("a", np.nan))
    with pytest.raises(NothingToScoreError, match="ours at 100%, a at 0%"):
        leaderboard(silent, ("ours",), "a")


def test_leads_are_banded_where_each_step_has_its_own() -> None:
    board = leaderboard(
        walked(np.full(480, 100.0), Constant("ours", 90.0), Constant("a", 80.0)), ("ours",), "a"
    )
    assert [(lead.from_s // HOUR_S, lead.to_s // HOUR_S) for lead in board.leads][-2:] == [(18, 21), (21, 24)]
    assert sum(lead.rows[0].mean.pairs for lead in board.leads) == board.measured


def test_a_forecast_of_another_shape_is_a_defect_that_is_named() -> None:
    class Short(Constant):
        def forecast(self, known: Known[LoadRecord], grid: Grid) -> Issued:
            return super().forecast(known, Grid(grid.start_s, grid.step_s, grid.count - 1))

    known = load_known(12)
    planned = issues(known.record.grid, TrialOptions(), ZONE, np.ones(12 * 24, dtype=np.bool_))
    with pytest.raises(ValueError, match="ours forecast"):
        walk([Short("ours", 1.0)], known, planned, 7, lambda: None)
