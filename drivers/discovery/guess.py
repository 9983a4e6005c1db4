"""A guess at a device that nothing recognises: whose registers read like an ordinary day?"""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.model import Role
from drivers.discovery.findings import Candidate, Confidence
from drivers.discovery.reader import Question, Reader, Reply
from drivers.discovery.recognise import CAUTIOUS
from drivers.discovery.sample import everyday_points, is_everyday, is_plausible, sample, telling_points
from drivers.discovery.suspects import unit_names
from drivers.model import Profile

_ENOUGH_EVIDENCE = 2


async def guess(reader: Reader, unit: int, profiles: Iterable[Profile]) -> tuple[Candidate, ...]:
    """Profiles that read well at a unit id, those first that have no identity to contradict them."""
    known = tuple(profiles)
    found = [one for each in known if (one := await _reads_well(reader, unit, each)) is not None]
    boards = [each for each in known if each.role is Role.SWITCH and not each.identify]
    found += await _boards(reader, unit, boards)
    reader.set_pace(unit, CAUTIOUS)
    return tuple(found)


async def _reads_well(reader: Reader, unit: int, profile: Profile) -> Candidate | None:
    everyday = everyday_points(profile)
    if len(everyday) < _ENOUGH_EVIDENCE or unit_names(profile):
        return None
    for point in everyday:  # one by one: most profiles fail at the first
        if not is_everyday(await sample(reader, profile, unit, {}, (point,))):
            return None
    values = await sample(reader, profile, unit, {}, telling_points(profile))
    if not is_plausible(profile, values):
        return None
    names = ", ".join(point.name for point in everyday)
    identity = "its identity registers are not as known" if profile.identify else "it has no identity"
    return _candidate(profile, f"{identity}, but {names} read as they should")


async def _boards(reader: Reader, unit: int, boards: Iterable[Profile]) -> list[Candidate]:
    """Relay boards have no frequency; but they end after their last channel, and are nothing else."""
    found: list[Candidate] = []
    for profile in boards:
        points = sorted(profile.reads.values(), key=lambda point: point.address)
        first, count = points[0], len(points)
        reply, _ = await reader.ask(unit, Question(first.table, first.address, count))
        if reply is not Reply.VALUE:
            continue
        beyond, _ = await reader.ask(unit, Question(first.table, first.address, count + 1))
        if beyond is Reply.REFUSED:
            found.append(_candidate(profile, f"it has just {count} channels"))
    return found


def _candidate(profile: Profile, why: str) -> Candidate:
    return Candidate(profile.model, profile.role, profile.title, Confidence.POSSIBLE, why)
