"""The worker of one bus: writes first, then what is due, and patience with what does not answer."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import TypeAlias

from controller.clock import Clock
from drivers.agenda import Agenda, Turn
from drivers.bus import Bus
from drivers.controls import Job, Unreachable, WriteOutcome, Written
from drivers.device import Device, Poll
from drivers.errors import (
    BUSY_CODES,
    GATEWAY_CODES,
    SHAPE_CODES,
    DeviceUnreachableError,
    DriverError,
    RequestRefusedError,
)
from drivers.model import PollClass
from drivers.rests import Rests

OnChange: TypeAlias = Callable[[str, str], None]
"""(device id, point name)."""

_log = logging.getLogger(__name__)

_GAP_IN_PLACE_S = 0.002
"""A gap that is hardly longer than the silence between frames is waited for [s of the host]."""
_STRANGER_AFTER_S = 60.0
"""After so long without an answer a device that was asked what it is may be another one."""


@dataclass(frozen=True, slots=True)
class _Queued:
    unit: int
    job: Job
    outcome: asyncio.Future[WriteOutcome]


class Line:
    """Polls the devices of one bus and carries their writes, one request at a time.

    All requests are made by `run`, so no caller can cut one short. Release the devices before it is
    cancelled; while it does not run, their writes go out directly.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        clock: Clock,
        on_change: OnChange | None = None,
        random: Random | None = None,
    ) -> None:
        """on_change is told when the value of an urgent point changes."""
        self.bus = bus
        self.devices = tuple(devices)
        self._clock = clock
        self._on_change = on_change
        self._agenda = Agenda()
        self._rests = Rests(random or SystemRandom())
        self._queue: deque[_Queued] = deque()
        self._sleeper: asyncio.Future[None] | None = None
        self._running = False
        self._stopping = False
        for device in self.devices:
            device.attach(self._first)
            self._agenda.enrol(device, clock.monotonic())

    async def run(self) -> None:
        """Work for ever. When cancelled, the request that is out is seen through; then the bus is closed."""
        self._running, self._stopping = True, False
        worker = asyncio.create_task(self._work(), name=f"line {self.bus.name}")
        try:
            await asyncio.shield(worker)
        except asyncio.CancelledError:
            self._stopping = True
            self._wake()
            await worker
            raise
        finally:
            self._running = False
            self._give_up_queue()
            self.bus.close()

    # ------------------------------------------------ the worker

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        was_open = True
        while not self._stopping:
            if self._queue:
                await self._write(self._queue.popleft())
            elif not await self.bus.open():
                was_open = False
                await self._sleep(self.bus.retry_s - loop.time())
            elif not was_open:
                was_open = True
                self._reopened()
            elif (turn := self._agenda.take(self._clock.monotonic(), self._ready_s)) is not None:
                await self._serve(turn)
            else:
                due_s = self._agenda.next_s(self._ready_s)
                now_s = self._clock.monotonic()
                await self._sleep(None if due_s is None else (due_s - now_s) / self._clock.speed)

    async def _write(self, queued: _Queued) -> None:
        if queued.outcome.done():
            return  # its caller has gone
        outcome: WriteOutcome = Unreachable("the line was stopped")
        try:
            outcome = await queued.job()
        finally:
            if not queued.outcome.done():
                queued.outcome.set_result(outcome)
        if isinstance(outcome, Unreachable):
            self._rest(queued.unit, outcome.reason)
        elif isinstance(outcome, Written):
            self._rests.answered(queued.unit)
        for device in self.devices:
            self._repack(device)

    async def _serve(self, turn: Turn) -> None:
        if turn.poll is None:
            await self._prepare(turn)
        else:
            await self._poll(turn, turn.poll)

    def _ready_s(self, unit: int) -> float:
        """From when on a unit may be asked: who wants a long gap shall not make the others wait for it."""
        gap_s = self.bus.ready_s(unit) - asyncio.get_running_loop().time()
        rested_s = self._rests.until_s(unit)
        if gap_s <= _GAP_IN_PLACE_S:
            return rested_s
        return max(rested_s, self._clock.monotonic() + gap_s * self._clock.speed)

    async def _prepare(self, turn: Turn) -> None:
        try:
            await turn.device.prepare()
        except DriverError as err:
            self._unanswered(turn, err)
        else:
            self._answered(turn)
            self._agenda.enrol(turn.device, self._clock.monotonic())

    async def _poll(self, turn: Turn, poll: Poll) -> None:
        try:
            changed = await turn.device.read(poll.block)
        except RequestRefusedError as err:
            self._refused(turn, poll, err)
        except DeviceUnreachableError as err:
            self._unanswered(turn, err)
        else:
            self._answered(turn)
            turn.refused = False
            self._agenda.served(turn, poll.poll, self._clock.monotonic())
            if poll.poll is PollClass.URGENT and self._on_change is not None:
                for name in changed:
                    self._on_change(turn.device.id, name)
        self._repack(turn.device)

    # ------------------------------------------------ what came of it

    def _answered(self, turn: Turn, *, busy: bool = False) -> None:
        turn.device.errors.pop(turn.unit, None)
        if self._rests.answered(turn.unit, busy=busy):
            _log.info("device %s: unit %d answers again", turn.device.id, turn.unit)

    def _unanswered(self, turn: Turn, err: DriverError) -> None:
        device = turn.device
        until_s = self._rest(turn.unit, str(err))
        if self._is_stranger(device) and device.forget():
            self._agenda.enrol(device, until_s)
        else:
            self._agenda.again(turn, until_s)

    def _refused(self, turn: Turn, poll: Poll, err: RequestRefusedError) -> None:
        """There is an answer, but it is no."""
        device, now_s = turn.device, self._clock.monotonic()
        if err.code in GATEWAY_CODES:
            self._unanswered(turn, err)
        elif err.code in BUSY_CODES:
            self._answered(turn, busy=True)
            device.errors[turn.unit] = str(err)
            self._agenda.again(turn, self._rests.busy(turn.unit, now_s))
        elif err.code not in SHAPE_CODES or (turn.served and not turn.refused):
            # What was given before may be refused for the moment only: while a device starts, say.
            self._answered(turn)
            device.errors[turn.unit] = str(err)
            turn.refused = err.code in SHAPE_CODES
            self._agenda.served(turn, poll.poll, now_s)
        else:
            self._answered(turn)
            self._look_closer(turn, poll, err)

    def _look_closer(self, turn: Turn, poll: Poll, err: RequestRefusedError) -> None:
        """The device does not give a block: find out which part of it."""
        device, now_s = turn.device, self._clock.monotonic()
        known = device.wait_s(poll.block) > 0
        parts = device.refuse(poll.block)
        for part in parts:
            self._agenda.add(device, Poll(part, poll.poll, poll.unit), now_s)
        if parts:
            _log.info("device %s: registers from %d are halved: %s", device.id, poll.block.address, err)
            return
        if not known:
            names = ", ".join(point.name for point in poll.block.points) or f"register {poll.block.address}"
            _log.warning("device %s: does not give %s: %s", device.id, names, err)
        turn.refused = True
        self._agenda.again(turn, now_s + device.wait_s(poll.block))

    def _repack(self, device: Device) -> None:
        """Once it is known what a device refuses, ask it for everything in the best way that is left."""
        if device.repacked():
            self._agenda.enrol(device, self._clock.monotonic())

    def _rest(self, unit: int, reason: str) -> float:
        """Leave a unit that does not answer alone for a while; until when."""
        for device in self.devices:
            if unit in device.unit_ids:
                device.errors[unit] = reason
                if not self._rests.is_silent(unit):
                    _log.warning("device %s: %s; it is tried again, quietly", device.id, reason)
        return self._rests.silent(unit, self._clock.monotonic())

    def _is_stranger(self, device: Device) -> bool:
        at_s = device.answered_s
        return at_s is not None and self._clock.monotonic() - at_s > _STRANGER_AFTER_S

    def _reopened(self) -> None:
        """The line itself was down: everyone is asked at once."""
        self._rests.clear()
        now_s = self._clock.monotonic()
        for device in self.devices:
            if self._is_stranger(device) and device.forget():
                self._agenda.enrol(device, now_s)
        self._agenda.all_due(now_s)

    # ------------------------------------------------ callers and sleep

    async def _first(self, unit: int, job: Job) -> WriteOutcome:
        """Have a write done before any further read."""
        if not self._running:
            return await job()
        if self._rests.is_given_up(unit, self._clock.monotonic()):
            return Unreachable(f"unit {unit} has not answered for a while; it is tried again soon")
        outcome: asyncio.Future[WriteOutcome] = asyncio.get_running_loop().create_future()
        self._queue.append(_Queued(unit, job, outcome))
        self._wake()
        return await outcome

    def _give_up_queue(self) -> None:
        while self._queue:
            outcome = self._queue.popleft().outcome
            if not outcome.done():
                outcome.set_result(Unreachable("the line was stopped"))

    async def _sleep(self, host_s: float | None) -> None:
        """Wait for host_s seconds of the host, or for ever, or until woken."""
        loop = asyncio.get_running_loop()
        self._sleeper = loop.create_future()
        alarm = None if host_s is None else loop.call_later(max(0.0, host_s), self._wake)
        try:
            await self._sleeper
        finally:
            self._sleeper = None
            if alarm is not None:
                alarm.cancel()

    def _wake(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)
