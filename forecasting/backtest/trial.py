"""A whole trial: contenders chosen for PV or for a load, walked, scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic

import numpy as np

from controller.core.model import Reason
from forecasting.backtest.contender import Contender, Known, Record
from forecasting.backtest.dressed import Dressed
from forecasting.backtest.leaderboard import Leaderboard, leaderboard
from forecasting.backtest.measured import Measured
from forecasting.backtest.ours import OurLoad, OurPv
from forecasting.backtest.plan import Issue, PlanError, TrialOptions, issues
from forecasting.backtest.references import (
    Climatology,
    HourlyRegression,
    RawWeather,
    SameHour,
    SmartPersistence,
)
from forecasting.backtest.site_file import TrialSite
from forecasting.backtest.walk import Walked, walk
from forecasting.grid import DAY_S, Bools, Grid, local_time
from forecasting.load.priors import LoadPrior, class_prior
from forecasting.records import LoadRecord, PvRecord, WeatherArchive
from forecasting.solar.clear_sky import clear_sky

DAYLIGHT_DEG = 5.0
"""Where no hours are named, PV is scored while the sun stands at least so high."""
_BEYOND_DAYS = 4


@dataclass(frozen=True, slots=True)
class Field(Generic[Record]):
    """Who takes part."""

    ours: tuple[Contender[Record], ...]
    """The one that runs in operation first."""
    references: tuple[Contender[Record], ...]
    """The first is the one whose steps are the leaderboard's."""
    findings: Mapping[str, Reason]
    """What was wrong with what the first of ours was handed; filled as it walks."""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A trial that is over."""

    name: str
    ours: tuple[str, ...]
    """Names of our contenders, the one that runs in operation first."""
    reference: str
    """On whose steps all are scored."""
    timezone: str
    """Whose days and hours are told."""
    walked: Walked
    board: Leaderboard
    findings: tuple[Reason, ...]
    """What the guards found in what was known."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is needed to walk: made first, so that a progress bar knows how long it will be."""

    name: str
    """"pv", or the load's name."""
    issues: Sequence[Issue]
    run: Callable[[Callable[[], None]], Result]
    """Takes what is called after each issue."""


def pv_trial(measured: Measured, site: TrialSite, options: TrialOptions) -> Trial:
    """The trial of the PV forecasts. Raises PlanError."""
    record, weather = measured.pv, measured.weather
    if record is None:
        raise PlanError("no column of the file is known to be PV power: name it in the site file's columns")
    grid, hours = record.grid, options.hours or site.hours
    counts = np.isfinite(record.offered_w)
    if hours is None:
        counts &= clear_sky(site.place, grid).elevation_deg >= DAYLIGHT_DEG
    else:
        counts &= within_hours(grid, hours, site.place.timezone)
    planned = issues(grid, options, site.place.timezone, counts)
    field = pv_field(site, grid, options, with_weather=bool(weather.runs))
    return _trial("pv", Known(grid.end_s, record, weather), planned, field, site.place.timezone, options)


def pv_field(site: TrialSite, grid: Grid, options: TrialOptions, *, with_weather: bool) -> Field[PvRecord]:
    """Who forecasts PV, on a measured grid."""
    timezone = site.place.timezone
    beyond = _BEYOND_DAYS * DAY_S // grid.step_s
    sky = clear_sky(site.place, Grid(grid.start_s, grid.step_s, grid.count + beyond))
    window_s = DAY_S if options.every_s is None else grid.step_s
    tawan = OurPv("tawan", site.pv_site, sky, with_weather=True)
    references: tuple[Contender[PvRecord], ...] = (
        Dressed(SmartPersistence(sky, window_s), timezone),
        Dressed(SameHour("day before", 1), timezone),
        Climatology(timezone),
    )
    if not with_weather:
        return Field((tawan,), references, tawan.guard.findings)
    return Field(
        (tawan, OurPv("tawan, no weather", site.pv_site, sky, with_weather=False)),
        (*references, Dressed(RawWeather(), timezone), Dressed(HourlyRegression(timezone), timezone)),
        tawan.guard.findings,
    )


def load_trials(
    measured: Measured, site: TrialSite, options: TrialOptions, names: Sequence[str] = ()
) -> tuple[Trial, ...]:
    """The trials of the loads that are named, all without names. Raises PlanError."""
    unknown = [name for name in names if name not in measured.loads]
    if unknown or not measured.loads:
        found = ", ".join(measured.loads)
        raise PlanError(
            f"there is no load {', '.join(unknown)}: the file has {found}"
            if found
            else "the file has no column that is known to be a load: name it in the site file's loads"
        )
    return tuple(_load_trial(name, measured.loads[name], site, options) for name in names or measured.loads)


def _load_trial(name: str, record: LoadRecord, site: TrialSite, options: TrialOptions) -> Trial:
    timezone = site.place.timezone
    counts = np.isfinite(record.demand_w)
    if options.hours is not None:
        counts &= within_hours(record.grid, options.hours, timezone)
    planned = issues(record.grid, options, timezone, counts)
    known = Known(record.grid.end_s, record, WeatherArchive())
    return _trial(name, known, planned, load_field(site, name), timezone, options)


def load_field(site: TrialSite, name: str) -> Field[LoadRecord]:
    """Who forecasts a load."""
    timezone = site.place.timezone
    tawan = OurLoad("tawan", name, site.place, _prior(site, name))
    return Field(
        (tawan,),
        (
            Dressed(SameHour("day before", 1), timezone),
            Dressed(SameHour("week before", 7), timezone),
            Climatology(timezone),
        ),
        tawan.guard.findings,
    )


def _prior(site: TrialSite, name: str) -> LoadPrior | None:
    """What the site file says of a load before it was ever measured."""
    facts = (site.loads or {}).get(name)
    if facts is None or facts.kind is None or facts.rated_w is None:
        return None
    return class_prior(facts.kind, facts.households, facts.rated_w)


def within_hours(grid: Grid, hours: tuple[int, int], timezone: str) -> Bools:
    """Steps that begin in the local hours from the first to the last, both included, shape (count,)."""
    hour = local_time(grid.starts_s, timezone).hour
    within: Bools = (hour >= hours[0]) & (hour < hours[1] + 1)
    return within


def _trial(
    name: str,
    known: Known[Record],
    planned: Sequence[Issue],
    field: Field[Record],
    timezone: str,
    options: TrialOptions,
) -> Trial:
    """A field made ready to walk."""
    walked = partial(walk, field.ours + field.references, known, planned, options.relearn_days)
    ours = tuple(contender.name for contender in field.ours)

    def run(done: Callable[[], None]) -> Result:
        over = walked(done)
        reference = field.references[0].name
        board = leaderboard(over, ours, reference)
        return Result(name, ours, reference, timezone, over, board, tuple(field.findings.values()))

    return Trial(name, planned, run)
