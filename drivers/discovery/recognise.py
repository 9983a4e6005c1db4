"""Recognises a device that answers: which profiles fit it, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from controller.core.model import Role
from drivers.discovery.findings import Candidate, Confidence
from drivers.discovery.fragile import rule_out
from drivers.discovery.reader import Question, Reader, Reply
from drivers.discovery.sample import is_plausible, sample, telling_points
from drivers.discovery.suspects import (
    holds,
    is_below,
    is_number,
    is_telling,
    question_of,
    text_in,
    unit_names,
)
from drivers.errors import DriverError, ProfileError
from drivers.model import Check, Pace, Profile, Table
from drivers.profile import SUNSPEC
from drivers.sunspec.chain import SunSpecMap, walk
from drivers.sunspec.describe import identity
from drivers.sunspec.prepare import registers_of
from drivers.sunspec.profile import profile_from

CAUTIOUS = Pace(max_block=20, timeout_s=0.4, min_gap_s=0.03)
"""How a device is talked to of which nothing is known but that it answers."""
_MANY = 3
"""So many ranges that all hold say as much as a number."""
_MOST_SILENCES = 4
"""A device that stays silent to so many questions is not asked any more."""
_ORDER = tuple(Confidence)
SERVICE_UNITS = (*range(223, 248), 0, *range(1, 40), *range(204, 214))
"""Where a device with several unit ids (Victron GX) keeps its services, likeliest first."""
_ANY = Question(Table.HOLDING, 0, 1)
_SERVICE_POINTS = 4
_ENOUGH = 0.5
"""Part of the points tried that a service must give to be taken for the one that is sought."""
_SUNSPEC_ROLES = (
    Role.PV_INVERTER,
    Role.METER,
    Role.HYBRID_INVERTER,
    Role.BATTERY_INVERTER,
    Role.BATTERY,
    Role.IRRADIANCE_SENSOR,
)
"""What a SunSpec device may be, likeliest first."""
_SUNSPEC_REFUSALS = 20
"""A device that refuses more is not asked for the rest of its models."""


@dataclass(slots=True)
class _Interview:
    """What a unit has said so far; nothing is asked twice."""

    reader: Reader
    unit: int
    known: dict[Question, list[int] | None]
    silences: int = 0

    async def passes(self, check: Check) -> bool:
        """Whether a check holds; asks where that is not known yet."""
        question = question_of(check)
        if question not in self.known:
            if self.silences >= _MOST_SILENCES:
                return False
            reply, words = await self.reader.ask(self.unit, question)
            self.silences += reply in (Reply.SILENT, Reply.GARBLED)
            self.known[question] = words if reply is Reply.VALUE else None
        held = self.known[question]
        return held is not None and holds(check, held)

    def text(self, profile: Profile) -> str | None:
        """What the device calls itself, if that is among what identifies it."""
        for check in profile.identify:
            words = self.known.get(question_of(check))
            if check.text is not None and words:
                return text_in(words)
        return None


async def recognise(reader: Reader, unit: int, suspects: Sequence[Profile]) -> tuple[Candidate, ...]:
    """Which profiles fit the device at a unit id, best first; empty where none does.

    Only registers by which some profile is recognised are read, each once, and then some points of the
    profiles that fit. Those that might restart a fragile device come last, if at all.
    """
    await rule_out(reader, unit, suspects)
    reader.set_pace(unit, CAUTIOUS)
    interview = _Interview(reader, unit, {})
    harmless = [
        profile for profile in suspects if all(is_below(check, reader.ceiling) for check in profile.identify)
    ]
    found = await _candidates(interview, harmless)
    if _is_sure(found, harmless):
        reader.lift(unit)
    if not reader.is_spared(unit):
        found += await _candidates(interview, [profile for profile in suspects if profile not in harmless])
    return _ranked(found)


async def _candidates(interview: _Interview, suspects: Iterable[Profile]) -> list[Candidate]:
    fitting = [profile for profile in suspects if await _fits(interview, profile)]
    return [found for profile in fitting if (found := await _tried_out(interview, profile)) is not None]


def _is_sure(found: Iterable[Candidate], suspects: Iterable[Profile]) -> bool:
    """Whether a device is certainly something else than a fragile one."""
    fragile = {profile.model for profile in suspects if profile.pace.fragile_from is not None}
    fitting = list(found)
    is_certain = any(each.confidence is Confidence.CERTAIN for each in fitting)
    return is_certain and not any(each.profile in fragile for each in fitting)


async def recognise_sunspec(reader: Reader, unit: int) -> tuple[Candidate, ...]:
    """What a SunSpec device says of itself, a candidate for each role that it can fill."""
    try:
        found = await walk(registers_of(reader, unit), most_refusals=_SUNSPEC_REFUSALS)
    except DriverError:
        return ()
    who = identity(found)
    told = ", ".join(str(model.id) for model in found.models) or "none"
    roles = [role for role in _SUNSPEC_ROLES if _can_be(found, role)]
    name = " ".join(part for part in (who.manufacturer, who.model) if part)
    return tuple(
        Candidate(
            profile=SUNSPEC,
            role=role,
            title=name or "SunSpec device",
            confidence=Confidence.CERTAIN if index == 0 else Confidence.LIKELY,
            why=f"it describes itself by SunSpec models {told}",
            maker=who.manufacturer,
            model=who.model,
            serial=who.serial,
        )
        for index, role in enumerate(roles)
    )


def _can_be(found: SunSpecMap, role: Role) -> bool:
    try:
        profile_from(found, role)
    except ProfileError:
        return False
    return True


async def _fits(interview: _Interview, profile: Profile) -> bool:
    for check in profile.identify:
        if check.unit not in (None, interview.unit) or not await interview.passes(check):
            return False
    return True


async def _tried_out(interview: _Interview, profile: Profile) -> Candidate | None:
    """A candidate from a profile whose identity registers are right, after a trial of its readings."""
    reader, unit = interview.reader, interview.unit
    units = await _units(reader, unit, profile)
    for each in (unit, *units.values()):
        reader.set_pace(each, profile.pace)
    values = await sample(reader, profile, unit, units, telling_points(profile))
    reader.set_pace(unit, CAUTIOUS)
    plausible = is_plausible(profile, values)
    telling = any(is_telling(check) for check in profile.identify)
    numbered = (
        telling or len(profile.identify) >= _MANY or any(is_number(check) for check in profile.identify)
    )
    if not numbered and not plausible:
        return None
    if telling and plausible:
        confidence = Confidence.CERTAIN
    elif telling or (numbered and plausible):
        confidence = Confidence.LIKELY
    else:
        confidence = Confidence.POSSIBLE
    return Candidate(
        profile=profile.model,
        role=profile.role,
        title=profile.title,
        confidence=confidence,
        why=_why(profile, values, plausible=plausible),
        units=units,
        says=interview.text(profile),
    )


def _why(profile: Profile, values: Mapping[str, float | None], *, plausible: bool) -> str:
    registers = ", ".join(f"{check.table} {check.address}" for check in profile.identify)
    good = sum(value is not None for value in values.values())
    reading = f"{good} of {len(values)} points tried are plausible"
    verdict = "" if plausible else "; what its role needs is not all there"
    return f"its identity is right ({registers}), {reading}{verdict}"


def _ranked(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Best first; where several are certain, none is."""
    ranked = sorted(candidates, key=lambda each: _ORDER.index(each.confidence))
    certain = [each for each in ranked if each.confidence is Confidence.CERTAIN]
    if len(certain) > 1:
        ranked = [replace(each, confidence=Confidence.LIKELY) if each in certain else each for each in ranked]
    return tuple(ranked)


async def _units(reader: Reader, unit: int, profile: Profile) -> dict[str, int]:
    """The unit ids that a profile's names stand for, as far as they can be found."""
    names = unit_names(profile)
    present = await _present(reader, unit) if names else ()
    found: dict[str, int] = {}
    for name in names:
        points = [point for point in profile.reads.values() if point.unit_name == name][:_SERVICE_POINTS]
        for candidate in present:
            if candidate in found.values() or not points:
                continue
            values = await sample(reader, profile, unit, {name: candidate}, points)
            if sum(value is not None for value in values.values()) >= _ENOUGH * len(points):
                found[name] = candidate
                break
    return found


async def _present(reader: Reader, unit: int) -> tuple[int, ...]:
    """The unit ids at which something answers: only a device that is a gateway says so quickly."""
    answering = [unit]
    for candidate in SERVICE_UNITS:
        reader.set_pace(candidate, CAUTIOUS)
        reply, _ = await reader.ask(candidate, _ANY)
        if reply.is_answer:
            answering.append(candidate)
        if reply is Reply.SILENT:
            break
    return tuple(answering)
