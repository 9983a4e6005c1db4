"""What the guards must know of the clear sky, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from forecasting.grid import HOUR_S, Bools, Floats, Grid
from forecasting.sanity.series import highest_near, steps

NIGHT_WM2 = 0.5
"""A clear sky of less, on the mean of a step: the sun is down."""
_CLOUD_EDGE = 1.3
_SLACK_WM2 = 30.0


class Sky(Protocol):
    """The clear sky over the site: `forecasting.solar.clear_sky.ClearSky` is one."""

    @property
    def grid(self) -> Grid:
        """Its steps."""
        ...

    @property
    def ghi_wm2(self) -> Floats:
        """Clear-sky global horizontal irradiance, shape (grid.count,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SkyPart:
    """A part of a wider sky."""

    grid: Grid
    ghi_wm2: Floats
    """Shape (grid.count,)."""


def part_of(sky: Sky, grid: Grid) -> SkyPart:
    """The part of a sky over a grid that lies within it and has its step."""
    first = sky.grid.position(grid.start_s)
    return SkyPart(grid, sky.ghi_wm2[first : first + grid.count])


def night(sky: Sky) -> Bools:
    """Steps in which the sun is down all the time."""
    return sky.ghi_wm2 < NIGHT_WM2


def day(sky: Sky, least_wm2: float) -> Bools:
    """Steps whose clear sky would give at least so much."""
    return sky.ghi_wm2 >= least_wm2


def ceiling_wm2(sky: Sky) -> Floats:
    """The most irradiance that is believed, shape (n,): the clear sky's times 1.3, and a little.

    Clouds beside the sun add some 30 % for minutes. The highest within an hour counts, because it is a matter
    of taste whether a stamp marks the beginning or the end of its hour, and no guard should quarrel about it.
    """
    return _CLOUD_EDGE * highest_near(sky.ghi_wm2, steps(sky.grid, HOUR_S)) + _SLACK_WM2


def check_same_grid(grid: Grid, sky: Sky) -> None:
    """Raise ValueError unless the sky is reckoned for the same steps."""
    if sky.grid != grid:
        msg = f"the clear sky is for {sky.grid}, what it is to be compared with for {grid}"
        raise ValueError(msg)
