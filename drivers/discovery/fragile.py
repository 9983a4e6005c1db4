"""Devices that restart, with all that hangs on them, when certain registers are read: they are spared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from drivers.discovery.findings import Candidate, Confidence
from drivers.discovery.reader import Question, Reader
from drivers.discovery.sample import Held, everyday_points, is_impossible, plan_of, value_in
from drivers.discovery.suspects import holds, is_telling, question_of
from drivers.errors import SHAPE_CODES, DeviceUnreachableError, RequestRefusedError
from drivers.model import Check, Profile

_TRIES = 2
"""Silence may be haste: such a question is asked again."""


@dataclass(slots=True)
class _Witness:
    """What a unit says to harmless questions; nothing is asked twice."""

    reader: Reader
    unit: int
    said: dict[Question, list[int] | None] = field(default_factory=dict)
    """The words; None: it has no such registers. What it was silent to is not here."""
    asked: set[Question] = field(default_factory=set)

    async def ask(self, question: Question) -> None:
        if question in self.asked:
            return
        self.asked.add(question)
        for _ in range(_TRIES):
            try:
                words = await self.reader.read(self.unit, question.table, question.address, question.count)
            except RequestRefusedError as err:
                if err.code in SHAPE_CODES:
                    self.said[question] = None
                    return
            except DeviceUnreachableError:
                continue
            else:
                self.said[question] = words
                return


async def rule_out(reader: Reader, unit: int, suspects: Sequence[Profile]) -> None:
    """Let a unit be asked for all registers if it certainly is none of the fragile devices.

    It is none if it refuses a register that they all have, if a sister's number stands where theirs would, or
    if their frequency and voltages would be impossible. Silence proves nothing. Only registers that fragile
    devices are known to give are asked for, at their own pace.
    """
    if not reader.is_spared(unit):
        return
    witness = _Witness(reader, unit)
    fragile = [profile for profile in suspects if profile.pace.fragile_from is not None]
    others = [check for profile in suspects if profile not in fragile for check in profile.identify]
    for profile in fragile:
        reader.set_pace(unit, profile.pace)
        if not await _is_another(witness, profile, others):
            return
    reader.lift(unit)


async def _is_another(witness: _Witness, profile: Profile, others: Iterable[Check]) -> bool:
    """Whether a unit is certainly not a device of a fragile profile."""
    fits = True
    for check in profile.identify:
        question = question_of(check)
        await witness.ask(question)
        if question not in witness.said:
            fits = False
            continue
        words = witness.said[question]
        if words is None or _is_a_sisters(question, words, others):
            return True
        fits = fits and holds(check, words)
    return not fits and await _reads_impossibly(witness, profile)


def _is_a_sisters(question: Question, words: Sequence[int], others: Iterable[Check]) -> bool:
    return any(
        question_of(check) == question and is_telling(check) and holds(check, words) for check in others
    )


async def _reads_impossibly(witness: _Witness, profile: Profile) -> bool:
    """Whether registers that such a device has are refused, or hold what it could not."""
    points = [replace(point, range=None) for point in everyday_points(profile)]
    held: Held = {}
    for block in plan_of(points, profile.pace):
        question = Question(block.table, block.address, block.count)
        await witness.ask(question)
        if question not in witness.said:
            continue
        words = witness.said[question]
        if words is None:
            return True
        held |= {(None, block.table, block.address + index): word for index, word in enumerate(words)}
    return is_impossible({point.name: value_in(held, point) for point in points})


def why_spared(
    reader: Reader, unit: int, found: Sequence[Candidate], suspects: Iterable[Profile]
) -> str | None:
    """What to say of a unit that was not asked for all; None: it was, or it is known what it is."""
    fragile = [profile.model for profile in suspects if profile.pace.fragile_from is not None]
    is_known = any(
        each.confidence is Confidence.CERTAIN
        or (each.profile in fragile and each.confidence is not Confidence.POSSIBLE)
        for each in found
    )
    if is_known or not reader.is_spared(unit):
        return None
    return (
        f"registers from {reader.ceiling} up, for it may be a device that restarts when they are read "
        f"({', '.join(fragile)}). Look at the type plate and name it by hand (`tawan read --profile ...`); "
        "--ask-all asks for them, where there is certainly no such device"
    )
