"""The weather source that config.yaml names."""

from __future__ import annotations

from pathlib import Path

from controller.settings import Config
from forecasting.weather.source import NoWeather, WeatherSource


def weather_source(config: Config, cache: Path) -> WeatherSource:
    """The source; what it fetched is kept in the folder `cache`."""
    return NoWeather()
