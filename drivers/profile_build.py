"""From a profile file whose form and meaning are right to the profile itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from drivers.model import (
    Check,
    DataType,
    Defaults,
    Derived,
    Pace,
    PollClass,
    Profile,
    ReadPoint,
    WordOrder,
    WritePoint,
)
from drivers.profile_check import raw_limits
from drivers.profile_schema import (
    BusSchema,
    CellSchema,
    DefaultsSchema,
    DerivedSchema,
    ProfileSchema,
    ReadSchema,
    VerifiedSchema,
    WriteSchema,
)

_VERIFIED = {"documents": "by documents", "bench": "at the bench"}


def build(schema: ProfileSchema) -> Profile:
    """The profile that a good file describes."""
    reads = {name: _read_point(schema, name, cell) for name, cell in schema.read.items()}
    writes = {name: _write_point(schema, name, cell) for name, cell in schema.write.items()}
    for read, write in _channels(schema):
        reads[read.name] = read
        writes[write.name] = write
    return Profile(
        model=schema.model,
        role=schema.role,
        source="; ".join(schema.sources.values()),
        verified=_verified(schema.verified),
        pace=_pace(schema.bus),
        reads=MappingProxyType(reads),
        writes=MappingProxyType(writes),
        derived=MappingProxyType({name: _derived(how) for name, how in schema.derive.items()}),
        title=schema.title,
        sources=MappingProxyType(dict(schema.sources)),
        identify=tuple(
            Check(
                each.table, each.address, each.words, each.unit, frozenset(each.one_of), each.range, each.text
            )
            for each in schema.identify
        ),
        defaults=_defaults(schema.defaults),
    )


def _pace(bus: BusSchema) -> Pace:
    return Pace(
        max_block=bus.max_block,
        timeout_s=bus.timeout_s,
        min_gap_s=bus.min_gap_ms / 1000,
        connect_delay_s=bus.connect_delay_ms / 1000,
        window=bus.window,
        max_gap=bus.max_gap,
        one_client=bus.one_client,
        fragile_from=bus.fragile_from,
    )


def _defaults(defaults: DefaultsSchema) -> Defaults:
    return Defaults(
        defaults.unit, tuple(defaults.baud), defaults.parity, defaults.stop_bits, defaults.tcp_port
    )


def _derived(how: DerivedSchema) -> Derived:
    if how.value is not None and how.negative_when is not None:
        direction = how.negative_when
        return Derived((how.value, direction.point), (), "directed", frozenset(direction.values))
    parts = how.sum or how.product or []
    signs = tuple(-1 if part.startswith("-") else 1 for part in parts)
    names = tuple(part.removeprefix("-") for part in parts)
    return Derived(names, signs, "sum" if how.sum is not None else "product")


def _verified(verified: VerifiedSchema) -> str:
    parts = [_VERIFIED[verified.by]]
    if verified.firmware is not None:
        parts.append(f"firmware {verified.firmware}")
    if verified.date is not None:
        parts.append(verified.date.isoformat())
    if verified.note is not None:
        parts.append(verified.note)
    return ", ".join(parts)


def _word_order(schema: ProfileSchema, cell: CellSchema) -> WordOrder:
    return cell.word_order if cell.word_order is not None else schema.bus.word_order


def _source(schema: ProfileSchema, cell: CellSchema) -> tuple[str, ...]:
    return tuple(cell.source or schema.confirmed_by)


def _read_point(schema: ProfileSchema, name: str, cell: ReadSchema) -> ReadPoint:
    missing = frozenset(cell.missing) | frozenset(schema.missing.get(cell.type, ()))
    return ReadPoint(
        name=name,
        table=cell.table,
        address=cell.address,
        type=cell.type,
        poll=cell.poll,
        word_order=_word_order(schema, cell),
        scale=cell.scale,
        offset=cell.offset,
        range=cell.range,
        missing=missing | _top_values(cell.type, schema.missing_top),
        unit_name=cell.unit,
        high_address=cell.high_address,
        mask=cell.mask,
        codes=MappingProxyType(dict(cell.codes)),
        values=MappingProxyType(dict(cell.values)),
        bits=MappingProxyType(dict(cell.bits)),
        source=_source(schema, cell),
    )


def _top_values(kind: DataType, count: int) -> frozenset[int]:
    limits = raw_limits(kind)
    return frozenset() if limits is None else frozenset(limits[1] - step for step in range(count))


def _write_point(schema: ProfileSchema, name: str, cell: WriteSchema) -> WritePoint:
    words: Mapping[int, tuple[int, ...]] = {value: tuple(words) for value, words in cell.words.items()}
    return WritePoint(
        name=name,
        table=cell.table,
        address=cell.address,
        type=cell.type,
        range=cell.range,
        word_order=_word_order(schema, cell),
        scale=cell.scale,
        offset=cell.offset,
        readback=cell.readback,
        expires_s=cell.expires_s,
        eeprom=cell.eeprom,
        release=cell.release,
        words=MappingProxyType(words),
        before=tuple(tuple(words) for words in cell.before),
        after=tuple(tuple(words) for words in cell.after),
        unit_name=cell.unit,
        function=cell.function or schema.bus.write_function,
        codes=MappingProxyType(dict(cell.codes)),
        daily_writes=cell.daily_writes,
        note=cell.note,
        source=_source(schema, cell),
    )


def _channels(schema: ProfileSchema) -> Iterator[tuple[ReadPoint, WritePoint]]:
    """The relays of a switch."""
    channels = schema.channels
    if channels is None:
        return
    source = tuple(channels.source or schema.confirmed_by)
    for index in range(channels.count):
        name, address = f"channel_{index + 1}", channels.address + index
        yield (
            ReadPoint(name, channels.table, address, DataType.BIT, PollClass.FAST, source=source),
            WritePoint(
                name, channels.table, address, DataType.BIT, (0.0, 1.0), readback=name, eeprom=False,
                source=source,
            ),
        )  # fmt: skip
