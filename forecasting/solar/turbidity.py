"""How hazy the cloudless air is: the Linke turbidity of a place, month by month and day by day. Pure.

In Thailand the world map of SoDa (Remund et al. 2003) that pvlib ships lies up to two units above what clear
days showed on the ground, most in the wet months. The values here are monthly fits to clear irradiance
measured at 53 Thai stations, published as the "Thailand Clear-sky Model" (energyCUEE/improved_clearsky_model
on GitHub, 2024): for each region the median of its stations.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from pvlib.clearsky import lookup_linke_turbidity

from forecasting.grid import Floats, Ints
from forecasting.site import Place
from forecasting.solar.geometry import year_angle

_THAI_REGIONS: tuple[tuple[float, float, tuple[float, ...]], ...] = (
    # Mean latitude and longitude of the stations, then January to December.
    (13.79, 100.58, (3.35, 4.06, 4.28, 4.54, 4.42, 3.97, 3.58, 3.51, 3.31, 3.64, 3.00, 3.10)),  # Bangkok
    (13.05, 102.14, (2.35, 3.22, 3.73, 3.49, 3.73, 3.61, 3.98, 3.13, 3.43, 2.92, 2.22, 2.28)),  # east
    (13.31, 100.63, (3.00, 3.71, 3.94, 4.13, 4.34, 4.02, 3.77, 3.70, 3.08, 3.14, 2.58, 2.79)),  # upper gulf
    (16.17, 100.62, (3.05, 3.55, 3.99, 3.99, 4.13, 3.77, 3.99, 3.36, 3.21, 3.32, 2.88, 2.83)),  # lower north
    (18.48, 99.31, (2.62, 2.62, 3.46, 3.30, 2.97, 2.54, 3.59, 3.22, 2.52, 3.01, 2.78, 3.12)),  # north
    (16.02, 103.24, (2.60, 3.17, 3.48, 3.69, 3.46, 3.55, 3.39, 3.25, 2.91, 2.94, 2.52, 2.50)),  # north-east
    (8.53, 99.36, (2.67, 2.44, 3.25, 3.42, 3.72, 3.73, 3.39, 3.17, 2.96, 2.81, 2.74, 2.18)),  # south
)
_KM_PER_DEG = 111.2
_REACH_KM = 120.0
"""Over which a region's values fade into its neighbours'."""
_OUTSIDE_KM = 350.0
_MONTHS = 12


def linke_turbidity(place: Place, at_s: Ints) -> Floats:
    """Linke turbidity at Unix times [s], shape kept; between the middles of months it changes linearly.

    The place's own monthly values when given, else the Thai fits where a station's region is near, else
    pvlib's world map. Raises ValueError when the place gives other than twelve values.
    """
    monthly = place.linke_turbidity
    if monthly is None:
        monthly = _known_monthly(place.latitude_deg, place.longitude_deg, place.country)
    if len(monthly) != _MONTHS:
        msg = f"linke_turbidity takes twelve values, January to December, not {len(monthly)}"
        raise ValueError(msg)
    month = year_angle(at_s) / (2.0 * np.pi) * _MONTHS
    middles = np.arange(_MONTHS) + 0.5
    found: Floats = np.interp(month, middles, np.asarray(monthly, dtype=np.float64), period=_MONTHS)
    return found


@lru_cache(maxsize=16)
def _known_monthly(latitude_deg: float, longitude_deg: float, country: str | None) -> tuple[float, ...]:
    regions = np.array([region[:2] for region in _THAI_REGIONS])
    east_km = (regions[:, 1] - longitude_deg) * _KM_PER_DEG * np.cos(np.radians(latitude_deg))
    apart_km = np.hypot((regions[:, 0] - latitude_deg) * _KM_PER_DEG, east_km)
    if country == "TH" and apart_km.min() < _OUTSIDE_KM:
        # Weights relative to the nearest region's, so that they cannot all vanish.
        weight = np.exp((apart_km.min() ** 2 - apart_km**2) / _REACH_KM**2)
        values = np.array([region[2] for region in _THAI_REGIONS])
        return tuple((weight @ values / weight.sum()).tolist())
    months = pd.date_range("2021-01-15", periods=_MONTHS, freq=pd.DateOffset(months=1), tz="UTC")
    found = lookup_linke_turbidity(months, latitude_deg, longitude_deg, interp_turbidity=False)
    return tuple(float(value) for value in found)
