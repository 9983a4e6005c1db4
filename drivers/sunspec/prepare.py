"""Asks a device on a bus what it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from drivers.model import Profile, Table
from drivers.sunspec.chain import walk
from drivers.sunspec.inverter import profile_from

_log = logging.getLogger(__name__)


class Reader(Protocol):
    """What is needed of a bus (`drivers.bus.Bus`)."""

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Read registers. Raises DriverError."""
        ...


def ask(unit: int) -> Callable[[Reader], Awaitable[Profile]]:
    """What finds the profile of the SunSpec inverter at a unit id: `Device`'s `prepare`.

    What it returns raises as `walk` and `profile_from`; faults of the chain are logged.
    """

    async def prepare(bus: Reader) -> Profile:
        async def read(address: int, count: int) -> list[int]:
            return await bus.read(unit, Table.HOLDING, address, count)

        found = await walk(read)
        for fault in found.faults:
            _log.warning("SunSpec unit %d: %s", unit, fault)
        return profile_from(found)

    return prepare
