"""The one device that a command is about: from config.yaml, or described on the command line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from controller.clock import SystemClock
from controller.commands.addresses import AddressError, Parity, buses_at, numbers_in
from controller.commands.configuration import load_or_explain, profiles_of
from controller.commands.layout import wrapped
from controller.commands.occupancy import occupied
from controller.commands.profile_facts import unit_names
from controller.core.model import Role
from controller.runtime.field import build_device
from controller.settings import BusSettings, Config, DeviceSettings, RtuBus, RtuOverTcpBus
from drivers.device import Device
from drivers.discovery.port import why_not
from drivers.errors import ProfileError
from drivers.model import Profile
from drivers.once import Snapshot
from drivers.profile import SUNSPEC
from drivers.recording import RecordedBus

EXIT_FAILED = 1
EXIT_USAGE = 2


class CommandError(Exception):
    """A command cannot go on; the message is one sentence with the remedy."""

    def __init__(self, message: str, status: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line says of the device: its id, or all about it."""

    config: Path
    device: str | None = None
    profile: str | None = None
    bus: str | None = None
    unit: int | None = None
    baud: int = 9600
    parity: Parity = "none"
    units: str | None = None
    """Further unit ids, as system=100,vebus=227."""
    role: Role | None = None
    """For a SunSpec device that is not a PV inverter."""


@dataclass(frozen=True, slots=True)
class Target:
    """A device by itself, on a bus of its own that keeps a record."""

    device: Device
    bus: RecordedBus
    bus_settings: BusSettings
    settings: DeviceSettings
    config: Config | None
    """None for a device that is in no config.yaml."""

    def profile(self) -> Profile:
        """Its profile, once it was read. Raises CommandError."""
        if self.device.profile is None:
            raise CommandError(f"{self.device.id} could not be asked what it is: {self.device.last_error}")
        return self.device.profile


def target(chosen: Chosen) -> Target:
    """The device. Raises CommandError; a bad config.yaml ends the command with its faults."""
    if chosen.device is not None:
        given = (chosen.profile, chosen.bus, chosen.unit, chosen.units, chosen.role)
        if any(each is not None for each in given):
            raise CommandError(
                f"{chosen.device} is described in {chosen.config}: leave --profile, --bus, --unit, --with "
                "and --role away, or give them without a device id",
                EXIT_USAGE,
            )
        return _configured(chosen.config, chosen.device)
    if chosen.profile is None or chosen.bus is None or chosen.unit is None:
        raise CommandError(
            "name a device of config.yaml, or say --profile, --bus and --unit, as --profile eastron-sdm630 "
            "--bus /dev/serial/by-id/usb-meters --unit 1",
            EXIT_USAGE,
        )
    return _described(chosen, chosen.profile, chosen.bus, chosen.unit)


def refuse_if_occupied(found: Target, *, lines_only: bool = False) -> None:
    """Raise CommandError while the controller works on the same bus.

    lines_only: a Modbus TCP device may serve a second client, unless its profile says that it does not.
    """
    is_line = isinstance(found.bus_settings, RtuBus | RtuOverTcpBus)
    profile = found.device.profile
    single = profile is not None and profile.pace.one_client
    if found.config is None or (lines_only and not is_line and not single):
        return
    busy = occupied(found.config, found.bus_settings)
    if busy is not None:
        raise CommandError(busy)


def refuse_if_silent(found: Target, first: Snapshot) -> None:
    """Raise CommandError if the device gave nothing when it was first read."""
    if first.readings and found.device.answered_s is not None:
        return
    said = next(iter(first.errors), "nothing was read")
    if any(each.refused or each.words is not None for each in found.bus.exchanges):
        raise CommandError(
            f"unit {found.settings.unit} answers, but gives nothing of {found.settings.profile} ({said}): "
            "is it the right profile, and the right unit id? `tawan discover` finds out what is there"
        )
    raise CommandError(
        f"{found.device.id} does not answer: {said}. Look at supply, wires (A and B), unit id, baud rate and "
        "parity; `tawan discover` finds out what is there"
    )


async def open_or_explain(found: Target) -> None:
    """Open the bus. Raises CommandError, with the reason and the remedy."""
    if await found.bus.open():
        return
    settings = found.bus_settings
    if isinstance(settings, RtuBus):
        try:
            os.close(os.open(settings.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
        except OSError as error:
            raise CommandError(why_not(settings.port, error)) from error
        raise CommandError(
            f"{settings.port} cannot be opened as a serial port; does another program use it "
            f"(`fuser {settings.port}`)?"
        )
    raise CommandError(
        f"{settings.host}:{settings.port} does not take the connection: check address and cable, whether "
        "Modbus TCP is switched on in the device, and whether another client holds its only connection"
    )


def fail(command: str, error: CommandError) -> int:
    """Say why a command ends; returns its exit status."""
    told = str(error).rstrip(".")
    end = "" if told.endswith("?") else "."
    print(wrapped(f"tawan {command}: {told}{end}"), file=sys.stderr)
    return error.status


def _configured(path: Path, device_id: str) -> Target:
    config = load_or_explain(path)
    settings = config.devices.get(device_id)
    if settings is None:
        known = ", ".join(config.devices)
        raise CommandError(f"{path} has no device {device_id!r}; it has {known}", EXIT_USAGE)
    bus = RecordedBus(settings.bus, config.buses[settings.bus])
    device = build_device(device_id, settings, bus, SystemClock(), profiles_of(path))
    return Target(device, bus, config.buses[settings.bus], settings, config)


def _described(chosen: Chosen, profile_name: str, where: str, unit: int) -> Target:
    library = profiles_of(chosen.config)
    try:
        bus_settings = buses_at(where, baud=chosen.baud, parity=chosen.parity)[0]
        role = chosen.role or Role.PV_INVERTER
        if profile_name != SUNSPEC:
            profile = library.load(profile_name)
            role = profile.role
            _check_units(profile, chosen.units)
        settings = DeviceSettings(
            role=role, profile=profile_name, bus="given", unit=unit, units=_named_units(chosen.units)
        )
        bus = RecordedBus("given", bus_settings)
        device = build_device(profile_name, settings, bus, SystemClock(), library)
    except (AddressError, ProfileError) as error:
        raise CommandError(str(error), EXIT_USAGE) from error
    return Target(device, bus, bus_settings, settings, None)


def _check_units(profile: Profile, given: str | None) -> None:
    known, named = unit_names(profile), _named_units(given)
    lacking, strange = sorted(known - named.keys()), sorted(named.keys() - known)
    example = ",".join(f"{name}=ID" for name in sorted(known))
    if lacking:
        raise AddressError(
            f"{profile.model} also needs the unit ids of {', '.join(lacking)}: --with {example}"
        )
    if strange:
        also = f"it takes --with {example}" if known else "leave --with away"
        raise AddressError(f"{profile.model} has no unit ids called {', '.join(strange)}: {also}")


def _named_units(text: str | None) -> dict[str, int]:
    """Further unit ids, as system=100,vebus=227. Raises AddressError."""
    units: dict[str, int] = {}
    for part in [] if text is None else text.split(","):
        name, is_given, number = part.strip().partition("=")
        if not name or not is_given:
            raise AddressError(f"{part!r} gives no unit id; write --with NAME=ID, as system=100,vebus=227")
        units[name] = numbers_in(number, 0, 247)[0]
    return units
