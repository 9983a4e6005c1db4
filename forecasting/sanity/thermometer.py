"""Temperatures, measured or forecast, without what no thermometer shows. Pure."""

from __future__ import annotations

import numpy as np

from forecasting.grid import DAY_S, Bools, Floats, Grid
from forecasting.sanity.series import lasting, repeating, steps

_STUCK_S = DAY_S // 2
_LOWEST_C, _HIGHEST_C = -60.0, 60.0


def unbelievable_c(temp_c: Floats, grid: Grid) -> Bools:
    """Where a temperature [°C] has not moved for half a day (zeros included), or is none of this earth."""
    least = steps(grid, _STUCK_S)
    stuck = repeating(temp_c, least) | lasting(temp_c == 0, least)
    return stuck | (temp_c < _LOWEST_C) | (temp_c > _HIGHEST_C)


def believed_c(temp_c: Floats, grid: Grid) -> Floats:
    """The temperatures that can be believed [°C], NaN elsewhere; shape kept."""
    return np.where(unbelievable_c(temp_c, grid), np.nan, temp_c)
