"""The sun a cloudless sky would give at a place, step by step. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pvlib.clearsky import ineichen

from forecasting.grid import QUARTER_S, Floats, Grid, Ints
from forecasting.site import Place
from forecasting.solar.geometry import (
    SunPosition,
    air_mass,
    direction,
    extraterrestrial_wm2,
    sun_position,
)
from forecasting.solar.turbidity import linke_turbidity

_HORIZON_DEG = 89.9
"""Below it a clear sky gives less than 1 W/m2, and formulas divide by the sun's height."""


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """Sun and irradiance at some steps, means over each; all of shape (n,)."""

    zenith_deg: Floats
    """Above 90 when the sun is down all the step."""
    azimuth_deg: Floats
    """Compass bearing: 0 north, 90 east, 180 south, 270 west."""
    extra_wm2: Floats
    """Above the atmosphere at normal incidence."""
    ghi_wm2: Floats
    """Global horizontal."""
    dni_wm2: Floats
    """Beam at normal incidence."""
    dhi_wm2: Floats
    """Diffuse horizontal; ghi = dni cos(zenith) + dhi."""

    @property
    def elevation_deg(self) -> Floats:
        """Height of the sun over the horizon."""
        found: Floats = 90.0 - self.zenith_deg
        return found

    def pick(self, which: Ints) -> Rays:
        """Only the steps of these indices."""
        return Rays(
            self.zenith_deg[which], self.azimuth_deg[which], self.extra_wm2[which],
            self.ghi_wm2[which], self.dni_wm2[which], self.dhi_wm2[which],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ClearSky(Rays):
    """Sun and cloudless irradiance on a grid; all columns of shape (grid.count,).

    Within a step the direction of the sun is the mean weighted by the beam: so the beam on any plane that the
    sun faces all the while is exact, and hours of sunrise are right.
    """

    place: Place
    grid: Grid


def clear_sky(place: Place, grid: Grid, shift_s: int = 0) -> ClearSky:
    """Clear-sky irradiance (Ineichen and Perez 2002) with the place's Linke turbidity.

    A step longer than a quarter of an hour is the mean of equal parts of at most a quarter. `shift_s` moves
    the sun: positive where a record's stamps stand before the steps that they mean (a slow clock), negative
    where they stand after them (stamps at the middle or the end of the step).
    """
    parts = -(-grid.step_s // QUARTER_S)
    part_s = grid.step_s / parts
    offsets_s = ((np.arange(parts) + 0.5) * part_s).astype(np.int64) + shift_s
    at_s = (grid.starts_s[:, None] + offsets_s).ravel()
    sun = sun_position(place, at_s)
    extra = extraterrestrial_wm2(at_s)
    mass = air_mass(sun.zenith_deg, place.altitude_m)
    zenith_deg = np.minimum(sun.zenith_deg, _HORIZON_DEG)
    sky = ineichen(zenith_deg, mass, linke_turbidity(place, at_s), place.altitude_m, extra)
    up = sun.zenith_deg < _HORIZON_DEG
    dni = np.where(up, sky["dni"], 0.0)
    shape = (grid.count, parts)
    ghi_wm2 = np.where(up, sky["ghi"], 0.0).reshape(shape).mean(axis=1)
    mean_sun, dni_wm2 = _mean_sun(sun, dni, shape)
    beam_wm2 = np.minimum(dni_wm2 * np.maximum(np.cos(np.radians(mean_sun.zenith_deg)), 0.0), ghi_wm2)
    return ClearSky(
        mean_sun.zenith_deg, mean_sun.azimuth_deg, extra.reshape(shape).mean(axis=1),
        ghi_wm2, dni_wm2, dhi_wm2=ghi_wm2 - beam_wm2, place=place, grid=grid,
    )  # fmt: skip


def _mean_sun(sun: SunPosition, dni: Floats, shape: tuple[int, int]) -> tuple[SunPosition, Floats]:
    """The sum of beam vectors over each step: its direction and its length [W/m2], both (steps,)."""
    towards = direction(sun.zenith_deg, sun.azimuth_deg).reshape(3, *shape)
    beam = (towards * dni.reshape(shape)).mean(axis=2)
    dni_wm2: Floats = np.sqrt((beam**2).sum(axis=0))
    mean = np.where(dni_wm2 > 0.0, beam, towards.mean(axis=2))
    zenith_deg = np.degrees(np.arctan2(np.hypot(mean[0], mean[1]), mean[2]))
    azimuth_deg = np.degrees(np.arctan2(mean[0], mean[1])) % 360.0
    return SunPosition(zenith_deg, azimuth_deg), dni_wm2
