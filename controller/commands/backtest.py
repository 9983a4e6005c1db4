"""`tawan backtest`: a process of its own, which alone of the commands may import the planner's libraries."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from controller.commands.configuration import load_or_explain
from controller.config.faults import EXIT_CONFIG, ConfigError
from controller.config.source import read_source
from controller.core.reasons import render
from controller.settings import Config
from forecasting.backtest.document import document
from forecasting.backtest.leaderboard import NothingToScoreError
from forecasting.backtest.measured import FORECAST_STEPS_S, Measured, read_measured
from forecasting.backtest.plan import PlanError, TrialOptions
from forecasting.backtest.report import draw_report
from forecasting.backtest.site_file import TrialSite, site_of, total_power_w
from forecasting.backtest.table import DataError
from forecasting.backtest.tables import tables
from forecasting.backtest.trial import Result, Trial, load_trials, pv_trial
from forecasting.site import Place, PvArray

EXIT_USAGE = 2
_DURATION = re.compile(r"([0-9]+)\s*(m|min|h|d)")
_SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86_400}
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """What the command line asked for, as written."""

    what: str
    """pv or load."""
    data: Path
    site: Path
    first: str | None
    last: str | None
    issue: str | None
    every: str | None
    horizon: str
    hours: str | None
    step: str | None
    loads: tuple[str, ...]
    relearn_days: int
    report: Path | None
    as_json: bool


class RequestError(Exception):
    """An option cannot be understood; the message says how to write it."""


def run_backtest(request: BacktestRequest) -> int:
    """Try the forecasts and print how good they were; returns the exit status."""
    try:
        options = options_of(request)
        _check_report(request.report)
        site = read_trial_site(request.site)
        measured = read_measured(request.data, site, _step(request.step))
        tell = partial(Console(stderr=True, highlight=False).print, soft_wrap=True)
        tell(f"{measured.file}: {'; '.join(measured.notes)}")
        results = _walk(request, measured, site, options)
        for result in results:
            for reason in result.findings:
                tell(render(reason).en)
        if request.report is not None:
            request.report.write_text(draw_report(results, options, request.data.name), encoding="utf-8")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    except RequestError as error:
        print(f"tawan backtest: {error}", file=sys.stderr)
        return EXIT_USAGE
    except (DataError, PlanError, NothingToScoreError, OSError) as error:
        print(f"tawan backtest: {error}", file=sys.stderr)
        return 1
    rated_w = site.rated_w if request.what == "pv" else None
    if request.as_json:
        print(json.dumps(document(request.what, request.data.name, results, options, rated_w)))
    else:
        Console().print(tables(results, rated_w), highlight=False)
    return 0


def options_of(request: BacktestRequest) -> TrialOptions:
    """How the trial goes. Raises RequestError for an option that cannot be understood."""
    every_s = _duration("--every", request.every)
    horizon_s = _duration("--horizon", request.horizon) or 0
    return TrialOptions(
        first=_date("--from", request.first),
        last=_date("--to", request.last),
        issue=_time(request.issue or ("18:00" if request.what == "pv" else "00:00")),
        every_s=every_s,
        hours=_hours(request.hours),
        horizon_s=horizon_s,
        relearn_days=request.relearn_days,
    )


def read_trial_site(path: Path) -> TrialSite:
    """The site of a site file or a whole config.yaml. Raises ConfigError; SystemExit(78) for the latter."""
    source = read_source(path)
    if "devices" in source.data:
        return site_of_config(load_or_explain(path, with_profiles=False))
    return site_of(source)


def site_of_config(config: Config) -> TrialSite:
    """What a trial needs of a controller's configuration; columns are recognised by their names."""
    site, forecast = config.site, config.forecast
    turbidity = forecast.linke_turbidity
    place = Place(
        site.latitude_deg,
        site.longitude_deg,
        site.timezone,
        forecast.altitude_m,
        forecast.country,
        None if turbidity is None else tuple(turbidity),
    )
    arrays = tuple(
        PvArray(name, array.dc_w, array.ac_w, array.tilt_deg, array.azimuth_deg)
        for name, array in config.pv.items()
    )
    return TrialSite(place, arrays, rated_w=total_power_w(arrays))


def _walk(
    request: BacktestRequest, measured: Measured, site: TrialSite, options: TrialOptions
) -> tuple[Result, ...]:
    """All trials, one after the other, under one progress bar on stderr. Raises PlanError."""
    trials: tuple[Trial, ...]
    if request.what == "pv":
        trials = (pv_trial(measured, site, options),)
    else:
        trials = load_trials(measured, site, options, request.loads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Walking forward", total=sum(len(trial.issues) for trial in trials))
        results = []
        for trial in trials:
            progress.update(task, description=f"Walking forward: {trial.name}")
            results.append(trial.run(lambda: progress.advance(task)))
        return tuple(results)


def _check_report(report: Path | None) -> None:
    """A walk takes minutes: say before it that its report has no place. Raises RequestError."""
    if report is not None and not report.parent.is_dir():
        msg = f"--report {report}: there is no directory {report.parent}; name a file such as report.svg"
        raise RequestError(msg)


def _duration(option: str, text: str | None) -> int | None:
    """Seconds. Raises RequestError."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        msg = f"{option} {text}: write a length of time such as 15m, 6h or 2d"
        raise RequestError(msg)
    return int(found[1]) * _SECONDS[found[2]]


def _step(text: str | None) -> int | None:
    step_s = _duration("--step", text)
    if step_s is not None and step_s not in FORECAST_STEPS_S:
        msg = f"--step {text}: forecasts are made in steps of 15m, 30m or 1h"
        raise RequestError(msg)
    return step_s


def _date(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        msg = f"{option} {text}: write a date as 2026-01-31"
        raise RequestError(msg) from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        msg = f"--issue {text}: write a time of day as 18:00"
        raise RequestError(msg) from None


def _hours(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _HOURS.fullmatch(text.strip())
    if found is None or not int(found[1]) <= int(found[2]) <= 23:
        msg = f"--hours {text}: write the first and the last hour as 7-16"
        raise RequestError(msg)
    return int(found[1]), int(found[2])
