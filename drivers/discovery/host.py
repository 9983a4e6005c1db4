"""Searches TCP hosts: one connection a host, one request at a time, several hosts side by side."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.settings import TcpBus
from drivers.bus import Bus
from drivers.discovery.findings import Candidate, Confidence, Found, Survey, Tell
from drivers.discovery.fragile import why_spared
from drivers.discovery.guess import guess
from drivers.discovery.knock import FIRST, MakeBus
from drivers.discovery.reader import Question, Reader, Reply
from drivers.discovery.recognise import SERVICE_UNITS, recognise, recognise_sunspec
from drivers.discovery.suspects import Suspects
from drivers.model import Pace, Table
from drivers.wire import AnyBus, Tuning, describe

_MARKER = Question(Table.HOLDING, 40000, 2)
"""Where most SunSpec devices keep their marker: asked first where it harms nobody."""
_COMMON_UNITS = (1, 100, 126, 3, 247, 2)
"""Modbus TCP in general, Victron GX, SunSpec behind SMA, SMA itself, Sungrow and others."""
_UNLIKELY_UNIT = 187
"""Whoever answers here as well does not look at unit ids."""
_PACE = Pace(timeout_s=1.0, min_gap_s=0.05, connect_delay_s=0.5)
_TUNING = Tuning(connect_timeout_s=1.0)
_AT_ONCE = 8
_GIVE_UP = 4
"""A host that is silent to so many unit ids, and answered at none, is left alone."""


@dataclass(frozen=True, slots=True)
class HostScan:
    """What is to be searched."""

    hosts: tuple[TcpBus, ...]
    units: tuple[int, ...] | None = None
    """None: those that such devices commonly have."""


async def scan_hosts(
    scan: HostScan, suspects: Suspects, survey: Survey, tell: Tell, make_bus: MakeBus | None = None
) -> None:
    """Search hosts; what is found goes into the survey as it is found. Never raises for a host's sake."""
    units = scan.units or tuple(dict.fromkeys((*_COMMON_UNITS, *suspects.default_units("network"))))
    gate = asyncio.Semaphore(_AT_ONCE)
    done = 0
    absent: list[str] = []

    async def search(settings: TcpBus) -> None:
        nonlocal done
        async with gate:
            bus = (make_bus or _brief_bus)(settings)
            try:
                if await bus.open():
                    await _Host(settings, Reader(bus, survey, suspects.ceiling), suspects, survey).search(
                        units
                    )
                else:
                    absent.append(describe(settings))
            finally:
                bus.close()
            done += 1
            tell(describe(settings), done, len(scan.hosts))

    hosts = scan.hosts if len(scan.hosts) == 1 else tuple(each for each in scan.hosts if not _is_ours(each))
    async with asyncio.TaskGroup() as group:
        for settings in hosts:
            group.create_task(search(settings))
    if absent:
        survey.remarks.append(f"no Modbus TCP server at {', '.join(sorted(absent))}")


class _Host:
    """One host while it is searched."""

    def __init__(self, settings: TcpBus, reader: Reader, suspects: Suspects, survey: Survey) -> None:
        self._settings = settings
        self._reader = reader
        self._suspects = suspects
        self._survey = survey
        self._first = _MARKER if reader.ceiling is None else FIRST

    async def search(self, units: Sequence[int]) -> None:
        """Ask each unit id, then find out what answers."""
        replies = await self._knock(units)
        answered = [unit for unit, reply in replies.items() if reply.is_answer]
        name = describe(self._settings)
        self._survey.tried.append(f"{name}: unit ids {', '.join(str(unit) for unit in replies)}")
        if Reply.ABSENT in replies.values():
            self._survey.remarks.append(
                f"{name} answers for other unit ids as a gateway does: give --units 1-247 to search behind "
                "it; each silent one may cost it a second"
            )
        if not answered:
            ceiling = self._reader.ceiling
            beyond = "" if ceiling is None else f" (registers from {ceiling} up were not: --ask-all)"
            self._survey.remarks.append(
                f"{name} takes connections but answers at no unit id that was asked{beyond}: is Modbus TCP "
                "switched on in the device, and is no other client connected to it?"
            )
        found = [await self._recognise(unit) for unit in answered]
        if any(one.units for each in found for one in each.candidates):
            more = await self._knock([unit for unit in SERVICE_UNITS if unit not in replies])
            found += [await self._recognise(unit) for unit, reply in more.items() if reply.is_answer]
        self._survey.found += await self._distinct(found)

    async def _knock(self, units: Sequence[int]) -> dict[int, Reply]:
        replies: dict[int, Reply] = {}
        for unit in units:
            self._reader.set_pace(unit, _PACE)
            questions = (self._first, *self._suspects.own_questions("network", unit))
            for question in questions[:2]:
                replies[unit], _ = await self._reader.ask(unit, question)
                if replies[unit] is not Reply.SILENT:
                    break
            silent = [reply for reply in replies.values() if reply is Reply.SILENT]
            if len(silent) >= _GIVE_UP and len(silent) == len(replies):
                break
        return replies

    async def _recognise(self, unit: int) -> Found:
        others = await recognise(self._reader, unit, self._suspects.network)
        self._reader.set_pace(unit, _PACE)
        sunspec = await recognise_sunspec(self._reader, unit)
        merged = _merged(sunspec, others) or await guess(
            self._reader, unit, self._suspects.by_guess("network")
        )
        spared = why_spared(self._reader, unit, merged, self._suspects.network)
        if spared is not None:
            self._survey.untried.append(f"{describe(self._settings)}, unit {unit}: {spared}")
        return Found(self._settings, unit, merged)

    async def _distinct(self, found: Sequence[Found]) -> list[Found]:
        """Each device once, though it answer at several unit ids."""
        services = {unit for each in found for one in each.candidates for unit in one.units.values()}
        kept: list[Found] = []
        for each in found:
            if each.unit in services and not any(one.units for one in each.candidates):
                continue
            twin = next((other for other in kept if _same(other, each)), None)
            if twin is None or not (_serial(each) or await self._ignores_units()):
                kept.append(each)
            else:
                kept[kept.index(twin)] = replace(twin, also_at=(*twin.also_at, each.unit))
        return kept

    async def _ignores_units(self) -> bool:
        reply, _ = await self._reader.ask(_UNLIKELY_UNIT, self._first)
        return reply.is_answer


def _merged(sunspec: tuple[Candidate, ...], others: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """All candidates, best first; what describes itself wins where both are as sure."""
    order = tuple(Confidence)
    return tuple(sorted((*sunspec, *others), key=lambda each: order.index(each.confidence)))


def _same(one: Found, other: Found) -> bool:
    return [(each.profile, each.says, each.serial) for each in one.candidates] == [
        (each.profile, each.says, each.serial) for each in other.candidates
    ]


def _serial(found: Found) -> str | None:
    return found.candidates[0].serial if found.candidates else None


def _brief_bus(settings: AnyBus) -> Bus:
    return Bus("discover", settings, tuning=_TUNING)


def _is_ours(settings: TcpBus) -> bool:
    """Whether it is this very host: a search of a range must not find itself. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((settings.host, settings.port))
        except OSError:
            return False
        return str(probe.getsockname()[0]) == settings.host
