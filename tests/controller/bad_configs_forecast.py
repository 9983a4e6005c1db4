"""Mistakes in what the forecast is told."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_WEATHER = "weather: {source: none}"
_ALTITUDE = "  altitude_m: 20\n"
_TWELVE = "[4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]"
FORECAST: Mapping[str, Bad] = {
    "an unknown weather source": bad(
        _WEATHER, "weather: {source: open-meteo}", "forecast.weather.source", "mean open_meteo"
    ),
    "a weather file without its place": bad(
        _WEATHER, "weather: {source: csv}", "forecast.weather.path", "nothing", "add `path: /"
    ),
    "a weather file of nowhere in particular": bad(
        _WEATHER,
        "weather: {source: csv, path: sun.csv}",
        "forecast.weather.path",
        "sun.csv",
        "path beginning with /",
    ),
    "an address for a source that has none": bad(
        _WEATHER,
        'weather: {source: none, url: "http://10.0.0.9/v1"}',
        "forecast.weather.url",
        "write `source: open_meteo`",
    ),
    "an address that is none": bad(
        _WEATHER,
        "weather: {source: open_meteo, url: api.open-meteo.com}",
        "forecast.weather.url",
        "api.open-meteo.com",
        "https://example.org/v1/forecast",
    ),
    "no weather models": bad(
        _WEATHER,
        "weather: {source: open_meteo, models: []}",
        "forecast.weather.models",
        "a list",
        "a list of 1 to 6 in square brackets, each the name of a weather model",
    ),
    "one model without brackets": bad(
        _WEATHER,
        "weather: {source: open_meteo, models: gfs_seamless}",
        "forecast.weather.models",
        "gfs_seamless",
        "in square brackets",
    ),
    "haze of some months only": bad(
        _ALTITUDE,
        _ALTITUDE + "  linke_turbidity: [4, 4.5, 5]\n",
        "forecast.linke_turbidity",
        "a list",
        "a list of 12 in square brackets, each a number from 1 to 12",
    ),
    "an impossible haze in March": bad(
        _ALTITUDE,
        _ALTITUDE + f"  linke_turbidity: {_TWELVE.replace('4, 4, 4,', '4, 4, 44,', 1)}\n",
        "forecast.linke_turbidity.2",
        "44",
        "a number from 1 to 12",
    ),
    "a country in words": bad(
        _ALTITUDE, _ALTITUDE + "  country: Thailand\n", "forecast.country", "Thailand", "as TH"
    ),
    "a village above the clouds": bad(
        "altitude_m: 20", "altitude_m: 20000", "forecast.altitude_m", "20000", "to 6000"
    ),
    "an altitude without its unit": bad(
        "altitude_m: 20", "altitude: 20", "forecast.altitude", "mean altitude_m"
    ),
}
