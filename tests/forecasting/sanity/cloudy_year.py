"""A year of sun, clouds and load at a Thai village, as a weather model and the site would tell it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.signal import lfilter

from forecasting.grid import DAY_S, Floats, Grid, local_time
from forecasting.records import LoadRecord, PvRecord, WeatherRun, missing
from forecasting.site import Place
from forecasting.solar.clear_sky import ClearSky, clear_sky

VILLAGE = Place(11.8, 99.6, "Asia/Bangkok", altitude_m=60.0)
NEW_YEAR_S = 1_767_200_400
"""2026-01-01 00:00 in the village."""
DAYS = 365
PLANT_W = 10_000.0
INVERTER_W = 7_000.0


def year(step_s: int, days: int = DAYS) -> Grid:
    return Grid(NEW_YEAR_S, step_s, days * DAY_S // step_s)


@cache
def sky(grid: Grid) -> ClearSky:
    return clear_sky(VILLAGE, grid)


def clearness(grid: Grid, seed: int = 7) -> Floats:
    """Days from typhoon to bright, and clouds that come and go within hours."""
    random = np.random.default_rng(seed)
    per_day = DAY_S // grid.step_s
    days = np.repeat(random.beta(2.5, 1.3, size=-(-grid.count // per_day)), per_day)[: grid.count]
    memory = 0.5 ** (grid.step_s / 3600)
    noise = random.normal(0.0, 0.25 * np.sqrt(1 - memory**2), size=grid.count)
    gusts = lfilter([1.0], [1.0, -memory], noise)
    return np.clip(days + 0.6 * gusts, 0.06, 1.08)


def weather(grid: Grid, source: str = "model", seed: int = 7) -> WeatherRun:
    """One run over the grid, rounded as services do."""
    hour = local_time(grid.starts_s, VILLAGE.timezone).hour
    kc = clearness(grid, seed)
    return WeatherRun(
        source,
        grid.start_s,
        grid,
        ghi_wm2=np.round(sky(grid).ghi_wm2 * kc),
        temp_c=np.round(27 + 4 * np.sin((hour - 9) / 12 * np.pi) + kc, 1),
        humidity_frac=np.round(0.9 - 0.2 * kc, 2),
        cloud_frac=np.clip(np.round(1.1 - kc, 2), 0, 1),
    )


def pv(grid: Grid, *, sensor: bool = True, seed: int = 7) -> PvRecord:
    """Panels that look east at 30 degrees or so give more in the morning; the inverter clips at noon."""
    random = np.random.default_rng(seed)
    clear = sky(grid)
    ghi_wm2 = clear.ghi_wm2 * clearness(grid, seed)
    morning = 1 + 0.3 * np.sin(np.radians(clear.azimuth_deg)) * (clear.zenith_deg < 85)
    power_w = PLANT_W * ghi_wm2 / 1000 * morning * random.normal(1.0, 0.01, grid.count)
    power_w = np.where(power_w < 20.0, 0.0, np.minimum(power_w, INVERTER_W))
    hour = local_time(grid.starts_s, VILLAGE.timezone).hour
    return PvRecord(
        grid,
        np.round(power_w),
        held_back=np.zeros(grid.count, dtype=np.bool_),
        ghi_wm2=np.round(ghi_wm2 + random.normal(-1.0, 1.0, grid.count), 1) if sensor else missing(grid),
        temp_c=np.round(27 + 4 * np.sin((hour - 9) / 12 * np.pi) + random.normal(0, 0.3, grid.count), 1),
    )


def load(grid: Grid, seed: int = 7) -> LoadRecord:
    """A village that is busiest in the evening."""
    random = np.random.default_rng(seed)
    hour = local_time(grid.starts_s, VILLAGE.timezone).hour
    evening = np.exp(-(((hour - 19.5) / 2) ** 2))
    power_w = (900 + 2500 * evening) * random.lognormal(0.0, 0.15, grid.count)
    return LoadRecord(grid, np.round(power_w), np.zeros(grid.count, dtype=np.bool_), missing(grid))


def stamped_later(record: PvRecord, hours: int) -> PvRecord:
    """The same values in rows some hours further on, as a logger in a wrong time zone writes them."""
    by = hours * 3600 // record.grid.step_s
    return replace(
        record,
        power_w=np.roll(record.power_w, by),
        ghi_wm2=np.roll(record.ghi_wm2, by),
        temp_c=np.roll(record.temp_c, by),
    )


def codes(reasons: tuple) -> list[str]:
    return [reason.code for reason in reasons]
