"""Reads a model of a device that refuses some of its registers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Sequence

from drivers.errors import RequestRefusedError
from drivers.sunspec.definitions import Group
from drivers.sunspec.layout import Words, place

ReadRegisters = Callable[[int, int], Awaitable[list[int]]]
"""Reads (address, count) holding registers. Raises DriverError."""

MOST_REFUSALS = 200
"""A walk that meets more of them has its patience elsewhere: the line has other devices to serve."""
_BLOCK = 120
"""Most registers in one read."""
_MOMENTARY = frozenset({5, 6, 10, 11})
"""Modbus exceptions about the moment, not about the registers: accepted, busy, and what gateways say."""


def is_momentary(err: RequestRefusedError) -> bool:
    """Whether the same request may well be granted a little later."""
    return err.code in _MOMENTARY


class PatientReader:
    """Reads bodies of models, and finds out which of their points a device refuses."""

    def __init__(self, read: ReadRegisters, most_refusals: int) -> None:
        self._read = read
        self._left = most_refusals
        self._refusal: RequestRefusedError | None = None

    @property
    def exhausted(self) -> bool:
        """Whether it stopped looking for the readable part of what was refused."""
        return self._left <= 0

    async def header(self, address: int) -> tuple[int, int | None]:
        """Id and length of the model at an address; length None: only the id can be read.

        Some devices give only the id of the end marker.
        """
        try:
            model, length = await self._read(address, 2)
        except RequestRefusedError as err:
            if is_momentary(err):
                raise
            (model,) = await self._read(address, 1)
            return model, await self._alone(address + 1)
        return model, length

    async def _alone(self, address: int) -> int | None:
        """One register; None: it is refused."""
        try:
            (word,) = await self._read(address, 1)
        except RequestRefusedError as err:
            if is_momentary(err):
                raise
            return None
        return word

    async def body(
        self, address: int, length: int, layout: Group
    ) -> tuple[tuple[int | None, ...], RequestRefusedError | None]:
        """The registers of a model as far as its layout goes, None where refused, and the first refusal.

        Requests begin and end between points: a value is never put together from two readings.

        Raises:
            DeviceUnreachableError: the device does not answer.
            RequestRefusedError: for the moment only.
        """
        self._refusal = None
        words: list[int | None] = []
        while len(words) < length:
            # The registers read so far tell how often the groups behind them stand there.
            cuts = _cuts(layout, words, length)
            start = len(words)
            end = cuts[bisect_right(cuts, start + _BLOCK) - 1]
            if end <= start:
                break  # nothing is published about what follows
            words += await self._part(address, start, end, cuts)
        return tuple(words), self._refusal

    async def _part(self, address: int, start: int, end: int, cuts: Sequence[int]) -> list[int | None]:
        """Registers start to end, halved between points until every refused point stands alone."""
        try:
            return [*await self._read(address + start, end - start)]
        except RequestRefusedError as err:
            if is_momentary(err):
                raise
            self._refusal = self._refusal or err
            self._left -= 1
        middle = _middle(start, end, cuts)
        if middle is None or self.exhausted:
            return [None] * (end - start)
        first = await self._part(address, start, middle, cuts)
        return first + await self._part(address, middle, end, cuts)


def _cuts(layout: Group, known: Words, length: int) -> list[int]:
    """Offsets between points, at which a request may begin or end."""
    words = [*known, *[None] * (length - len(known))]
    return [0, *(each.end for each in place(layout, words))]


def _middle(start: int, end: int, cuts: Sequence[int]) -> int | None:
    """The cut nearest the middle of a part; None: it has none inside."""
    inside = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
    return min(inside, key=lambda cut: abs(2 * cut - start - end), default=None)
