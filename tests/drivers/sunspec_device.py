"""SunSpec devices built from the public model definitions, for the tests beside this file."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from drivers.codec import decode, signed16
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Profile
from drivers.sunspec import SunSpecMap, Value, describe

MARKER = [0x5375, 0x6E53]
END = [0xFFFF, 0]
NO_U16, NO_S16 = 0xFFFF, 0x8000


def signed(value: int) -> int:
    return value & 0xFFFF


def words_of(text: str, count: int) -> list[int]:
    data = text.encode().ljust(2 * count, b"\0")
    return list(struct.unpack(f">{count}H", data))


def single(value: float) -> list[int]:
    return list(struct.unpack(">HH", struct.pack(">f", value)))


COMMON = [*words_of("Acme", 16), *words_of("Sun 20", 16), *words_of("", 8), *words_of("1.10", 8)]
COMMON += [*words_of("SN-0042", 16), 126, 0]
INVERTER_103 = [
    *[782, 261, 260, 261, signed(-1)],
    *[3990, 3985, 3993, 2301, 2298, 2305, signed(-1)],
    *[1800, 1, 5003, signed(-2), 1810, 1, signed(-120), 0, signed(-995), signed(-3)],
    *[0x00BC, 0x614E, 0],
    *[NO_U16, NO_S16, NO_U16, NO_S16, 1842, 1],
    *[415, NO_S16, NO_S16, NO_S16, signed(-1), 4, NO_U16, *[0] * 12],
]
NAMEPLATE_120 = [4, 18000, 0, 18000, 0, *[NO_S16] * 4, NO_S16, *[NO_U16, NO_S16] * 1, *[NO_S16] * 5]
NAMEPLATE_120 += [NO_U16, NO_S16] * 4 + [0]
STATUS_122 = [1, 0, 1, 0, 0, 0x01D3, 0x9F2C, *[0] * 20, NO_S16, NO_S16, NO_U16, NO_S16, 0, 0, 0, 1]
STATUS_122 += [*words_of("RTC", 4), 0, 0, 0, NO_U16, NO_S16]
CONTROLS_123 = [0, 0, 1, 10000, 0, 0, 0, 0, 100, 0, 0, 0, 0, *[NO_S16] * 3, *[NO_U16] * 4, 0, signed(-2)]
CONTROLS_123 += [signed(-2), NO_S16]
MPPT_160 = [signed(-1), signed(-1), 0, 0, 0, 0, 2, NO_U16]
for number, watts in ((1, 9400), (2, 8990)):
    MPPT_160 += [number, *words_of(f"string {number}", 8), 142, 6620, watts, 0, 5000, 0, 0, 41, 4, 0, 0]
INVERTER_113 = [word for value in (78.2, 26.1, 26.0, 26.1) for word in single(value)]
INVERTER_113 += [word for value in (399.0, 398.5, 399.3, 230.1, 229.8, 230.5) for word in single(value)]
INVERTER_113 += [
    word for value in (18000.0, 50.03, 18100.0, -120.0, -0.995, 12345678.0) for word in single(value)
]
INVERTER_113 += [*single(float("nan")) * 2, *single(18420.0), *single(41.5), *single(float("nan")) * 3]
INVERTER_113 += [5, NO_U16, *[0] * 12]

THREE_PHASE = ((1, COMMON), (103, INVERTER_103), (120, NAMEPLATE_120), (122, STATUS_122))
THREE_PHASE += ((123, CONTROLS_123), (160, MPPT_160))


def chain(*models: tuple[int, Sequence[int]], base: int = 40000, end: Sequence[int] = END) -> dict[int, int]:
    words = [*MARKER]
    for model, body in models:
        words += [model, len(body), *body]
    return {base + step: word for step, word in enumerate([*words, *end])}


class Device:
    """Answers with its registers and refuses the others, or answers nothing at all."""

    def __init__(
        self, registers: Mapping[int, int], *, silent: Sequence[int] = (), holes: Sequence[int] = ()
    ) -> None:
        self.registers = {address: word for address, word in registers.items() if address not in holes}
        self.silent = silent
        self.longest = 0

    async def read(self, address: int, count: int) -> list[int]:
        self.longest = max(self.longest, count)
        if address in self.silent:
            raise DeviceUnreachableError("unit 126: no answer")
        try:
            return [self.registers[at] for at in range(address, address + count)]
        except KeyError as err:
            raise RequestRefusedError(f"no register {err}", 2) from err

    def value(self, profile: Profile, name: str) -> float | None:
        point = profile.reads[name]
        words = [self.registers[point.address + step] for step in range(point.type.words)]
        exponent = None if point.scale_address is None else signed16(self.registers[point.scale_address])
        return decode(words, point, exponent)


def values_of(found: SunSpecMap, model: int) -> dict[str, Value]:
    values = [value for value in describe(found).values if value.model == model]
    return {f"{value.name}{value.module or ''}": value for value in values}
