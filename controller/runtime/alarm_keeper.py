"""Keeps the alarms: looks at each tick what stands, has it stored at once, and lights the lamp."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from controller.core.alarming import AlarmRecord, Severity, alarm_text, field_rules, lines, rules
from controller.core.alarming.book import AlarmBook, Found, Standing
from controller.core.alarming.catalogue import TECHNICAL_CHECKS
from controller.core.alarming.facts import AlarmSite, HostFacts
from controller.core.alarming.rules import Watch
from controller.core.model import Alarm, Decision, Plan, ProcessImage, Reason, Site
from controller.telemetry.decision_log import canonical_json
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

RULES_EVERY_S = 5.0
"""On the image's clock. What the voices of the core raise is looked at in each tick."""
TRIED_AGAIN_S = 10.0
"""Host seconds between two attempts while the disk refuses."""
CONTACTS_CONFIRMED = "contacts_confirmed"
"""Key in the store's `state`: {"utc": …, "by": …}."""
_SUBJECT_PARAMS = ("array", "feeder", "device")


class AlarmStore(Protocol):
    """Where alarms are kept (telemetry.store)."""

    async def keep_alarms(self, records: Sequence[AlarmRecord]) -> None:
        """Commit alarms as they are now. Raises StorageError, and then nothing was stored."""
        ...

    async def keep_state(self, key: str, value: Mapping[str, Any]) -> None:
        """Commit a small document. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class AlarmSources:
    """Who else has something to say; each is quick."""

    own_alarms: Callable[[], Sequence[Reason]]
    """What the controller's own parts complain of; asked at every tick, the others every few seconds."""
    diagnoses: Callable[[], Sequence[Alarm]]
    """What the cross-checks found."""
    facts: Callable[[], HostFacts]
    """What changes slowly."""
    plan: Callable[[], Plan | None]
    """The newest plan."""


class AlarmKeeper:
    """The alarms of one site, from the store that was opened to the one that is closed."""

    def __init__(
        self,
        site: Site,
        place: AlarmSite,
        store: AlarmStore,
        sources: AlarmSources,
        light: Callable[[bool], None],
    ) -> None:
        """light: switches the lamp; called at every tick."""
        self._site = site
        self._place = place
        self._store = store
        self._sources = sources
        self._light = light
        self._book = AlarmBook()
        self._promises = field_rules.Promises()
        self._meters = lines.HouseholdMeters()
        self._remembered: tuple[Found, ...] = ()
        self._slow: tuple[Found, ...] = ()
        self._looked_s = float("-inf")
        self._waiting: dict[int, AlarmRecord] = {}
        self._notes: dict[str, Mapping[str, Any]] = {}
        self._wake = asyncio.Event()
        self._refusal: str | None = None
        self._logged_id = 0
        self.contacts_confirmed_utc: datetime | None = None
        """Aware; None: never."""

    def restore(
        self,
        standing: Sequence[AlarmRecord],
        newest_id: int,
        remembered: Mapping[str, Alarm],
        now_s: float,
    ) -> None:
        """Take up what stood; call it before the first tick.

        remembered: alarms in the core's memory. That is stored with each decision: an alarm which was raised
        in the very moment in which power failed is found there.
        """
        self._book.restore(standing, newest_id, now_s)
        self._logged_id = newest_id
        self._remembered = tuple(map(Found.of, remembered.values()))

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What stands, the gravest first."""
        return self._book.standing

    def tell(self, image: ProcessImage, decision: Decision) -> None:
        """Take note of a tick; what is new is stored by `run`."""
        if image.monotonic_s - self._looked_s >= RULES_EVERY_S:
            self._looked_s = image.monotonic_s
            self._slow = self._by_rules(image, decision)
        quick = map(Found.of, decision.memory.alarms.values())
        own = (Found(_subject_of(reason), reason) for reason in self._own_alarms())
        told = lines.without_the_lines(self._place, (*self._remembered, *quick, *own, *self._slow))
        self._remembered = ()
        self._take(self._book.look(told, image.monotonic_s, image.at))
        self._light(self.is_calling)

    @property
    def is_calling(self) -> bool:
        """Whether something critical stands that nobody has acknowledged."""
        return any(
            each.record.severity is Severity.CRITICAL and each.record.acknowledged_utc is None
            for each in self._book.standing
        )

    def acknowledge(self, alarm: int, who: str, at_utc: datetime) -> bool:
        """Note that somebody sees to an alarm; False when none of that number stands."""
        record = self._book.acknowledge(alarm, who, at_utc)
        if record is None:
            return False
        self._take((record,))
        return True

    def confirm_contacts(self, who: str, at_utc: datetime) -> None:
        """Note that somebody has checked the technicians' names and numbers."""
        self.contacts_confirmed_utc = at_utc
        self.note(CONTACTS_CONFIRMED, {"utc": at_utc.isoformat(), "by": who})

    def note(self, key: str, value: Mapping[str, Any]) -> None:
        """Have a small document stored."""
        self._notes[key] = value
        self._wake.set()

    async def run(self) -> None:
        """Store what is new, at once, for ever; cancel to stop. What the disk refuses waits in memory."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.flush():
                await asyncio.sleep(TRIED_AGAIN_S)
                self._wake.set()

    async def flush(self) -> bool:
        """Store what waits; False when the disk refuses."""
        records, notes = dict(self._waiting), dict(self._notes)
        try:
            if records:
                await self._store.keep_alarms(list(records.values()))
            for key, value in notes.items():
                await self._store.keep_state(key, value)
        except StorageError as error:
            if self._refusal is None:
                _log.error("alarms cannot be stored, they are kept in memory: %s", error)
            self._refusal = str(error)
            return False
        self._refusal = None
        _forget(self._waiting, records)
        _forget(self._notes, notes)
        return True

    def _own_alarms(self) -> Sequence[Reason]:
        told = self._sources.own_alarms()
        refusal = self._refusal
        return told if refusal is None else (*told, Reason("storage_failed", {"error": refusal}))

    def _by_rules(self, image: ProcessImage, decision: Decision) -> tuple[Found, ...]:
        sources = self._sources
        watch = Watch(
            image, decision, self._site, sources.plan(), self._place, sources.facts(), self._book.stands
        )
        found = [each for rule in rules.HOST_RULES for each in rule(watch)]
        found += [each for rule in field_rules.FIELD_RULES for each in rule(watch)]
        found += self._promises.look(watch)
        found += self._meters.look(watch)
        found += lines.lost_lines(watch, found)
        return (*found, *field_rules.faults_reported(watch, self._sources.diagnoses()))

    def _take(self, changed: Sequence[AlarmRecord]) -> None:
        for record in map(_storable, changed):
            self._waiting[record.id] = record
            # What the checks find is logged by who runs them.
            if record.id > self._logged_id and record.code not in TECHNICAL_CHECKS:
                _log.warning("alarm %d: %s", record.id, alarm_text(record.code, record.params).sentence.en)
        self._logged_id = max([self._logged_id, *(record.id for record in changed)])
        if changed:
            self._wake.set()


def _storable(record: AlarmRecord) -> AlarmRecord:
    """A figure that JSON has no word for costs the figures, not the alarm and not the controller."""
    try:
        canonical_json(dict(record.params))
    except (TypeError, ValueError) as error:
        _log.error("alarm %d (%s) is stored without its figures: %s", record.id, record.code, error)
        return replace(record, params={})
    return record


def _forget(waiting: dict[Any, Any], stored: Mapping[Any, Any]) -> None:
    """Take out what was stored, but not what has changed meanwhile."""
    for key, value in stored.items():
        if waiting.get(key) is value:
            del waiting[key]


def _subject_of(reason: Reason) -> str:
    """What a part of the controller complains of: what its parameters name by an id, else the site."""
    named = (reason.params.get(name) for name in _SUBJECT_PARAMS)
    return next((each for each in named if isinstance(each, str)), "site")
