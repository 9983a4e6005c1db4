"""A bus that keeps a record of what was said, for the commands that show it to technicians."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from drivers.bus import Bus
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Table
from drivers.wire import AnyBus


@dataclass(frozen=True, slots=True)
class Exchange:
    """One read request and what came of it."""

    unit: int
    table: Table
    address: int
    count: int
    words: tuple[int, ...] | None
    """None: refused or not answered; `error` says why."""
    error: str | None = None
    refused: bool = False
    """The device answered that it does not give them."""


class RecordedBus(Bus):
    """A bus and its record."""

    def __init__(self, name: str, settings: AnyBus) -> None:
        super().__init__(name, settings)
        self.exchanges: list[Exchange] = []
        """Reads, in order."""

    @override
    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Registers, or bits as 0 and 1. Raises as `Bus.read`."""
        try:
            words = await super().read(unit, table, address, count)
        except (DeviceUnreachableError, RequestRefusedError) as err:
            refused = isinstance(err, RequestRefusedError)
            self.exchanges.append(Exchange(unit, table, address, count, None, str(err), refused))
            raise
        self.exchanges.append(Exchange(unit, table, address, count, tuple(words)))
        return words

    def why_not(self, unit: int, table: Table, addresses: list[int]) -> str | None:
        """Why registers were not given when they were last asked for."""
        for each in reversed(self.exchanges):
            asked = range(each.address, each.address + each.count)
            if (each.unit, each.table) == (unit, table) and each.error is not None and addresses[0] in asked:
                return each.error
        return None

    def held(self, unit: int, table: Table, addresses: list[int]) -> list[int] | None:
        """What registers held when they were last read; None: one of them was not given."""
        found: dict[int, int] = {}
        for each in self.exchanges:
            if (each.unit, each.table) == (unit, table) and each.words is not None:
                found |= dict(enumerate(each.words, start=each.address))
        return [found[address] for address in addresses] if all(a in found for a in addresses) else None
