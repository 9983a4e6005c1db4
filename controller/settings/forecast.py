"""What the forecasts of sun and load are told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from controller.settings.fields import Country, MonthlyTurbidity, Settings, Url, WeatherModels


class WeatherSettings(Settings):
    """Where forecasts of the weather come from."""

    source: Literal["none", "open_meteo", "csv"] = "none"
    url: Url = "https://api.open-meteo.com/v1/forecast"
    models: WeatherModels = Field(default=["ecmwf_ifs025", "gfs_seamless", "icon_seamless"])
    path: Annotated[Path, Field(strict=False)] | None = None


class ForecastSettings(Settings):
    """What the forecasts of sun and load are told; everything else they learn."""

    weather: WeatherSettings = WeatherSettings()
    altitude_m: Annotated[float, Field(ge=-400, le=6000)] = 0.0
    country: Country = "TH"
    """Whose holidays the village keeps."""
    linke_turbidity: MonthlyTurbidity | None = None
    """How hazy a clear sky is, January to December; None: by the maps of the region."""
