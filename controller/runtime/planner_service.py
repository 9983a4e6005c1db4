"""The planner from the controller's side: asks it in time, publishes what it answers, outlives its failures.

Control never waits for it and never depends on it. While it fails, the last forecast stands and ages.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar
from zoneinfo import ZoneInfo

from controller.clock import Clock
from controller.core.model import Decision, ProcessImage, Reason
from controller.runtime.child_process import ChildFailedError
from controller.runtime.child_wire import Json
from controller.runtime.forecast_document import Outline, UnusableForecastError, outline
from controller.runtime.plan_keeper import PlanKeeper
from controller.runtime.plan_triggers import PlanTriggers
from controller.runtime.planner_agenda import Agenda, Job
from controller.runtime.planner_process import PlannerProcess
from controller.runtime.published import PublishedFile
from controller.telemetry.issued import IssuedForecast
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

LIMIT_S = {Job.FORECAST: 60.0, Job.LEARN: 900.0, Job.PLAN: 30.0}
"""Host seconds that a job may take."""
LOOK_EVERY_S = 1.0
"""Host seconds between two looks at the agenda."""
MAX_BACKOFF_S = 300.0
ALARM_AFTER_FAILURES = 3
KEEP_EVERY_S = 3600
SOC_STANDS_S = 600.0
"""A battery changes by a few percent at most in that time."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Keeper(Protocol):
    """Keeps what was forecast (controller.telemetry.store)."""

    async def keep_forecasts(self, forecasts: Sequence[IssuedForecast]) -> None:
        """Commit forecasts as they were issued. Raises StorageError."""
        ...


class Child(Protocol):
    """One life of the planner process (runtime.planner_process)."""

    async def ask(self, request: Json, limit_s: float) -> Json:
        """Its answer within limit_s host seconds. Raises ChildFailedError."""
        ...

    async def kill(self) -> None:
        """End it."""
        ...


class Starter(Protocol):
    """Starts a child."""

    async def __call__(self, command: Sequence[str], setup: Json) -> Child:
        """A child that has been handed its setup. Raises ChildFailedError."""
        ...


class PlannerService:
    """Runs the planner process of one site."""

    def __init__(
        self,
        command: Sequence[str],
        setup: Json,
        clock: Clock,
        zone: ZoneInfo,
        file: PublishedFile,
        keeper: Keeper,
        *,
        plans: PlanKeeper | None = None,
        start: Starter = PlannerProcess.start,
        host_monotonic_s: Callable[[], float] = time.monotonic,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._command = tuple(command)
        self._setup = setup
        self._clock = clock
        self._file = file
        self._keeper = keeper
        self._start = start
        self._host_s = host_monotonic_s
        self._look_every_s = look_every_s
        self._plans = plans
        self._triggers = PlanTriggers()
        self._agenda = Agenda(zone, with_plans=plans is not None)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forecast")
        self._child: Child | None = None
        self._failures = 0
        self._found: tuple[Reason, ...] = ()
        self._soc: tuple[float, float] | None = None
        self._asked_without_soc = False
        self._mode: str | None = None
        self._kept_hour: int | None = None
        self._horizon_ends_s: float | None = None
        self._disk_refuses = False
        self.latest: Outline | None = None
        """The forecast in force; None before the first and once its horizon is over."""

    def tell(self, image: ProcessImage, decision: Decision) -> None:
        """Take note of a tick; cheap. In another mode people ask anew whether the battery lasts."""
        if self._plans is not None:
            self._plans.tell(image, decision)
            now_s, at_utc_s = self._clock.monotonic(), image.at.timestamp()
            self._triggers.look(decision, self._plans.current(), self.latest, now_s, at_utc_s)
        if decision.plant.soc_frac is not None:
            self._soc = decision.plant.soc_frac, self._clock.monotonic()
        if self._mode is not None and decision.mode != self._mode:
            self._agenda.want_forecast()
        if self._asked_without_soc and decision.plant.soc_frac is not None:
            self._asked_without_soc = False
            self._agenda.want_forecast()
        self._mode = decision.mode

    def alarms(self) -> tuple[Reason, ...]:
        """What a technician should know of it, and what it found that somebody must see to."""
        found = self._found if self._plans is None else (*self._plans.alarms(), *self._found)
        if self._failures < ALARM_AFTER_FAILURES:
            return found
        return (Reason("planner_failing", {"failures": self._failures}), *found)

    def _soc_frac(self) -> float | None:
        """The state of charge, so far as it was known lately: one lost answer must not cost the outlook."""
        if self._soc is None or self._clock.monotonic() - self._soc[1] > SOC_STANDS_S:
            return None
        return self._soc[0]

    async def run(self) -> None:
        """Serve for ever; cancel to stop."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(self._look_every_s)
        finally:
            self._thread.shutdown(wait=False)
            await self._kill_child()

    async def _on_thread(self, work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """One thread for all, as each one keeps memory of its own."""
        return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))

    async def _look(self) -> None:
        self._forget_what_is_over()
        if self._triggers.ripe(self._clock.monotonic()):
            self._agenda.want_plan()
        if not self._clock.synchronised():
            return  # where the sun stands is not known, and what was measured has no place on the grid
        job = self._agenda.due(self._clock.utc_now(), self._host_s())
        if job is None:
            return
        try:
            await self._do(job)
        except ChildFailedError as error:
            self._failures += 1
            if job is Job.PLAN and self._plans is not None:
                self._plans.note_failure()  # the forecasts between two plans begin to count anew
            self._agenda.failed(job, self._host_s())
            _log.warning("the planner failed to %s, it is started again: %s", job.value, error)
            await self._kill_child()
            await asyncio.sleep(min(MAX_BACKOFF_S, 2.0 ** min(self._failures - 1, 10)))

    async def _do(self, job: Job) -> None:
        """Have a job done. Raises ChildFailedError."""
        at_utc, begun_s = self._clock.utc_now(), self._host_s()
        if self._child is None:
            self._child = await self._start(self._command, self._setup)
        if job is Job.PLAN:
            await self._plan(self._child, at_utc.timestamp())
        else:
            soc_frac = self._soc_frac()
            self._asked_without_soc = job is Job.FORECAST and soc_frac is None
            request: Json = {"job": job.value, "now_s": at_utc.timestamp(), "soc_frac": soc_frac}
            answer = await self._child.ask(request, LIMIT_S[job])
            if job is Job.FORECAST:
                await self._publish(answer)
                self._failures = 0
        self._agenda.done(job, at_utc, self._host_s(), self._host_s() - begun_s)

    async def _plan(self, child: Child, now_s: float) -> None:
        """Have a plan made; without a known SoC there is none. Raises ChildFailedError."""
        soc_frac = self._soc_frac()
        told = None if self._plans is None or soc_frac is None else self._plans.situation()
        if self._plans is None or told is None:
            return
        request = {"job": Job.PLAN.value, "now_s": now_s, "soc_frac": soc_frac, **told}
        answer = await child.ask(request, LIMIT_S[Job.PLAN])
        await self._plans.publish(answer, self._on_thread)

    async def _publish(self, answer: Json) -> None:
        """Write and keep a forecast. Raises ChildFailedError when it is not usable."""
        document = answer.get("document")
        if not isinstance(document, dict):
            raise ChildFailedError("its answer holds no document")
        try:
            # On a thread: checking and writing 100,000 bytes takes longer than a tick may be late.
            found = await self._on_thread(outline, document, answer.get("models"))
            await self._store(found, document)
        except (UnusableForecastError, ValueError) as error:
            msg = f"its forecast cannot be used: {error}"
            raise ChildFailedError(msg) from error
        self.latest = found
        if found.alarms is not None:
            self._found = found.alarms
        left_s = found.ends_s - self._clock.utc_now().timestamp()
        self._horizon_ends_s = self._clock.monotonic() + left_s

    async def _store(self, found: Outline, document: Json) -> None:
        """Write and keep it, so far as the disk can. Raises ValueError for what JSON has no word for."""
        try:
            await self._on_thread(self._file.write, document)
            await self._keep(found)
        except (OSError, StorageError) as error:
            if not self._disk_refuses:
                _log.error("the forecast could not be stored: %s", error)
            self._disk_refuses = True
        else:
            self._disk_refuses = False

    async def _keep(self, found: Outline) -> None:
        """Once an hour a forecast goes into the store, to be held against what came. Raises StorageError."""
        hour = found.issued_s // KEEP_EVERY_S
        if hour == self._kept_hour:
            return
        await self._keeper.keep_forecasts(
            [
                IssuedForecast(kind, found.issued_s, found.start_s, found.step_s, rows)
                for kind, rows in found.kinds.items()
            ]
        )
        self._kept_hour = hour

    def _forget_what_is_over(self) -> None:
        if self._plans is not None:
            self._plans.forget_what_is_over()
        if self._horizon_ends_s is not None and self._clock.monotonic() >= self._horizon_ends_s:
            self._horizon_ends_s = self.latest = None
            try:
                self._file.remove()
            except OSError as error:
                _log.error("the last forecast could not be taken away, the page shows its age: %s", error)

    async def _kill_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.kill()
