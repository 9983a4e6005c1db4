"""All that discovery gets of a bus."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.bus import Bus
from drivers.discovery.findings import Survey
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Pace, Table

_GATEWAY_CODES = (10, 11)


class Reply(StrEnum):
    """What came of a question."""

    VALUE = "value"
    REFUSED = "refused"
    """A Modbus exception: somebody is there."""
    ABSENT = "absent"
    """A gateway says that nobody is there."""
    SILENT = "silent"
    GARBLED = "garbled"
    """Bytes came that are no answer."""

    @property
    def is_answer(self) -> bool:
        """Whether it comes from the device itself."""
        return self in (Reply.VALUE, Reply.REFUSED)


@dataclass(frozen=True, slots=True)
class Question:
    """One read request."""

    table: Table
    address: int
    count: int


class Reader:
    """Asks the units of a bus. There is no way to write through it."""

    __slots__ = ("_bus_read", "_bus_set_pace", "_survey", "lost")

    def __init__(self, bus: Bus, survey: Survey) -> None:
        self._bus_read = bus.read
        self._bus_set_pace = bus.set_pace
        self._survey = survey
        self.lost: str | None = None
        """Why the latest question was not answered usably."""

    def set_pace(self, unit: int, pace: Pace) -> None:
        """Say how a unit wants to be talked to."""
        self._bus_set_pace(unit, pace)

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Registers, or bits as 0 and 1. Raises as `Bus.read`."""
        self._survey.requests += 1
        return await self._bus_read(unit, table, address, count)

    async def ask(self, unit: int, question: Question) -> tuple[Reply, list[int]]:
        """What comes of a question, and the words where they came."""
        try:
            words = await self.read(unit, question.table, question.address, question.count)
        except RequestRefusedError as err:
            self.lost = str(err)
            return (Reply.ABSENT if err.code in _GATEWAY_CODES else Reply.REFUSED), []
        except DeviceUnreachableError as err:
            self.lost = str(err)
            return (Reply.GARBLED if err.heard else Reply.SILENT), []
        self.lost = None
        return Reply.VALUE, words
