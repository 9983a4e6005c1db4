"""The whole of config.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from controller.settings.accounts import AccountsSettings
from controller.settings.alarms import AlarmSettings
from controller.settings.field_bus import BusSettings, DeviceSettings
from controller.settings.fields import Id, Settings, WholeNumber
from controller.settings.forecast import ForecastSettings
from controller.settings.grid import GridSettings
from controller.settings.influx import InfluxSettings
from controller.settings.messages import MessagesSettings
from controller.settings.mqtt import MqttSettings
from controller.settings.open_data import OpenDataSettings
from controller.settings.planning import PlanningSettings
from controller.settings.plant import BatterySettings, FeederSettings, GensetSettings, PvSettings
from controller.settings.sharing import ProtectionSettings, SharingSettings
from controller.settings.site import SiteSettings, StorageSettings, WebSettings


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
    grid: GridSettings | None = None
    irradiance_sensor: Id | None = None
    feeders: dict[Id, FeederSettings]
    forecast: ForecastSettings = ForecastSettings()
    sharing: SharingSettings
    planning: PlanningSettings = PlanningSettings()
    protection: ProtectionSettings
    alarms: AlarmSettings = AlarmSettings()
    accounts: AccountsSettings | None = None
    influx: InfluxSettings | None = None
    mqtt: MqttSettings | None = None
    messages: MessagesSettings | None = None
    open_data: OpenDataSettings | None = None
