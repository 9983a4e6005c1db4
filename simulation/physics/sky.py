"""The sky above the village: sun, clouds and air, worked out a day at a time, looked up in between.

Heavy vectorised work (pvlib) happens once per simulated day; `move_to` only interpolates.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from controller.settings import PvSettings, SiteSettings
from simulation.physics.clouds import Array, DayType, clearness, day_type
from simulation.physics.pv import cell_temperature_c
from simulation.physics.recording import Recording

DAY_S = 86400.0
GRID_S = 10.0
SECONDS = np.arange(0.0, DAY_S + GRID_S, GRID_S)
"""Of a local day, both midnights included."""

_FORCED = {"clear": DayType.CLOUDLESS, "overcast": DayType.OVERCAST, "partly": DayType.MIXED}
_NIGHT_C = (21.5, 23.0, 24.5, 25.5, 25.5, 25.0, 24.8, 24.7, 24.5, 24.0, 23.2, 21.8)
_DAY_C = (30.0, 31.5, 33.5, 35.0, 34.0, 33.0, 32.5, 32.5, 32.0, 31.0, 30.0, 29.5)
"""Monthly mean minimum and maximum of the air."""
_WARMING_FRAC = {DayType.CLOUDLESS: 1.1, DayType.FAIR: 1.1, DayType.MIXED: 0.95, DayType.OVERCAST: 0.6}
_DARK_WM2 = 10.0
_USUAL_TILT_DEG, _USUAL_AZIMUTH_DEG = 12.0, 180.0
"""Where config.yaml does not say how the panels stand."""


@dataclass(frozen=True, slots=True)
class SkyDay:
    """One local day on the grid."""

    kind: DayType
    ghi_wm2: array[float]
    planes_wm2: tuple[array[float], ...]
    """In the plane of each array."""
    ambient_c: array[float]

    def dark(self) -> NDArray[np.bool_]:
        """Where on the grid a photocell switches lamps on."""
        return np.asarray(self.ghi_wm2) < _DARK_WM2

    def mean_ambient_c(self) -> float:
        """Mean air temperature."""
        return float(np.mean(self.ambient_c))


class Sky:
    """Irradiance and temperatures at the moment of the last `move_to`."""

    def __init__(
        self, site: SiteSettings, planes: Sequence[PvSettings], *,
        start_utc: datetime, seed: int, clouds: str = "auto", irradiance_csv: Path | None = None,
    ) -> None:  # fmt: skip
        if clouds != "auto" and clouds not in _FORCED:
            raise ValueError(f"clouds: {clouds!r}; allowed: auto, {', '.join(_FORCED)}")
        zone = ZoneInfo(site.timezone)
        self.ghi_wm2 = 0.0
        self.planes_wm2 = [0.0] * len(planes)
        self.ambient_temperature_c = 0.0
        self._site, self._planes, self._seed = site, planes, seed
        self._forced = _FORCED.get(clouds)
        self._recording = Recording(irradiance_csv, ["ghi_wm2"], zone) if irradiance_csv else None
        local = start_utc.astimezone(zone)
        # The offset of the start is kept for good: Thailand has no daylight saving.
        self._first_date = local.date()
        self._first_midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        self.start_s = (local - self._first_midnight).total_seconds()
        """Local time of day at the start; add simulated seconds to get the day and its second."""
        self._days: dict[int, SkyDay] = {}
        self._index = -1
        self._today = self.day(0)
        self.move_to(0.0)

    @property
    def irradiance_wm2(self) -> float:
        """In the plane of the first array, where the sensor is mounted."""
        return self.planes_wm2[0] if self.planes_wm2 else self.ghi_wm2

    @property
    def cell_temperature_c(self) -> float:
        """Of the sensor's reference cell."""
        return cell_temperature_c(self.irradiance_wm2, self.ambient_temperature_c)

    def date_of(self, index: int) -> date:
        """Local date of the index-th day."""
        return self._first_date + timedelta(days=index)

    def day(self, index: int) -> SkyDay:
        """The index-th local day, 0 being that of the start; built when first asked for."""
        if index not in self._days:
            self._days[index] = self._build(index)
        return self._days[index]

    def move_to(self, now_s: float) -> None:
        """Set everything to now_s seconds after the start."""
        since_midnight_s = self.start_s + now_s
        index = int(since_midnight_s // DAY_S)
        if index != self._index:
            self._index, self._today = index, self.day(index)
            self.day(index + 1)
            for past in [known for known in self._days if known < index - 1]:
                del self._days[past]
        today = self._today
        position = (since_midnight_s - index * DAY_S) / GRID_S
        left = int(position)
        part = position - left
        ghi, air = today.ghi_wm2, today.ambient_c
        self.ghi_wm2 = ghi[left] + (ghi[left + 1] - ghi[left]) * part
        self.ambient_temperature_c = air[left] + (air[left + 1] - air[left]) * part
        for number, plane in enumerate(today.planes_wm2):
            self.planes_wm2[number] = plane[left] + (plane[left + 1] - plane[left]) * part

    def _build(self, index: int) -> SkyDay:
        day = self.date_of(index)
        rng = np.random.default_rng([self._seed, 13, day.toordinal()])
        midnight = self._first_midnight + timedelta(days=index)
        times = pd.DatetimeIndex(
            pd.Timestamp(midnight).tz_convert("UTC") + pd.to_timedelta(SECONDS, unit="s")
        )
        sun = pvlib.solarposition.ephemeris(times, self._site.latitude_deg, self._site.longitude_deg)
        zenith_deg, azimuth_deg = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
        extra_wm2 = float(pvlib.irradiance.get_extra_radiation(day.timetuple().tm_yday))
        clear_wm2 = self._clear_ghi(times, zenith_deg, extra_wm2)
        kind = self._forced or day_type(day, float(clear_wm2.sum()) * GRID_S / 3.6e6, self._seed)
        if self._recording is None:
            ghi_wm2 = clear_wm2 * clearness(kind, SECONDS, rng)
        else:
            ghi_wm2 = np.where(
                zenith_deg < 90.0, self._recording.day("ghi_wm2", index, SECONDS).clip(min=0.0), 0.0
            )
        planes = self._transpose(ghi_wm2, zenith_deg, azimuth_deg, extra_wm2, day)
        air_c = _air(day, kind, rng)
        return SkyDay(kind, _floats(ghi_wm2), tuple(_floats(plane) for plane in planes), _floats(air_c))

    def _clear_ghi(self, times: pd.DatetimeIndex, zenith_deg: Array, extra_wm2: float) -> Array:
        """Ineichen-Perez clear sky with the climatological turbidity of the place."""
        latitude, longitude = self._site.latitude_deg, self._site.longitude_deg
        airmass = pvlib.atmosphere.get_absolute_airmass(pvlib.atmosphere.get_relative_airmass(zenith_deg))
        turbidity = pvlib.clearsky.lookup_linke_turbidity(times[:1], latitude, longitude).iloc[0]
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # at night, where pvlib itself discards the result
            clear = pvlib.clearsky.ineichen(zenith_deg, airmass, turbidity, 0.0, extra_wm2)
        return np.nan_to_num(np.asarray(clear["ghi"], dtype=np.float64))

    def _transpose(
        self, ghi_wm2: Array, zenith_deg: Array, azimuth_deg: Array, extra_wm2: float, day: date
    ) -> list[Array]:
        """Irradiance in the plane of each array: Erbs' diffuse split, Hay-Davies' sky."""
        split = pvlib.irradiance.erbs(ghi_wm2, zenith_deg, day.timetuple().tm_yday)
        planes = []
        for plane in self._planes:
            total = pvlib.irradiance.get_total_irradiance(
                _USUAL_TILT_DEG if plane.tilt_deg is None else plane.tilt_deg,
                _USUAL_AZIMUTH_DEG if plane.azimuth_deg is None else plane.azimuth_deg,
                zenith_deg, azimuth_deg, split["dni"], ghi_wm2, split["dhi"],
                dni_extra=extra_wm2, model="haydavies",
            )  # fmt: skip
            planes.append(np.nan_to_num(np.asarray(total["poa_global"], dtype=np.float64)).clip(min=0.0))
        return planes


def _air(day: date, kind: DayType, rng: np.random.Generator) -> Array:
    """Air temperature through a day: coolest at 06:00, warmest at 14:30, milder under clouds."""
    night_c, day_c = _NIGHT_C[day.month - 1], _DAY_C[day.month - 1]
    hours = SECONDS / 3600.0
    rising = 0.5 - 0.5 * np.cos(np.pi * (hours - 6.0) / 8.5)
    falling = 0.5 + 0.5 * np.cos(np.pi * ((hours - 14.5) % 24.0) / 15.5)
    warmth = np.where((hours >= 6.0) & (hours < 14.5), rising, falling)
    return night_c + float(rng.normal(0.0, 0.3)) + (day_c - night_c) * _WARMING_FRAC[kind] * warmth


def _floats(values: Array) -> array[float]:
    """Plain doubles: indexing them costs a tenth of a numpy scalar."""
    if not math.isfinite(float(values.sum())):
        raise ValueError("the sky holds a value that is not a number")
    return array("d", values.tobytes())
