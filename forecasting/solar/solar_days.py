"""Days and hours by the sun: a whole number of hours from UTC all year, whatever clocks do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Bools, Floats, Grid, Ints
from forecasting.records import PvRecord
from forecasting.site import Place

HOURS = 24
_LOW_SUN_FRAC = 0.02
"""Of the highest clear-sky power of an hour: below it a ratio says nothing."""
_MEASURED_FRAC = 0.5
"""An hour is known when at least this share of its sun was measured."""


def solar_offset_s(place: Place) -> int:
    """Seconds by which mean solar time is ahead of UTC, to the whole hour, so that hourly records fit."""
    return round(place.longitude_deg / 15.0) * HOUR_S


@dataclass(frozen=True, slots=True, eq=False)
class SolarDays:
    """A record in whole days by the sun; hours are those since solar midnight."""

    first: int
    """Number of the first day: days since 1970-01-01 in solar time."""
    clearness: Floats
    """Power over clear-sky power, shape (days, 24); NaN where it is unknown or the sun too low."""
    clear_w: Floats
    """Mean clear-sky power of the hour [W], shape (days, 24); 0 where the record has no step."""
    steps: Floats
    """Clearness of the record's single steps, shape (days, 24, steps in an hour, at least 1): they waver more
    than the hour."""

    @property
    def numbers(self) -> Ints:
        """The number of each day, shape (days,)."""
        return self.first + np.arange(len(self.clearness), dtype=np.int64)

    @property
    def mean(self) -> Floats:
        """Clearness of each day weighted by its sun, shape (days,); NaN where half of it is unknown."""
        known = np.isfinite(self.clearness)
        measured = np.where(known, self.clear_w, 0.0)
        total = self.clear_w.sum(axis=1)
        enough = known.any(axis=1) & (measured.sum(axis=1) >= _MEASURED_FRAC * total)
        power = np.where(known, self.clearness * self.clear_w, 0.0).sum(axis=1)
        mean: Floats = np.divide(power, measured.sum(axis=1), out=np.full(total.size, np.nan), where=enough)
        return mean

    def last(self, count: int) -> SolarDays:
        """The last days, all where there are fewer."""
        drop = max(0, len(self.clearness) - count)
        return SolarDays(self.first + drop, self.clearness[drop:], self.clear_w[drop:], self.steps[drop:])

    def sunny_hours(self) -> Ints:
        """The hours in which clearness is known on most days that have any, without a gap; may be empty."""
        known = np.isfinite(self.clearness)
        often = known.sum(axis=0) > 0.5 * max(1, int(known.any(axis=1).sum()))
        hours = np.flatnonzero(often)
        return np.arange(hours[0], hours[-1] + 1) if hours.size else hours


def solar_days(record: PvRecord, clear_w: Floats, offset_s: int) -> SolarDays:
    """A record by day and hour; power that was held back is not known. clear_w [W]: shape (grid.count,)."""
    hour = (record.grid.centres_s + offset_s) // HOUR_S
    first = int(hour[0]) // HOURS
    cell = hour - first * HOURS
    days = int(cell[-1]) // HOURS + 1
    offered_w = record.offered_w
    known = np.isfinite(offered_w)

    def total(values: Floats | Bools) -> Floats:
        sums: Floats = np.bincount(cell, weights=values, minlength=days * HOURS).astype(np.float64)
        return sums.reshape(days, HOURS)

    steps, clear = total(np.ones(cell.size)), total(clear_w)
    measured = total(np.where(known, clear_w, 0.0))
    mean_w = np.divide(clear, steps, out=np.zeros_like(clear), where=steps > 0)
    high = (mean_w > 0) & (mean_w >= _LOW_SUN_FRAC * mean_w.max()) & (measured >= _MEASURED_FRAC * clear)
    power = total(np.where(known, offered_w, 0.0))
    clearness = np.divide(power, measured, out=np.full_like(clear, np.nan), where=high)
    parts = max(1, HOUR_S // record.grid.step_s)
    part = (record.grid.centres_s + offset_s) % HOUR_S * parts // HOUR_S
    single = np.full((days * HOURS, parts), np.nan)
    sunny = np.flatnonzero(known & high.ravel()[cell] & (clear_w > _LOW_SUN_FRAC * mean_w.max()))
    single[cell[sunny], part[sunny]] = offered_w[sunny] / clear_w[sunny]
    return SolarDays(first, clearness, mean_w, single.reshape(days, HOURS, parts))


@dataclass(frozen=True, slots=True, eq=False)
class SolarTime:
    """Day and hour by the sun of some moments; all shape (n,)."""

    day: Ints
    hour: Floats

    def along(self, hours: Ints, profiles: Floats, row: Ints) -> Floats:
        """Profiles of days, shape (..., rows, len(hours)), read at these moments, straight between middles.

        row: the row of each moment, shape (n,). Gives shape (..., n). Before the first and after the last
        hour their values hold.
        """
        place = np.interp(self.hour, hours + 0.5, np.arange(hours.size))
        low = np.minimum(place.astype(np.int64), max(0, hours.size - 2))
        high = np.minimum(low + 1, hours.size - 1)
        share = place - low
        found: Floats = profiles[..., row, low] * (1.0 - share) + profiles[..., row, high] * share
        return found


def solar_time(grid: Grid, offset_s: int) -> SolarTime:
    """Day and hour by the sun of the middle of each step."""
    at_s = grid.centres_s + offset_s
    return SolarTime(at_s // DAY_S, (at_s % DAY_S) / HOUR_S)


def noon_s(day: int, offset_s: int) -> int:
    """Unix time of a day's solar noon."""
    return day * DAY_S + DAY_S // 2 - offset_s
