"""All that discovery gets of a bus."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.bus import Bus
from drivers.discovery.findings import Survey
from drivers.errors import GATEWAY_CODES, DeviceUnreachableError, RequestRefusedError
from drivers.model import Pace, Table

_NO_SUCH_ADDRESS = 2


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
    WITHHELD = "withheld"
    """It was not asked: the device might restart."""

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


class WithheldError(RequestRefusedError):
    """The request was not sent, for the device might restart: for whoever asked, nothing is there."""

    def __init__(self, unit: int, address: int) -> None:
        super().__init__(f"unit {unit} is not asked for {address}, for it might restart", _NO_SUCH_ADDRESS)


class Reader:
    """Asks the units of a bus. There is no way to write through it.

    Nothing from `ceiling` on is asked of a unit before it is known that it does not restart from that
    (`lift`). None: no devices are known that do.
    """

    __slots__ = ("_bus_read", "_bus_set_pace", "_lifted", "_survey", "ceiling", "lost")

    def __init__(self, bus: Bus, survey: Survey, ceiling: int | None = None) -> None:
        self._bus_read = bus.read
        self._bus_set_pace = bus.set_pace
        self._survey = survey
        self._lifted: set[int] = set()
        self.ceiling = ceiling
        self.lost: str | None = None
        """Why the latest question was not answered usably."""

    def set_pace(self, unit: int, pace: Pace) -> None:
        """Say how a unit wants to be talked to."""
        self._bus_set_pace(unit, pace)

    def lift(self, unit: int) -> None:
        """Say that a unit may be asked for all registers."""
        self._lifted.add(unit)

    def is_spared(self, unit: int) -> bool:
        """Whether registers from the ceiling on are withheld from a unit."""
        return self.ceiling is not None and unit not in self._lifted

    async def read(self, unit: int, table: Table, address: int, count: int) -> list[int]:
        """Registers, or bits as 0 and 1. Raises as `Bus.read`, and WithheldError."""
        if self.ceiling is not None and self.is_spared(unit) and address + count > self.ceiling:
            raise WithheldError(unit, address)
        self._survey.requests += 1
        return await self._bus_read(unit, table, address, count)

    async def ask(self, unit: int, question: Question) -> tuple[Reply, list[int]]:
        """What comes of a question, and the words where they came."""
        try:
            words = await self.read(unit, question.table, question.address, question.count)
        except WithheldError as err:
            self.lost = str(err)
            return Reply.WITHHELD, []
        except RequestRefusedError as err:
            self.lost = str(err)
            return (Reply.ABSENT if err.code in GATEWAY_CODES else Reply.REFUSED), []
        except DeviceUnreachableError as err:
            self.lost = str(err)
            return (Reply.GARBLED if err.heard else Reply.SILENT), []
        self.lost = None
        return Reply.VALUE, words
