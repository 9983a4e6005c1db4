"""Villages whose people cook, watch television and go to bed: loads with chance, cuts and growth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Grid, local_time
from forecasting.load.calendar import day_kinds
from forecasting.records import LoadRecord
from forecasting.site import Place

VILLAGE = Place(18.8, 98.9, "Asia/Bangkok")
MONDAY_S = 20_248 * DAY_S - 7 * HOUR_S  # midnight in Thailand, of Monday 2025-06-09
EVENING = (18.0, 22.0)


def midnight_s(days: int) -> int:
    """Local midnight in Thailand so many days after the first Monday."""
    return MONDAY_S + days * DAY_S


def homes(days: int, *, seed: int = 1, step_s: int = 900, mean_w: float = 1000.0, growth: float = 0.0):
    """Houses: an evening peak, days that are all higher or lower together, and chance in each step."""
    grid = Grid(MONDAY_S, step_s, days * DAY_S // step_s)
    rng = np.random.default_rng(seed)
    local = local_time(grid.centres_s, VILLAGE.timezone)
    day = local.day - local.day[0]
    shape = 0.7 + 1.6 * np.exp(-(((local.hour - 19.8) / 1.8) ** 2)) + 0.3 * np.exp(-((local.hour - 6.5) ** 2))
    level = np.exp(0.08 * rng.standard_normal(days + 1))[day] * (1.0 + growth) ** day
    power_w = mean_w * shape * level * np.exp(0.15 * rng.standard_normal(grid.count))
    return recorded(grid, power_w)


def school(days: int, *, seed: int = 2, step_s: int = 3600, country: str = "TH"):
    """A school: lessons on weekdays that are no holidays."""
    grid = Grid(MONDAY_S, step_s, days * DAY_S // step_s)
    rng = np.random.default_rng(seed)
    local = local_time(grid.centres_s, VILLAGE.timezone)
    lessons = (day_kinds(local.day, country) == 0) & (local.hour >= 8) & (local.hour < 16)
    return recorded(grid, (150.0 + 1500.0 * lessons) * np.exp(0.1 * rng.standard_normal(grid.count)))


def recorded(grid: Grid, power_w, unserved=None) -> LoadRecord:
    """A record in which all was served, unless told otherwise."""
    nothing_cut = np.zeros(grid.count, dtype=np.bool_)
    return LoadRecord(
        grid, power_w, nothing_cut if unserved is None else unserved, np.full(grid.count, np.nan)
    )


def cut(record: LoadRecord, where) -> LoadRecord:
    """The same with the feeder switched off in some steps: it draws nothing then."""
    return replace(record, power_w=np.where(where, 0.0, record.power_w), unserved=record.unserved | where)


def hours_of(grid: Grid):
    """Local hour in the middle of each step."""
    return local_time(grid.centres_s, VILLAGE.timezone).hour


def in_evening(grid: Grid):
    """Steps between 18 and 22 h."""
    hour = hours_of(grid)
    return (hour >= EVENING[0]) & (hour < EVENING[1])


def wape(expected_w, actual_w) -> float:
    """Sum of absolute errors over the sum of what came."""
    return float(np.abs(expected_w - actual_w).sum() / actual_w.sum())
