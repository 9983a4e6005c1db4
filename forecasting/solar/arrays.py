"""What arrays make of the sun: plane, glass, heat, inverter. Pure, vectorised over arrays.

Transposition: Hay and Davies (1980). Reflection at the glass: Martin and Ruiz (2001). Cell temperature:
Faiman (2008). Inverter at part load: PVWatts (Dobos 2014). Diffuse part of a measured or forecast irradiance:
Erbs et al. (1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pvlib.iam import martin_ruiz_diffuse

from forecasting.grid import DAY_S, HOUR_S, Floats
from forecasting.site import PvArray
from forecasting.solar.clear_sky import ClearSky, Rays
from forecasting.solar.geometry import direction, incidence_cosine, year_angle

STANDARD_WM2 = 1000.0
_ALBEDO = 0.2
_REFLECTION = 0.16
"""Angular loss coefficient of plain glass."""
_LOW_SUN = np.cos(np.radians(85.0))
"""Ratios to the horizontal beam stay finite near the horizon."""
_FLAT_DEG = 0.01
"""Below it the formula of diffuse reflection divides nothing by nothing."""
_HEAT_LOSS = 25.0 + 6.84 * 1.0
"""W/(m2 K) in a wind of 1 m/s."""
_PER_KELVIN = -0.004
_REFERENCE_C = 25.0
_UNKNOWN_LOSS = 0.85
"""AC power at the inverter over nameplate of the modules, before anything is learned."""
DEFAULT_TILT_DEG = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """Numbers of some arrays, each of shape (arrays,)."""

    dc_w: Floats
    """Effective capacity: AC power at 1000 W/m2 in the plane and cells of 25 C, losses taken off."""
    tilt_deg: Floats
    azimuth_deg: Floats
    """Where the panels look: 0 north, 90 east, 180 south, 270 west."""
    ac_w: Floats
    """Limit of the inverter; infinite where there is none."""

    def __len__(self) -> int:
        return int(self.dc_w.size)


def panels_of(arrays: Sequence[PvArray], latitude_deg: float) -> Panels:
    """What is written down; the unknown gets what is usual: 10 degrees towards the equator, 1 kW."""
    towards_equator = 180.0 if latitude_deg >= 0 else 0.0
    return Panels(
        dc_w=np.array([_UNKNOWN_LOSS * (array.dc_w or array.ac_w or STANDARD_WM2) for array in arrays]),
        tilt_deg=np.array([_or(array.tilt_deg, DEFAULT_TILT_DEG) for array in arrays]),
        azimuth_deg=np.array([_or(array.azimuth_deg, towards_equator) for array in arrays]),
        ac_w=np.array([_or(array.ac_w, np.inf) for array in arrays]),
    )


def power_w(panels: Panels, sky: ClearSky, temp_c: Floats | None = None) -> Floats:
    """AC power under the sky [W], shape (arrays, n); missing temperatures are replaced by what is usual."""
    return power_in_air_w(panels, sky, air_c(sky, temp_c))


def power_in_air_w(panels: Panels, rays: Rays, temp_c: Floats) -> Floats:
    """AC power under rays, shape (n,), in air of a known temperature, shape (n,): [W], shape (arrays, n)."""
    plane_wm2 = plane_irradiance_wm2(panels, rays)
    cell_c = temp_c + plane_wm2 / _HEAT_LOSS
    dc_frac = plane_wm2 / STANDARD_WM2 * (1.0 + _PER_KELVIN * (cell_c - _REFERENCE_C))
    limited: Floats = np.minimum(panels.dc_w[:, None] * _inverted(dc_frac), panels.ac_w[:, None])
    return limited


def with_ghi(sky: ClearSky, ghi_wm2: Floats) -> ClearSky:
    """The sky with another GHI [W/m2], shape (n,), beam and diffuse parted by Erbs et al.; NaN is kept."""
    cosine = np.maximum(np.cos(np.radians(sky.zenith_deg)), 0.0)
    ceiling_wm2 = sky.extra_wm2 * np.maximum(cosine, _LOW_SUN)
    ghi = np.clip(ghi_wm2, 0.0, np.where(sky.ghi_wm2 > 0.0, ceiling_wm2, 0.0))
    beam_wm2 = ghi * (1.0 - _diffuse_frac(ghi / ceiling_wm2))
    dni = np.where(cosine > _LOW_SUN, beam_wm2 / np.maximum(cosine, _LOW_SUN), 0.0)
    return replace(sky, ghi_wm2=ghi, dni_wm2=dni, dhi_wm2=ghi - dni * cosine)


def plane_irradiance_wm2(panels: Panels, rays: Rays) -> Floats:
    """Irradiance that passes the glass of each array [W/m2], shape (arrays, n)."""
    normal = direction(panels.tilt_deg, panels.azimuth_deg)
    facing = incidence_cosine(normal, rays.zenith_deg, rays.azimuth_deg)
    anisotropy = rays.dni_wm2 / rays.extra_wm2
    horizontal = np.maximum(np.cos(np.radians(rays.zenith_deg)), _LOW_SUN)
    beam = (rays.dni_wm2 + rays.dhi_wm2 * anisotropy / horizontal) * facing * _transmitted(facing)
    passed = martin_ruiz_diffuse(np.maximum(panels.tilt_deg, _FLAT_DEG), _REFLECTION)
    seen = (1.0 + normal[2][:, None]) / 2.0
    diffuse = rays.dhi_wm2 * (1.0 - anisotropy) * seen * passed["sky"][:, None]
    ground = rays.ghi_wm2 * _ALBEDO * (1.0 - seen) * passed["ground"][:, None]
    total: Floats = beam + diffuse + ground
    return total


def air_c(sky: ClearSky, temp_c: Floats | None) -> Floats:
    """Ambient temperature, shape (n,): what is given, else what is usual at the latitude, season and hour.

    The usual: 27 C at sea level in the tropics, cooler and more seasonal towards the poles, warmest at 14 h
    solar time and a month after the longest day.
    """
    if temp_c is not None and np.all(np.isfinite(temp_c)):
        return temp_c
    at_s = sky.grid.centres_s
    beyond_deg = max(abs(sky.place.latitude_deg) - 15.0, 0.0)
    mean_c = 27.0 - 0.5 * beyond_deg - 0.0065 * sky.place.altitude_m
    season = -np.cos(year_angle(at_s) - 2 * np.pi * 20.0 / 365.25) * np.sign(sky.place.latitude_deg)
    solar_hour = (at_s % DAY_S) / HOUR_S + sky.place.longitude_deg / 15.0
    daily = np.cos(2 * np.pi * (solar_hour - 14.0) / 24.0)
    usual: Floats = mean_c + (2.0 + 0.25 * beyond_deg) * season + 4.0 * daily
    return usual if temp_c is None else np.where(np.isfinite(temp_c), temp_c, usual)


def _transmitted(facing: Floats) -> Floats:
    """Share of the beam that passes the glass, relative to normal incidence."""
    share: Floats = (1.0 - np.exp(-facing / _REFLECTION)) / (1.0 - np.exp(-1.0 / _REFLECTION))
    return share


def _inverted(dc_frac: Floats) -> Floats:
    """AC over capacity: an inverter's own use and part load take their share; 1 gives 1."""
    ac_frac: Floats = (0.9858 * dc_frac - 0.0162 * dc_frac**2 - 0.0059) / 0.9637
    return np.maximum(ac_frac, 0.0)


def _diffuse_frac(clearness: Floats) -> Floats:
    """Diffuse over global at a clearness index."""
    middle = np.polynomial.polynomial.polyval(clearness, (0.9511, -0.1604, 4.388, -16.638, 12.336))
    found: Floats = np.where(clearness <= 0.22, 1.0 - 0.09 * clearness, middle)
    return np.where(clearness > 0.80, 0.165, found)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
