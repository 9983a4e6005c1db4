"""The words for health, priority and role, and names in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How far a reading can be trusted, by its age on the monotonic clock."""

    GOOD = "good"
    STALE = "stale"
    """Older than it should be: still shown and used, but it narrows what the controller dares."""
    LOST = "lost"
    """Never read, refused, implausible, or too old to mean anything: the value is None."""


class PriorityClass(StrEnum):
    """Who keeps power longest, in order: the first is cut last."""

    CRITICAL = "critical"
    ESSENTIAL = "essential"
    HOUSEHOLD = "household"
    FLEXIBLE = "flexible"


class Role(StrEnum):
    """What a device is to the site."""

    PV_INVERTER = "pv_inverter"
    BATTERY_INVERTER = "battery_inverter"
    HYBRID_INVERTER = "hybrid_inverter"
    """A battery inverter with panels on its DC side."""
    SOLAR_CHARGER = "solar_charger"
    """Panels that feed the battery directly."""
    BATTERY = "battery"
    """A battery that speaks for itself."""
    METER = "meter"
    GENSET = "genset"
    SWITCH = "switch"
    IRRADIANCE_SENSOR = "irradiance_sensor"


class BatteryRole(StrEnum):
    """Who decides what the battery gives."""

    GRID_FORMING = "grid_forming"
    """Its inverters hold the bus: their power is a result, never a command."""
    GRID_FOLLOWING = "grid_following"
    """They take a setpoint while the public grid holds the bus."""


@dataclass(frozen=True, slots=True)
class Text:
    """A name or sentence in the two languages of the house."""

    th: str
    en: str
