"""Values as small whole numbers, and many of them as few bytes: how the journal and the blocks are written.

A value is stored as a multiple of its unit's resolution, which is finer than what any device measures; then
neighbours differ by little, and the differences compress well.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from controller.telemetry.schema import SeriesKey

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PER_UNIT: Mapping[str, int] = {
    "w": 10,
    "va": 10,
    "var": 10,
    "wh": 1,
    "v": 1000,
    "a": 100,
    "hz": 1000,
    "c": 100,
    "frac": 100_000,
    "s": 10,
    "wm2": 10,
}
"""Last word of a point's name -> steps of its unit that are told apart: 10 for `_w` is 0.1 W."""
OTHERS_PER_UNIT = 1000

_LARGEST = 2.0**53
"""Beyond it neighbouring whole numbers are no longer told apart."""
_WIDTHS = (1, 2, 4, 8)
_GAPS = 0x80


class DamagedBlockError(ValueError):
    """A block is not as it was written."""


def is_counter(point: str) -> bool:
    """Whether a point is an energy counter: then its last reading counts, and a mean would be nonsense."""
    return point.endswith("_wh")


def per_unit(keys: Sequence[SeriesKey]) -> Floats:
    """Steps per unit of each series, shape (len(keys),)."""
    return np.array([PER_UNIT.get(point.rsplit("_", 1)[-1], OTHERS_PER_UNIT) for _, point in keys], float)


def scaled(values: Floats, steps_per_unit: Floats | float) -> tuple[Ints, Flags]:
    """Values as whole steps, and which of them there are; what is NaN or too large for a step is missing."""
    steps = np.rint(values * steps_per_unit)
    present = np.abs(steps) < _LARGEST  # also False for NaN
    return np.where(present, steps, 0.0).astype(np.int64), present


def pack(steps: Ints, present: Flags | None = None) -> bytes:
    """A row of whole numbers as bytes; with `present` those that are missing are left out, and noted.

    First the width of a difference in bytes, then, compressed: which values there are, the first of them, and
    the differences between neighbours, all of their lowest bytes first.
    """
    head, kept = b"", steps
    if present is not None and not present.all():
        head, kept = np.packbits(present).tobytes(), steps[present]
    width, planes = differences(np.diff(kept))
    body = head + kept[:1].astype("<i8").tobytes() + planes
    return bytes([width | (_GAPS if head else 0)]) + zlib.compress(body)


def unpack(data: bytes, count: int) -> tuple[Ints, Flags]:
    """The row of `count` numbers that was packed, and which of them there are. Raises DamagedBlockError."""
    try:
        width, body = data[0] & ~_GAPS, zlib.decompress(data[1:])
        present = np.ones(count, bool)
        if data[0] & _GAPS:
            size = (count + 7) // 8
            present = np.unpackbits(np.frombuffer(body[:size], np.uint8))[:count].astype(bool)
            body = body[size:]
        steps = np.zeros(count, np.int64)
        if number := int(np.count_nonzero(present)):
            first = np.frombuffer(body[:8], "<i8")
            steps[present] = np.cumsum(np.concatenate((first, undone(body[8:], width, number - 1))))
    except (IndexError, TypeError, ValueError, zlib.error) as err:
        raise DamagedBlockError(str(err)) from err
    return steps, present


def differences(steps: Ints) -> tuple[int, bytes]:
    """Small numbers of either sign as bytes: the width of each, and all lowest bytes, then all next ones."""
    unsigned = ((steps << 1) ^ (steps >> 63)).view(np.uint64)  # 0, -1, 1, -2 … as 0, 1, 2, 3 …
    largest = int(unsigned.max()) if unsigned.size else 0
    width = next(each for each in _WIDTHS if largest < 1 << (8 * each))
    return width, unsigned.astype(f"<u{width}").view(np.uint8).reshape(-1, width).T.tobytes()


def undone(planes: bytes, width: int, count: int) -> Ints:
    """The numbers that `differences` made bytes of. Raises ValueError."""
    if width not in _WIDTHS or len(planes) != width * count:
        msg = f"{len(planes)} bytes are not {count} numbers of {width} bytes"
        raise ValueError(msg)
    table = np.frombuffer(planes, np.uint8).reshape(width, count)
    unsigned = np.ascontiguousarray(table.T).view(f"<u{width}").reshape(count).astype(np.uint64)
    return (unsigned >> np.uint64(1)).astype(np.int64) ^ -(unsigned & np.uint64(1)).astype(np.int64)
