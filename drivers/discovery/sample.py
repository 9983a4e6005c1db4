"""Reading some points of a device through a reader that cannot write."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from controller.core.points import REQUIRED
from drivers.codec import decode, signed16
from drivers.discovery.reader import Question, Reader, Reply
from drivers.model import Pace, PollClass, Profile, ReadPoint, Table, derived_value
from drivers.packing import Block, Rules, pack, split

Held: TypeAlias = dict[tuple[str | None, Table, int], int]
"""What registers held: (name of the unit id, table, address) -> word."""
_OVERHEAD_BYTES = 26.0
"""Of a request, on a line."""
_EVERYDAY = (
    ("frequency_hz", "grid_frequency_hz", "load_frequency_hz", "backup_frequency_hz"),
    (
        "voltage_v",
        "voltage_l1_v",
        "grid_voltage_v",
        "grid_voltage_l1_v",
        "load_voltage_v",
        "backup_voltage_v",
    ),
    ("battery_voltage_v",),
)
_FREQUENCY_HZ, _MAINS_V, _BATTERY_V = (45.0, 65.0), (80.0, 300.0), (10.0, 1000.0)
_MOST = 8
"""Points that are enough for a judgement."""


def telling_points(profile: Profile) -> tuple[ReadPoint, ...]:
    """The points without which the device cannot fill its role, and some more that tell whether it fits."""
    names: list[str] = []
    for name in sorted(REQUIRED[profile.role]):
        names += profile.derived[name].parts if name in profile.derived else (name,)
    names += [point.name for point in everyday_points(profile)]
    fast = [name for name, point in profile.reads.items() if point.poll is not PollClass.SLOW]
    chosen = dict.fromkeys([*names, *fast[: max(0, _MOST - len(names))]])
    return tuple(profile.reads[name] for name in chosen if name in profile.reads)


def everyday_points(profile: Profile) -> tuple[ReadPoint, ...]:
    """Points of which everybody knows what they must be about: a frequency, a mains and a battery voltage."""
    firsts = (next((name for name in group if name in profile.reads), None) for group in _EVERYDAY)
    return tuple(profile.reads[name] for name in firsts if name is not None)


def is_everyday(values: Mapping[str, float | None]) -> bool:
    """Whether such values are all as in any plant, and not all 0."""
    known = [(name, value) for name, value in values.items() if value is not None]
    return (
        len(known) == len(values)
        and any(value for _, value in known)
        and all(value == 0 or _limits(name)[0] <= value <= _limits(name)[1] for name, value in known)
    )


def is_impossible(values: Mapping[str, float | None]) -> bool:
    """Whether one of such values is neither 0 nor as in any plant."""
    return any(
        value != 0 and not _limits(name)[0] <= value <= _limits(name)[1]
        for name, value in values.items()
        if value is not None
    )


def _limits(name: str) -> tuple[float, float]:
    if name.endswith("frequency_hz"):
        return _FREQUENCY_HZ
    return _BATTERY_V if name.startswith("battery") else _MAINS_V


async def sample(
    reader: Reader, profile: Profile, unit: int, units: Mapping[str, int], points: Sequence[ReadPoint]
) -> Mapping[str, float | None]:
    """The values of points; a point is missing where it is refused, implausible or not available.

    How the unit is talked to is up to the caller (`Reader.set_pace`).
    """
    held: Held = {}
    blocks = deque(plan_of(points, profile.pace))
    while blocks:
        block = blocks.popleft()
        at = units.get(block.unit_name) if block.unit_name is not None else unit
        if at is None:
            continue
        reply, words = await reader.ask(at, Question(block.table, block.address, block.count))
        if reply is Reply.SILENT:
            break
        if reply is Reply.REFUSED and len(parts := split(block)) > 1:
            blocks.extendleft(reversed(parts))
        for index, word in enumerate(words):
            held[block.unit_name, block.table, block.address + index] = word
    return {point.name: value_in(held, point) for point in points}


def plan_of(points: Sequence[ReadPoint], pace: Pace) -> Sequence[Block]:
    """The requests that points need."""
    return pack(points, Rules.of(pace, _OVERHEAD_BYTES))


def is_plausible(profile: Profile, values: Mapping[str, float | None]) -> bool:
    """Whether every point is there without which the device cannot fill its role."""
    for name in REQUIRED[profile.role]:
        how = profile.derived.get(name)
        value = (
            values.get(name) if how is None else derived_value(how, [values.get(part) for part in how.parts])
        )
        if value is None:
            return False
    return True


def value_in(held: Held, point: ReadPoint) -> float | None:
    """The value of a point from the registers that were read; missing where one is not among them."""
    addresses = list(range(point.address, point.address + point.words))
    if point.high_address is not None:
        addresses.append(point.high_address)
    words = [held.get((point.unit_name, point.table, address)) for address in addresses]
    known = [word for word in words if word is not None]
    if len(known) < len(words):
        return None
    exponent = None
    if point.scale_address is not None:
        exponent = held.get((point.unit_name, point.table, point.scale_address))
    return decode(known, point, None if exponent is None else signed16(exponent))
