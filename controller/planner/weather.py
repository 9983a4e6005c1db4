"""The weather source that config.yaml names."""

from __future__ import annotations

import time
from pathlib import Path

from controller.clock import Clock
from controller.settings import Config
from forecasting.grid import QUARTER_S
from forecasting.site import Place
from forecasting.weather.background import BackgroundWeather
from forecasting.weather.cache import WeatherCache
from forecasting.weather.csv_file import CsvWeather
from forecasting.weather.open_meteo import OpenMeteo
from forecasting.weather.schedule import Schedule
from forecasting.weather.source import Fetch, NoWeather, WeatherSource


def weather_source(config: Config, place: Place, cache: Path, clock: Clock) -> WeatherSource:
    """The source, already at work; what it fetches is kept in the folder `cache`.

    It is refreshed by the host's own clock: a demo faster than life must not ask a service more often.
    """
    settings = config.forecast.weather

    def utc_now_s() -> int:
        return int(clock.utc_now().timestamp())

    fetch: Fetch
    kept: WeatherCache | None = WeatherCache.of_place(cache, place)
    schedule = Schedule()
    match settings.source:
        case "none":
            return NoWeather()
        case "open_meteo":
            fetch = OpenMeteo(place, utc_now_s, settings.url, tuple(settings.models))
        case "csv":
            # The schema refuses a CSV source without a path.
            fetch = CsvWeather(settings.path or Path())
            # The file is its own memory; who drops one does not want to wait for hours.
            kept, schedule = None, Schedule(period_s=QUARTER_S)
    source = BackgroundWeather(
        settings.source,
        fetch,
        monotonic=time.monotonic,
        utc_now_s=utc_now_s,
        cache=kept,
        schedule=schedule,
    )
    source.start()
    return source
