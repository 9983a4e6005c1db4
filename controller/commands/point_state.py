"""How each point of a device was read: its value, or why it is missing and what to look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from controller.core.model import Health, Reading
from drivers.codec import decode, is_exponent, signed16, text_of
from drivers.model import DataType, Profile, ReadPoint, Table, WordOrder
from drivers.profile import SUNSPEC

ONE_SOURCE = "one source"
"""Nobody else says the same of the register: look twice."""


class State(StrEnum):
    """What became of a point."""

    GOOD = "good"
    REFUSED = "refused"
    """The device does not give its registers, or does not answer."""
    UNAVAILABLE = "not available"
    """The device says that it has no value."""
    IMPLAUSIBLE = "implausible"
    """The registers hold something that cannot be."""


@dataclass(frozen=True, slots=True)
class PointState:
    """One point as it was just read."""

    name: str
    state: State
    value: float | None
    age_s: float | None
    text: str | None = None
    """What a state or flags say."""
    words: tuple[int, ...] | None = None
    """Its registers as they came; None for derived points and where nothing came."""
    remark: str | None = None
    """Why it is missing, and what to look at."""
    agreed: str = ""
    """How many sources stand behind it."""


class Record(Protocol):
    """What registers held when they were last read (`drivers.recording.RecordedBus`)."""

    def held(self, unit: int, table: Table, addresses: list[int]) -> list[int] | None:
        """The words, or None where one of them was not given."""
        ...

    def why_not(self, unit: int, table: Table, addresses: list[int]) -> str | None:
        """Why they were not given, if that was said."""
        ...


def point_states(
    profile: Profile, readings: Mapping[str, Reading], record: Record, unit: int, units: Mapping[str, int]
) -> tuple[PointState, ...]:
    """All points of a device, those that are read and those that are derived."""
    read = [
        _read_state(profile, point, readings[name], record, _unit_of(point, unit, units))
        for name, point in profile.reads.items()
    ]
    missing = {each.name for each in read if each.value is None}
    return (*read, *_derived_states(profile, readings, missing))


def number(value: float) -> str:
    """A value with as many decimals as it needs."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def shown(state: PointState) -> str:
    """The value as people read it."""
    if state.value is None:
        return "missing" if state.state is State.REFUSED else state.state.value
    return number(state.value) if state.text is None else f"{number(state.value)} ({state.text})"


def _unit_of(point: ReadPoint, unit: int, units: Mapping[str, int]) -> int:
    return unit if point.unit_name is None else units.get(point.unit_name, unit)


def _read_state(
    profile: Profile, point: ReadPoint, reading: Reading, record: Record, unit: int
) -> PointState:
    addresses = list(range(point.address, point.address + point.words))
    if point.high_address is not None:
        addresses.append(point.high_address)
    words = record.held(unit, point.table, addresses)
    value = None if reading.health is Health.LOST else reading.value
    state = PointState(
        name=point.name,
        state=State.GOOD,
        value=value,
        age_s=reading.age_s,
        text=text_of(value, point),
        words=None if words is None else tuple(words),
        agreed=_agreed(profile, point),
    )
    if value is not None:
        return state
    if words is None:
        why = record.why_not(unit, point.table, addresses) or "not asked for, as it had not answered before"
        return replace(state, state=State.REFUSED, remark=why)
    exponent = None
    if point.scale_address is not None:
        held = record.held(unit, point.table, [point.scale_address])
        exponent = None if held is None else signed16(held[0])
    free = replace(point, range=None)
    beyond = decode(words, free, exponent)
    if beyond is None:
        lacks_scale = point.scale_address is not None and not is_exponent(exponent)
        remark = "its scale factor is missing" if lacks_scale else "the device says that it has no value"
        return replace(state, state=State.UNAVAILABLE, remark=remark)
    return replace(state, state=State.IMPLAUSIBLE, remark=_suspicion(point, words, beyond, exponent))


def _suspicion(point: ReadPoint, words: list[int], beyond: float, exponent: int | None) -> str:
    """What an impossible value may come from."""
    low, high = point.range or (beyond, beyond)
    said = f"reads {beyond:.6g}, outside {low:g} to {high:g}"
    other = WordOrder.LITTLE if point.word_order is WordOrder.BIG else WordOrder.BIG
    if len(words) > 1 and point.high_address is None:
        swapped = decode(words, replace(point, word_order=other), exponent)
        if swapped is not None and swapped != 0:
            return f"{said}; with the words swapped {swapped:.6g}: is word_order wrong?"
    if low <= -beyond <= high and beyond != 0:
        return f"{said}; with the other sign it would be right: is the sign of scale wrong?"
    unsigned = {DataType.UINT16: DataType.INT16, DataType.UINT32: DataType.INT32}.get(point.type)
    if unsigned is not None:
        signed = decode(words, replace(point, type=unsigned), exponent)
        if signed is not None:
            return f"{said}; as a signed number {signed:.6g}: is the type wrong?"
    return f"{said}: the profile of a sibling, or the wrong unit id?"


def _agreed(profile: Profile, point: ReadPoint) -> str:
    if profile.model == SUNSPEC:
        return "the device itself"
    return "confirmed" if len(point.source) > 1 else ONE_SOURCE


def _derived_states(
    profile: Profile, readings: Mapping[str, Reading], missing: set[str]
) -> Iterator[PointState]:
    for name, how in profile.derived.items():
        reading = readings[name]
        lacking = [part for part in how.parts if part in missing]
        value = None if reading.health is Health.LOST else reading.value
        state = State.GOOD if value is not None else State.UNAVAILABLE
        remark = f"{', '.join(lacking)} is missing" if lacking else None
        yield PointState(
            name, state, value, reading.age_s, remark=remark, agreed=f"from {', '.join(how.parts)}"
        )
