"""Weather models through Open-Meteo or a server like it: several in one request, hourly, a few days ahead.

The service stamps irradiance with the END of its hour (mean of the preceding hour) and temperature, humidity
and cloud with the instant (https://open-meteo.com/en/docs). Here all become means of the steps that begin at
the stamps. Variables carry the model's name only when several were asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from forecasting.grid import HOUR_S, Floats, Grid, Ints
from forecasting.records import WeatherRun
from forecasting.site import Place
from forecasting.weather.errors import WeatherGarbledError
from forecasting.weather.request import Limits, get

PUBLIC_URL = "https://api.open-meteo.com/v1/forecast"
MODELS = ("ecmwf_ifs025", "gfs_seamless", "icon_seamless")
_DAYS = 4
"""From midnight UTC: the least that holds 48 hours at any time of the day."""
_SUN, _TEMPERATURE = "shortwave_radiation", "temperature_2m"
_HUMIDITY, _CLOUD = "relative_humidity_2m", "cloud_cover"
_LATEST_S = 2**36
_LARGEST = 1e9
"""Beyond any unit of irradiance (an hour's J/m2 reach 4 million); what is not a number is not within it."""
_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class OpenMeteo:
    """A fetch of the models' latest runs; may take a minute. Raises WeatherError."""

    place: Place
    utc_now_s: Callable[[], int]
    url: str = PUBLIC_URL
    models: tuple[str, ...] = MODELS
    limits: Limits = _DEFAULT_LIMITS

    def __call__(self) -> tuple[WeatherRun, ...]:
        """Ask for all models at once; those that know nothing of the place are left out."""
        body = get(self.url, self._params(), self.limits)
        return read_answer(body, self.models, issued_s=self.utc_now_s())

    def _params(self) -> dict[str, str]:
        return {
            "latitude": f"{self.place.latitude_deg:.4f}",
            "longitude": f"{self.place.longitude_deg:.4f}",
            "elevation": f"{self.place.altitude_m:.0f}",
            "hourly": ",".join((_SUN, _TEMPERATURE, _HUMIDITY, _CLOUD)),
            "models": ",".join(self.models),
            "timeformat": "unixtime",
            "forecast_days": str(_DAYS),
        }


def read_answer(body: bytes, models: Sequence[str], issued_s: int) -> tuple[WeatherRun, ...]:
    """One run for each model that has irradiance in an answer. Raises WeatherGarbledError."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise WeatherGarbledError("the answer is no JSON") from err
    hourly = answer.get("hourly") if isinstance(answer, dict) else None
    if not isinstance(hourly, dict):
        raise WeatherGarbledError("the answer holds no hourly values")
    stamps_s = _stamps(hourly.get("time"))
    runs = tuple(
        run
        for model in models
        if (run := _run(hourly, model, stamps_s, issued_s, len(models) == 1)) is not None
    )
    if not runs:
        msg = f"no irradiance from {', '.join(models)} for this place"
        raise WeatherGarbledError(msg)
    return runs


def _stamps(told: Any) -> Ints:  # noqa: ANN401 - an answer may hold anything
    """The answer's hours, Unix seconds, one after the other."""
    usable = isinstance(told, list) and len(told) > 1
    if not usable or not all(type(stamp) is int and 0 <= stamp <= _LATEST_S for stamp in told):
        raise WeatherGarbledError("the answer's times are no list of Unix seconds")
    if told[0] % HOUR_S or any(later - stamp != HOUR_S for stamp, later in pairwise(told)):
        raise WeatherGarbledError("the answer's times are not hour by hour")
    return np.array(told, dtype=np.int64)


def _run(
    hourly: Mapping[str, Any], model: str, stamps_s: Ints, issued_s: int, alone: bool
) -> WeatherRun | None:
    sun, temperature, humidity, cloud = (
        _column(
            hourly, name if alone and f"{name}_{model}" not in hourly else f"{name}_{model}", len(stamps_s)
        )
        for name in (_SUN, _TEMPERATURE, _HUMIDITY, _CLOUD)
    )
    if not np.isfinite(sun).any():
        return None
    return WeatherRun(
        model,
        issued_s,
        Grid(int(stamps_s[0]), HOUR_S, len(stamps_s) - 1),
        ghi_wm2=sun[1:],
        temp_c=_between(temperature),
        humidity_frac=_between(humidity) / 100.0,
        cloud_frac=_between(cloud) / 100.0,
    )


def _column(hourly: Mapping[str, Any], name: str, count: int) -> Floats:
    """A variable's values, NaN for null; all missing when the model has none of it."""
    told = hourly.get(name)
    if told is None:
        return np.full(count, np.nan)
    if not isinstance(told, list) or len(told) != count:
        msg = f"{name} does not fit the times"
        raise WeatherGarbledError(msg)
    if not all(value is None or (type(value) in (int, float) and abs(value) <= _LARGEST) for value in told):
        msg = f"{name} holds what is no number"
        raise WeatherGarbledError(msg)
    return np.array([np.nan if value is None else value for value in told], dtype=np.float64)


def _between(instants: Floats) -> Floats:
    """Means of the steps between instants, shape (n - 1,)."""
    found: Floats = (instants[:-1] + instants[1:]) / 2
    return found
