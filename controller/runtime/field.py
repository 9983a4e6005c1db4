"""The site's buses and devices as config.yaml describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.clock import Clock
from controller.core.model import Role
from controller.settings import Config, DeviceSettings
from drivers.bus import Bus
from drivers.device import Device
from drivers.line import Line
from drivers.profile import SUNSPEC, ProfileLibrary
from drivers.roles import Commanded, commanded
from drivers.sunspec.prepare import ask
from drivers.wire import DEFAULT_TUNING, Tuning

HASTY_TUNING = Tuning(timeout_floor_s=0.25)
"""For a demo faster than life: the host's scheduling does not get faster with the clock."""


@dataclass(frozen=True, slots=True)
class Field:
    """What hangs on the controller's wires."""

    buses: Mapping[str, Bus]
    devices: Mapping[str, Device]
    lines: Mapping[str, Line]
    """Bus id -> the worker that polls it."""
    roles: Mapping[str, Role]
    commanded: Commanded


def build_field(
    config: Config,
    clock: Clock,
    on_change: Callable[[str, str], None] | None = None,
    profiles: ProfileLibrary | None = None,
) -> Field:
    """The buses, closed as yet, and their devices; profiles: default Tawan's own. Raises ProfileError."""
    library = profiles or ProfileLibrary()
    tuning = DEFAULT_TUNING if clock.speed <= 1 else HASTY_TUNING
    buses = {
        name: Bus(name, settings, speed=clock.speed, tuning=tuning) for name, settings in config.buses.items()
    }
    devices = {
        name: build_device(name, settings, buses[settings.bus], clock, library)
        for name, settings in config.devices.items()
    }
    lines = {
        name: Line(bus, [device for device in devices.values() if device.bus is bus], clock, on_change)
        for name, bus in buses.items()
    }
    roles = {name: settings.role for name, settings in config.devices.items()}
    return Field(buses, devices, lines, roles, commanded(devices.values(), clock))


def build_device(
    name: str, settings: DeviceSettings, bus: Bus, clock: Clock, profiles: ProfileLibrary
) -> Device:
    """One device on its bus. Raises ProfileError."""
    if settings.profile != SUNSPEC:
        profile = profiles.load(settings.profile)
        return Device(name, settings.role, bus, settings.unit, clock, profile=profile, units=settings.units)
    return Device(name, settings.role, bus, settings.unit, clock, prepare=ask(settings.unit, settings.role))
