"""What may stand in a site file of the backtest: facts of a place, its panels and the columns of a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Watts = Annotated[float, Field(gt=0, le=1e9)]
Degrees90 = Annotated[float, Field(ge=0, le=90)]


def _named_column(value: object) -> object:
    """`pv_w: pv_kw` is short for `pv_w: {column: pv_kw}`."""
    return {"column": value} if isinstance(value, str) else value


class Facts(BaseModel):
    """Base: unknown keys are errors, nothing is coerced from another type, numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class SiteFacts(Facts):
    """Where the site is."""

    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    timezone: str
    altitude_m: Annotated[float, Field(ge=-430, le=6000)] = 0.0
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    linke_turbidity: (
        Annotated[list[Annotated[float, Field(ge=1, le=12)]], Field(min_length=12, max_length=12)] | None
    ) = None


class ArrayFacts(Facts):
    """One array; what is not known is left out and learned."""

    dc_w: Watts | None = None
    ac_w: Watts | None = None
    tilt_deg: Degrees90 | None = None
    azimuth_deg: Annotated[float, Field(ge=0, lt=360)] | None = None


class ColumnFacts(Facts):
    """A column of the data file, and what its numbers are multiplied with to get our unit."""

    column: Annotated[str, Field(min_length=1)]
    scale: float | None = None


class LoadFacts(ColumnFacts):
    """A measured load, and what a first guess of its demand needs."""

    kind: Literal["clinic", "school", "street_lights", "water_pump", "houses"] | None = None
    households: Annotated[int, Field(ge=1)] = 1
    rated_w: Watts | None = None


Column = Annotated[ColumnFacts, BeforeValidator(_named_column)]
Quantity = Literal[
    "pv_w",
    "ghi_wm2",
    "temp_c",
    "nwp_ghi_wm2",
    "nwp_temp_c",
    "nwp_rh_frac",
    "nwp_cloud_frac",
    "limited",
    "served",
]


class SiteFile(Facts):
    """The whole of a site file."""

    site: SiteFacts
    pv: dict[str, ArrayFacts] = {}
    rated_w: Watts | None = None
    hours: Annotated[list[Annotated[int, Field(ge=0, le=23)]], Field(min_length=2, max_length=2)] | None = (
        None
    )
    columns: dict[Quantity, Column] = {}
    loads: dict[str, Annotated[LoadFacts, BeforeValidator(_named_column)]] = {}
    stamp: Literal["start", "end"] = "start"
    stamp_timezone: str | None = None
    step_s: Annotated[int, Field(ge=60, le=86_400)] | None = None
    weather_known_from: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "12:00"
