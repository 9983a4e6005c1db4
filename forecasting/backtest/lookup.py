"""Values of a grid looked up at moments, and what the newest weather run says of a step."""

from __future__ import annotations

import numpy as np

from forecasting.grid import Floats, Grid, Ints
from forecasting.records import WeatherArchive


def at_starts(grid: Grid, values: Floats, starts_s: Ints) -> Floats:
    """The values of the steps in which moments lie, NaN outside of the grid; same shape as the moments."""
    where = (starts_s - grid.start_s) // grid.step_s
    inside = (where >= 0) & (where < grid.count)
    found: Floats = np.where(inside, values[np.where(inside, where, 0)], np.nan)
    return found


def newest_ghi_wm2(weather: WeatherArchive, grid: Grid) -> Floats:
    """Irradiance that the newest run covering each step expects, NaN where none does, shape (grid.count,)."""
    found = np.full(grid.count, np.nan)
    starts_s = grid.starts_s
    for run in reversed(weather.runs):
        if run.grid.end_s <= grid.start_s or run.grid.start_s >= grid.end_s:
            continue
        open_steps = np.isnan(found)
        if not open_steps.any():
            break
        found[open_steps] = at_starts(run.grid, run.ghi_wm2, starts_s[open_steps])
    return found
