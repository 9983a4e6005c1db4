"""Where the sun stands and how it meets a plane. Pure, vectorised.

No formula here knows a hemisphere: azimuths are compass bearings (0 north, 90 east, 180 south, 270 west), and
where the noon sun stands is whatever the position says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pvlib import spa

from forecasting.grid import DAY_S, Floats, Ints
from forecasting.site import Place

_DELTA_T_S = 69.0
"""Terrestrial minus universal time; a second of error moves the sun by 0.004 degrees."""
_REFRACTION_AT_HORIZON_DEG = 0.5667
_AIR_C = 25.0
_MEAN_TEMPERATURE_LAPSE = 2.25577e-5
SOLAR_CONSTANT_WM2 = 1361.0


@dataclass(frozen=True, slots=True, eq=False)
class SunPosition:
    """The sun at moments, all of one shape."""

    zenith_deg: Floats
    """Refraction included; above 90 the sun is down."""
    azimuth_deg: Floats
    """Compass bearing, 0 north, 90 east."""


def sun_position(place: Place, at_s: Ints) -> SunPosition:
    """The sun at Unix times [s], shape (n,): NREL's algorithm (Reda and Andreas 2004) through pvlib."""
    pressure_hpa = pressure_pa(place.altitude_m) / 100.0
    found = spa.solar_position(
        np.asarray(at_s, dtype=np.float64), place.latitude_deg, place.longitude_deg, place.altitude_m,
        pressure_hpa, _AIR_C, _DELTA_T_S, _REFRACTION_AT_HORIZON_DEG, numthreads=1,
    )  # fmt: skip
    return SunPosition(zenith_deg=found[0], azimuth_deg=found[4])


def pressure_pa(altitude_m: float) -> float:
    """Mean air pressure at an altitude [Pa] (international standard atmosphere)."""
    return float(101_325.0 * (1.0 - _MEAN_TEMPERATURE_LAPSE * altitude_m) ** 5.25588)


def year_angle(at_s: Ints) -> Floats:
    """How far the year has gone at Unix times, 0 to < 2 pi from 1 January UTC; shape kept."""
    days = np.asarray(at_s) / DAY_S
    years = np.asarray(at_s, dtype="datetime64[s]").astype("datetime64[Y]").astype("datetime64[D]")
    angle: Floats = 2.0 * np.pi * (days - years.astype(np.int64)) / 365.25
    return angle


def extraterrestrial_wm2(at_s: Ints) -> Floats:
    """Irradiance at normal incidence above the atmosphere [W/m2] (Spencer 1971); shape kept."""
    angle = year_angle(at_s)
    first = 1.00011 + 0.034221 * np.cos(angle) + 0.00128 * np.sin(angle)
    found: Floats = SOLAR_CONSTANT_WM2 * (first + 0.000719 * np.cos(2 * angle) + 7.7e-05 * np.sin(2 * angle))
    return found


def air_mass(zenith_deg: Floats, altitude_m: float) -> Floats:
    """Pressure-corrected air mass (Kasten and Young 1989), shape kept; that of the horizon below it."""
    zenith = np.minimum(zenith_deg, 90.0)
    relative = 1.0 / (np.cos(np.radians(zenith)) + 0.50572 * (96.07995 - zenith) ** -1.6364)
    found: Floats = relative * pressure_pa(altitude_m) / 101_325.0
    return found


def direction(zenith_deg: Floats, azimuth_deg: Floats) -> Floats:
    """Unit vectors to the east, north and up, shape (3, ...)."""
    zenith, azimuth = np.radians(zenith_deg), np.radians(azimuth_deg)
    found: Floats = np.stack(
        (np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith))
    )
    return found


def incidence_cosine(normal: Floats, zenith_deg: Floats, azimuth_deg: Floats) -> Floats:
    """Cosine between the sun, shape (n,), and planes' normals, shape (3, planes): shape (planes, n), >= 0.

    Zero where the sun stands behind the plane.
    """
    found: Floats = np.maximum(normal.T @ direction(zenith_deg, azimuth_deg), 0.0)
    return found
