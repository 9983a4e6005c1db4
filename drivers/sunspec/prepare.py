"""Asks a device on a bus what it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from controller.core.model import Role
from drivers.model import Profile, Table
from drivers.sunspec.chain import walk
from drivers.sunspec.patience import ReadRegisters
from drivers.sunspec.profile import profile_from

_log = logging.getLogger(__name__)


class Reader(Protocol):
    """What is needed of a bus (`drivers.bus.Bus`)."""

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Read registers. Raises DriverError."""
        ...


def registers_of(bus: Reader, unit: int) -> ReadRegisters:
    """How to read the holding registers of a unit id: for `walk` and `identify`."""

    async def read(address: int, count: int) -> list[int]:
        return await bus.read(unit, Table.HOLDING, address, count)

    return read


def ask(unit: int, role: Role = Role.PV_INVERTER) -> Callable[[Reader], Awaitable[Profile]]:
    """What finds the profile of the SunSpec device at a unit id: `Device`'s `prepare`.

    What it returns raises as `walk` and `profile_from`; faults of the chain are logged.
    """

    async def prepare(bus: Reader) -> Profile:
        found = await walk(registers_of(bus, unit))
        for fault in found.faults:
            _log.warning("SunSpec unit %d: %s", unit, fault)
        return profile_from(found, role)

    return prepare
