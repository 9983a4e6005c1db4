"""A device's registers: how they are read and written, and what they last said."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.clock import Clock
from controller.core.model import LOST, Health, Reading
from drivers.bus import Bus
from drivers.codec import decode, signed16
from drivers.errors import SHAPE_CODES, RequestRefusedError
from drivers.holes import Holes
from drivers.model import PERIOD_S, Pace, PollClass, ReadPoint, Table, WritePoint
from drivers.packing import Block, Rules, pack

_GOOD_PERIODS = 3.0
_GOOD_AT_LEAST_S = 3.0
_LOST_SLOW_PERIODS = 10.0
_LOST_FAST_S = 30.0


def health_of(age_s: float, poll: PollClass) -> Health:
    """How far a value of this age can be trusted. Pure."""
    period_s = PERIOD_S[poll]
    if age_s <= max(_GOOD_AT_LEAST_S, _GOOD_PERIODS * period_s):
        return Health.GOOD
    lost_s = _LOST_SLOW_PERIODS * period_s if poll is PollClass.SLOW else _LOST_FAST_S
    return Health.STALE if age_s <= lost_s else Health.LOST


class Registers:
    """What one device holds, at one unit id or several of the same bus."""

    def __init__(self, bus: Bus, unit: int, units: Mapping[str, int], clock: Clock) -> None:
        self.bus = bus
        self.unit = unit
        self.answered_s: float | None = None
        """When it last answered with values, on the clock."""
        self.holes = Holes()
        """What the device refuses to give, as long as this process lives."""
        self._units = units
        self._clock = clock
        self._values: dict[str, tuple[float | None, float]] = {}
        self._extras: dict[tuple[int, Table, int], tuple[int, float]] = {}
        """Exponents and far high words as last read, and when."""

    def unit_id(self, unit_name: str | None) -> int:
        """The unit id that a profile calls by this name. Raises KeyError."""
        return self.unit if unit_name is None else self._units[unit_name]

    def set_pace(self, pace: Pace) -> None:
        """Tell the bus how the device wants to be talked to."""
        for unit in (self.unit, *self._units.values()):
            self.bus.set_pace(unit, pace)

    def reading(self, point: ReadPoint, now_s: float) -> Reading:
        """The point as last read. Refused, implausible or too old: lost."""
        held = self._values.get(point.name)
        if held is None:
            return LOST
        value, at_s = held
        age_s = max(0.0, now_s - at_s)
        health = Health.LOST if value is None else health_of(age_s, point.poll)
        return Reading(None if health is Health.LOST else value, age_s, health)

    async def read(self, block: Block) -> list[str]:
        """Read a block and keep its values; the names of those of its points whose value changed.

        Raises:
            DeviceUnreachableError: no usable answer.
            RequestRefusedError: the device answered with an exception.
        """
        unit = self.unit_id(block.unit_name)
        words = await self.bus.read(unit, block.table, block.address, block.count)
        now_s = self.answered_s = self._clock.monotonic()
        self.holes.give(block)
        for address in block.extras:
            self._extras[unit, block.table, address] = words[address - block.address], now_s
        changed: list[str] = []
        for point in block.points:
            start = point.address - block.address
            value = self._decoded(words[start : start + point.words], point, now_s)
            before = self._values.get(point.name)
            if before is None or before[0] != value:
                changed.append(point.name)
            self._values[point.name] = (value, now_s)
        return changed

    def _decoded(self, words: list[int], point: ReadPoint, now_s: float) -> float | None:
        """The point's value; missing while a high word that stands elsewhere is not known or too old."""
        if point.high_address is not None:
            at = (self.unit_id(point.unit_name), point.table, point.high_address)
            high, at_s = self._extras.get(at, (0, float("-inf")))
            if health_of(now_s - at_s, point.poll) is not Health.GOOD:
                return None
            words = [*words, high]
        return decode(words, point, self.exponent(point))

    def pack(self, points: Sequence[ReadPoint], pace: Pace) -> tuple[Block, ...]:
        """The requests that read points, as the device and the line like them best."""
        return pack(points, Rules.of(pace, self.bus.overhead_bytes), self.holes.refused)

    async def read_points(self, points: Sequence[ReadPoint], pace: Pace) -> None:
        """Read points now, and none between them. Raises as `read`."""
        blocks = deque(self.pack(points, replace(pace, max_gap=0)))
        while blocks:
            block = blocks.popleft()
            try:
                await self.read(block)
            except RequestRefusedError as err:
                parts = self.holes.refuse(block) if err.code in SHAPE_CODES else ()
                if not parts:
                    raise
                blocks.extendleft(reversed(parts))

    def value(self, name: str) -> float | None:
        """What a point last said, however old; None: missing."""
        return self._values.get(name, (None, 0.0))[0]

    async def fetch_exponent(self, point: WritePoint) -> int | None:
        """The exponent that scales a control point, read if need be. Raises DeviceUnreachableError."""
        if point.scale_address is not None and self.exponent(point) is None:
            unit = self.unit_id(point.unit_name)
            try:
                (word,) = await self.bus.read(unit, point.table, point.scale_address, 1)
            except RequestRefusedError:
                return None
            self._extras[unit, point.table, point.scale_address] = word, self._clock.monotonic()
        return self.exponent(point)

    async def write(self, point: WritePoint, address: int, words: Sequence[int]) -> None:
        """Write registers of a control point's table and unit. Raises as `Bus.write`."""
        unit = self.unit_id(point.unit_name)
        await self.bus.write(unit, point.table, address, words, point.function)

    def exponent(self, point: ReadPoint | WritePoint) -> int | None:
        """The last exponent read for a point; None where it has none or none was read."""
        if point.scale_address is None:
            return None
        held = self._extras.get((self.unit_id(point.unit_name), point.table, point.scale_address))
        return None if held is None else signed16(held[0])

    def drop(self, block: Block) -> None:
        """Forget the values of a block that the device refuses."""
        for point in block.points:
            self._values.pop(point.name, None)

    def forget(self) -> None:
        """Forget all values: another device may be at the unit now."""
        self._values.clear()
        self._extras.clear()
        self.holes.interrupt()
