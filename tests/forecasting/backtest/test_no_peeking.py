"""Whatever happens after an issue, shuffled, deleted or false, its forecast stays what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from trial_files import PLACE, load_known, pv_known

from forecasting.backtest.contender import Issued, Known
from forecasting.backtest.plan import Issue, TrialOptions
from forecasting.backtest.site_file import TrialSite
from forecasting.backtest.trial import load_field, pv_field
from forecasting.backtest.walk import walk
from forecasting.grid import DAY_S, HOUR_S, Grid
from forecasting.quantiles import LEVELS
from forecasting.records import PvRecord, WeatherArchive

DAYS = 30
SITE = TrialSite(PLACE)
Future = Callable[[Any, slice], Any]


def shuffled(values: Any, later: slice) -> Any:
    changed = values.copy()
    changed[later] = np.random.default_rng(7).permutation(values[later])
    return changed


def deleted(values: Any, later: slice) -> Any:
    changed = values.copy()
    changed[later] = False if values.dtype == np.bool_ else np.nan
    return changed


def nonsense(values: Any, later: slice) -> Any:
    changed = values.copy()
    changed[later] = True if values.dtype == np.bool_ else 1e9
    return changed


def with_another_future(known: Known[Any], at_s: int, change: Future) -> Known[Any]:
    """The same file, but for all that nobody can know at a moment."""

    def changed(part: Any, columns: tuple[str, ...], first: int) -> Any:
        later = slice(first, None)
        return replace(part, **{name: change(getattr(part, name), later) for name in columns})

    record = known.record
    columns = ("power_w", "held_back", "ghi_wm2") if isinstance(record, PvRecord) else ("power_w", "unserved")
    runs = [
        run if run.issued_s <= at_s else changed(run, ("ghi_wm2", "temp_c"), 0) for run in known.weather.runs
    ]
    return replace(
        known,
        record=changed(record, columns, record.grid.position(at_s)),
        weather=WeatherArchive(tuple(runs)),
    )


def last_forecasts(field: Callable[[], Any], known: Known[Any], planned: list[Issue]) -> dict[str, Any]:
    found = field()
    walked = walk((*found.ours, *found.references), known, planned, 7, lambda: None)
    return {name: (outcome.mean_w, outcome.values_w) for name, outcome in walked.outcomes.items()}


def daily(grid: Grid, hour: int, days: range) -> list[Issue]:
    everything = np.ones(30, dtype=np.bool_)
    return [
        Issue(at_s, Grid(at_s, grid.step_s, 30), everything, warm_up=False)
        for at_s in (grid.start_s + day * DAY_S + hour * HOUR_S for day in days)
    ]


PV = pv_known(DAYS)
PV_ISSUES = daily(PV.record.grid, 18, range(DAYS - 6, DAYS - 4))
LOAD = load_known(DAYS)
LOAD_ISSUES = daily(LOAD.record.grid, 0, range(DAYS - 6, DAYS - 4))


def pv_contenders() -> Any:
    return pv_field(SITE, PV.record.grid, TrialOptions(), with_weather=True)


def load_contenders() -> Any:
    return load_field(SITE, "home")


@pytest.fixture(scope="module")
def pv_as_it_was() -> dict[str, Any]:
    return last_forecasts(pv_contenders, PV, PV_ISSUES)


@pytest.fixture(scope="module")
def load_as_it_was() -> dict[str, Any]:
    return last_forecasts(load_contenders, LOAD, LOAD_ISSUES)


@pytest.mark.parametrize("change", [shuffled, deleted, nonsense])
def test_what_comes_after_an_issue_changes_no_forecast_of_pv(
    change: Future, pv_as_it_was: dict[str, Any]
) -> None:
    other = with_another_future(PV, PV_ISSUES[-1].at_s, change)
    assert len(pv_as_it_was) == 7
    assert_all_the_same(pv_as_it_was, last_forecasts(pv_contenders, other, PV_ISSUES))


@pytest.mark.parametrize("change", [shuffled, deleted, nonsense])
def test_what_comes_after_an_issue_changes_no_forecast_of_load(
    change: Future, load_as_it_was: dict[str, Any]
) -> None:
    other = with_another_future(LOAD, LOAD_ISSUES[-1].at_s, change)
    assert len(load_as_it_was) == 4
    assert_all_the_same(load_as_it_was, last_forecasts(load_contenders, other, LOAD_ISSUES))


def assert_all_the_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, forecasts in before.items():
        assert np.isfinite(forecasts[0]).any(), name
        for then, now in zip(forecasts, after[name], strict=True):
            np.testing.assert_array_equal(then, now, err_msg=name)


def test_the_past_does_change_forecasts(load_as_it_was: dict[str, Any]) -> None:
    """So that the tests above can fail."""
    other = with_another_future(LOAD, LOAD_ISSUES[0].at_s - 3 * DAY_S, shuffled)
    for name, (mean_w, _) in last_forecasts(load_contenders, other, LOAD_ISSUES).items():
        if name != "week before":
            assert np.any(load_as_it_was[name][0] != mean_w), name


class Watchful:
    """A contender that looks at the dates of what it is handed."""

    name = "watchful"

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, int]] = []

    def learn(self, known: Known[PvRecord]) -> None:
        self._look(known)

    def forecast(self, known: Known[PvRecord], grid: Grid) -> Issued:
        self._look(known)
        zeros = np.zeros(grid.count)
        return Issued(zeros, zeros, np.zeros((len(LEVELS), grid.count)))

    def _look(self, known: Known[PvRecord]) -> None:
        newest_run_s = max(run.issued_s for run in known.weather.runs)
        self.seen.append((known.at_s, known.record.grid.end_s, newest_run_s))


def test_a_contender_is_handed_only_steps_that_have_ended_and_runs_that_were_out() -> None:
    known, contender = pv_known(12), Watchful()
    walk([contender], known, daily(known.record.grid, 11, range(4, 10)), 2, lambda: None)
    assert len(contender.seen) == 6 + 3
    for at_s, measured_s, run_s in contender.seen:
        assert measured_s == at_s
        assert run_s == at_s - 23 * HOUR_S
