"""Ten thousand requests over a faulty RTU line: an answer is right or there is none."""

import asyncio
import random
from collections import Counter

from faulty_slave import Answers, RtuLine, crc, where

from controller.settings import RtuBus
from drivers.bus import Bus
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Pace, Table
from drivers.wire import Tuning

REQUESTS = 10_000
TIMEOUT_S = 0.004
UNITS = (1, 2, 3, 4, 5, 6)
IMPATIENT = Tuning(timeout_floor_s=TIMEOUT_S, quiet_s=0.0, settle_s=10.0)
SHAPES = ((Table.HOLDING, 2), (Table.HOLDING, 2), (Table.HOLDING, 7), (Table.INPUT, 2), (Table.INPUT, 4))
SPOILED = ("twice", "noise", "cut", "stranger", "longer", "silence", "exception")


class Mischief:
    """What the slaves do instead of answering, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()

    def __call__(self, unit: int, request: bytes, frame: bytes) -> Answers:
        kind = self.random.choices(
            (*SPOILED, "honest", "late", "very_late", "late_exception"),
            (*(15 for _ in SPOILED), 800, 20, 10, 30),
        )[0]
        self.done[kind] += 1
        if kind == "late":
            return ((self.random.uniform(0.5, 5.0) * TIMEOUT_S, frame),)
        if kind == "very_late":
            return ((self.random.uniform(5.0, 60.0) * TIMEOUT_S, frame),)
        if kind == "late_exception":
            return ((self.random.uniform(0.5, 5.0) * TIMEOUT_S, self._spoiled("exception", frame)),)
        return ((0.0, self._spoiled(kind, frame)),)

    def _spoiled(self, kind: str, frame: bytes) -> bytes:
        noise = self.random.randbytes(self.random.randint(1, 9))
        match kind:
            case "twice":
                return frame + frame
            case "noise":
                return noise + frame + noise if self.random.random() < 0.5 else noise
            case "cut":
                return frame[: self.random.randint(0, len(frame) - 1)]
            case "stranger":
                other = bytes((frame[0] % 6 + 1,)) + frame[1:-2]
                return other + crc(other)
            case "longer":
                longer = frame[:2] + bytes((frame[2] + 2,)) + frame[3:-2] + b"\x12\x34"
                return longer + crc(longer)
            case "silence":
                return b""
            case "exception":
                refusal = bytes((frame[0], frame[1] | 0x80, self.random.choice((2, 4, 6))))
                return refusal + crc(refusal)
            case _:
                return frame


async def tell(bus: Bus, rng: random.Random, line: RtuLine) -> str:
    """One random write; what became of it."""
    unit, address, value = rng.choice(UNITS), rng.randrange(4010, 4012), rng.randrange(3)
    try:
        await bus.write(unit, Table.HOLDING, address, [value])
    except DeviceUnreachableError:
        return "unreachable"
    except RequestRefusedError:
        return "refused"
    assert line.written[unit, "register", address] == value, "confirmed, but not done"
    return "written"


async def ask(bus: Bus, rng: random.Random) -> str:
    """One random request, perhaps abandoned half-way; what became of it."""
    unit, (table, count) = rng.choice(UNITS), rng.choice(SHAPES)
    function, address = (3 if table is Table.HOLDING else 4), rng.randrange(0, 4000)
    request = asyncio.ensure_future(bus.read(unit, table, address, count))
    if rng.random() < 0.01:
        await asyncio.sleep(rng.choice((0.0, 0.0005)))
        request.cancel()
    try:
        words = await request
    except asyncio.CancelledError:
        return "cancelled"
    except DeviceUnreachableError:
        return "unreachable"
    except RequestRefusedError:
        return "refused"
    assert words == [where(unit, function, address + i) for i in range(count)], "a value from another request"
    return "right"


async def test_no_value_ever_comes_from_another_request():
    line = RtuLine()
    mischief = line.misbehave = Mischief(seed=20261121)
    settings = RtuBus(type="rtu", port=line.path, baud=115200, parity="none", stop_bits=1)
    bus = Bus("faulty", settings, speed=20.0, tuning=IMPATIENT)
    for unit in UNITS:
        bus.set_pace(unit, Pace(timeout_s=TIMEOUT_S * 20.0))
    rng = random.Random(7)
    fates: Counter[str] = Counter()
    for number in range(REQUESTS):
        fates[await (tell(bus, rng, line) if number % 20 == 0 else ask(bus, rng))] += 1
    bus.close()
    line.close()
    assert fates["right"] > REQUESTS / 2, "the line stays useful"
    assert fates["written"] > REQUESTS / 50
    assert min(fates["unreachable"], fates["refused"], fates["cancelled"]) > 0
    assert min(mischief.done.values()) > 10
