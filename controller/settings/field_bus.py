"""Buses and devices: how the plant is reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from controller.core.model import Role
from controller.settings.fields import (
    Baud,
    Host,
    Id,
    Port,
    ProfileId,
    SerialPort,
    Settings,
    Unit,
    WholeNumber,
)


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
    units: dict[Id, Unit] = Field(default={})
    """For a device that answers at several unit ids (Victron GX): the profile's names for them."""
