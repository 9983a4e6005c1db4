"""Made-up measurements with some physics, written as files that people might have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from forecasting.backtest.contender import Known
from forecasting.grid import DAY_S, HOUR_S, Floats, Grid
from forecasting.records import LoadRecord, PvRecord, WeatherArchive, WeatherRun, missing
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky

PLACE = Place(12.4, 99.8, "Asia/Bangkok")
UTC_OFFSET_S = 7 * HOUR_S
START_S = int(datetime(2025, 2, 1, tzinfo=UTC).timestamp()) - UTC_OFFSET_S
"""Local midnight."""


def days_of(count: int, step_s: int = HOUR_S) -> Grid:
    """A grid of whole local days."""
    return Grid(START_S, step_s, count * DAY_S // step_s)


def cloudy_pv(days: int, step_s: int = HOUR_S, seed: int = 1) -> tuple[PvRecord, Floats]:
    """PV of a cloudy site, and the day's clearness that a weather model would have told [0 to 1]."""
    grid = days_of(days, step_s)
    rng = np.random.default_rng(seed)
    a_day = DAY_S // step_s
    told = np.repeat(rng.uniform(0.3, 1.0, days), a_day)
    clearness = np.clip(told + 0.1 * rng.standard_normal(grid.count), 0.05, 1.05)
    ghi_wm2 = clear_sky(PLACE, grid).ghi_wm2
    held_back = np.zeros(grid.count, dtype=np.bool_)
    return PvRecord(grid, 5.0 * clearness * ghi_wm2, held_back, missing(grid), missing(grid)), told


def weather_of(grid: Grid, clearness: Floats) -> WeatherArchive:
    """One run a day, known from noon of the day before."""
    ghi_wm2 = clear_sky(PLACE, grid).ghi_wm2 * clearness
    a_day = DAY_S // grid.step_s
    runs = []
    for first in range(0, grid.count, a_day):
        day = Grid(grid.start_s + first * grid.step_s, grid.step_s, a_day)
        nothing = missing(day)
        runs.append(
            WeatherRun(
                "nwp",
                day.start_s - DAY_S // 2,
                day,
                ghi_wm2[first : first + a_day],
                nothing,
                nothing,
                nothing,
            )
        )
    return WeatherArchive(tuple(runs))


def evening_load(days: int, step_s: int = HOUR_S, seed: int = 2) -> LoadRecord:
    """A village that draws most in the evening, and less on Sundays."""
    grid = days_of(days, step_s)
    rng = np.random.default_rng(seed)
    hour = (grid.starts_s + UTC_OFFSET_S) % DAY_S / HOUR_S
    weekday = ((grid.starts_s + UTC_OFFSET_S) // DAY_S + 3) % 7
    shape = 300 + 900 * np.exp(-(((hour - 20) / 2.5) ** 2))
    level = np.repeat(rng.lognormal(0.0, 0.1, days), DAY_S // step_s) * np.where(weekday == 6, 0.7, 1.0)
    power_w = shape * level * rng.lognormal(0.0, 0.1, grid.count)
    return LoadRecord(grid, power_w, np.zeros(grid.count, dtype=np.bool_), missing(grid))


def pv_known(days: int, step_s: int = HOUR_S) -> Known[PvRecord]:
    """A whole file of PV with weather."""
    record, told = cloudy_pv(days, step_s)
    return Known(record.grid.end_s, record, weather_of(record.grid, told))


def load_known(days: int) -> Known[LoadRecord]:
    """A whole file of load."""
    record = evening_load(days)
    return Known(record.grid.end_s, record, WeatherArchive())


def write_csv(path: Path, grid: Grid, columns: dict[str, Floats], *, local: bool = True) -> Path:
    """A file as a logger writes it, NaN as empty cells."""
    name = "time_local" if local else "time"
    offset = timedelta(seconds=UTC_OFFSET_S if local else 0)
    rows = [",".join((name, *columns))]
    for index, at_s in enumerate(grid.starts_s.tolist()):
        stamp = (datetime.fromtimestamp(at_s, UTC) + offset).strftime("%Y-%m-%d %H:%M:%S")
        cells = ("" if np.isnan(values[index]) else f"{values[index]:.4f}" for values in columns.values())
        rows.append(",".join((stamp if local else f"{stamp}Z", *cells)))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def write_site(path: Path, more: str = "") -> Path:
    """A small site file."""
    path.write_text(
        "site: {latitude_deg: 12.4, longitude_deg: 99.8, timezone: Asia/Bangkok, country: TH}\n" + more,
        encoding="utf-8",
    )
    return path
