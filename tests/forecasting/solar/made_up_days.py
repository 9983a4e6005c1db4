"""A made-up site: days clear or cloudy in spells, and weather models that know more or less of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, Grid
from forecasting.records import PvRecord, WeatherArchive, WeatherRun, missing
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.solar_days import noon_s, solar_offset_s

PLACE = Place(12.4, 99.8, "Asia/Bangkok")
OFFSET_S = solar_offset_s(PLACE)
FIRST_DAY = 19_000  # 2022-01-08
WATT_PER_WM2 = 5.0


@dataclass(frozen=True)
class MadeUpSite:
    record: PvRecord
    clear_w: Floats
    clear_ghi_wm2: Floats
    daily: Floats
    """True clearness of each day."""

    def until(self, at_s: float) -> tuple[PvRecord, Floats]:
        past = self.record.before(at_s)
        assert past is not None
        return past, self.clear_w[: past.grid.count]

    def day_clear_w(self, number: int) -> Floats:
        return self.clear_w[number * 24 : (number + 1) * 24]

    def day_power_w(self, number: int) -> Floats:
        return self.record.power_w[number * 24 : (number + 1) * 24]


def day_grid(number: int, days: int = 1, step_s: int = HOUR_S) -> Grid:
    """The solar day of that number, counted from the first."""
    return Grid(midnight_s(number), step_s, days * DAY_S // step_s)


def midnight_s(number: int) -> int:
    return noon_s(FIRST_DAY + number, OFFSET_S) - DAY_S // 2


def evening_before_s(number: int) -> int:
    """18:00 by the sun, of the day before."""
    return midnight_s(number) - 6 * HOUR_S


def made_up_site(days: int, seed: int = 0, hourly_noise: float = 0.06) -> MadeUpSite:
    """Days of which the clearness follows the day before and, within the day, wavers."""
    rng = np.random.default_rng(seed)
    grid = day_grid(0, days)
    clear_ghi = clear_sky(PLACE, grid).ghi_wm2
    daily, mood = np.empty(days), 0.0
    for day in range(days):
        mood = 0.75 * mood + 0.66 * rng.standard_normal()
        daily[day] = 0.25 + 0.65 / (1.0 + np.exp(-1.2 * mood))
    clearness = np.clip(daily[:, None] + hourly_noise * rng.standard_normal((days, 24)), 0.05, 1.1).ravel()
    clear_w = WATT_PER_WM2 * clear_ghi
    record = PvRecord(
        grid, clearness * clear_w, np.zeros(grid.count, dtype=bool), missing(grid), missing(grid)
    )
    return MadeUpSite(record, clear_w, clear_ghi, daily)


def weather_runs(
    site: MadeUpSite,
    source: str = "model",
    noise: float = 0.08,
    days_covered: int = 3,
    seed: int = 1,
    bias: float = 0.15,
) -> WeatherArchive:
    """A run each evening for the next days, the farther the noisier, and too bright."""
    rng = np.random.default_rng(seed)
    runs = []
    for number in range(1, site.daily.size - days_covered + 1):
        grid = day_grid(number, days_covered)
        ahead = np.arange(days_covered)
        foretold = site.daily[number + ahead] + noise * np.sqrt(1.0 + ahead) * rng.standard_normal(
            days_covered
        )
        ghi = np.repeat(np.clip(foretold + bias, 0.05, 1.2), 24)
        ghi = ghi * site.clear_ghi_wm2[number * 24 : (number + days_covered) * 24]
        runs.append(
            WeatherRun(
                source,
                evening_before_s(number) - HOUR_S,
                grid,
                ghi,
                missing(grid),
                missing(grid),
                missing(grid),
            )
        )
    return WeatherArchive(tuple(runs))


def together(*archives: WeatherArchive) -> WeatherArchive:
    runs = [run for archive in archives for run in archive.runs]
    return WeatherArchive(tuple(sorted(runs, key=lambda run: run.issued_s)))
