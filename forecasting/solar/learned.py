"""What a site has taught of its arrays, and the clear-sky power that follows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats, Grid, Ints
from forecasting.site import Place
from forecasting.solar.arrays import Panels, air_c, power_in_air_w, with_ghi
from forecasting.solar.changes import ArrayChange
from forecasting.solar.clear_sky import ClearSky, clear_sky
from forecasting.solar.shading import ShadingMap


@dataclass(frozen=True, slots=True, eq=False)
class LearnedArray:
    """What one array does today, and how it came there."""

    id: str
    dc_w: float
    """Effective capacity of today: AC power at 1000 W/m2 in the plane and cells of 25 C."""
    tilt_deg: float
    azimuth_deg: float
    ac_w: float | None
    """Limit of the inverter; None when none was reached or written down."""
    per_ghi: float
    """Power at a measured irradiance over power under a clear sky that should bring the same: 1 without a
    sensor. Above 1 when the air is hazier than the clear-sky model takes it, or the sensor reads low."""
    shading: ShadingMap
    clear_days: float
    """Days' worth of clear moments behind it; below about 5 the nameplate still decides."""
    day_starts_s: Ints
    """Unix seconds at which the days of `level` start, shape (days,), rising; may be empty."""
    level: Floats
    """What the array gave on those days over what it gives today, shape (days,); 1 on the last."""
    changes: tuple[ArrayChange, ...]

    def level_at(self, grid: Grid) -> Floats:
        """The level at each step of a grid, shape (n,); 1 from the last day on."""
        if self.level.size == 0:
            return np.ones(grid.count)
        day = np.searchsorted(self.day_starts_s, grid.centres_s, side="right") - 1
        found: Floats = self.level[np.maximum(day, 0)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class LearnedSite:
    """The arrays of a site as learned by a moment."""

    place: Place
    arrays: tuple[LearnedArray, ...]
    shift_s: int
    """How the records' stamps are to be read, see `clear_sky`."""

    def sky(self, grid: Grid) -> ClearSky:
        """The clear sky over the site, with stamps read as the site's own records mean them."""
        return clear_sky(self.place, grid, self.shift_s)

    def array_power_w(self, sky: ClearSky, temp_c: Floats | None = None) -> Floats:
        """Clear-sky AC power of each array today [W], shape (arrays, n)."""
        return self._power_w(sky, np.array([array.dc_w for array in self.arrays]), air_c(sky, temp_c))

    def clear_power_w(self, sky: ClearSky, temp_c: Floats | None = None) -> Floats:
        """Clear-sky AC power of all arrays together today [W], shape (n,)."""
        found: Floats = self.array_power_w(sky, temp_c).sum(axis=0)
        return found

    def power_from_ghi_w(self, sky: ClearSky, ghi_wm2: Floats, temp_c: Floats | None = None) -> Floats:
        """AC power of each array under a measured or forecast GHI, shape (n,): [W], shape (arrays, n)."""
        dc_w = np.array([array.dc_w * array.per_ghi for array in self.arrays])
        return self._power_w(with_ghi(sky, ghi_wm2), dc_w, air_c(sky, temp_c))

    def array_level(self, grid: Grid) -> Floats:
        """What each array gave over what it would give today, shape (arrays, n): 2 before half was lost."""
        return np.stack([array.level_at(grid) for array in self.arrays])

    def level(self, grid: Grid) -> Floats:
        """The same of all arrays together, shape (n,): divide old measurements by it.

        Arrays count by their capacity of today.
        """
        weight = np.array([array.dc_w for array in self.arrays])
        found: Floats = weight @ self.array_level(grid) / weight.sum()
        return found

    @property
    def changes(self) -> tuple[ArrayChange, ...]:
        """The steps of all arrays, oldest first."""
        found = (change for array in self.arrays for change in array.changes)
        return tuple(sorted(found, key=lambda change: change.at_s))

    def _power_w(self, sky: ClearSky, dc_w: Floats, temp_c: Floats) -> Floats:
        limit_w = np.array([np.inf if array.ac_w is None else array.ac_w for array in self.arrays])
        panels = Panels(
            np.ones(len(self.arrays)),
            np.array([array.tilt_deg for array in self.arrays]),
            np.array([array.azimuth_deg for array in self.arrays]),
            np.full(len(self.arrays), np.inf),
        )
        shading = np.stack([array.shading.at(sky) for array in self.arrays])
        free = power_in_air_w(panels, sky, temp_c) * shading * dc_w[:, None]
        limited: Floats = np.minimum(free, limit_w[:, None])
        return limited
