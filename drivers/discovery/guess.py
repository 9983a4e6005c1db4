"""A guess at a device that nothing recognises: whose registers read like an ordinary day?"""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.model import Role
from drivers.discovery.findings import Candidate, Confidence
from drivers.discovery.reader import Question, Reader, Reply
from drivers.discovery.recognise import CAUTIOUS
from drivers.discovery.sample import everyday_points, is_everyday, is_plausible, sample, telling_points
from drivers.discovery.suspects import unit_names
from drivers.model import Profile, Table

_ENOUGH_EVIDENCE = 2
_FIRST_REGISTERS = (Question(Table.INPUT, 0, 2), Question(Table.HOLDING, 0, 2))


async def guess(reader: Reader, unit: int, profiles: Iterable[Profile]) -> tuple[Candidate, ...]:
    """Profiles that read well at a unit id, those first that have no identity to contradict them."""
    reader.set_pace(unit, CAUTIOUS)
    known = tuple(profiles)
    found = [one for each in known if (one := await _reads_well(reader, unit, each)) is not None]
    boards = [each for each in known if each.role is Role.SWITCH and not each.identify]
    return (*found, *await _boards(reader, unit, boards))


async def _reads_well(reader: Reader, unit: int, profile: Profile) -> Candidate | None:
    everyday = everyday_points(profile)
    if len(everyday) < _ENOUGH_EVIDENCE or unit_names(profile):
        return None
    for point in everyday:  # one by one: most profiles fail at the first
        if not is_everyday(await sample(reader, profile, unit, {}, (point,))):
            return None
    reader.set_pace(unit, profile.pace)
    values = await sample(reader, profile, unit, {}, telling_points(profile))
    reader.set_pace(unit, CAUTIOUS)
    if not is_plausible(profile, values):
        return None
    names = ", ".join(point.name for point in everyday)
    identity = "its identity registers are not as known" if profile.identify else "it has no identity"
    return _candidate(profile, f"{identity}, but {names} read as they should")


async def _boards(reader: Reader, unit: int, boards: Iterable[Profile]) -> list[Candidate]:
    """Relay boards have no frequency; but most end after their last channel, and hold nothing else."""
    ended: list[Candidate] = []
    endless: list[Candidate] = []
    for profile in boards:
        points = sorted(profile.reads.values(), key=lambda point: point.address)
        first, count = points[0], len(points)
        reply, _ = await reader.ask(unit, Question(first.table, first.address, count))
        if reply is not Reply.VALUE:
            continue
        beyond, _ = await reader.ask(unit, Question(first.table, first.address, count + 1))
        if beyond is Reply.REFUSED:
            ended.append(_candidate(profile, f"it has just {count} channels"))
        else:
            endless.append(_candidate(profile, f"{count} channels can be read, and more: count its relays"))
    return ended if ended or not await _holds_nothing(reader, unit) else endless


async def _holds_nothing(reader: Reader, unit: int) -> bool:
    """Whether its first registers are refused or 0, as a mere relay board's are."""
    for question in _FIRST_REGISTERS:
        _, words = await reader.ask(unit, question)
        if any(words):
            return False
    return True


def _candidate(profile: Profile, why: str) -> Candidate:
    return Candidate(profile.model, profile.role, profile.title, Confidence.POSSIBLE, why)
