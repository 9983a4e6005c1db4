"""SunSpec devices built from the public model definitions, for the tests beside this file."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from drivers.codec import decode, signed16
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Profile, derived_value
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
        self.requests: list[tuple[int, int]] = []

    async def read(self, address: int, count: int) -> list[int]:
        self.longest = max(self.longest, count)
        self.requests.append((address, count))
        if address in self.silent:
            raise DeviceUnreachableError("unit 126: no answer")
        try:
            return [self.registers[at] for at in range(address, address + count)]
        except KeyError as err:
            raise RequestRefusedError(f"no register {err}", 2) from err

    def value(self, profile: Profile, name: str) -> float | None:
        if name in profile.derived:
            how = profile.derived[name]
            return derived_value(how, [self.value(profile, part) for part in how.parts])
        point = profile.reads[name]
        words = [self.registers[point.address + step] for step in range(point.type.words)]
        exponent = None if point.scale_address is None else signed16(self.registers[point.scale_address])
        return decode(words, point, exponent)


def values_of(found: SunSpecMap, model: int) -> dict[str, Value]:
    return {value.label: value for value in describe(found).values if value.model == model}


# ------------------------------------------------ bodies from the published definitions, not by our layout

MODELS = sorted(
    int(file.name.removeprefix("model_").removesuffix(".json"))
    for file in (files("sunspec2") / "models" / "json").iterdir()
    if file.name.startswith("model_")
)
UNSIGNED = ("uint", "enum", "bitfield", "count", "raw")


def published(model: int) -> dict[str, Any]:
    text = (files("sunspec2") / "models" / "json" / f"model_{model}.json").read_text(encoding="utf-8")
    group: dict[str, Any] = json.loads(text)["group"]
    return group


def nothing(kind: str, size: int) -> list[int]:
    """The words by which a point of this type says that it is not implemented."""
    if kind.startswith(UNSIGNED):
        return [0xFFFF] * size
    if kind == "eui48":
        return [0, *[0xFFFF] * 3]
    if kind.startswith(("int", "sunssf")):
        return [0x8000, *[0] * (size - 1)]
    if kind.startswith("float"):
        return [{2: 0x7FC0, 4: 0x7FF8}[size], *[0] * (size - 1)]
    return [0] * size


def coded(kind: str, size: int, value: object) -> list[int]:
    """A raw value (before scaling) in the words of its type."""
    if isinstance(value, str):
        data = value.encode().ljust(2 * size, b"\0")
    elif isinstance(value, bytes):
        data = value
    elif kind.startswith("float"):
        data = struct.pack(">f" if size == 2 else ">d", value)
    else:
        assert isinstance(value, int)
        data = (value % (1 << 16 * size)).to_bytes(2 * size, "big")
    return list(struct.unpack(f">{size}H", data))


def leaves(
    group: Mapping[str, Any], copies: Mapping[str, int], path: str = "", index: str = "", *, top: bool = True
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Label and definition of each point of a model with so many copies of its groups, in order."""
    for point in group["points"]:
        if not (top and point["name"] in ("ID", "L")):
            yield f"{path}{point['name']}{index}", point
    for inner in group.get("groups", ()):
        repeats = inner.get("count", 1) != 1
        below = path if repeats and top else f"{path}{inner['name']}."
        for copy in range(1, copies.get(inner["name"], 1) + 1 if repeats else 2):
            yield from leaves(inner, copies, below, f"{index}[{copy}]" if repeats else index, top=False)


def body(
    model: int, values: Mapping[str, object] | None = None, copies: Mapping[str, int] | None = None
) -> tuple[int, list[int]]:
    """A model whose points hold these raw values; the others are not implemented."""
    left = dict(values or {})
    words: list[int] = []
    for label, point in leaves(published(model), copies or {}):
        kind, size = point["type"], point["size"]
        words += coded(kind, size, left.pop(label)) if label in left else nothing(kind, size)
    assert not left, f"model {model} has no {list(left)}"
    return model, words


COPIES = {"Crv": 2, "Pt": 3, "curve": 2, "module": 3, "Prt": 2, "string": 2, "Ctl": 2, "Prof": 2, "IV": 4}
COUNTERS = {
    "NCrv": 2,
    "NCrvSet": 2,
    "NPt": 3,
    "NPrt": 2,
    "NStr": 2,
    "NCtl": 2,
    "NProf": 2,
    "IVLen": 4,
    "NMod": 1,
}


def counters(model: int) -> dict[str, object]:
    """The counts that the copies of the model's groups go with."""
    top = {point["name"] for point in published(model)["points"]}
    inside = {group["count"] for group in published(model).get("groups", ()) if group.get("count") in top}
    nested = {
        inner["count"]
        for group in published(model).get("groups", ())
        for each in (group, *group.get("groups", ()))
        for inner in each.get("groups", ())
        if inner.get("count") in top
    }
    return {name: COUNTERS[name] for name in inside | nested}
