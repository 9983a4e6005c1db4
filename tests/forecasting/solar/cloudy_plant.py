"""Plants under a cloudy sky: pvlib's Perez transposition and a linear heating, not the models under test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pvlib

from forecasting.grid import DAY_S, Floats, Grid
from forecasting.records import PvRecord, missing
from forecasting.site import Place

VILLAGE = Place(11.8, 99.8, "Asia/Bangkok", 40.0)
LA_REUNION = Place(-21.34, 55.48, "Indian/Reunion", 80.0, "RE")
FIRST_S = 1_672_506_000  # midnight of 2023-01-01 in Bangkok


@dataclass(frozen=True)
class Roof:
    """What really stands there."""

    dc_w: float
    tilt_deg: float
    azimuth_deg: float
    ac_w: float = np.inf
    shade: Callable[[Floats, Floats], Floats] | None = None
    """Share that passes, by azimuth and elevation of the sun [degrees]."""


def days_from(first_day: int, days: int, step_s: int = 900) -> Grid:
    return Grid(FIRST_S + first_day * DAY_S, step_s, days * DAY_S // step_s)


def grow(
    place: Place,
    roofs: Sequence[Roof],
    grid: Grid,
    *,
    seed: int,
    clear_share: float = 0.35,
    sensor: bool = False,
) -> list[PvRecord]:
    """A record of each roof under one common sky, with noise in clouds, haze and meters."""
    rng = np.random.default_rng(seed)
    times = pd.DatetimeIndex(pd.to_datetime(grid.centres_s, unit="s", utc=True))
    site = pvlib.location.Location(place.latitude_deg, place.longitude_deg, altitude=place.altitude_m)
    sun = site.get_solarposition(times)
    clear = site.get_clearsky(times, solar_position=sun)
    clouds = _clouds(grid, rng, clear_share)
    ghi = clear["ghi"].to_numpy() * clouds
    dni = clear["dni"].to_numpy() * np.clip((clouds - 0.3) / 0.7, 0.0, 1.05)
    dhi = np.maximum(ghi - dni * np.maximum(np.cos(np.radians(sun["apparent_zenith"].to_numpy())), 0.0), 0.0)
    extra = pvlib.irradiance.get_extra_radiation(times)
    records = []
    for roof in roofs:
        plane = pvlib.irradiance.get_total_irradiance(
            roof.tilt_deg, roof.azimuth_deg, sun["apparent_zenith"], sun["azimuth"], dni, ghi, dhi, extra,
            model="perez", airmass=pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"]),
        )["poa_global"].fillna(0.0).to_numpy()  # fmt: skip
        if roof.shade is not None:
            plane = plane * roof.shade(sun["azimuth"].to_numpy(), sun["apparent_elevation"].to_numpy())
        cell_c = 29.0 + plane * 0.028
        power = roof.dc_w * plane / 1000.0 * (1.0 - 0.0037 * (cell_c - 25.0))
        power *= 1.0 + 0.01 * rng.standard_normal(grid.count)
        records.append(
            PvRecord(
                grid, np.clip(power, 0.0, roof.ac_w), np.zeros(grid.count, dtype=np.bool_),
                ghi * (1.0 + 0.01 * rng.standard_normal(grid.count)) if sensor else missing(grid),
                missing(grid),
            )
        )  # fmt: skip
    return records


def scaled(record: PvRecord, factor: float, first_s: int, end_s: int | None = None) -> PvRecord:
    """The record of a plant that gives only a factor of it for a time."""
    hit = (record.grid.starts_s >= first_s) & (record.grid.starts_s < (end_s or record.grid.end_s))
    return replace(record, power_w=np.where(hit, record.power_w * factor, record.power_w))


def noon_s(grid: Grid, day: int) -> int:
    """Local noon of a day of the grid."""
    return grid.start_s + day * DAY_S + DAY_S // 2


def _clouds(grid: Grid, rng: np.random.Generator, clear_share: float) -> Floats:
    """What clouds and haze leave of a clear sky: still on clear days, wandering on others."""
    steps = DAY_S // grid.step_s
    days = grid.count // steps
    memory = float(np.exp(-grid.step_s / 3600.0))
    factor = np.empty((days, steps))
    for day in range(days):
        haze = 1.0 + 0.02 * rng.standard_normal()
        if rng.random() < clear_share:
            factor[day] = haze
            continue
        depth = rng.uniform(0.1, 0.9)
        wander = np.empty(steps)
        wander[0] = rng.standard_normal()
        for step in range(1, steps):
            wander[step] = memory * wander[step - 1] + np.sqrt(1 - memory**2) * rng.standard_normal()
        factor[day] = np.clip(haze - depth * 0.8 * np.maximum(wander + 0.6, 0.0), 0.1, 1.08)
    return factor.ravel()
