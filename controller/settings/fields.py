"""What values of config.yaml may be: the words, numbers and limits that all its parts are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _not_a_truth(value: object) -> object:
    """Refuse true, 1.0 and the like where only listed whole numbers are allowed: to Python they are equal."""
    if isinstance(value, bool | float):
        message = "not a whole number"
        raise ValueError(message)  # noqa: TRY004 - pydantic takes ValueError for a fault of the input
    return value


WholeNumber = BeforeValidator(_not_a_truth)
Frac = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, Field(gt=0, le=86_400)]
Watts = Annotated[float, Field(gt=0, le=10_000_000)]
WattHours = Annotated[float, Field(gt=0, le=100_000_000)]
Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="a word of a to z, 0 to 9 and _, beginning with a letter, 40 characters at most",
    ),
]
SiteId = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
        description="a word of a to z, 0 to 9 and -, beginning with a letter, 40 characters at most",
    ),
]
ProfileId = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="the name of a device profile, as eastron-sdm630")
]
Host = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9:][A-Za-z0-9_.:-]*$",
        description="an IP address such as 192.168.10.11, or a host name",
    ),
]
SerialPort = Annotated[
    str, Field(pattern=r"^/[^ ]+$", description="a device path such as /dev/serial/by-id/usb-meters")
]
Phone = Annotated[
    str, Field(pattern=r"^[0-9+][0-9 -]{2,19}$", description='a number in quotes, such as "080-000-0000"')
]
Url = Annotated[
    str, Field(pattern=r"^https?://[^ ]+$", description="an address such as https://example.org/v1/forecast")
]
WeatherModel = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{1,60}$", description="the name of a weather model, as ecmwf_ifs025")
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="a country in two capital letters, as TH")]
WeatherModels = Annotated[list[WeatherModel], Field(min_length=1, max_length=6)]
MonthlyTurbidity = Annotated[list[Annotated[float, Field(ge=1, le=12)]], Field(min_length=12, max_length=12)]
ClockTime = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time of day in quotes, such as "06:30"'),
]
LocalTime = Annotated[
    str,
    Field(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9]$",
        description='a local date and time in quotes, such as "2026-12-01 09:00"',
    ),
]
Price = Annotated[float, Field(ge=0, le=100_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
Unit = Annotated[int, Field(ge=0, le=247)]
Baud = Annotated[Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200], WholeNumber]


class Settings(BaseModel):
    """Base: unknown keys are errors, nothing is coerced from another type, numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class NameSettings(Settings):
    """A name in Thai and English."""

    th: Annotated[str, Field(min_length=1, max_length=80)]
    en: Annotated[str, Field(min_length=1, max_length=80)]
