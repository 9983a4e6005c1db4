"""The plan in force: published, handed to control on its own clock, and what it promised is kept.

What people were told of coming cuts outlives the plan, the planner and the controller: the next plan is made
around it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from controller.clock import Clock
from controller.core.memory import to_json
from controller.core.model import Decision, Plan, ProcessImage, Reason, Site
from controller.runtime.child_process import ChildFailedError
from controller.runtime.child_wire import Json
from controller.runtime.image_document import said
from controller.runtime.plan_document import STALE_S, PlanOutline, ToldCut, UnusablePlanError, outline
from controller.runtime.plan_triggers import broken
from controller.runtime.published import PublishedFile
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)


ALARM_AFTER_FAILURES = 3

_R = TypeVar("_R")


class OnThread(Protocol):
    """Does work on the planner's thread (runtime.planner_service)."""

    async def __call__(self, work: Callable[..., _R], *args: object) -> _R:
        """What it gives; raises what it raises."""
        ...


class Keeper(Protocol):
    """Keeps what was announced (controller.telemetry.store)."""

    async def keep_announced(self, announced: Mapping[str, Any]) -> None:
        """Commit it. Raises StorageError."""
        ...


class PlanKeeper:
    """Holds the plan of one site."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        file: PublishedFile,
        keeper: Keeper,
        announced: Mapping[str, Any] | None,
    ) -> None:
        self._site = site
        self._clock = clock
        self._file = file
        self._keeper = keeper
        self._announced: Mapping[str, Any] = (
            {"until_utc": None, "cuts": {}} if announced is None else announced
        )
        """As people were told: until when nothing is added, and cuts by feeder, as in plan.json."""
        self._plan: Plan | None = None
        self._ends_s: float | None = None
        self._heard: tuple[ProcessImage, Decision] | None = None
        self._disk_refuses = False
        self._failures = 0

    def resume(self) -> None:
        """Put the plan that an earlier run left in force again, so that a restart breaks no promise.

        Call it before the first tick. One too old, or found before the clock is set, is left alone.
        """
        document = self._file.read()
        if document is None or not self._clock.synchronised():
            return
        try:
            found = outline(document, self._site)
        except UnusablePlanError as error:
            _log.warning("the plan that an earlier run left is of no use: %s", error)
            return
        if found.issued_s <= self._clock.utc_now().timestamp() < min(found.issued_s + STALE_S, found.ends_s):
            self._put_in_force(found)

    def current(self) -> Plan | None:
        """The plan on this run's monotonic clock, however old; None without one. Asked at each tick."""
        return self._plan

    def tell(self, image: ProcessImage, decision: Decision) -> None:
        """Take note of a tick; cheap. A plan that broke has lost its promise."""
        self._heard = image, decision
        if broken(decision):
            self._announced = {**self._announced, "until_utc": None}

    def situation(self) -> Json | None:
        """What the planner must know besides time and SoC; None before the first tick."""
        if self._heard is None:
            return None
        image, decision = self._heard
        genset = self._site.genset
        return {
            "memory": to_json(decision.memory),
            "fuel_frac": None if genset is None else image.value(genset.id, "fuel_frac"),
            "announced": self._announced["cuts"],
            "promised_until_utc": self._announced["until_utc"],
        }

    async def publish(self, answer: Json, on_thread: OnThread) -> None:
        """Put a plan in force, publish it and keep what it promises. Raises ChildFailedError.

        A planner that found no plan says why: the last one stands.
        """
        document = answer.get("plan")
        if document is None and isinstance(answer.get("why_none"), str):
            self.note_failure()
            _log.warning("no plan was found, the last one stands: %s", answer["why_none"])
            return
        if not isinstance(document, dict):
            raise ChildFailedError("its answer holds no plan")
        try:
            # On a thread: checking and writing 30,000 bytes takes longer than a tick may be late.
            found = await on_thread(outline, document, self._site)
            self._put_in_force(found)
            await on_thread(self._file.write, document)
            await self._keeper.keep_announced(self._announced)
        except (UnusablePlanError, ValueError) as error:
            msg = f"its plan cannot be used: {error}"
            raise ChildFailedError(msg) from error
        except (OSError, StorageError) as error:
            if not self._disk_refuses:
                _log.error("the plan could not be stored: %s", error)
            self._disk_refuses = True
        else:
            self._disk_refuses = False
        self._failures = 0

    def note_failure(self) -> None:
        """Count a plan that was asked for in vain: none was found, or the planner died of it."""
        self._failures += 1

    def alarms(self) -> tuple[Reason, ...]:
        """What a technician should know of."""
        if self._failures < ALARM_AFTER_FAILURES:
            return ()
        return (Reason("planning_failing", {"failures": self._failures}),)

    def _put_in_force(self, found: PlanOutline) -> None:
        ahead_s = self._clock.monotonic() - self._clock.utc_now().timestamp()
        self._plan = found.on_clock(ahead_s)
        self._ends_s = found.ends_s + ahead_s
        self._announced = _promise(found)

    def forget_what_is_over(self) -> None:
        """Take the plan away once its horizon is over."""
        if self._ends_s is None or self._clock.monotonic() < self._ends_s:
            return
        self._plan = self._ends_s = None
        try:
            self._file.remove()
        except OSError as error:
            _log.error("the last plan could not be taken away, the page shows its age: %s", error)


def _promise(found: PlanOutline) -> Json:
    """What of a plan stands whatever comes: the cuts that begin before the end of what is announced."""
    kept = {
        name: [_told(cut) for cut in cuts if cut.from_s < found.announced_until_s]
        for name, cuts in found.cuts.items()
    }
    return {
        "until_utc": _iso(found.announced_until_s),
        "cuts": {name: cuts for name, cuts in kept.items() if cuts},
    }


def _told(cut: ToldCut) -> Json:
    return {
        "from_utc": _iso(cut.from_s),
        "to_utc": _iso(cut.to_s),
        "announced_utc": _iso(cut.announced_s),
        "reason": said(cut.reason),
    }


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()
