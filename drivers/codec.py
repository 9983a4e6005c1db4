"""Registers to values and back. Pure; missing is None, and NaN or infinity never leave."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from drivers.errors import WriteRefusedError
from drivers.model import DataType, ReadPoint, WordOrder, WritePoint

_MAX_EXPONENT = 10
"""SunSpec scale factors lie within -10 to 10; 0x8000 (-32768) means 'not available'."""
_ROUNDING = 1e-9
"""Slack for ranges, relative to their bounds: 30 * 0.01 is a hair below 0.3."""
_INTEGER_RANGE: Mapping[DataType, tuple[int, int]] = {
    DataType.UINT16: (0, 0xFFFF),
    DataType.INT16: (-0x8000, 0x7FFF),
    DataType.UINT32: (0, 0xFFFF_FFFF),
    DataType.INT32: (-0x8000_0000, 0x7FFF_FFFF),
    DataType.UINT64: (0, 0xFFFF_FFFF_FFFF_FFFF),
    DataType.INT64: (-0x8000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF),
    DataType.BIT: (0, 1),
}


def decode(words: Sequence[int], point: ReadPoint, scale_exponent: int | None = None) -> float | None:
    """The point's value in its unit, or None where the device says or shows that it has none.

    Args:
        words: the registers (or the one bit) that hold it, in the order of the wire; for a point with a
            `high_address` the low word and then the high one.
        point: how it is coded.
        scale_exponent: for a point with a `scale_address`, that register as a signed number.

    Raises:
        ValueError: words are too few or too many for the point's type.
    """
    if len(words) != point.type.words:
        msg = f"{point.name}: {point.type} takes {point.type.words} registers, not {len(words)}"
        raise ValueError(msg)
    order = point.word_order if point.high_address is None else WordOrder.LITTLE
    unsigned = _joined(words, order)
    if unsigned in point.missing:
        return None
    if point.mask is not None:
        number: float = (unsigned & point.mask) >> (point.mask & -point.mask).bit_length() - 1
    else:
        number = _number(unsigned, point.type)
    if point.values:
        return point.values.get(round(number))
    if point.scale_address is not None:
        if not is_exponent(scale_exponent):
            return None
        number = _shifted(number, scale_exponent or 0)
    value = number * point.scale + point.offset
    if not math.isfinite(value) or not _within(value, point.range):
        return None
    return value


def encode(value: float, point: WritePoint, scale_exponent: int | None = None) -> tuple[int, ...]:
    """The registers (or the one bit) that carry the value, in the order of the wire.

    Raises:
        WriteRefusedError: it is out of the point's range, does not fit its type, is none of its literal
            values, or its scale is not known.
    """
    if not math.isfinite(value) or not _within(value, point.range):
        low, high = point.range
        msg = f"{point.name}: {value:g} is outside {low:g} to {high:g}"
        raise WriteRefusedError(msg)
    if point.words:
        return _literal(value, point)
    if point.codes and value not in point.codes:
        _refuse(value, point, point.codes)
    number = (value - point.offset) / point.scale
    if point.scale_address is not None:
        if not is_exponent(scale_exponent):
            msg = f"{point.name}: the device does not give its scale (register {point.scale_address})"
            raise WriteRefusedError(msg)
        number = _shifted(number, -(scale_exponent or 0))
    return _split(_unsigned(number, value, point), point.type.words, point.word_order)


def signed16(word: int) -> int:
    """A register as a signed number."""
    return word - 0x1_0000 if word & 0x8000 else word


def is_exponent(exponent: int | None) -> bool:
    """Whether it is a usable SunSpec scale factor."""
    return exponent is not None and -_MAX_EXPONENT <= exponent <= _MAX_EXPONENT


def resolution(point: ReadPoint | WritePoint, scale_exponent: int | None = None) -> float:
    """One step of the point's raw value, in its unit; 0.0 for floats."""
    if point.type is DataType.FLOAT32:
        return 0.0
    step = abs(point.scale)
    if point.scale_address is not None and is_exponent(scale_exponent):
        step = _shifted(step, scale_exponent or 0)
    return step


def _literal(value: float, point: WritePoint) -> tuple[int, ...]:
    words = point.words.get(round(value)) if float(value).is_integer() else None
    if words is None:
        _refuse(value, point, point.words)
    return words


def _refuse(value: float, point: WritePoint, allowed: Iterable[int]) -> NoReturn:
    values = ", ".join(str(each) for each in sorted(allowed))
    msg = f"{point.name}: {value:g} is none of the values it takes ({values})"
    raise WriteRefusedError(msg)


def _unsigned(number: float, value: float, point: WritePoint) -> int:
    """The bits of a raw number as one unsigned integer."""
    if point.type is DataType.FLOAT32:
        try:
            return int.from_bytes(struct.pack(">f", number), "big")
        except OverflowError:
            msg = f"{point.name}: {value:g} does not fit a 32-bit float"
            raise WriteRefusedError(msg) from None
    low, high = _INTEGER_RANGE[point.type]
    raw = round(number)
    if not low <= raw <= high:
        msg = f"{point.name}: {value:g} would be {raw} in the register, which holds {low} to {high}"
        raise WriteRefusedError(msg)
    return raw % (1 << (16 * point.type.words))


def _number(unsigned: int, data_type: DataType) -> float:
    """The raw number that an unsigned integer stands for."""
    if data_type is DataType.FLOAT32:
        return float(struct.unpack(">f", unsigned.to_bytes(4, "big"))[0])
    if data_type is DataType.INT16:
        return unsigned - 0x1_0000 if unsigned & 0x8000 else unsigned
    if data_type is DataType.INT32:
        return unsigned - 0x1_0000_0000 if unsigned & 0x8000_0000 else unsigned
    if data_type is DataType.INT64:
        return unsigned - 0x1_0000_0000_0000_0000 if unsigned >> 63 else unsigned
    return unsigned


def text_of(value: float | None, point: ReadPoint | WritePoint) -> str | None:
    """What a state or a word of flags says, in English; None where the point is a mere number or missing."""
    if value is None:
        return None
    raw = round(value)
    if isinstance(point, ReadPoint) and point.bits:
        raised = [point.bits.get(bit, f"bit {bit}") for bit in range(raw.bit_length()) if raw >> bit & 1]
        return ", ".join(raised) or "none"
    return point.codes.get(raw, f"code {raw}") if point.codes else None


def _joined(words: Sequence[int], order: WordOrder) -> int:
    if len(words) == 1:
        return words[0]
    total = 0
    for word in words if order is WordOrder.BIG else reversed(words):
        total = total << 16 | word
    return total


def _split(unsigned: int, count: int, order: WordOrder) -> tuple[int, ...]:
    words = tuple(unsigned >> (16 * place) & 0xFFFF for place in range(count))
    return words if order is WordOrder.LITTLE else words[::-1]


def _shifted(number: float, exponent: int) -> float:
    """Number times ten to the exponent; dividing keeps 2345 * 10**-1 at 234.5 exactly."""
    return number * 10.0**exponent if exponent >= 0 else number / 10.0**-exponent


def _within(value: float, bounds: tuple[float, float] | None) -> bool:
    if bounds is None:
        return True
    low, high = bounds
    return low - _ROUNDING * abs(low) <= value <= high + _ROUNDING * abs(high)
