"""Which weather source config.yaml gets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from planner_village import default_config, default_site

from controller.clock import ScaledClock
from controller.planner.weather import weather_source
from controller.settings import Config, WeatherSettings
from forecasting.weather.background import BackgroundWeather
from forecasting.weather.source import NoWeather, WeatherSource

CLOCK = ScaledClock.starting(datetime(2026, 4, 1, 5, tzinfo=UTC), speed=60.0)


def source(settings: WeatherSettings, cache: Path) -> WeatherSource:
    config = default_config()
    told: Config = config.model_copy(
        update={"forecast": config.forecast.model_copy(update={"weather": settings})}
    )
    return weather_source(told, default_site().place, cache, CLOCK)


def test_without_a_source_nothing_is_asked(tmp_path: Path) -> None:
    assert isinstance(source(WeatherSettings(), tmp_path), NoWeather)
    assert not list(tmp_path.iterdir())


def test_a_service_that_cannot_be_reached_makes_nobody_wait(tmp_path: Path) -> None:
    found = source(WeatherSettings(source="open_meteo", url="http://127.0.0.1:9/v1/forecast"), tmp_path)
    assert isinstance(found, BackgroundWeather)
    assert found.latest() == ()
    assert found.archive().runs == ()
    found.close()


def test_a_file_that_somebody_brings_is_read(tmp_path: Path) -> None:
    file = tmp_path / "met.csv"
    rows = "".join(f"2026-04-01T{hour:02d}:00Z,2026-04-01T00:00Z,{100 * hour}\n" for hour in range(1, 6))
    file.write_text(f"time,issued,ghi_wm2\n{rows}", encoding="utf-8")
    found = source(WeatherSettings(source="csv", path=file), tmp_path / "cache")
    assert isinstance(found, BackgroundWeather)
    found.refresh_if_due()
    (run,) = found.latest()
    assert run.source == "met"
    assert run.ghi_wm2.tolist() == [100.0, 200.0, 300.0, 400.0, 500.0]
    found.close()
