"""The schema of forecast.json as the web process reads it, and the verdict on its age.

docs/architecture.md describes the file. Powers are magnitudes; each list of quantiles has one row a level.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from web.image import BilingualText, Part, ReasonPart
from web.watched_file import FileStamp, WatchedFile

FILE_NAME = "forecast.json"
"""It lies beside image.json."""
FRESH_FOR = timedelta(hours=6)
"""An older forecast is no longer shown: the sky has changed since."""

Watts = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Frac = Annotated[float, Field(ge=0, le=1)]
WattQuantiles = list[list[Watts]]


class GridPart(Part):
    """The steps that every row follows."""

    start_utc: AwareDatetime
    step_s: int = Field(gt=0)
    count: int = Field(gt=0)


class NamedQuantiles(Part):
    """The forecast of one array or feeder."""

    name: BilingualText
    values_w: WattQuantiles = Field(description="Magnitudes in W, one row a level.")


class WeatherSourcePart(Part):
    """One run of a weather model that went in."""

    name: str
    issued_utc: AwareDatetime


class WeatherPart(Part):
    """What was known of the weather."""

    sources: list[WeatherSourcePart] = Field(default=[], description="Empty without a weather service.")
    reason: ReasonPart | None = None


class ReservePart(Part):
    """When the battery comes down to its reserve; null: not within the horizon."""

    p10: AwareDatetime | None = None
    p50: AwareDatetime | None = None
    p90: AwareDatetime | None = None


class HoursPart(Part):
    """From when to when."""

    from_utc: AwareDatetime
    to_utc: AwareDatetime


class OutlookPart(Part):
    """Whether the battery lasts, without the genset."""

    verdict: str = Field(examples=["probably"])
    lasts_until_sunrise_prob: Frac | None = None
    sunrise_utc: AwareDatetime | None = None
    reserve_reached_utc: ReservePart = ReservePart()
    above_reserve_prob: list[Frac] = Field([], description="One value a step.")
    soc_frac: list[list[Frac]] = Field([], description="Quantiles of the state of charge, one row a level.")
    good_hours: list[HoursPart] = Field([], description="When there is sun to spare for heavy loads.")
    reason: ReasonPart
    more_reasons: list[ReasonPart] = Field([], description="What it rests on, and good hours in words.")


class ScorePart(Part):
    """How good the forecasts of the last days were; null while too few were scored."""

    days: int = 0
    coverage_80_frac: float | None = Field(
        default=None, description="How often P10 to P90 held; 0.8 is right."
    )
    pinball_skill_frac: float | None = Field(
        default=None, description="1 perfect, 0 no better than the reference."
    )
    reference: str | None = None


class QualityPart(Part):
    """Scores of sun and load."""

    pv: ScorePart = ScorePart()
    load: ScorePart = ScorePart()


class LearnedArrayPart(Part):
    """What an array has taught."""

    capacity_w: float | None = None
    tilt_deg: float | None = None
    azimuth_deg: float | None = None


class LearnedPart(Part):
    """What the forecasts rest on."""

    at_utc: AwareDatetime | None = None
    days: int = 0
    arrays: dict[str, LearnedArrayPart] = Field(default={}, description="By the array's id.")


class Forecast(Part):
    """The whole of forecast.json."""

    format: Literal[1]
    issued_utc: AwareDatetime
    grid: GridPart
    levels: list[Frac] = Field(description="The probabilities of the rows.", examples=[[0.05, 0.5, 0.95]])
    pv_w: WattQuantiles
    load_w: WattQuantiles
    arrays: dict[str, NamedQuantiles] = Field({}, description="By the array's id.")
    feeders: dict[str, NamedQuantiles] = Field({}, description="By the feeder's id.")
    weather: WeatherPart = WeatherPart()
    outlook: OutlookPart | None = None
    quality: QualityPart = QualityPart()
    findings: list[ReasonPart] = Field([], description="What does not fit in weather, sensors or arrays.")
    learned: LearnedPart = LearnedPart()

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        """Each table has a row a level, each row a value a step."""
        tables = [self.pv_w, self.load_w]
        tables += [part.values_w for part in (*self.arrays.values(), *self.feeders.values())]
        if self.outlook is not None and self.outlook.soc_frac:
            tables.append(self.outlook.soc_frac)
        for table in tables:
            if len(table) != len(self.levels) or any(len(row) != self.grid.count for row in table):
                msg = "a table of quantiles does not fit levels and grid"
                raise ValueError(msg)
        return self


class ForecastReply(BaseModel):
    """GET /api/forecast."""

    fresh: bool = Field(description="False: there is none, or it is too old to go by.")
    age_s: float | None = Field(description="Since it was issued, by the controller's clock.")
    forecast: Forecast | None


class ForecastStore:
    """Reads forecast.json when it was replaced."""

    def __init__(self, path: Path) -> None:
        self._file = WatchedFile(path, Forecast)

    def look(self) -> tuple[FileStamp | None, Forecast | None]:
        """What identifies the present file, and its content; None without a readable one."""
        self._file.reread()
        return self._file.stamp, self._file.content


def age(forecast: Forecast, now: datetime) -> timedelta:
    """Time since it was issued, by the controller's clock `now`."""
    return now - forecast.issued_utc


def fresh(forecast: Forecast, now: datetime) -> bool:
    """Whether it may be gone by: not too old, nor from a clock that was set back since."""
    return timedelta(minutes=-1) <= age(forecast, now) <= FRESH_FOR
