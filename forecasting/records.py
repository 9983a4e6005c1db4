"""What was measured and what the weather services said: the input of every model. Pure.

Missing is NaN in these arrays (numpy has no None); it never leaves the forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecasting.grid import Bools, Floats, Grid


def missing(grid: Grid) -> Floats:
    """Nothing measured, shape (count,)."""
    return np.full(grid.count, np.nan)


def _check(grid: Grid, **columns: Floats | Bools) -> None:
    for name, column in columns.items():
        if column.shape != (grid.count,):
            msg = f"{name} has shape {column.shape}, the grid {grid.count} steps"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class PvRecord:
    """What a site's PV gave, step by step; all columns of shape (grid.count,), NaN where missing.

    Raises ValueError for columns of another shape.
    """

    grid: Grid
    power_w: Floats
    """AC power, magnitude >= 0 [W]."""
    held_back: Bools
    """True where an independent signal (inverter limit, irradiance sensor) says that less was given than
    the sun offered: never learned from."""
    ghi_wm2: Floats
    """Global horizontal irradiance measured at the site."""
    temp_c: Floats
    """Ambient temperature."""

    def __post_init__(self) -> None:
        _check(
            self.grid,
            power_w=self.power_w,
            held_back=self.held_back,
            ghi_wm2=self.ghi_wm2,
            temp_c=self.temp_c,
        )

    @property
    def offered_w(self) -> Floats:
        """Power where the sun alone decided it, NaN elsewhere [W]."""
        return np.where(self.held_back, np.nan, self.power_w)

    def before(self, at_s: float) -> PvRecord | None:
        """What was known at a moment: the steps that had ended by then."""
        grid = self.grid.before(at_s)
        return None if grid is None else self._slice(grid, 0)

    def since(self, at_s: int) -> PvRecord | None:
        """The steps from a moment on."""
        grid = self.grid.since(at_s)
        return None if grid is None else self._slice(grid, self.grid.count - grid.count)

    def _slice(self, grid: Grid, first: int) -> PvRecord:
        part = slice(first, first + grid.count)
        return PvRecord(grid, self.power_w[part], self.held_back[part], self.ghi_wm2[part], self.temp_c[part])


@dataclass(frozen=True, slots=True, eq=False)
class LoadRecord:
    """What a feeder (or the village) drew; all columns of shape (grid.count,), NaN where missing.

    Raises ValueError for columns of another shape.
    """

    grid: Grid
    power_w: Floats
    """Measured, >= 0 [W]."""
    unserved: Bools
    """True where the feeder was switched off or the bus was dark: the measured value is no demand."""
    temp_c: Floats
    """Ambient temperature."""

    def __post_init__(self) -> None:
        _check(self.grid, power_w=self.power_w, unserved=self.unserved, temp_c=self.temp_c)

    @property
    def demand_w(self) -> Floats:
        """Power where everything wanted was served, NaN elsewhere [W]."""
        return np.where(self.unserved, np.nan, self.power_w)

    def before(self, at_s: float) -> LoadRecord | None:
        """What was known at a moment: the steps that had ended by then."""
        grid = self.grid.before(at_s)
        return None if grid is None else self._slice(grid, 0)

    def since(self, at_s: int) -> LoadRecord | None:
        """The steps from a moment on."""
        grid = self.grid.since(at_s)
        return None if grid is None else self._slice(grid, self.grid.count - grid.count)

    def _slice(self, grid: Grid, first: int) -> LoadRecord:
        part = slice(first, first + grid.count)
        return LoadRecord(grid, self.power_w[part], self.unserved[part], self.temp_c[part])


@dataclass(frozen=True, slots=True, eq=False)
class WeatherRun:
    """One run of a weather model for the site; columns of shape (grid.count,), NaN where missing."""

    source: str
    """Which model, e.g. "ecmwf_ifs025"."""
    issued_s: int
    """When it could be had, Unix seconds."""
    grid: Grid
    ghi_wm2: Floats
    temp_c: Floats
    humidity_frac: Floats
    cloud_frac: Floats

    def __post_init__(self) -> None:
        _check(
            self.grid,
            ghi_wm2=self.ghi_wm2,
            temp_c=self.temp_c,
            humidity_frac=self.humidity_frac,
            cloud_frac=self.cloud_frac,
        )


@dataclass(frozen=True, slots=True)
class WeatherArchive:
    """All runs kept, oldest issued first."""

    runs: tuple[WeatherRun, ...] = ()

    def __post_init__(self) -> None:
        issued = [run.issued_s for run in self.runs]
        if issued != sorted(issued):
            raise ValueError("weather runs must be in the order in which they were issued")

    @property
    def sources(self) -> tuple[str, ...]:
        """The models that have runs here, sorted."""
        return tuple(sorted({run.source for run in self.runs}))

    def known_at(self, at_s: float) -> WeatherArchive:
        """The runs that could be had at a moment."""
        return replace(self, runs=tuple(run for run in self.runs if run.issued_s <= at_s))

    def since(self, at_s: float) -> WeatherArchive:
        """The runs that could not be had before a moment."""
        return replace(self, runs=tuple(run for run in self.runs if run.issued_s >= at_s))
