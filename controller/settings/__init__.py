"""The schema of config.yaml: what a technician may write, and within which limits.

Unknown keys are refused. `controller.config_file` reads the file and reports every fault at once;
`controller.site` turns valid settings into the core's `Site`.
"""

from controller.settings.alarms import AlarmSettings
from controller.settings.config import Config
from controller.settings.field_bus import (
    BusSettings,
    DeviceSettings,
    RtuBus,
    RtuOverTcpBus,
    SolarmanBus,
    TcpBus,
)
from controller.settings.fields import Baud, NameSettings, Settings
from controller.settings.forecast import ForecastSettings, WeatherSettings
from controller.settings.grid import GridSettings, OutageSettings, TariffSettings
from controller.settings.influx import InfluxSettings
from controller.settings.open_data import OpenDataSettings
from controller.settings.planning import PlanningSettings
from controller.settings.plant import (
    BatterySettings,
    FeederSettings,
    GensetSettings,
    PvSettings,
    SwitchSettings,
)
from controller.settings.sharing import ClassRulesSettings, ProtectionSettings, SharingSettings
from controller.settings.site import ContactSettings, SiteSettings, StorageSettings, WebSettings

__all__ = [
    "AlarmSettings",
    "BatterySettings",
    "Baud",
    "BusSettings",
    "ClassRulesSettings",
    "Config",
    "ContactSettings",
    "DeviceSettings",
    "FeederSettings",
    "ForecastSettings",
    "GensetSettings",
    "GridSettings",
    "InfluxSettings",
    "NameSettings",
    "OpenDataSettings",
    "OutageSettings",
    "PlanningSettings",
    "ProtectionSettings",
    "PvSettings",
    "RtuBus",
    "RtuOverTcpBus",
    "Settings",
    "SharingSettings",
    "SiteSettings",
    "SolarmanBus",
    "StorageSettings",
    "SwitchSettings",
    "TariffSettings",
    "TcpBus",
    "WeatherSettings",
    "WebSettings",
]
