"""What is wrong with the meaning of a profile whose form is right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from controller.core.points import KNOWN, REQUIRED
from drivers.model import DataType, Table
from drivers.profile_schema import CellSchema, ProfileSchema, ReadSchema, WriteSchema

_CHANNEL = re.compile(r"channel_[1-9][0-9]?")
_RAW_LIMITS: Mapping[DataType, tuple[int, int]] = {
    DataType.UINT16: (0, 0xFFFF),
    DataType.INT16: (-0x8000, 0x7FFF),
    DataType.UINT32: (0, 0xFFFF_FFFF),
    DataType.INT32: (-0x8000_0000, 0x7FFF_FFFF),
    DataType.UINT64: (0, 0xFFFF_FFFF_FFFF_FFFF),
}


def raw_limits(kind: DataType) -> tuple[int, int] | None:
    """The lowest and highest number that the type can code; None for floats and bits."""
    return _RAW_LIMITS.get(kind)


def faults_of(profile: ProfileSchema) -> Iterator[str]:
    """Every fault as `point.key: what; remedy`."""
    yield from _name_faults(profile)
    for name, cell in profile.read.items():
        for fault in (*_cell_faults(cell), *_missing_faults(cell)):
            yield f"read.{name}.{fault}"
    for name, control in profile.write.items():
        for fault in (*_cell_faults(control), *_control_faults(control, _read_names(profile))):
            yield f"write.{name}.{fault}"
    yield from _derive_faults(profile)
    yield from _overlaps("read", profile.read)
    yield from _overlaps("write", profile.write)


def _read_names(profile: ProfileSchema) -> set[str]:
    count = profile.channels.count if profile.channels is not None else 0
    return {*profile.read, *(f"channel_{index + 1}" for index in range(count))}


def _name_faults(profile: ProfileSchema) -> Iterator[str]:
    for section, names in (("read", profile.read), ("derive", profile.derive), ("write", profile.write)):
        for name in names:
            if name not in KNOWN and not _CHANNEL.fullmatch(name):
                yield f"{section}.{name}: no such point; use a name of controller/core/points.py"
    offered = _read_names(profile) | set(profile.derive)
    for name in sorted(REQUIRED[profile.role] - offered):
        yield f"read.{name}: is missing; a {profile.role} needs it"
    if profile.channels is None:
        return
    if profile.channels.address + profile.channels.count > 0x10000:
        yield "channels.count: reaches beyond cell 65535; lower it"
    for section, cells in (("read", profile.read), ("write", profile.write)):
        for name in cells:
            if _CHANNEL.fullmatch(name):
                yield f"{section}.{name}: is given twice; keep it here or in channels"


def _cell_faults(cell: ReadSchema | WriteSchema) -> Iterator[str]:
    if cell.table.is_bits != (cell.type is DataType.BIT):
        yield f"type: {cell.type} does not fit the table {cell.table}; bits are in coil and discrete only"
    if cell.scale == 0:
        yield "scale: is 0; give the factor from raw value to unit"
    if cell.address + cell.type.words > 0x10000:
        yield "address: the value reaches beyond register 65535; lower it"
    if cell.range is not None and not cell.range[0] < cell.range[1] and not _is_literal(cell):
        yield f"range: {list(cell.range)} is not ordered; write [lowest, highest]"


def _is_literal(cell: CellSchema) -> bool:
    """Literal words may stand for one value only, whose range is that value alone."""
    return isinstance(cell, WriteSchema) and len(cell.words) == 1 and cell.range[0] == cell.range[1]


def _missing_faults(cell: ReadSchema) -> Iterator[str]:
    highest = (1 << (16 * cell.type.words)) - 1
    for raw in cell.missing:
        if raw > highest:
            yield f"missing: {raw} does not fit into {cell.type}; write it as it stands in the registers"


def _control_faults(control: WriteSchema, read_names: set[str]) -> Iterator[str]:
    low, high = control.range
    if control.table in (Table.INPUT, Table.DISCRETE):
        yield f"table: {control.table} cannot be written; use holding or coil"
    if control.readback is not None and control.readback not in read_names:
        yield f"readback: there is no read point {control.readback}; add it under read or remove the key"
    if control.release is not None and not low <= control.release <= high:
        yield f"release: {control.release} is outside the range {[low, high]}; use a value inside"
    for value in control.words:
        if not low <= value <= high:
            yield f"words.{value}: is outside the range {[low, high]}; use a value inside"
    limits = None if control.words or control.scale == 0 else raw_limits(control.type)
    if limits is not None:
        for end in (low, high):
            if not limits[0] <= round((end - control.offset) / control.scale) <= limits[1]:
                yield f"range: {end} cannot be coded as {control.type}; narrow it or correct the scale"


def _derive_faults(profile: ProfileSchema) -> Iterator[str]:
    for name, total in profile.derive.items():
        if name in profile.read:
            yield f"derive.{name}: is also read; keep one of the two"
        for part in total.sum:
            if part not in profile.read:
                yield f"derive.{name}.sum: there is no read point {part}; add it under read"


def _overlaps(section: str, cells: Mapping[str, CellSchema]) -> Iterator[str]:
    for (one, first), (other, second) in combinations(cells.items(), 2):
        if (first.unit, first.table) != (second.unit, second.table):
            continue
        if (first.address, first.type) == (second.address, second.type) and _same_value(first, second):
            continue
        if first.address < second.address + second.type.words and (
            second.address < first.address + first.type.words
        ):
            yield f"{section}.{other}.address: overlaps {one} at {first.address}; correct one of them"


def _same_value(first: CellSchema, second: CellSchema) -> bool:
    """Whether two points are the same value twice (a meter's total is its only phase)."""
    return (first.scale, first.offset) == (second.scale, second.offset)
