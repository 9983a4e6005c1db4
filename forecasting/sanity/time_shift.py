"""Is a series of sunlight shifted by whole hours? Sunrise and sunset are the proof. Pure.

Clouds and the direction of panels move the middle of a day's energy by an hour and more, so a correlation
with the clear sky proves little. But no light comes before sunrise or after sunset, and there is always some
in between: a series in the wrong time zone breaks both rules every day, and a certain shift heals both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Bools, Grid
from forecasting.sanity.series import moved, whole_hours

FARTHEST_H = 14
"""Time zones lie up to 14 hours from UTC."""
_LEAST_BREACHES = 3
_LEAST_A_DAY = 1.0
_HEALED = 0.25
"""The right shift leaves at most this part of the breaches."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A series as far as sunrise and sunset show in it; all of shape (grid.count,).

    What is missing in the series is neither bright nor dark.
    """

    grid: Grid
    bright: Bools
    """There surely is sunlight in the series."""
    dark: Bools
    """There surely is none in it."""
    night: Bools
    """The sun is down for the whole step."""
    day: Bools
    """The sun is so high that there must be some light, however cloudy."""


def proven_shift_h(parts: Sequence[Light]) -> int | None:
    """Hours by which the parts are stamped too late (early: negative); None when no shift is proven.

    All parts are taken together, so that many short runs of one source prove what one alone cannot.
    """
    usable = [part for part in parts if whole_hours(part.grid)]
    days = sum(part.grid.count * part.grid.step_s for part in usable) / DAY_S
    as_is = sum(_breaches(part, 0) for part in usable)
    if as_is < max(_LEAST_BREACHES, _LEAST_A_DAY * days):
        return None
    hours = np.arange(-FARTHEST_H, FARTHEST_H + 1)
    breaches = np.array([sum(_breaches(part, int(hour)) for part in usable) for hour in hours])
    best = int(np.argmin(breaches))
    alone = np.sum(breaches <= breaches[best]) == 1
    return int(hours[best]) if alone and breaches[best] <= _HEALED * as_is else None


def _breaches(part: Light, late_h: int) -> int:
    """Steps with light at night or none by day, were the series put right by so many hours."""
    by = late_h * HOUR_S // part.grid.step_s
    bright, dark = moved(part.bright, by, fill=False), moved(part.dark, by, fill=False)
    return int(np.sum(bright & part.night) + np.sum(dark & part.day))
