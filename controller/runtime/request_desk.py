"""Where requests are looked at: read from the box, judged, handed to whom they concern, answered.

The box may be damaged or flooded: control does not notice. What is read is read on a thread, a few at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from controller.clock import Clock
from controller.core.model import Answer, Ask, Reason, Site
from controller.requests.box import RequestBox, Waiting
from controller.requests.kinds import Acknowledge, ConfirmContacts, RefusedError, understood
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
"""Host seconds between two looks into the box."""
AT_A_TIME = 50


class AlarmDesk(Protocol):
    """Who keeps the alarms."""

    def acknowledge(self, alarm: int, who: str, at_utc: datetime) -> bool:
        """Note that somebody sees to an alarm; False when none of that number stands."""
        ...

    def confirm_contacts(self, who: str, at_utc: datetime) -> None:
        """Note that somebody has checked the technicians' names and numbers."""
        ...


class RequestDesk:
    """Reads the box of one site for as long as the controller runs."""

    def __init__(
        self,
        box: RequestBox,
        site: Site,
        clock: Clock,
        alarms: AlarmDesk,
        *,
        answered_until: int,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """answered_until: number of the last request that an earlier run has answered."""
        self._box = box
        self._site = site
        self._clock = clock
        self._alarms = alarms
        self._read_until = answered_until
        self._look_every_s = look_every_s
        self._asked: list[Ask] = []
        self._answers: list[Answer] = []
        self._failing: str | None = None

    def take(self) -> tuple[Sequence[Ask], Sequence[Answer]]:
        """What came since this was asked last, oldest first: overrides, and answers to all else; cheap.

        Both go into the store with one commit: so all requests up to the newest answered one are answered,
        and a controller that is started again knows where to go on.
        """
        taken = self._asked, self._answers
        self._asked, self._answers = [], []
        return taken

    def alarms(self) -> tuple[Reason, ...]:
        """What a technician should know of it."""
        return () if self._failing is None else (Reason("requests_unreadable", {"error": self._failing}),)

    async def run(self) -> None:
        """Look into the box for ever; cancel to stop."""
        while True:
            await self._look()
            await asyncio.sleep(self._look_every_s)

    async def _look(self) -> None:
        try:
            found = await asyncio.to_thread(self._box.read_after, self._read_until, AT_A_TIME)
        except StorageError as error:
            if self._failing is None:
                _log.error("what people ask for cannot be read: %s", error)
            self._failing = str(error)
            return
        self._failing = None
        for waiting in found:
            self._read_until = waiting.number
            self._handle(waiting)

    def _handle(self, waiting: Waiting) -> None:
        now = self._clock.utc_now()
        try:
            asked = understood(waiting, self._site, now if self._clock.synchronised() else None)
            if isinstance(asked, Ask):
                self._asked.append(asked)  # answered by the tick that takes it
                return
            self._do(asked, now)
        except RefusedError as refused:
            _log.warning("request %s was refused: %s", waiting.request.id, refused.reason.code)
            answer = Answer(waiting.number, waiting.request.id, "refused", refused.reason)
        else:
            answer = Answer(waiting.number, waiting.request.id, "done", Reason("request_done"))
        self._answers.append(answer)

    def _do(self, asked: Acknowledge | ConfirmContacts, now: datetime) -> None:
        """Carry out what is no override. Raises RefusedError."""
        match asked:
            case Acknowledge(alarm, who):
                if not self._alarms.acknowledge(alarm, who, now):
                    raise RefusedError(Reason("request_alarm_gone", {"alarm": str(alarm)}))
            case ConfirmContacts(who):
                self._alarms.confirm_contacts(who, now)
