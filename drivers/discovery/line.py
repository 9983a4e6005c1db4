"""Searches an RS485 line: every unit id is asked one cheap thing, and only who answers is asked more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drivers.bus import Bus
from drivers.discovery.findings import Found, Survey, Tell
from drivers.discovery.fragile import why_spared
from drivers.discovery.guess import guess
from drivers.discovery.knock import FIRST, OTHERS, MakeBus, TalkedOverError, Way
from drivers.discovery.reader import Question
from drivers.discovery.recognise import recognise, recognise_sunspec
from drivers.discovery.suspects import Suspects
from drivers.wire import AnyBus, Tuning

ALL_UNITS = tuple(range(1, 248))
_COMMON_UNITS = tuple(range(1, 11))
_TUNING = Tuning(quiet_s=0.03)
"""Silence is the usual answer here, so less is made of it."""


@dataclass(frozen=True, slots=True)
class LineScan:
    """What is to be searched."""

    ways: tuple[AnyBus, ...]
    """The same line with the baud rates and parities to try, likeliest first."""
    units: tuple[int, ...] | None = None
    """None: all, the common ones first."""
    every_way: bool = False
    """Go on with the other ways after one has worked."""
    in_full: int | None = None
    """So many of the ways are searched with all unit ids if nobody answers at the common ones; None: all."""
    thorough: bool = False
    """More patience, and every silent unit id is asked in several ways."""


async def scan_line(
    scan: LineScan, suspects: Suspects, survey: Survey, tell: Tell, make_bus: MakeBus | None = None
) -> None:
    """Search a line; what is found goes into the survey as it is found.

    First the common unit ids at every baud rate and parity; the first at which somebody answers is searched
    in full. Nobody there: all unit ids, then other questions.

    Raises:
        DeviceUnreachableError: the port or the gateway cannot be opened, or vanished on the way.
    """
    how, ceiling = make_bus or _plain_bus, suspects.ceiling
    ways = [
        Way(settings, survey, tell, how, thorough=scan.thorough, ceiling=ceiling) for settings in scan.ways
    ]
    search = _Search(scan, ways, suspects, survey, tell)
    try:
        for way in ways if scan.every_way else await search.working():
            await search.complete(way)
            way.close()
    except TalkedOverError as err:
        survey.remarks.append(str(err))
    finally:
        for way in ways:
            way.close()
        search.account()


def _plain_bus(settings: AnyBus) -> Bus:
    return Bus("discover", settings, tuning=_TUNING)


class _Search:
    """One search of one line."""

    def __init__(
        self, scan: LineScan, ways: Sequence[Way], suspects: Suspects, survey: Survey, tell: Tell
    ) -> None:
        self._ways = ways
        self._suspects = suspects
        self._survey = survey
        self._tell = tell
        wanted = scan.units or ALL_UNITS
        common = {*_COMMON_UNITS, *suspects.default_units("line")}
        self._likely = tuple(unit for unit in wanted if unit in common)
        self._rest = tuple(unit for unit in wanted if unit not in common)
        self._in_full = scan.in_full
        self._thorough = scan.thorough

    async def working(self) -> list[Way]:
        """The first way of talking at which somebody answers; empty: at no way did anybody."""
        full = self._ways[: self._in_full]
        plan = (
            (self._ways, self._likely, _first),
            (full, self._rest, _first),
            (full, self._likely, self._others),
        )
        for ways, units, questions in plan:
            for way in ways:
                if units and await way.knock(units, questions):
                    return [way]
                way.close()  # the next one opens the same port
        return []

    async def complete(self, way: Way) -> None:
        """Ask all that have not been asked, and find out what answers: the common unit ids first."""
        for units in (self._likely, self._rest):
            await way.knock([unit for unit in units if unit not in way.asked], _first)
            if self._thorough or units is self._likely:
                await way.knock(units, self._others)
            known = {found.unit for found in self._survey.found if found.bus == way.settings}
            strangers = [unit for unit in way.answered if unit not in known]
            for done, unit in enumerate(strangers):
                self._tell(f"{way.name}: what is unit {unit}?", done, len(strangers))
                await self._recognise(way, unit)

    async def _recognise(self, way: Way, unit: int) -> None:
        candidates = await recognise(way.reader, unit, self._suspects.line)
        if not candidates:
            candidates = await recognise_sunspec(way.reader, unit)
        if not candidates:
            candidates = await guess(way.reader, unit, self._suspects.by_guess("line"))
        self._survey.found.append(Found(way.settings, unit, candidates, garbled=unit in way.garbled))
        spared = why_spared(way.reader, unit, candidates, self._suspects.line)
        if spared is not None:
            self._survey.untried.append(f"{way.name}, unit {unit}: {spared}")

    def _others(self, unit: int) -> Iterable[Question]:
        return (*self._suspects.own_questions("line", unit), *OTHERS)

    def account(self) -> None:
        """Say where answers came garbled, what was tried and what was not."""
        wanted = {*self._likely, *self._rest}
        for way in self._ways:
            for unit in dict.fromkeys(way.garbled):
                if unit not in way.answered:
                    self._survey.found.append(Found(way.settings, unit, garbled=True))
            known = {found.unit for found in self._survey.found if found.bus == way.settings}
            if strangers := set(way.answered) - known:
                told = f"{way.name}: unit ids {spans(strangers)} answer; what they are was not found out"
                self._survey.remarks.append(told)
            if way.asked:
                self._survey.tried.append(f"{way.name}: {len(way.asked)} unit ids ({spans(way.asked)})")
            if way.asked and (left := wanted - way.asked):
                self._survey.untried.append(f"{way.name}: unit ids {spans(left)}")
        unused = [way.name for way in self._ways if not way.asked]
        if unused:
            why = "" if not self._survey.found else ", for one works (--every-setting searches all)"
            self._survey.untried.append(f"{len(unused)} other baud rates and parities{why}")


def _first(_unit: int) -> Iterable[Question]:
    return (FIRST,)


def spans(numbers: Iterable[int]) -> str:
    """Whole numbers as spans: 1-3, 7."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and number == told[-1][1] + 1:
            told[-1][1] = number
        else:
            told.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in told)
