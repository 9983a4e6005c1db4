"""The values of every published model, held against the decoder of pysunspec2."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sunspec2.modbus.client import SunSpecModbusClientDevice
from sunspec_device import COMMON, COPIES, MODELS, Device, body, chain, counters, leaves, published, values_of
from typing_extensions import override

from drivers.sunspec import walk

MAKERS_OWN = 64000


class Peer(SunSpecModbusClientDevice):
    """Reads the registers of a test device with pysunspec2."""

    def __init__(self, registers: dict[int, int]) -> None:
        super().__init__()
        self.registers = registers
        self.scan(connect=False)

    @override
    def read(self, addr: float, count: float, op: int | None = None) -> bytes:
        places = range(int(addr), int(addr + count))  # where it computes them by division they are floats
        return struct.pack(f">{len(places)}H", *(self.registers.get(at, 0) for at in places))

    @override
    def is_connected(self) -> bool:
        return True


def told(group: Any, path: str = "", index: str = "", *, top: bool = True) -> Iterator[tuple[str, object]]:
    for name, point in group.points.items():
        if not (top and name in ("ID", "L")) and point.pdef["type"] not in ("sunssf", "pad"):
            yield f"{path}{name}{index}", point.cvalue
    for name, inner in group.groups.items():
        if isinstance(inner, list):
            for number, copy in enumerate(inner, start=1):
                yield from told(copy, path if top else f"{path}{name}.", f"{index}[{number}]", top=False)
        else:
            yield from told(inner, f"{path}{name}.", index, top=False)


def filled(model: int) -> dict[str, object]:
    """Another small number in each point that can hold one."""
    numbers = count(1)
    values: dict[str, object] = {}
    for label, point in leaves(published(model), COPIES):
        if point["type"].startswith(("uint", "int", "acc", "enum", "bitfield")):
            values[label] = next(numbers)
        elif point["type"] == "sunssf":
            values[label] = next(numbers) % 5 - 2
        elif point["type"] == "string":
            values[label] = f"t{next(numbers)}"
    return values | counters(model)


@pytest.mark.parametrize("model", [model for model in MODELS if model < MAKERS_OWN])
async def test_another_decoder_tells_the_same(model: int) -> None:
    registers = chain((1, COMMON), body(model, filled(model), COPIES))
    ours = values_of(await walk(Device(registers).read), model)
    theirs = dict(told(Peer(registers).models[model][-1]))
    assert ours.keys() == theirs.keys()
    for label, value in ours.items():
        other = theirs[label]
        number = isinstance(other, int | float)
        assert value.value == (pytest.approx(other, rel=1e-12) if number else other), label
