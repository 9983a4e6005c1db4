"""The service `messages`: follows the log of alarms, and sends what the plan says."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from controller.clock import Clock
from controller.core.model import Reason
from controller.outside.messages.feed import AlarmFeed
from controller.outside.messages.memory import MessageMemory
from controller.outside.messages.model import (
    ChannelState,
    MessagePlan,
    Outgoing,
    Refusal,
    Situation,
)
from controller.outside.messages.people import channels_of, people_of, quotas_of, rules_of, writer_of
from controller.outside.messages.plan import messages_due
from controller.outside.messages.refusal import Answer, Outcome
from controller.outside.messages.sender import Letter, Sender
from controller.outside.messages.status import MessageStatus
from controller.outside.notebook import Notebook
from controller.outside.process import Setup
from controller.settings import Config
from controller.settings.messages import MessagesSettings
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
LOOK_HOST_S = 0.25
"""Host seconds, at least: a demo's clock may be a hundred times as fast."""
FIRST_BACKOFF = timedelta(seconds=10)
MOST_BACKOFF = timedelta(minutes=5)
"""A network that is back is found within it."""
FAULT_BACKOFF = timedelta(hours=1)
"""Somebody has to put it right; meanwhile it is tried rarely."""
QUOTA_REST = timedelta(hours=1)
"""A provider that says its quota is used up is asked again: plans are changed, and reservations end."""


class LetterSender(Protocol):
    """Sends letters (Sender)."""

    def send(self, letters: Sequence[Letter]) -> AsyncGenerator[tuple[int, Answer], None]:
        """What became of each, by its place in the sequence."""
        ...


class Messages:
    """Tells people of alarms."""

    name = "messages"

    def __init__(
        self,
        config: Config,
        settings: MessagesSettings,
        telemetry: Path,
        memory: MessageMemory,
        sender: LetterSender,
        clock: Clock,
    ) -> None:
        """settings: the section of the config. telemetry: the store, only read here."""
        self._settings = settings
        self._people = people_of(settings)
        self._channels = channels_of(settings)
        self._quotas = quotas_of(settings)
        self._rules = rules_of(settings, ZoneInfo(config.site.timezone))
        self._writers = {person.id: writer_of(config, person.language) for person in self._people}
        self._memory = memory
        self._feed = AlarmFeed(telemetry, memory)
        self._sender = sender
        self._clock = clock
        self._status: MessageStatus | None = None
        self._planned_in_s = 0.0
        """Host seconds that the last look took."""

    async def run(self) -> None:
        """Serve for ever."""
        await asyncio.to_thread(self._memory.forget_rests)
        while True:
            await self.look()
            rest_s = max(
                LOOK_HOST_S, 10 * self._planned_in_s
            )  # with hundreds of alarms a look takes its time
            await self._clock.sleep(max(LOOK_EVERY_S, rest_s * self._clock.speed))

    async def look(self) -> None:
        """Take in what is new, and send what is due. Raises StorageError where memory itself fails."""
        now = self._clock.utc_now()
        month, plan = await asyncio.to_thread(self._planned, now)
        if plan.send:
            await self._send(plan.send, month)
            await asyncio.to_thread(self._planned, self._clock.utc_now())

    def status(self) -> dict[str, Any]:
        """How it is doing; what waits, how much of the quotas is used, what was refused."""
        if self._status is None:
            return {"ok": True, "detail": None}
        return self._status.as_json()

    def alarms(self) -> Sequence[Reason]:
        """Channels that refuse, quotas that are used up."""
        return () if self._status is None else self._status.alarms()

    def _planned(self, now: datetime) -> tuple[str, MessagePlan]:
        """The month that messages count for, and what is due. Blocks."""
        began_s = time.monotonic()
        defects = [] if self._memory.defect is None else [self._memory.defect]
        try:
            self._feed.take_in(now)
        except StorageError as error:
            defects.append(str(error))
        month = self._month(now)
        situation = self._situation(month)
        plan = messages_due(situation, now)
        if plan.finished:
            self._memory.finish(plan.finished, now)
        self._status = MessageStatus(situation, month, plan.waiting, self._memory.refusals(), defects, now)
        self._planned_in_s = time.monotonic() - began_s
        return month, plan

    def _month(self, now: datetime) -> str:
        """The local month; while the clock may be wrong, that for which messages were counted last."""
        known = self._memory.month()
        if known is not None and not self._clock.synchronised():
            return known
        month = self._rules.month(now)
        if month != known and self._clock.synchronised():
            self._memory.begin_month(month)
        return month

    def _situation(self, month: str) -> Situation:
        states = self._memory.channel_states()
        return Situation(
            people=self._people,
            channels=self._channels,
            quotas=self._quotas,
            rules=self._rules,
            alarms=self._memory.followed(),
            told=self._memory.told(),
            last_message=self._memory.last_messages(),
            channel_states={name: state for name, state in states.items() if name in self._channels},
            quota_states=self._memory.quota_states(month),
        )

    async def _send(self, messages: Sequence[Outgoing], month: str) -> None:
        letters = []
        for message in messages:
            channel = self._channels[message.channel]
            written = self._writers[message.person].message(
                message.items, channel.style, self._clock.utc_now()
            )
            letters.append(Letter(self._settings.channels[message.channel], written.title, written.body))
            if channel.quota is not None:
                await asyncio.to_thread(self._memory.spend, channel.quota, month, message.cost)
        async with aclosing(self._sender.send(letters)) as answers:
            async for number, answer in answers:
                await asyncio.to_thread(self._settle, messages[number], answer, month)

    def _settle(self, message: Outgoing, answer: Answer, month: str) -> None:
        """Remember what became of a message. Blocks."""
        now = self._clock.utc_now()
        quota = self._channels[message.channel].quota
        if answer.outcome is Outcome.SENT:
            self._memory.sent(message, now)
            return
        known = self._memory.channel_states().get(message.channel, ChannelState())
        level = logging.DEBUG if answer.said == known.said else logging.WARNING  # said once, then quiet
        _log.log(level, "no message to %s by %s: %s", message.person, message.channel, answer.said)
        if quota is not None and answer.outcome.surely_not_delivered:
            self._memory.give_back(quota, month, message.cost)
        if answer.outcome is not Outcome.UNREACHABLE:
            self._memory.refused(Refusal(now, message.channel, answer.said))
        if quota is not None and answer.outcome is Outcome.QUOTA:
            self._memory.refuse_until(quota, month, now + QUOTA_REST)
            return
        self._memory.set_channel(message.channel, _after_failure(known, answer, now))


def messages_service(setup: Setup, settings: MessagesSettings, notebook: Notebook) -> Messages:
    """The service of a site."""
    memory = MessageMemory(notebook)
    return Messages(setup.config, settings, setup.telemetry, memory, Sender(), setup.clock)


def _after_failure(known: ChannelState, answer: Answer, now: datetime) -> ChannelState:
    """A channel's state after one more failure: full jitter, unless somebody has to put it right."""
    refuses = answer.outcome in {Outcome.REFUSED, Outcome.QUOTA}
    longest = min(MOST_BACKOFF, FIRST_BACKOFF * 2 ** min(known.failures, 10))
    rest = FAULT_BACKOFF if refuses else longest * random.random()  # noqa: S311 - jitter
    return replace(
        known,
        failures=known.failures + 1,
        failing_since=known.failing_since or now,
        next_try=now + rest,
        said=answer.said,
        refuses=refuses,
    )
