"""Device profiles: from YAML files to `drivers.model.Profile`, every fault of a file reported at once."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drivers.errors import ProfileError
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
from drivers.profile_check import faults_of, raw_limits
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

SUNSPEC = "sunspec"
"""The profile name of devices that describe themselves: walked by `drivers.sunspec`, no file."""

_REMEDIES = {
    "extra_forbidden": "no such key; correct its spelling or remove it",
    "missing": "is missing; add it",
}
_VERIFIED = {"documents": "by documents", "bench": "at the bench"}


def available_profiles() -> tuple[str, ...]:
    """Every name that `profile:` in config.yaml may have, sorted; `sunspec` among them."""
    files = (entry.name for entry in resources.files("drivers.profiles").iterdir())
    names = (name.removesuffix(".yaml") for name in files if name.endswith(".yaml"))
    return tuple(sorted({*names, SUNSPEC}))


@functools.cache
def load_profile(name: str) -> Profile:
    """The profile of this name. Raises ProfileError: unknown name, or every fault of its file."""
    if name == SUNSPEC:
        raise ProfileError("sunspec has no profile file: the device is asked for it; use drivers.sunspec")
    if name not in available_profiles():
        known = ", ".join(available_profiles())
        raise ProfileError(f"there is no profile {name!r}; use one of {known}")
    file = f"{name}.yaml"
    text = resources.files("drivers.profiles").joinpath(file).read_text(encoding="utf-8")
    profile = parse_profile(text, file)
    if profile.model != name:
        raise ProfileError(f"{file}: model: is {profile.model!r}; write {name}, as the file is called")
    return profile


def parse_profile(text: str, file: str) -> Profile:
    """A profile from the text of its file, which `file` names in faults. Raises ProfileError."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as err:
        message = f"{file}: not readable as YAML; correct it there: {err}"
        raise ProfileError(message) from err
    try:
        schema = ProfileSchema.model_validate(data)
    except ValidationError as err:
        raise _error(file, (_sentence(detail) for detail in err.errors())) from err
    faults = list(faults_of(schema))
    if faults:
        raise _error(file, faults)
    return _build(schema)


def _error(file: str, faults: Iterator[str] | list[str]) -> ProfileError:
    return ProfileError("\n".join(f"{file}: {fault}" for fault in faults))


def _sentence(detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "the file"
    remedy = _REMEDIES.get(detail["type"])
    if remedy is None:
        remedy = f"{detail['input']!r} does not fit; {detail['msg'][0].lower()}{detail['msg'][1:]}"
    return f"{where}: {remedy}"


def _build(schema: ProfileSchema) -> Profile:
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
    )


def _defaults(defaults: DefaultsSchema) -> Defaults:
    return Defaults(
        defaults.unit, tuple(defaults.baud), defaults.parity, defaults.stop_bits, defaults.tcp_port
    )


def _derived(how: DerivedSchema) -> Derived:
    if how.product is not None:
        return Derived(tuple(how.product), (), "product")
    if how.value is not None and how.negative_when is not None:
        direction = how.negative_when
        return Derived((how.value, direction.point), (), "directed", frozenset(direction.values))
    parts = how.sum or []
    signs = tuple(-1 if part.startswith("-") else 1 for part in parts)
    return Derived(tuple(part.removeprefix("-") for part in parts), signs)


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
        before=tuple(cell.before),
        after=tuple(cell.after),
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
