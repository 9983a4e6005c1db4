"""What every forecast has to beat: persistence, smart persistence, climatology, the raw weather model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.backtest.contender import AnyKnown, Issued
from forecasting.backtest.lookup import at_starts, newest_ghi_wm2
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, Ints, local_time
from forecasting.quantiles import LEVELS, LEVELS_ARRAY
from forecasting.records import missing
from forecasting.solar.clear_sky import ClearSky

_HIGH_SUN_WM2 = 100.0
"""Clear-sky irradiance from which on a clearness means something."""
_YEAR_DAYS = 365
_SMART_DAYS = 3
"""Further back a clearness is no longer the last one."""


@dataclass(frozen=True, slots=True)
class SameHour:
    """The value of the same hour so many days before: the newest of them that is known."""

    name: str
    days: int

    def learn(self, _known: AnyKnown) -> None:
        """There is nothing to learn."""

    def point(self, known: AnyKnown, grid: Grid) -> Floats:
        """What was measured then [W]."""
        period_s = self.days * DAY_S
        ends_s = grid.starts_s + grid.step_s
        periods = np.maximum(-(-(ends_s - known.at_s) // period_s), 1)
        return at_starts(known.record.grid, known.usable_w, grid.starts_s - periods * period_s)


@dataclass(slots=True)
class SmartPersistence:
    """The last measured clearness times the clear sky: power over clear-sky irradiance stays what it was.

    The clearness is that of the last `window_s` with the sun high enough: one step for a nowcast, a day for
    the day ahead, where the last step would be one cloud of an evening.
    """

    sky: ClearSky
    """Over all of the trial: where the sun will stand is no secret."""
    window_s: int
    name: str = "smart persistence"
    _highest: float = np.inf

    def learn(self, known: AnyKnown) -> None:
        """Note the highest clearness so far: what clouds reflect does not last."""
        ghi_wm2 = self._ghi_wm2(known.record.grid)
        high = (ghi_wm2 >= _HIGH_SUN_WM2) & np.isfinite(known.usable_w)
        if high.any():
            self._highest = float(np.quantile(known.usable_w[high] / ghi_wm2[high], 0.99))

    def point(self, known: AnyKnown, grid: Grid) -> Floats:
        """Clearness times clear sky [W]."""
        past = known.record.grid
        recent = past.since(known.at_s - _SMART_DAYS * DAY_S)
        if recent is None:
            return missing(grid)
        power_w = known.usable_w[past.count - recent.count :]
        ghi_wm2 = self._ghi_wm2(recent)
        usable = np.flatnonzero((ghi_wm2 >= _HIGH_SUN_WM2) & np.isfinite(power_w))
        if usable.size == 0:
            return missing(grid)
        last_s = int(recent.starts_s[usable[-1]])
        within = usable[recent.starts_s[usable] > last_s - self.window_s]
        clearness = float(power_w[within].sum() / ghi_wm2[within].sum())
        return min(clearness, self._highest) * self._ghi_wm2(grid)

    def _ghi_wm2(self, grid: Grid) -> Floats:
        return at_starts(self.sky.grid, self.sky.ghi_wm2, grid.starts_s)


class Climatology:
    """Mean and quantiles of the past at the same time of day, over at most a year."""

    name = "climatology"

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._mean_w: Floats = np.empty(0)
        self._values_w: Floats = np.empty((len(LEVELS), 0))

    def learn(self, known: AnyKnown) -> None:
        """Gather the values of each time of day."""
        by_day = by_day_and_slot(known.record.grid, known.usable_w, self._timezone)[-_YEAR_DAYS:]
        slots = by_day.shape[1]
        self._mean_w, self._values_w = np.full(slots, np.nan), np.full((len(LEVELS), slots), np.nan)
        for slot in np.flatnonzero(np.isfinite(by_day).any(axis=0)).tolist():
            past_w = by_day[np.isfinite(by_day[:, slot]), slot]
            self._mean_w[slot] = past_w.mean()
            self._values_w[:, slot] = np.quantile(past_w, LEVELS_ARRAY)

    def forecast(self, _known: AnyKnown, grid: Grid) -> Issued:
        """What that time of day brought so far."""
        slot = slots_of(grid, self._timezone)
        return Issued(self._mean_w[slot], self._values_w[LEVELS.index(0.50), slot], self._values_w[:, slot])


@dataclass(slots=True)
class RawWeather:
    """Irradiance of the weather model times the past ratio of power to it: the model as it comes."""

    name: str = "raw NWP"
    _ratio: float = np.nan

    def learn(self, known: AnyKnown) -> None:
        """Note how much power came of one W/m2 forecast."""
        ghi_wm2 = newest_ghi_wm2(known.weather, known.record.grid)
        pairs = np.isfinite(ghi_wm2) & np.isfinite(known.usable_w)
        total = float(ghi_wm2[pairs].sum())
        self._ratio = float(known.usable_w[pairs].sum()) / total if total > 0 else np.nan

    def point(self, known: AnyKnown, grid: Grid) -> Floats:
        """Ratio times irradiance [W]."""
        return self._ratio * newest_ghi_wm2(known.weather, grid)


class HourlyRegression:
    """For each time of day a straight line from the weather model's irradiance to power, by least squares."""

    name = "per-hour regression on NWP"

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._lines: Floats = np.empty((0, 2))

    def learn(self, known: AnyKnown) -> None:
        """Fit all lines to the whole past."""
        grid = known.record.grid
        ghi_wm2 = newest_ghi_wm2(known.weather, grid)
        pairs = np.isfinite(ghi_wm2) & np.isfinite(known.usable_w)
        slot = slots_of(grid, self._timezone)
        self._lines = np.full((DAY_S // grid.step_s, 2), np.nan)
        for found in np.unique(slot[pairs]).tolist():
            here = pairs & (slot == found)
            features = np.column_stack((np.ones(int(here.sum())), ghi_wm2[here]))
            self._lines[found] = np.linalg.lstsq(features, known.usable_w[here], rcond=None)[0]

    def point(self, known: AnyKnown, grid: Grid) -> Floats:
        """The line of each step at the irradiance forecast [W]."""
        offset, slope = self._lines[slots_of(grid, self._timezone)].T
        expected_w: Floats = np.maximum(offset + slope * newest_ghi_wm2(known.weather, grid), 0.0)
        return expected_w


def slots_of(grid: Grid, timezone: str) -> Ints:
    """Which step of the local day each step of a grid is, shape (count,)."""
    hour = local_time(grid.starts_s, timezone).hour
    slots: Ints = np.floor(hour * HOUR_S / grid.step_s + 1e-9).astype(np.int64)
    return slots


def by_day_and_slot(grid: Grid, values: Floats, timezone: str) -> Floats:
    """Values laid out by local day and step of the day, shape (days, steps a day), NaN where missing."""
    day = local_time(grid.starts_s, timezone).day
    laid = np.full((int(day[-1] - day[0]) + 1, DAY_S // grid.step_s), np.nan)
    laid[day - day[0], slots_of(grid, timezone)] = values
    return laid
