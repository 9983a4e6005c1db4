"""Asks unit ids of a line whether anybody is there, at one baud rate and parity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from controller.settings import RtuBus
from drivers.bus import Bus
from drivers.discovery.findings import Survey, Tell
from drivers.discovery.reader import Question, Reader, Reply
from drivers.errors import DeviceUnreachableError
from drivers.model import Pace, Table
from drivers.wire import AnyBus, describe

MakeBus: TypeAlias = Callable[[AnyBus], Bus]
"""A bus of its own for each setting."""

FIRST = Question(Table.HOLDING, 0, 2)
"""Most devices have something there; the others refuse, which is an answer too. Two registers, for some
meters refuse to split a pair."""
OTHERS = (Question(Table.INPUT, 0, 2), Question(Table.COIL, 0, 8))
"""For those that do not even refuse what they do not know."""

_EXCHANGE_BYTES = 8 + 9
_BITS_PER_CHAR = 11
_TURNAROUND_S = 0.1
"""Most devices answer within half of it; a slower one is noticed by its late answer."""
_TURNAROUND_THOROUGH_S = 0.5
_GATEWAY_S = 0.15
"""A gateway and its network take so much longer."""
_SLOW_S = 1.0
_RETRIES = 2
_NOISY_AFTER = 8


class TalkedOverError(Exception):
    """Somebody else talks on the line; the message says what to do."""


class Way:
    """A line at one baud rate and parity: who answers there."""

    def __init__(
        self,
        settings: AnyBus,
        survey: Survey,
        tell: Tell,
        make_bus: MakeBus,
        *,
        thorough: bool,
        ceiling: int | None = None,
    ) -> None:
        self.settings = settings
        self.name = way_name(settings)
        self.answered: list[int] = []
        """Unit ids that answered, in the order of asking."""
        self.garbled: list[int] = []
        """Unit ids whose answers came broken, some of them always."""
        self.asked: set[int] = set()
        self._bus = make_bus(settings)
        self.reader = Reader(self._bus, survey, ceiling)
        self._pace = Pace(timeout_s=_patience_s(settings, thorough=thorough))
        self._tell = tell

    def close(self) -> None:
        """Let go of the line."""
        self._bus.close()

    async def knock(self, units: Sequence[int], questions: Callable[[int], Iterable[Question]]) -> bool:
        """Ask those that have not answered yet; whether anybody has by now.

        Raises:
            DeviceUnreachableError: the port or gateway cannot be opened.
            TalkedOverError: nearly all that comes is garbled.
        """
        silent = [unit for unit in units if unit not in self.answered]
        before: int | None = None
        for done, unit in enumerate(silent):
            self._tell(f"{self.name}: unit {unit}", done, len(silent))
            for question in questions(unit):
                reply = await self._ask(unit, question)
                if reply is Reply.GARBLED:
                    reply = await self._ask_again(unit, question, before)
                if reply.is_answer:
                    self.answered.append(unit)
                    break
            self.asked.add(unit)
            before = unit
            if len(self.garbled) >= _NOISY_AFTER and len(self.garbled) > 2 * len(self.answered):
                raise TalkedOverError(
                    f"{self.name}: garbled bytes come to nearly every question: another master talks on "
                    "the line, or A and B are swapped, or the line has no termination. Search again when it "
                    "is quiet."
                )
        return bool(self.answered)

    async def _ask(self, unit: int, question: Question) -> Reply:
        self.reader.set_pace(unit, self._pace)
        reply, _ = await self.reader.ask(unit, question)
        if reply is Reply.SILENT and not await self._bus.open():
            raise DeviceUnreachableError(f"{self._bus.last_error}")
        return reply

    async def _ask_again(self, unit: int, question: Question, before: int | None) -> Reply:
        """What to make of garbled bytes: a late answer of the unit before, two devices at once, or noise."""
        replies = [await self._ask(unit, question) for _ in range(_RETRIES)]
        if all(reply is Reply.SILENT for reply in replies) and before is not None:
            self.reader.set_pace(before, Pace(timeout_s=_SLOW_S))
            late, _ = await self.reader.ask(before, question)
            if late.is_answer and before not in self.answered:
                self.answered.append(before)
            return Reply.SILENT
        good = next((reply for reply in replies if reply.is_answer), None)
        if good is None or Reply.GARBLED in replies:
            self.garbled.append(unit)
        return good or Reply.GARBLED


def way_name(settings: AnyBus) -> str:
    """A line and how it is talked to, for people."""
    parity = f", parity {settings.parity}" if isinstance(settings, RtuBus) else ""
    return f"{describe(settings)}{parity}"


def _patience_s(settings: AnyBus, *, thorough: bool) -> float:
    turnaround_s = _TURNAROUND_THOROUGH_S if thorough else _TURNAROUND_S
    if not isinstance(settings, RtuBus):
        return turnaround_s + _GATEWAY_S
    return turnaround_s + _EXCHANGE_BYTES * _BITS_PER_CHAR / settings.baud
