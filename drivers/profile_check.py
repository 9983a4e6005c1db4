"""What is wrong with the meaning of a profile whose form is right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations

from controller.core.points import REQUIRED, meaning
from drivers.model import DataType, Table, WriteFunction
from drivers.profile_schema import (
    CellSchema,
    CheckSchema,
    DerivedSchema,
    ProfileSchema,
    ReadSchema,
    WriteSchema,
)

_CHANNEL = re.compile(r"channel_[1-9][0-9]?")
_RAW_LIMITS: Mapping[DataType, tuple[int, int]] = {
    DataType.UINT16: (0, 0xFFFF),
    DataType.INT16: (-0x8000, 0x7FFF),
    DataType.UINT32: (0, 0xFFFF_FFFF),
    DataType.INT32: (-0x8000_0000, 0x7FFF_FFFF),
    DataType.UINT64: (0, 0xFFFF_FFFF_FFFF_FFFF),
    DataType.INT64: (-0x8000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF),
}


def raw_limits(kind: DataType) -> tuple[int, int] | None:
    """The lowest and highest number that the type can code; None for floats and bits."""
    return _RAW_LIMITS.get(kind)


def faults_of(profile: ProfileSchema) -> Iterator[str]:
    """Every fault as `point.key: what; remedy`."""
    yield from _name_faults(profile)
    yield from _source_faults(profile)
    for index, check in enumerate(profile.identify):
        for fault in _identify_faults(check):
            yield f"identify.{index}.{fault}"
    for name, cell in profile.read.items():
        for fault in (*_cell_faults(cell), *_missing_faults(cell)):
            yield f"read.{name}.{fault}"
    for name, control in profile.write.items():
        function = control.function or profile.bus.write_function
        found = (_cell_faults(control), _control_faults(control, _read_names(profile)))
        for fault in (*chain(*found), *_function_faults(control, function)):
            yield f"write.{name}.{fault}"
    yield from _derive_faults(profile)
    yield from _fragile_faults(profile)
    yield from _overlaps("read", profile.read)
    yield from _overlaps("write", profile.write)


def _read_names(profile: ProfileSchema) -> set[str]:
    count = profile.channels.count if profile.channels is not None else 0
    return {*profile.read, *(f"channel_{index + 1}" for index in range(count))}


def _name_faults(profile: ProfileSchema) -> Iterator[str]:
    for section, names in (("read", profile.read), ("derive", profile.derive), ("write", profile.write)):
        for name in names:
            if meaning(name) is None:
                yield f"{section}.{name}: no such point; use a name of controller/core/points"
    offered = _read_names(profile) | set(profile.derive)
    for name in sorted(REQUIRED[profile.role] - offered):
        yield f"read.{name}: is missing; a {profile.role} needs it"
    if profile.channels is None:
        return
    if profile.channels.table is not Table.COIL:
        yield f"channels.table: {profile.channels.table} holds no relays; use coil"
    if profile.channels.address + profile.channels.count > 0x10000:
        yield "channels.count: reaches beyond cell 65535; lower it"
    for section, cells in (("read", profile.read), ("write", profile.write)):
        for name in cells:
            if _CHANNEL.fullmatch(name):
                yield f"{section}.{name}: is given twice; keep it here or in channels"


def _source_faults(profile: ProfileSchema) -> Iterator[str]:
    known = ", ".join(profile.sources)
    named = {"confirmed_by": profile.confirmed_by}
    for section, cells in (("read", profile.read), ("write", profile.write)):
        named |= {f"{section}.{name}.source": cell.source for name, cell in cells.items()}
    if profile.channels is not None:
        named["channels.source"] = profile.channels.source
    for where, keys in named.items():
        for key in keys:
            if key not in profile.sources:
                yield f"{where}: there is no source {key!r}; use {known}, or add it under sources"
        if not keys and not profile.confirmed_by and where != "confirmed_by":
            yield f"{where}: is missing; name the sources that say so, or give confirmed_by for all points"


def _identify_faults(check: CheckSchema) -> Iterator[str]:
    given = [bool(check.one_of), check.range is not None, check.text is not None]
    if sum(given) != 1:
        yield "one_of: give exactly one of one_of, range and text"
    if check.table.is_bits:
        yield f"table: {check.table} holds bits; use holding or input"
    if check.text is not None:
        try:
            re.compile(check.text)
        except re.error as err:
            yield f"text: {check.text!r} is no regular expression ({err}); correct it"
    if check.address + check.words > 0x10000:
        yield "words: reaches beyond register 65535; lower it"


def _cell_faults(cell: ReadSchema | WriteSchema) -> Iterator[str]:
    if cell.table.is_bits != (cell.type is DataType.BIT):
        yield f"type: {cell.type} does not fit the table {cell.table}; bits are in coil and discrete only"
    if cell.scale == 0:
        yield "scale: is 0; give the factor from raw value to unit"
    if cell.address + _words(cell) > 0x10000:
        yield "address: the value reaches beyond register 65535; lower it"
    if cell.range is not None and not cell.range[0] < cell.range[1] and not _is_literal(cell):
        yield f"range: {list(cell.range)} is not ordered; write [lowest, highest]"


def _fragile_faults(profile: ProfileSchema) -> Iterator[str]:
    limit = profile.bus.fragile_from
    if limit is None:
        return
    if not profile.identify:
        yield "bus.fragile_from: discovery must know the device to spare it; give identify too"
    ends = {f"identify.{index}": each.address + each.words for index, each in enumerate(profile.identify)}
    for name, cell in profile.read.items():
        highest = cell.address if cell.high_address is None else max(cell.address, cell.high_address)
        ends[f"read.{name}"] = highest + _words(cell)
    for where, end in ends.items():
        if end > limit:
            yield f"{where}.address: the device restarts when registers from {limit} on are read; remove it"


def _words(cell: CellSchema) -> int:
    """Registers that stand together from the cell's address."""
    split = isinstance(cell, ReadSchema) and cell.high_address is not None
    return 1 if split else cell.type.words


def _is_literal(cell: CellSchema) -> bool:
    """Literal words may stand for one value only, whose range is that value alone."""
    return isinstance(cell, WriteSchema) and len(cell.words) == 1 and cell.range[0] == cell.range[1]


def _missing_faults(cell: ReadSchema) -> Iterator[str]:
    highest = (1 << (16 * cell.type.words)) - 1
    if cell.high_address is not None and cell.type.words != 2:
        yield f"high_address: {cell.type} has no high word; it is for values of two registers"
    if cell.mask is not None and (cell.type is DataType.FLOAT32 or cell.mask > highest):
        yield f"mask: {cell.mask} does not fit {cell.type}; use bits of a whole number"
    if cell.codes and cell.bits:
        yield "bits: stands beside codes; a word is either one state or flags"
    for bit in cell.bits:
        if 1 << bit > highest:
            yield f"bits.{bit}: {cell.type} has no such bit; count from 0"
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
    for value in control.codes:
        if not low <= value <= high:
            yield f"codes.{value}: is outside the range {[low, high]}; use a value inside"
    for value in control.words:
        if not low <= value <= high:
            yield f"words.{value}: is outside the range {[low, high]}; use a value inside"
    limits = None if control.words or control.scale == 0 else raw_limits(control.type)
    if limits is not None:
        for end in (low, high):
            if not limits[0] <= round((end - control.offset) / control.scale) <= limits[1]:
                yield f"range: {end} cannot be coded as {control.type}; narrow it or correct the scale"


def _function_faults(control: WriteSchema, function: WriteFunction) -> Iterator[str]:
    if function is not WriteFunction.SINGLE or control.table.is_bits:
        return
    longest = max((len(words) for words in control.words.values()), default=control.type.words)
    if longest > 1:
        yield f"function: {longest} registers at once cannot be written by function 06; write them by 16"
    if any(len(words) > 2 for words in (*control.before, *control.after)):
        yield "before: several words at once need function 16; give each its own entry"


def _derive_faults(profile: ProfileSchema) -> Iterator[str]:
    for name, derived in profile.derive.items():
        if name in profile.read:
            yield f"derive.{name}: is also read; keep one of the two"
        ways = [derived.sum is not None, derived.product is not None, derived.value is not None]
        if sum(ways) != 1 or (derived.value is None) != (derived.negative_when is None):
            yield f"derive.{name}: give exactly one of sum, product, and value with negative_when"
        for part in _parts(derived):
            if part not in profile.read:
                yield f"derive.{name}: there is no read point {part}; add it under read"


def _parts(derived: DerivedSchema) -> Iterator[str]:
    for part in derived.sum or derived.product or ():
        yield part.removeprefix("-")
    if derived.value is not None:
        yield derived.value
    if derived.negative_when is not None:
        yield derived.negative_when.point


def _overlaps(section: str, cells: Mapping[str, CellSchema]) -> Iterator[str]:
    for (one, first), (other, second) in combinations(cells.items(), 2):
        if (first.unit, first.table) != (second.unit, second.table):
            continue
        if (first.address, first.type) == (second.address, second.type) and _same_word(first, second):
            continue
        if first.address < second.address + _words(second) and second.address < first.address + _words(first):
            yield f"{section}.{other}.address: overlaps {one} at {first.address}; correct one of them"


def _same_word(first: CellSchema, second: CellSchema) -> bool:
    """Whether two points are the same value twice (a meter's total is its only phase), or parts of a word."""
    if isinstance(first, WriteSchema) and isinstance(second, WriteSchema):
        return bool(first.codes or first.words) and bool(second.codes or second.words)
    if isinstance(first, ReadSchema) and isinstance(second, ReadSchema) and first.mask != second.mask:
        return True
    return (first.scale, first.offset) == (second.scale, second.offset)
