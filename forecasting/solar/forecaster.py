"""The whole PV forecast of a site: learned each night, issued every quarter of an hour. Pure.

Clear-sky power of the arrays as they really are, times the clearness that day-ahead forecast and nowcast
expect. All arrays stand under one sky: each gets the share of the total that its own clear-sky power has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, Ints
from forecasting.quantiles import QuantileForecast, tidy
from forecasting.records import PvRecord, WeatherArchive, missing
from forecasting.site import PvArray, PvSite
from forecasting.solar import day_ahead, nowcast
from forecasting.solar.day_ahead import DayAhead, Outlook
from forecasting.solar.learned import LearnedSite
from forecasting.solar.nowcast import Ahead, Nowcast
from forecasting.solar.recent import History
from forecasting.solar.site_learning import learn_arrays
from forecasting.solar.solar_days import solar_offset_s, solar_time
from forecasting.solar.within_hour import WithinHour, learn_within_hour

LONGEST_S = 730 * DAY_S
"""Older measurements are not learned from."""
RECENT_S = 12 * DAY_S
"""What a day-ahead forecast looks back on."""
RUNS_S = 14 * DAY_S
"""What it looks back on of weather models: the last days and their evenings before."""
LOOK_BACK_S = 27 * HOUR_S
"""What a nowcast looks back on."""
_SENSOR_DOUBT_H = 1.0
_WHOLE = "whole site"


@dataclass(frozen=True, slots=True, eq=False)
class LearnedPv:
    """All that was learned of a site's PV; small enough to be kept on disk."""

    until_s: int
    """Nothing measured later went into it."""
    whole: LearnedSite
    """Whose clear-sky power is the site's."""
    parts: LearnedSite
    """The arrays of the site: whose clear-sky powers are their shares. The same, where each was measured."""
    day_ahead: DayAhead
    nowcast: Nowcast
    peak_w: float
    """Clear-sky power of the site at its highest, > 0."""
    sensor_ratio: Floats
    """Measured power over that which the irradiance sensor promises, by hour of the sun, shape (24,)."""
    within_hour: WithinHour
    """How much wider than the hourly bands of the day-ahead forecast those of the record's steps are."""


@dataclass(frozen=True, slots=True, eq=False)
class PvForecast:
    """PV power as it is expected; nothing is assumed to hold it back."""

    total: QuantileForecast
    mean_w: Floats
    """What is expected of the total: the least squared error. Shape (total.grid.count,)."""
    arrays: Mapping[str, QuantileForecast]
    """By array id."""


def learn_pv(
    site: PvSite,
    record: PvRecord | None,
    arrays: Mapping[str, PvRecord],
    weather: WeatherArchive,
    until_s: int,
) -> LearnedPv:
    """Learn from all that was known at a moment; some seconds for a year of quarters of an hour.

    record: the site's total, None when nothing was measured yet. arrays: what single arrays gave, by id, as
    far as they are measured. Without any the total is taken for one array, and the nameplates share it.
    Raises ValueError for a site without arrays.
    """
    if not site.arrays:
        raise ValueError("a site without arrays has no PV to forecast")
    known = _known(record, until_s, LONGEST_S)
    whole, parts = _learn_sites(site, known, arrays, until_s)
    sensor_ratio = _sensor_ratio(whole, known)
    past = _under_today(whole, known, sensor_ratio)
    clear_w = whole.clear_power_w(whole.sky(past.grid))
    archive = weather.known_at(until_s)
    tomorrow = day_ahead.learn(past, clear_w, archive, site.place)
    peak_w = _peak_w(whole, until_s)
    history = History(
        past.grid, past.power_w, clear_w, day_ahead.hindcast(tomorrow, past.grid, clear_w), peak_w
    )
    return LearnedPv(
        until_s,
        whole,
        parts,
        tomorrow,
        nowcast.learn(history),
        peak_w,
        sensor_ratio,
        learn_within_hour(history),
    )


def forecast_pv(
    learned: LearnedPv,
    site: PvSite,
    record: PvRecord | None,
    weather: WeatherArchive,
    issued_s: int,
    grid: Grid,
) -> PvForecast:
    """Foretell the steps of a grid from what was known at the moment of issue; milliseconds.

    record: the site's total as in `learn_pv`, of which the last days are looked at. site: its inverters'
    limits are kept to, should they have been written anew.
    """
    whole = learned.whole
    past = _under_today(whole, _known(record, issued_s, RECENT_S), learned.sensor_ratio)
    past_clear_w = whole.clear_power_w(whole.sky(past.grid))
    archive = _recent_runs(weather, issued_s)

    def day_ahead_of(steps: Grid, clear_w: Floats) -> Outlook:
        return day_ahead.forecast(learned.day_ahead, past, past_clear_w, archive, issued_s, steps, clear_w)

    sky = whole.sky(grid)
    clear_w = whole.clear_power_w(sky)
    outlook = day_ahead_of(grid, clear_w)
    recent = past.since(issued_s - LOOK_BACK_S) or past
    recent_clear_w = past_clear_w[-recent.grid.count :]
    foreseen_w = day_ahead_of(recent.grid, recent_clear_w).mean_w
    mean_w, values_w = nowcast.forecast(
        learned.nowcast,
        History(recent.grid, recent.power_w, recent_clear_w, foreseen_w, learned.peak_w),
        Ahead(grid, clear_w, outlook.mean_w, learned.within_hour.widened(outlook.values_w, outlook.mean_w)),
    )
    limits_w = _limits_w(learned.parts, site)
    ceiling_w = min(float(limits_w.sum()), float(_limits_w(whole, site).sum()))
    values_w = tidy(values_w, ceiling_w)
    total = QuantileForecast(issued_s, grid, values_w)
    arrays = _shared(total, learned.parts, learned.parts.array_power_w(sky), limits_w)
    return PvForecast(total, np.clip(mean_w, 0.0, ceiling_w), arrays)


def _recent_runs(weather: WeatherArchive, issued_s: int) -> WeatherArchive:
    """The runs that were there at a moment, but for those too old to count."""
    return WeatherArchive(tuple(run for run in weather.runs if issued_s - RUNS_S < run.issued_s <= issued_s))


def _known(record: PvRecord | None, until_s: int, reach_s: int) -> PvRecord:
    """The last part of what was measured by a moment; a day of nothing where there is none."""
    ended = None if record is None else record.before(until_s)
    recent = None if ended is None else ended.since(until_s - reach_s)
    if recent is not None:
        return recent
    grid = Grid((until_s - DAY_S) // HOUR_S * HOUR_S, HOUR_S, DAY_S // HOUR_S)
    return PvRecord(grid, missing(grid), np.zeros(grid.count, dtype=np.bool_), missing(grid), missing(grid))


def _learn_sites(
    site: PvSite, record: PvRecord, arrays: Mapping[str, PvRecord], until_s: int
) -> tuple[LearnedSite, LearnedSite]:
    """The site as a whole, and its arrays."""
    if not arrays and len(site.arrays) == 1:
        arrays = {site.arrays[0].id: record}
    parts = learn_arrays(arrays, site, until_s)
    if arrays or not np.isfinite(record.offered_w).any():
        return parts, parts
    one = replace(site, arrays=(_one_array(site.arrays),))
    return learn_arrays({_WHOLE: record}, one, until_s), parts


def _one_array(arrays: tuple[PvArray, ...]) -> PvArray:
    """Several arrays that are measured together, as if they were one; how it looks is left to be learned."""
    return PvArray(_WHOLE, _sum(array.dc_w for array in arrays), _sum(array.ac_w for array in arrays))


def _under_today(whole: LearnedSite, record: PvRecord, sensor_ratio: Floats) -> PvRecord:
    """What today's plant would have given: old levels taken out, irradiance standing in for what is missing.

    So a village's first forecasts can learn from an irradiance sensor that is older than the panels, and a
    battery that was full at noon leaves no hole.
    """
    power_w = record.offered_w / whole.level(record.grid)
    if np.isfinite(record.ghi_wm2[np.isnan(power_w)]).any():
        promised_w = _promised_w(whole, record) * sensor_ratio[_solar_hour(whole, record.grid)]
        power_w = np.where(np.isnan(power_w), promised_w, power_w)
    return replace(record, power_w=power_w, held_back=np.zeros(record.grid.count, dtype=np.bool_))


def _sensor_ratio(whole: LearnedSite, record: PvRecord) -> Floats:
    """Where panels stand in the shade and the sensor does not, or the other way round, shape (24,).

    Each hour is drawn to 1 as if for some hours of full power the promise had been kept.
    """
    power_w = record.offered_w / whole.level(record.grid)
    promised_w = _promised_w(whole, record)
    both = np.isfinite(power_w) & np.isfinite(promised_w)
    if not both.any():
        return np.ones(24)
    hour = _solar_hour(whole, record.grid)[both]
    given, promised = (np.bincount(hour, column[both], minlength=24) for column in (power_w, promised_w))
    doubt = _SENSOR_DOUBT_H * HOUR_S / record.grid.step_s * float(promised_w[both].max())
    ratio: Floats = (given + doubt) / (promised + doubt) if doubt > 0 else np.ones(24)
    return ratio


def _promised_w(whole: LearnedSite, record: PvRecord) -> Floats:
    """Power of today's plant under the measured irradiance [W], shape (n,); NaN where there is none."""
    found: Floats = whole.power_from_ghi_w(whole.sky(record.grid), record.ghi_wm2).sum(axis=0)
    return found


def _solar_hour(whole: LearnedSite, grid: Grid) -> Ints:
    """Hour by the sun of each step, 0 to 23."""
    return solar_time(grid, solar_offset_s(whole.place)).hour.astype(np.int64)


def _limits_w(learned: LearnedSite, site: PvSite) -> Floats:
    """What each inverter can give at most, as learned and as written [W], shape (arrays,); else infinite."""
    written = {array.id: array.ac_w for array in site.arrays}
    limits = ((array.ac_w, written.get(array.id)) for array in learned.arrays)
    return np.array([min((limit for limit in both if limit is not None), default=np.inf) for both in limits])


def _shared(
    total: QuantileForecast, parts: LearnedSite, clear_w: Floats, limits_w: Floats
) -> dict[str, QuantileForecast]:
    """Each array's share of the total, as of clear-sky powers [W], and no more than its inverter gives."""
    sum_w = clear_w.sum(axis=0)
    shares = np.divide(clear_w, sum_w, out=np.zeros_like(clear_w), where=sum_w > 0)
    return {
        array.id: QuantileForecast(total.issued_s, total.grid, np.minimum(total.values_w * share, limit_w))
        for array, share, limit_w in zip(parts.arrays, shares, limits_w, strict=True)
    }


def _peak_w(learned: LearnedSite, until_s: int) -> float:
    """Clear-sky power at its highest in a year, from one day in each month."""
    highest = 1.0
    for month in range(12):
        start_s = (until_s // DAY_S - month * 30) * DAY_S
        clear_w = learned.clear_power_w(learned.sky(Grid(start_s, HOUR_S, DAY_S // HOUR_S)))
        highest = max(highest, float(clear_w.max()))
    return highest


def _sum(values: Iterable[float | None]) -> float | None:
    """Their sum; None when one of them is not known."""
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)
