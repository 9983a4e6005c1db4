"""The tick: sense, decide, act, tell; every second on a monotonic grid."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from typing import Protocol

from controller.clock import Clock
from controller.core.decide import decide
from controller.core.model import Answer, Ask, Decision, Event, Memory, Plan, ProcessImage, Reason, Site
from controller.runtime.lateness import LatenessHistogram
from controller.runtime.process_image import Attention, LiveImage

_log = logging.getLogger(__name__)

TICK_S = 1.0
MEMORY_SAVED_EVERY_S = 120.0
"""Without a decision: so much of ledgers and timers is lost when power fails. Each time wears the card."""
EMERGENCY_LOG_WAIT_S = 0.25
"""Host seconds that an emergency waits for the decision log: safety does not hang on a slow SD card."""
LOG_WAIT_S = 3.0
LOOK_AGAIN_S = 0.65
"""So soon after an emergency cut the loop looks whether it was enough."""


class Hands(Protocol):
    """What carries decisions out (runtime.actuators)."""

    def apply(self, decision: Decision) -> None:
        """Take over the intents; returns at once."""
        ...


class Journal(Protocol):
    """What remembers (runtime.journal)."""

    async def record(
        self, image: ProcessImage, events: Sequence[Event], memory: Memory, answers: Sequence[Answer] = ()
    ) -> None:
        """Commit events, memory and answers together; returns when they are safe. Raises StorageError."""
        ...


def no_plan() -> Plan | None:
    """What a controller without a planner is handed."""
    return None


Requests = tuple[Sequence[Ask], Sequence[Answer]]
"""Overrides for the next tick, and what became of requests that need no tick."""


def no_requests() -> Requests:
    """What a controller that nobody can ask anything is handed."""
    return (), ()


class ControlLoop:
    """Runs the ticks of one site."""

    def __init__(
        self,
        site: Site,
        live: LiveImage,
        attention: Attention,
        hands: Hands,
        journal: Journal,
        clock: Clock,
        *,
        memory: Memory,
    ) -> None:
        self._site = site
        self._live = live
        self._attention = attention
        self._hands = hands
        self._journal = journal
        self._clock = clock
        self.tell: Sequence[Callable[[ProcessImage, Decision], None]] = ()
        """Who is told of each tick; may be set before `run`."""
        self.plans: Callable[[], Plan | None] = no_plan
        """The newest plan, on this clock; may be set before `run`. Asked at each tick, hence quick."""
        self.requests: Callable[[], Requests] = no_requests
        """Those that came since it was asked last; may be set before `run`. Asked at each tick."""
        self._saved_s = clock.monotonic()
        self._pending: set[asyncio.Task[None]] = set()
        self.memory = memory
        self.ticks = 0
        self.skipped = 0
        self.early = 0
        self.lateness = LatenessHistogram()

    async def run(self) -> None:
        """Tick for ever; cancel to stop. A defect ends it: the supervisor releases the devices."""
        await self._note("start", Reason("controller_started"))
        due_s = self._clock.monotonic()
        while True:
            late_s = self._clock.monotonic() - due_s
            self.lateness.add(1000 * max(0.0, late_s) / self._clock.speed)
            shed = await self._tick()
            due_s = self._next_instant(due_s)
            while await self._wakes_before(due_s, look_again=shed):
                self.early += 1
                shed = await self._tick()

    async def _wakes_before(self, due_s: float, *, look_again: bool) -> bool:
        """Wait for due_s; True when an alarm word changed before, or a shedding is to be judged."""
        now_s = self._clock.monotonic()
        early = look_again and now_s + LOOK_AGAIN_S < due_s
        wait_s = LOOK_AGAIN_S if early else due_s - now_s
        return await self._attention.wait(wait_s / self._clock.speed) or early

    def _next_instant(self, due_s: float) -> float:
        """The next instant of the grid still to come; those missed are skipped and counted."""
        steps = max(1, math.floor((self._clock.monotonic() - due_s) / TICK_S) + 1)
        self.skipped += steps - 1
        return due_s + steps * TICK_S

    async def _tick(self) -> bool:
        """One tick; True when it cut somebody in an emergency."""
        self.ticks += 1
        image = self._live.freeze(self.ticks)
        asked, answers = self.requests()
        decision = decide(image, self._site, self.memory, self.plans(), asked)
        self.memory = decision.memory
        await self._remember(image, decision, (*decision.answers, *answers))
        self._hands.apply(decision)
        for tell in self.tell:
            tell(image, decision)
        return any(
            event.action == "open" and decision.feeders[event.subject].emergency for event in decision.events
        )

    async def _remember(self, image: ProcessImage, decision: Decision, answers: Sequence[Answer]) -> None:
        """Commit what was decided before it is done: no contactor moves without an entry that says why."""
        if not (decision.events or answers) and image.monotonic_s - self._saved_s < MEMORY_SAVED_EVERY_S:
            return
        self._saved_s = image.monotonic_s
        emergency = any(feeder.emergency for feeder in decision.feeders.values())
        patience_s = EMERGENCY_LOG_WAIT_S if emergency else LOG_WAIT_S
        await self._commit(image, decision.events, patience_s, answers)

    async def _commit(
        self, image: ProcessImage, events: Sequence[Event], patience_s: float, answers: Sequence[Answer] = ()
    ) -> None:
        task = asyncio.create_task(self._journal.record(image, events, self.memory, answers))
        self._pending.add(task)
        task.add_done_callback(self._forget)
        await asyncio.wait({task}, timeout=patience_s)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._pending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a decision could not be stored: %s", error)

    async def stop(self) -> None:
        """Record that control ends on purpose; call after `run` was cancelled."""
        await self._note("stop", Reason("controller_stopped"))

    async def _note(self, action: str, reason: Reason) -> None:
        """Record an event of the controller itself."""
        await self._commit(self._live.freeze(self.ticks), [Event("site", action, reason)], LOG_WAIT_S)

    def tick_summary(self) -> dict[str, object]:
        """The tick's part of image.json; lateness in host milliseconds."""
        late = {"p50": self.lateness.percentile_ms(50), "p99": self.lateness.percentile_ms(99)}
        return {"number": self.ticks, "skipped": self.skipped, "early": self.early, "lateness_ms": late}
