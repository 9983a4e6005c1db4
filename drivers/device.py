"""A device as the controller sees it: points with names, whatever its maker calls them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from controller.clock import Clock
from controller.core.model import Health, Reading, Role
from drivers.bus import Bus
from drivers.codec import text_of
from drivers.controls import Controls, Submit, Unreachable, WriteOutcome
from drivers.model import Derived, PollClass, Profile, ReadPoint, derived_value
from drivers.packing import Block
from drivers.registers import Registers, health_of

Prepare: TypeAlias = Callable[[Bus], Awaitable[Profile]]
"""Finds out what the device is by asking it (SunSpec). Raises DriverError."""

_WORST = (Health.GOOD, Health.STALE, Health.LOST)


@dataclass(frozen=True, slots=True)
class Poll:
    """A block and how often it is read."""

    block: Block
    poll: PollClass
    unit: int
    wait_s: float = 0.0
    """How long to leave it alone first: the device refused it before."""


class Device:
    """One device of the site: its latest values, and the way to its control points."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of config.yaml
        role: Role,
        bus: Bus,
        unit: int,
        clock: Clock,
        *,
        profile: Profile | None = None,
        prepare: Prepare | None = None,
        units: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Give either its profile or the way to find it; units: the profile's names for further unit ids."""
        self.id = id
        self.role = role
        self.bus = bus
        self.unit = unit
        self.unit_ids = frozenset((unit, *units.values()))
        self.profile: Profile | None = None
        """None until a device that must be asked has been asked."""
        self.errors: dict[int, str] = {}
        """Unit id -> why it does not answer; empty while all do. Kept by the line."""
        self._telling: tuple[ReadPoint, ...] = ()
        """Points that say something in words."""
        self._find_profile = prepare
        self._registers = Registers(bus, unit, units, clock)
        self._controls = Controls(id, self._registers, clock)
        if profile is not None:
            self._adopt(profile)

    @property
    def writes(self) -> int:
        """Control points written so far, refreshes included."""
        return self._controls.writes

    @property
    def worn(self) -> tuple[str, ...]:
        """Control points that were written more often today than their flash is made for."""
        return self._controls.worn

    @property
    def last_error(self) -> str | None:
        """Why it does not answer; None while it does."""
        return next(iter(self.errors.values()), None)

    @property
    def answered_s(self) -> float | None:
        """When it last answered, on the clock's monotonic scale; None: never."""
        return self._registers.answered_s

    def health(self, now_s: float) -> Health:
        """Of the device as a whole: by the time since its last answer."""
        at_s = self._registers.answered_s
        return Health.LOST if at_s is None else health_of(now_s - at_s, PollClass.FAST)

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        """All its points as last read, derived ones included; empty while its profile is not known."""
        if self.profile is None:
            return {}
        registers = self._registers
        readings = {name: registers.reading(point, now_s) for name, point in self.profile.reads.items()}
        for name, how in self.profile.derived.items():
            readings[name] = _derived(how, [readings[part] for part in how.parts])
        return readings

    def texts(self, readings: Mapping[str, Reading]) -> Mapping[str, str]:
        """What its states and words of flags say, in English; readings: those of `readings`."""
        texts = {}
        for point in self._telling:
            reading = readings.get(point.name)
            text = None if reading is None else text_of(reading.value, point)
            if text is not None:
                texts[point.name] = text
        return texts

    def offers(self, name: str) -> bool:
        """Whether it has a control point of this name; False while its profile is not known."""
        return self.profile is not None and name in self.profile.writes

    async def write(self, name: str, value: float) -> WriteOutcome:
        """Give a control point a value [in its unit]; it is sent only if it is new or about to expire.

        A caller that is cancelled does not cut short a write that has begun.
        """
        if self.profile is None:
            return Unreachable(f"{self.id} has not been reached yet")
        return await self._controls.write(self.profile, name, value)

    async def release(self) -> Mapping[str, WriteOutcome]:
        """Give the device its freedom back at the points that this process has set."""
        return {} if self.profile is None else await self._controls.release(self.profile)

    # ------------------------------------------------ for the line

    def attach(self, submit: Submit) -> None:
        """Have writes go through the worker of the line."""
        self._controls.submit = submit

    def polls(self) -> tuple[Poll, ...]:
        """What is to be read, packed into requests by class."""
        if self.profile is None:
            return ()
        registers, polls = self._registers, []
        for poll in PollClass:
            points = [point for point in self.profile.reads.values() if point.poll is poll]
            packed = registers.pack(points, self.profile.pace)
            # What other requests need comes first: exponents, and high words that stand far away.
            blocks = sorted(packed, key=lambda block: not block.serves_others)
            polls += [
                Poll(block, poll, registers.unit_id(block.unit_name), registers.holes.wait_s(block))
                for block in blocks
            ]
        return tuple(polls)

    async def read(self, block: Block) -> list[str]:
        """Read a block; the names of the points whose value changed. Raises as `Bus.read`."""
        return await self._registers.read(block)

    def refuse(self, block: Block) -> tuple[Block, ...]:
        """The device refuses a block. Its halves, to be asked for next; if none, its points are missing."""
        parts = self._registers.holes.refuse(block)
        if not parts:
            self._registers.drop(block)
        return parts

    def wait_s(self, block: Block) -> float:
        """How long to leave a block alone that is refused."""
        return self._registers.holes.wait_s(block)

    def repacked(self) -> bool:
        """Whether what was learnt of refusals changes `polls`; true once for each finding."""
        return self._registers.holes.settle()

    async def prepare(self) -> None:
        """Find its profile, where it has to be asked for it and has not told all yet. Raises DriverError."""
        if self._find_profile is not None and (self.profile is None or self.profile.provisional):
            self._adopt(await self._find_profile(self.bus))

    def forget(self) -> bool:
        """Forget a profile that was found by asking: the device may be another now. False: there is none."""
        if self._find_profile is None or self.profile is None:
            return False
        self.profile = None
        self._registers.forget()
        self._controls.forget()
        return True

    def _adopt(self, profile: Profile) -> None:
        self._registers.set_pace(profile.pace)
        self.profile = profile
        self._telling = tuple(point for point in profile.reads.values() if point.codes or point.bits)


def _derived(how: Derived, parts: list[Reading]) -> Reading:
    """A derived reading: as old and as doubtful as the worst of its parts."""
    value = derived_value(how, [part.value for part in parts])
    ages = [part.age_s for part in parts if part.age_s is not None]
    health = max((part.health for part in parts), key=_WORST.index) if value is not None else Health.LOST
    return Reading(value, max(ages, default=None), health)
