"""telemetry.db for the page and the API: asked off the event loop, few at a time, remembered for a moment.

The machine shares its two cores with the controller, so however many visitors come, at most one question
at a time goes to the database, and the page's own questions are asked once for all visitors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from controller.core.language import Language, say
from controller.core.model import Reason, Text
from controller.telemetry.decision_log import LoggedDecision
from controller.telemetry.schema import SeriesKey, StorageError
from web.i18n import catalogue as words
from web.i18n.formats import local

CHART_STEP_S = 300
DECISIONS_SHOWN = 6
_MAX_WAITING = 24
_DECISIONS_FRESH_S = 2.0
_TODAY_FRESH_S = 5.0
_DECISIONS_SEARCHED = 100
_TECHNICAL = frozenset({"adopt", "alarm", "clear", "override", "set_aside", "salvage"})
"""Actions that say nothing to villagers: alarms that stand have a place of their own on the page, and that a
line was switched by order is said where it was switched, without who ordered it."""
_COMMIT_DELAY = timedelta(seconds=75)
"""Samples reach the database in batches: a step is asked for once it is surely complete."""

PV: SeriesKey = ("site", "pv_w")
LOAD: SeriesKey = ("site", "load_w")
SOC: SeriesKey = ("site", "soc_frac")

Answer = TypeVar("Answer")


class Store(Protocol):
    """What is asked of telemetry.db; `TelemetryReader` is one."""

    def history(
        self, series: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime, step_s: int
    ) -> dict[SeriesKey, list[float | None]]:
        """Means in equal steps, None where nothing was sampled."""
        ...

    def energy_wh(
        self, subject: str, point: str, start_utc: datetime, end_utc: datetime
    ) -> tuple[float, float] | None:
        """Energy [Wh, the power's sign] and the fraction of the window it was known for."""
        ...

    def decisions(
        self, limit: int = 50, before_seq: int | None = None, subject: str | None = None
    ) -> list[LoggedDecision]:
        """The newest decisions, newest first."""
        ...


class RecordsBusyError(Exception):
    """Too many questions are waiting already: ask again in a moment."""


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy of today up to now."""

    pv_wh: float
    """>= 0."""
    load_wh: float
    """>= 0."""
    unknown: timedelta
    """For how long one of the two was not sampled."""


@dataclass(frozen=True, slots=True)
class Today:
    """The day up to now, from midnight in Bangkok, in steps of CHART_STEP_S."""

    start: datetime
    pv_w: Sequence[float | None]
    """Magnitudes."""
    load_w: Sequence[float | None]
    soc_frac: Sequence[float | None]
    energy: Energy | None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for values in (self.pv_w, self.load_w, self.soc_frac) for value in values)


class Records:
    """The web process's window on telemetry.db. Its coroutines raise RecordsBusyError and StorageError."""

    def __init__(
        self, store: Store, render: Callable[[Reason], Text], monotonic: Callable[[], float]
    ) -> None:
        self._store = store
        self._render = render
        self._monotonic = monotonic
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._today: tuple[datetime, float, Today | None] | None = None
        self._latest: tuple[float, tuple[LoggedDecision, ...]] | None = None

    async def history(
        self, series: Sequence[SeriesKey], start: datetime, end: datetime, step_s: int
    ) -> dict[SeriesKey, list[float | None]]:
        """See `Store.history`."""
        return await self.ask(lambda: self._store.history(series, start, end, step_s))

    async def decisions(
        self, limit: int, before: int | None = None, subject: str | None = None
    ) -> list[LoggedDecision]:
        """See `Store.decisions`."""
        return await self.ask(lambda: self._store.decisions(limit, before, subject))

    async def latest(self) -> tuple[LoggedDecision, ...]:
        """The last few decisions that concern villagers; those known before while nothing can be read."""
        now_s = self._monotonic()
        if self._latest is None or now_s - self._latest[0] >= _DECISIONS_FRESH_S:
            known = self._latest[1] if self._latest else ()
            self._latest = now_s, known  # set first: whoever comes while we ask takes what is known
            try:
                newest = await self.decisions(_DECISIONS_SEARCHED)
                told = [decision for decision in newest if _concerns_villagers(decision)]
                self._latest = now_s, tuple(told[:DECISIONS_SHOWN])
            except (StorageError, RecordsBusyError):
                return known
        return self._latest[1]

    async def today(self, now: datetime) -> Today | None:
        """The day of the controller's `now`; None while nothing can be read. Asked once a step."""
        step_s = timedelta(seconds=CHART_STEP_S)
        midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        end = midnight + max(0, (local(now) - midnight - _COMMIT_DELAY) // step_s) * step_s
        if end == midnight:
            return None
        now_s = self._monotonic()
        if self._today is not None and (self._today[0] == end or now_s - self._today[1] < _TODAY_FRESH_S):
            return self._today[2]
        known = self._today[2] if self._today else None
        if known is not None and known.start != midnight:
            known = None
        self._today = end, now_s, known
        try:
            self._today = end, now_s, await self.ask(lambda: self._read_today(midnight, end))
        except (StorageError, RecordsBusyError):
            self._today = midnight, now_s, known  # not the end: asked again before long
        return self._today[2]

    def explain(self, decision: LoggedDecision) -> Text:
        """Its reason in words; a code this version does not know is named as such."""
        reason = Reason(decision.record.code, decision.record.params)
        try:
            return self._render(reason)
        except (KeyError, ValueError, TypeError):
            return Text(*(say(words.UNKNOWN_REASON, lang, code=reason.code) for lang in Language))

    def _read_today(self, start: datetime, end: datetime) -> Today:
        series = self._store.history([PV, LOAD, SOC], start, end, CHART_STEP_S)
        return Today(
            start,
            [None if value is None else abs(value) for value in series[PV]],
            series[LOAD],
            series[SOC],
            self._energy(start, end),
        )

    def _energy(self, start: datetime, end: datetime) -> Energy | None:
        pv = self._store.energy_wh(*PV, start, end)
        load = self._store.energy_wh(*LOAD, start, end)
        if pv is None or load is None:
            return None
        known_frac = min(pv[1], load[1])
        return Energy(abs(pv[0]), load[0], (end - start) * max(0.0, 1.0 - known_frac))

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """The answer to a question to the store, asked on a thread once those before it are answered."""
        if self._waiting >= _MAX_WAITING:
            raise RecordsBusyError
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(question)
        finally:
            self._waiting -= 1


def _concerns_villagers(decision: LoggedDecision) -> bool:
    record = decision.record
    return record.action not in _TECHNICAL and not record.code.startswith("controller_")
