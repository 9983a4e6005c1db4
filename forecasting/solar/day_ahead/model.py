"""The day-ahead forecast as a whole: what it learns at night and what it says. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, Floats, Grid, Ints
from forecasting.quantiles import tidy
from forecasting.records import PvRecord, WeatherArchive
from forecasting.site import Place
from forecasting.solar.climatology import Climatology, learn_climatology
from forecasting.solar.day_ahead.blend import Blend, learn_blend
from forecasting.solar.day_ahead.expert import Expert, learn_expert
from forecasting.solar.day_ahead.signals import Past, lesson_signals, past_signals
from forecasting.solar.day_ahead.weather import ModelRuns, by_model, foretold_clearness, run_days_ahead
from forecasting.solar.solar_days import SolarDays, noon_s, solar_days, solar_offset_s, solar_time

MOST_DAYS_AHEAD = 2
LONGEST_DAYS = 730
"""Days before are not learned from: the sky repeats itself, and a Raspberry Pi's memory is small."""
UNAWARE = ""
"""In place of a weather model's name: the expert that knows no weather."""
_UNTRIED_TRUST = 0.3
"""Share of what an untried weather model foretells beyond the usual that is expected to come true."""
_MEASURED_FRAC = 0.6
"""A day is learned from when at least this share of its hours was measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """All experts for days so many evenings ahead."""

    sources: tuple[str, ...]
    """The weather model of each; the first knows no weather and has the name UNAWARE."""
    experts: tuple[Expert, ...]
    blend: Blend
    days: Ints
    """Days learned from."""
    unseen: Floats
    """What would have been foretold of each without having seen it, shape (days, hours)."""


@dataclass(frozen=True, slots=True, eq=False)
class DayAhead:
    """What was learned.

    Without panels, in the first weeks of a site, its climatology stands, moved by weather models.
    """

    place: Place
    hours: Ints
    """Hours by the sun for which profiles are told, rising by one."""
    climatology: Climatology
    panels: tuple[Panel, ...]
    """For 1, 2 .. evenings ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """A forecast of the site's PV power, magnitudes >= 0 [W]."""

    mean_w: Floats
    """What is expected: the least squared error. Shape (n,)."""
    values_w: Floats
    """Quantiles, shape (len(LEVELS), n), rising along the first axis."""


def learn(record: PvRecord, clear_w: Floats, weather: WeatherArchive, place: Place) -> DayAhead:
    """Learn from all that is past; about a second for two years and one weather model.

    record: the site's total. clear_w: its clear-sky power on the record's grid [W], shape (grid.count,).
    """
    days = solar_days(record, clear_w, solar_offset_s(place)).last(LONGEST_DAYS)
    climatology = learn_climatology(days, place)
    hours = days.sunny_hours()
    panels: list[Panel] = []
    if hours.size:
        models = by_model(weather)
        for days_ahead in range(1, MOST_DAYS_AHEAD + 1):
            panel = _learn_panel(days, hours, models, place, days_ahead)
            if panel is None:
                break
            panels.append(panel)
    return DayAhead(place, hours, climatology, tuple(panels))


def forecast(
    learned: DayAhead,
    record: PvRecord | None,
    clear_w: Floats,
    weather: WeatherArchive,
    issued_s: int,
    grid: Grid,
    clear_w_ahead: Floats,
) -> Outlook:
    """Foretell the steps of a grid, as of a moment of issue; milliseconds.

    record: the last ten days or more, None where there is none; clear_w: clear-sky power on its grid [W].
    weather: the runs known at the issue. clear_w_ahead: clear-sky power in the steps to come [W], shape
    (grid.count,). Where it is 0 all is 0.
    """
    if not learned.panels:
        return _first_days(learned, weather, issued_s, grid, clear_w_ahead)
    moments = solar_time(grid, solar_offset_s(learned.place))
    past = Past.until(record, clear_w, weather, issued_s, learned.place, len(learned.panels))
    numbers, row = np.unique(moments.day, return_inverse=True)
    told = [_foretell(learned, past, int(day)) for day in numbers]
    both = np.stack([np.concatenate([mean[None], quantiles]) for mean, quantiles in told], axis=1)
    found = moments.along(learned.hours, both, row)
    return _outlook(found[0], found[1:], clear_w_ahead)


def hindcast(learned: DayAhead, grid: Grid, clear_w: Floats) -> Floats:
    """What the evening before would have expected of past steps [W], shape (grid.count,).

    Days learned from are told as if they had not been seen, other days by the climatology.
    """
    mean, _ = learned.climatology.at(grid)
    if learned.panels:
        panel = learned.panels[0]
        moments = solar_time(grid, solar_offset_s(learned.place))
        row = np.minimum(np.searchsorted(panel.days, moments.day), panel.days.size - 1)
        told = moments.along(learned.hours, panel.unseen, row)
        mean = np.where(panel.days[row] == moments.day, told, mean)
    expected: Floats = np.maximum(mean, 0.0) * clear_w
    return expected


def _first_days(
    learned: DayAhead, weather: WeatherArchive, issued_s: int, grid: Grid, clear_w: Floats
) -> Outlook:
    """Before there are panels: the climatology, moved by what weather models foretell of each day."""
    mean, quantiles = learned.climatology.at(grid)
    numbers, row = np.unique(solar_time(grid, solar_offset_s(learned.place)).day, return_inverse=True)
    foretold = foretold_clearness(weather, numbers, issued_s, learned.place)[row]
    sun = np.bincount(row, weights=clear_w)
    usual = np.bincount(row, weights=mean * clear_w) / np.where(sun > 0, sun, 1.0)
    move = np.where(np.isfinite(foretold), _UNTRIED_TRUST * (foretold - usual[row]), 0.0)
    return _outlook(mean + move, quantiles + move, clear_w)


def _outlook(mean: Floats, quantiles: Floats, clear_w: Floats) -> Outlook:
    return Outlook(np.maximum(mean, 0.0) * clear_w, tidy(quantiles * clear_w))


def _profiles(days: SolarDays, hours: Ints) -> Floats:
    """Clearness of each day by hour, shape (days, hours); all NaN where too little was measured.

    An hour that is missing is taken as usual for it, plus what the rest of the day was more than usual. One
    that is never known (the battery is full each noon) is as usual as the hours beside it.
    """
    known = days.clearness[:, hours]
    finite = np.isfinite(known)
    ever = np.flatnonzero(finite.any(axis=0))
    means = np.where(finite, known, 0.0).sum(axis=0)[ever] / finite.sum(axis=0)[ever]
    usual = np.interp(np.arange(hours.size), ever, means)
    more = np.where(finite, known - usual, 0.0).sum(axis=1) / np.maximum(1, finite.sum(axis=1))
    filled = np.where(finite, known, np.maximum(0.0, usual + more[:, None]))
    enough = finite.mean(axis=1) >= _MEASURED_FRAC
    return np.where(enough[:, None], filled, np.nan)


def _learn_panel(
    days: SolarDays, hours: Ints, models: dict[str, ModelRuns], place: Place, days_ahead: int
) -> Panel | None:
    """The experts for days so many evenings ahead, and how they speak together; None with too few days."""
    profiles = _profiles(days, hours)
    sun = days.clear_w[:, hours].mean(axis=0)
    sun /= sun.max()
    before = past_signals(days, days_ahead)
    unaware = learn_expert(before, profiles, sun)
    if unaware is None:
        return None
    sources = [UNAWARE]
    experts = [unaware]
    for source, runs in models.items():
        expert = learn_expert(lesson_signals(days, before, runs, place, days_ahead), profiles, sun)
        if expert is not None:
            sources.append(source)
            experts.append(expert)
    unseen = np.full((len(experts), *profiles.shape), np.nan)
    for number, expert in enumerate(experts):
        unseen[number, expert.rows] = expert.unseen
    rows = unaware.rows
    age_days = (days.numbers[-1] - days.numbers[rows]).astype(np.float64)
    steps = days.steps[rows][:, hours]
    blend, told = learn_blend(unseen[:, rows], profiles[rows], steps, age_days, sun)
    return Panel(tuple(sources), tuple(experts), blend, days.numbers[rows], told)


def _foretell(learned: DayAhead, past: Past, day: int) -> tuple[Floats, Floats]:
    """Mean, shape (hours,), and quantiles, shape (len(LEVELS), hours), of a day's clearness."""
    noon = noon_s(day, solar_offset_s(learned.place))
    ahead = min(max(1, -(-(noon - past.issued_s) // DAY_S)), len(learned.panels))
    panel = learned.panels[ahead - 1]
    overdue_days, error = np.zeros(len(panel.experts)), panel.blend.error.copy()
    told = np.zeros((len(panel.experts), learned.hours.size))
    told[0] = panel.experts[0].predict(past.signals(day)[None])[0]
    for number, source in enumerate(panel.sources[1:], start=1):
        run = past.newest_run(source, day)
        if run is None:
            overdue_days[number] = np.inf
            continue
        run_ahead = run_days_ahead(run, noon)
        learned_ahead = _learned_ahead(learned.panels, source, max(ahead, run_ahead))
        teacher = learned.panels[learned_ahead - 1]
        place = teacher.sources.index(source)
        overdue_days[number] = max(0, run_ahead - learned_ahead)
        error[number] = teacher.blend.error[place]
        told[number] = teacher.experts[place].predict(past.run_signals(run, day, learned_ahead)[None])[0]
    shares = panel.blend.now(overdue_days)
    mean = np.clip(shares @ told, 0.0, panel.blend.brightest)
    return mean, panel.blend.quantiles(mean, shares, error)


def _learned_ahead(panels: tuple[Panel, ...], source: str, days_ahead: int) -> int:
    """For how many evenings ahead to ask a weather model: so many, or the most below that it learned."""
    return max(ahead for ahead, panel in enumerate(panels[:days_ahead], start=1) if source in panel.sources)
