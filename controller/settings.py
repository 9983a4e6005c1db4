"""The schema of config.yaml: what a technician may write, and within which limits.

Unknown keys are refused. `controller.config_file` reads the file and reports every fault at once;
`controller.site` turns valid settings into the core's `Site`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from controller.core.model import PriorityClass, Role


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


class ContactSettings(Settings):
    """Whom villagers call."""

    name: NameSettings
    phone: Phone


class SiteSettings(Settings):
    """Where and who the village is."""

    id: SiteId
    name: NameSettings
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    timezone: str
    """A name of the IANA time zone database."""
    contact: ContactSettings


class StorageSettings(Settings):
    """Where the controller keeps what it writes."""

    image: Path = Field(strict=False)
    telemetry: Path = Field(strict=False)


class WebSettings(Settings):
    """Where the web process listens."""

    host: Host
    port: Port


class TcpBus(Settings):
    """A Modbus TCP device or gateway."""

    type: Literal["tcp"]
    host: Host
    port: Port = 502


class RtuOverTcpBus(Settings):
    """An RS485 line behind a gateway that carries raw RTU frames over TCP."""

    type: Literal["rtu_over_tcp"]
    host: Host
    port: Port
    baud: Baud = 9600


class SolarmanBus(Settings):
    """An inverter behind a Solarman data logging stick, reached over the site's network."""

    type: Literal["solarman"]
    host: Host
    port: Port = 8899
    serial: Annotated[int, Field(ge=1, le=0xFFFF_FFFF)]
    """The stick's own serial number, as printed on it: it answers to no other."""


class RtuBus(Settings):
    """A serial line of this host."""

    type: Literal["rtu"]
    port: SerialPort
    baud: Baud
    parity: Literal["none", "even", "odd"]
    stop_bits: Annotated[Literal[1, 2], WholeNumber]


BusSettings = Annotated[TcpBus | RtuOverTcpBus | SolarmanBus | RtuBus, Field(discriminator="type")]


class DeviceSettings(Settings):
    """A device on a bus, described by a profile."""

    role: Role = Field(strict=False)
    profile: ProfileId
    bus: Id
    unit: Unit
    units: dict[Id, Unit] = {}
    """For a device that answers at several unit ids (Victron GX): the profile's names for them."""


class PvSettings(Settings):
    """The array behind a PV inverter; the key is the inverter's device id."""

    name: NameSettings
    ac_w: Watts
    dc_w: Watts | None = None
    """This and where the panels look may be left out: the forecast learns them from what the array gives."""
    tilt_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    azimuth_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Where the panels look: 0 north, 90 east, 180 south, 270 west."""


class BatterySettings(Settings):
    """The battery behind the grid-forming inverters."""

    device: Id
    energy_wh: WattHours
    inverter_w: Watts
    reserve_soc_frac: Frac
    bms: Id | None = None


class GensetSettings(Settings):
    """The genset and its default rules."""

    device: Id
    name: NameSettings
    rated_w: Watts
    start_below_soc_frac: Frac
    stop_above_soc_frac: Frac
    min_run_s: Seconds
    min_rest_s: Seconds
    warm_up_s: Seconds
    cool_down_s: Seconds
    start_timeout_s: PositiveSeconds
    max_start_attempts: Annotated[int, Field(ge=1, le=10)]


class SwitchSettings(Settings):
    """The relay channel that moves a feeder's contactor."""

    device: Id
    channel: Annotated[int, Field(ge=1, le=64)]
    closed_when: Literal["released", "energised"]


class FeederSettings(Settings):
    """A line to a group of consumers."""

    name: NameSettings
    kind: Literal["clinic", "school", "street_lights", "water_pump", "houses"]
    """What hangs on it: a first guess of its demand."""
    priority: PriorityClass = Field(strict=False)
    households: Annotated[int, Field(ge=1)]
    rated_w: Watts
    meter: Id | None = None
    switch: SwitchSettings


class ClassRulesSettings(Settings):
    """Below which SoC a priority class takes turns, and below which it is off."""

    ration_below_soc_frac: Frac
    off_below_soc_frac: Frac


class SharingSettings(Settings):
    """How scarce energy is shared."""

    turn_s: PositiveSeconds
    min_on_s: Seconds
    min_off_s: Seconds
    stagger_s: Seconds
    hysteresis_soc_frac: Annotated[float, Field(ge=0, le=0.2)]
    classes: dict[Annotated[PriorityClass, Field(strict=False)], ClassRulesSettings]


class ProtectionSettings(Settings):
    """Limits that nothing overrides."""

    soc_min_frac: Frac
    soc_max_frac: Frac
    cell_voltage_min_v: Annotated[float, Field(gt=1, lt=5)]
    cell_voltage_max_v: Annotated[float, Field(gt=1, lt=5)]
    temperature_min_c: Annotated[float, Field(ge=-30, le=30)]
    temperature_max_c: Annotated[float, Field(ge=20, le=80)]
    frequency_min_hz: Annotated[float, Field(ge=40, lt=50)]
    overload_w: Watts


class WeatherSettings(Settings):
    """Where forecasts of the weather come from."""

    source: Literal["none", "open_meteo", "csv"] = "none"
    url: Url = "https://api.open-meteo.com/v1/forecast"
    models: WeatherModels = ["ecmwf_ifs025", "gfs_seamless", "icon_seamless"]
    path: Annotated[Path, Field(strict=False)] | None = None


class ForecastSettings(Settings):
    """What the forecasts of sun and load are told; everything else they learn."""

    weather: WeatherSettings = WeatherSettings()
    altitude_m: Annotated[float, Field(ge=-400, le=6000)] = 0.0
    country: Country = "TH"
    """Whose holidays the village keeps."""
    linke_turbidity: MonthlyTurbidity | None = None
    """How hazy a clear sky is, January to December; None: by the maps of the region."""


class Config(Settings):
    """The whole of config.yaml."""

    format: Annotated[Literal[1], WholeNumber]
    site: SiteSettings
    storage: StorageSettings
    web: WebSettings
    buses: dict[Id, BusSettings]
    devices: dict[Id, DeviceSettings]
    pv: dict[Id, PvSettings]
    battery: BatterySettings
    genset: GensetSettings | None = None
    irradiance_sensor: Id | None = None
    feeders: dict[Id, FeederSettings]
    forecast: ForecastSettings = ForecastSettings()
    sharing: SharingSettings
    protection: ProtectionSettings
