"""Writing control points: only what changed, read back, counted, refreshed before it expires."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from controller.clock import Clock
from controller.core.model import Health
from drivers.budget import FlashBudget
from drivers.codec import encode, resolution
from drivers.errors import BUSY_CODES, DeviceUnreachableError, RequestRefusedError, WriteRefusedError
from drivers.model import Profile, ReadPoint, WritePoint
from drivers.registers import Registers

_READ_BACKS = 3
_SETTLE_S = 0.1
"""Between two read-backs: some devices take a moment to show what they took."""
_FLASH_RETRY_S = 10.0
"""A value that did not hold is not written to flash again at every tick."""
_REL_TOLERANCE = 1e-6
_ACCEPTED = 5
"""The exception of a device that carries a write out but takes its time: the read-back shows when."""
_BUSY_PAUSES_S = (0.1, 0.2)
"""A device that is busy is asked again after these, while the line waits."""


@dataclass(frozen=True, slots=True)
class Written:
    """The device took the value."""

    value: float
    read_back: float | None
    """What it showed afterwards; None: the point is write-only."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The device has the value already; nothing was sent."""

    value: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The value is not allowed, or the device refused it or shows another one afterwards."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The device did not answer; it may have taken the value all the same."""

    reason: str


WriteOutcome: TypeAlias = Written | Unchanged | Refused | Unreachable
Job: TypeAlias = Callable[[], Awaitable[WriteOutcome]]
Submit: TypeAlias = Callable[[int, Job], Awaitable[WriteOutcome]]
"""(unit id, job): has the job run as soon as the line is free."""


async def run_now(_unit: int, job: Job) -> WriteOutcome:
    """Run a job here: for a device that is on no polled line."""
    return await job()


class Controls:
    """The control points of one device, and what this process has set them to."""

    def __init__(self, device: str, registers: Registers, clock: Clock) -> None:
        self.submit: Submit = run_now
        self.writes = 0
        """Control points written so far, refreshes included."""
        self._budget = FlashBudget(device)
        self._registers = registers
        self._clock = clock
        self._confirmed: dict[str, tuple[float, float]] = {}
        """Point -> value that the device took from us, and when."""
        self._failed: dict[str, tuple[float, float, str]] = {}
        """Point in flash -> value that it did not keep, when, and why."""
        self._wanted: set[str] = set()

    @property
    def worn(self) -> tuple[str, ...]:
        """Points that were written more often today than their flash is made for."""
        return self._budget.worn(self._clock.monotonic())

    async def write(
        self, profile: Profile, name: str, value: float, *, release: bool = False
    ) -> WriteOutcome:
        """Give a control point a value [in its unit], unless it has it already.

        Flash that was written twice as often today as it is made for takes nothing more but a release: a
        device that stays bound is worse than one that wears.
        """
        point = profile.writes.get(name)
        if point is None:
            return Refused(f"{profile.model} has no control point {name}")
        self._wanted.add(name)
        if self._needless(profile, point, value):
            return Unchanged(value)
        failed, at_s, reason = self._failed.get(name, (None, 0.0, ""))
        if failed == value and self._clock.monotonic() - at_s < _FLASH_RETRY_S:
            return Refused(reason)
        if point.eeprom and not release and self._budget.exhausted(point, self._clock.monotonic()):
            return Refused(f"{name}: written so often today that its flash would wear out; tomorrow again")

        async def job() -> WriteOutcome:
            try:
                return await self._carry_out(profile, point, value)
            except DeviceUnreachableError as err:
                return Unreachable(str(err))
            except (RequestRefusedError, WriteRefusedError) as err:
                if point.eeprom:
                    self._failed[name] = (value, self._clock.monotonic(), str(err))
                return Refused(str(err))

        return await self.submit(self._registers.unit_id(point.unit_name), job)

    async def release(self, profile: Profile) -> Mapping[str, WriteOutcome]:
        """Give the device its freedom back at the points that this process has set."""
        outcomes: dict[str, WriteOutcome] = {}
        for name in sorted(self._wanted):
            point = profile.writes.get(name)
            if point is not None and point.release is not None:
                outcomes[name] = await self.write(profile, name, point.release, release=True)
        return outcomes

    def forget(self) -> None:
        """Nothing is known any more of what the device took."""
        self._confirmed.clear()
        self._failed.clear()

    def _needless(self, profile: Profile, point: WritePoint, value: float) -> bool:
        now_s = self._clock.monotonic()
        shown = profile.reads.get(point.readback or "")
        close = self._tolerance(point, shown, value)
        taken, at_s = self._confirmed.get(point.name, (None, now_s))
        ours = taken is not None and abs(taken - value) <= close
        if point.expires_s is not None and not (ours and now_s - at_s < point.expires_s / 2):
            return False
        if shown is None:
            return ours
        reading = self._registers.reading(shown, now_s)
        if reading.value is None:
            return False
        if reading.health is not Health.GOOD:
            return ours
        return abs(reading.value - value) <= close

    async def _carry_out(self, profile: Profile, point: WritePoint, value: float) -> WriteOutcome:
        words = encode(value, point, await self._registers.fetch_exponent(point))
        self._confirmed.pop(point.name, None)
        self._failed.pop(point.name, None)
        self.writes += 1
        if point.eeprom:
            self._budget.spend(point, self._clock.monotonic())
        for address, *settings in point.before:
            await self._send(point, address, settings)
        await self._send(point, point.address, words)
        for address, *settings in point.after:
            await self._send(point, address, settings)
        read_back = await self._read_back(profile, point, value)
        self._confirmed[point.name] = (value, self._clock.monotonic())
        return Written(value, read_back)

    async def _send(self, point: WritePoint, address: int, words: Sequence[int]) -> None:
        """Write registers of a point; a device that is busy gets a little time. Raises as `Bus.write`."""
        for pause_s in (*_BUSY_PAUSES_S, None):
            try:
                await self._registers.write(point, address, words)
            except RequestRefusedError as err:
                if err.code == _ACCEPTED:
                    return
                if err.code not in BUSY_CODES or pause_s is None:
                    raise
                await self._clock.sleep(pause_s)
            else:
                return

    async def _read_back(self, profile: Profile, point: WritePoint, value: float) -> float | None:
        """What the device shows now. Raises WriteRefusedError where that is not what was written."""
        shown = profile.reads.get(point.readback or "")
        if shown is None:
            return None
        found: float | None = None
        for attempt in range(_READ_BACKS):
            if attempt:
                await self._clock.sleep(_SETTLE_S)
            try:
                await self._registers.read_points(_with(shown, profile), profile.pace)
            except RequestRefusedError as err:
                if err.code not in BUSY_CODES:
                    raise
                continue
            found = self._registers.value(shown.name)
            if found is not None and abs(found - value) <= self._tolerance(point, shown, value):
                return found
        seen = "no value" if found is None else f"{found:g}"
        msg = f"{point.name}: written {value:g}, but the device shows {seen}"
        raise WriteRefusedError(msg)

    def _tolerance(self, point: WritePoint, shown: ReadPoint | None, value: float) -> float:
        """Half a step of the coarser register."""
        step = resolution(point, self._registers.exponent(point))
        if shown is not None:
            step = max(step, resolution(shown, self._registers.exponent(shown)))
        return step / 2 + _REL_TOLERANCE * max(1.0, abs(value))


def _with(shown: ReadPoint, profile: Profile) -> list[ReadPoint]:
    """What is read to see a point: itself, or all relays, for some boards refuse to tell of one alone."""
    if not shown.table.is_bits:
        return [shown]
    return [
        point
        for point in profile.reads.values()
        if point.table is shown.table and point.unit_name == shown.unit_name
    ]
