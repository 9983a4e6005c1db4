"""Slaves in a storm: on any transport they answer wrongly, late, twice, in part, or not at all.

Every register below `WRITABLE` tells its unit, its address, and how many requests had been heard when it was
read, so that no mix-up stays hidden.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

UNITS = range(1, 8)
WRITABLE = 0x100
"""Registers from here on are written and keep what they are given."""
GENERATIONS = 32
_EXCEPTIONS = range(1, 12)

FrameOf: TypeAlias = Callable[[int, bytes], bytes]
"""(unit, PDU): the frame that carries it as an answer to the request at hand."""


class Mischief(StrEnum):
    """What a slave or its line does to an answer."""

    NOISE = "noise"
    FLIP = "flipped bit"
    CUT = "cut short"
    STRANGER = "of another unit"
    LONGER = "longer than asked"
    SHORTER = "shorter than asked"
    LATE = "late"
    VERY_LATE = "very late"
    TWICE = "twice"
    IN_PIECES = "in pieces"
    EXCEPTION = "exception"
    SILENCE = "silence"
    DROP = "disconnected"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for one request."""

    parts: Sequence[tuple[float, bytes]] = ()
    """(delay in seconds, bytes), in order."""
    drop: bool = False
    """Whether the connection breaks after them."""


def word_of(unit: int, address: int, generation: int) -> int:
    """What a register holds."""
    return (unit & 7) << 13 | (generation % GENERATIONS) << 8 | address & 0xFF


class StormySlaves:
    """The units behind one wire."""

    def __init__(self, rng: random.Random, *, severity: float, patience_s: float, flips: bool = True) -> None:
        """How bad it is.

        Args:
            rng: where the mischief is drawn from.
            severity: which part of the answers suffers; may be changed at any time.
            patience_s: after which an answer is late.
            flips: whether bits flip on the way; TCP never delivers such bytes.
        """
        self.severity = severity
        self._mischiefs = [kind for kind in Mischief if flips or kind is not Mischief.FLIP]
        self.heard = 0
        """Requests."""
        self.done: Counter[str] = Counter()
        self.written: dict[tuple[int, int], int] = {}
        self._rng = rng
        self._patience_s = patience_s

    def answer(self, unit: int, pdu: bytes, frame: FrameOf) -> Answer:
        """What comes back for a request."""
        self.heard += 1
        honest = self._honest(unit, pdu)
        if self._rng.random() >= self.severity:
            self.done["honest"] += 1
            return Answer(((0.0, frame(unit, honest)),))
        mischief = self._rng.choice(self._mischiefs)
        self.done[mischief] += 1
        return self._spoilt(mischief, unit, honest, frame)

    def _honest(self, unit: int, pdu: bytes) -> bytes:
        function, address, count = pdu[0], int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
        if function in (3, 4):
            words = (word_of(unit, at, self.heard) for at in range(address, address + count))
            return bytes((function, 2 * count)) + b"".join(word.to_bytes(2, "big") for word in words)
        if function == 6:
            self.written[unit, address] = count
        elif function == 16:
            for index in range(count):
                word = pdu[6 + 2 * index : 8 + 2 * index]
                self.written[unit, address + index] = int.from_bytes(word, "big")
        else:
            return bytes((function | 0x80, 1))
        return pdu[:5]

    def _spoilt(self, mischief: Mischief, unit: int, honest: bytes, frame: FrameOf) -> Answer:
        rng, whole = self._rng, frame(unit, honest)
        noise = rng.randbytes(rng.randint(1, 12))
        cut = rng.randint(1, len(whole) - 1)
        flipped = bytearray(whole)
        flipped[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        shorter = honest[:1] + bytes((max(0, honest[1] - 2),)) + honest[2:-2]
        longer = honest[:1] + bytes((honest[1] + 2 & 0xFF,)) + honest[2:] + noise[:2].ljust(2)
        refusal = bytes((honest[0] | 0x80, rng.choice(_EXCEPTIONS)))
        late_s = self._patience_s * rng.uniform(0.5, 5.0)
        answers = {
            Mischief.NOISE: Answer(((0.0, rng.choice((noise, noise + whole, whole + noise))),)),
            Mischief.FLIP: Answer(((0.0, bytes(flipped)),)),
            Mischief.CUT: Answer(((0.0, whole[:cut]),)),
            Mischief.STRANGER: Answer(((0.0, frame(unit % UNITS[-1] + 1, honest)),)),
            Mischief.LONGER: Answer(((0.0, frame(unit, longer)),)),
            Mischief.SHORTER: Answer(((0.0, frame(unit, shorter)),)),
            Mischief.LATE: Answer(((late_s, whole),)),
            Mischief.VERY_LATE: Answer(((10 * late_s, whole),)),
            Mischief.TWICE: Answer(((0.0, whole + whole),)),
            Mischief.IN_PIECES: Answer(((0.0, whole[:cut]), (self._patience_s / 8, whole[cut:]))),
            Mischief.EXCEPTION: Answer(((rng.choice((0.0, late_s)), frame(unit, refusal)),)),
            Mischief.SILENCE: Answer(),
            Mischief.DROP: Answer(((0.0, whole[:cut]),), drop=True),
        }
        return answers[mischief]


class Sender:
    """Sends answers after their delays: each unit answers in order, as a slave on a line does.

    One request waits while a unit is busy with another; further ones it never hears.
    """

    def __init__(self, write: Callable[[bytes], None], drop: Callable[[], None]) -> None:
        self._write = write
        self._drop = drop
        self._until_s: dict[int, list[float]] = {}
        """Unit -> when its answers under way will have been sent."""

    def send(self, unit: int, answer: Answer) -> None:
        """Send an answer, each part after the one before."""
        loop = asyncio.get_running_loop()
        under_way = [until_s for until_s in self._until_s.get(unit, ()) if until_s > loop.time()]
        self._until_s[unit] = under_way
        if len(under_way) > 1:
            return
        at_s = max([loop.time(), *under_way])
        for delay_s, data in answer.parts:
            at_s += delay_s
            if at_s <= loop.time():
                self._write(data)
            else:
                loop.call_at(at_s, self._write, data)
        under_way.append(at_s)
        if answer.drop:
            self._drop()
