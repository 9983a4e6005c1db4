"""What is to be told to whom now, what waits, and why. Pure: no clock, no I/O.

Each person has a belief about each alarm: never heard of it, takes it to stand, or knows that it is over. A
message is due where the belief differs from the truth, so an alarm that comes and goes between two messages
repeats nothing, and what goes out late tells the newest truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.core.alarming import ALARMS
from controller.outside.messages.choice import Allowance, NoChannel, choose
from controller.outside.messages.model import (
    RANK,
    AlarmKey,
    Followed,
    Item,
    Kind,
    MessagePlan,
    Outgoing,
    Person,
    Rules,
    Situation,
    Told,
    Waiting,
    Why,
    elapsed,
)
from controller.telemetry.alarm_log import AlarmRecord, Severity

_PLACES = {code: place for place, code in enumerate(ALARMS)}


@dataclass(frozen=True, slots=True)
class _Due:
    """An item and what it still waits for; None: nothing."""

    item: Item
    waits_for: Why | None
    rides: bool
    """It may go along with a message that goes anyway."""

    @property
    def urgent(self) -> bool:
        return self.item.kind is Kind.RAISED and self.item.alarm.record.severity is Severity.CRITICAL


def messages_due(situation: Situation, now: datetime) -> MessagePlan:
    """The messages to be sent at `now` (aware), what waits meanwhile, and what needs no following any more.

    Critical alarms choose their channels before anything else does, so that others never take their quota.
    """
    send: list[Outgoing] = []
    waiting: list[Waiting] = []
    unsettled: set[AlarmKey] = set()
    drafts = []
    for person in situation.people:
        due = list(_due_items(situation, person, now))
        unsettled.update(one.item.alarm.key for one in due)
        going, staying = _parted(due)
        waiting += [Waiting(person.id, one.item.alarm, one.waits_for or Why.DIGEST) for one in staying]
        if going:
            drafts.append((person, going))
    allowance = Allowance.of(situation, now)
    for person, going in sorted(drafts, key=lambda draft: not _is_urgent(draft[1])):
        choice = choose(situation, person, allowance, urgent=_is_urgent(going), now=now)
        if isinstance(choice, NoChannel):
            waiting += [Waiting(person.id, one.item.alarm, choice.why, choice.channel) for one in going]
            continue
        allowance.spend(choice)
        items = tuple(one.item for one in sorted(going, key=_gravity))
        send.append(Outgoing(person.id, choice.id, items, _is_urgent(going), choice.cost))
    finished = [alarm.key for alarm in situation.alarms if not alarm.stands and alarm.key not in unsettled]
    waiting += [
        Waiting(one.person, item.alarm, Why.SENDING, one.channel) for one in send for item in one.items
    ]
    waiting.sort(key=lambda one: (RANK[one.alarm.record.severity], one.alarm.record.raised_utc))
    return MessagePlan(tuple(send), tuple(waiting), tuple(finished))


def _parted(due: list[_Due]) -> tuple[list[_Due], list[_Due]]:
    """What goes now, whatever waits for nothing and what may ride along with it, and what stays."""
    if all(one.waits_for is not None for one in due):
        return [], due
    going = [one for one in due if one.waits_for is None or one.rides]
    return going, [one for one in due if one.waits_for is not None and not one.rides]


def _is_urgent(going: list[_Due]) -> bool:
    return any(one.urgent and one.waits_for is None for one in going)


def _gravity(one: _Due) -> tuple[int, bool, int, datetime]:
    """The gravest first: by severity, what stands before what is over, then in the catalogue's order."""
    record = one.item.alarm.record
    place = _PLACES.get(record.code, len(_PLACES))
    return RANK[record.severity], one.item.kind is not Kind.RAISED, place, record.raised_utc


def _due_items(situation: Situation, person: Person, now: datetime) -> Iterator[_Due]:
    """What the person's beliefs lack, each with what it waits for."""
    last = situation.last_message.get(person.id)
    for alarm in situation.alarms:
        told = situation.told.get((person.id, alarm.key))
        kind = _untold(person, alarm, told)
        if kind is None:
            continue
        if kind is Kind.RAISED and alarm.record.severity is Severity.CRITICAL:
            yield _critical(situation, person, alarm, told, now)
        else:
            why = _digest_waits(situation.rules, alarm, kind, told, last, now)
            rides = why in {Why.GATHERING, Why.QUIET, Why.DIGEST} and not _is_daily(alarm)
            yield _Due(Item(kind, alarm), why, rides)


def _untold(person: Person, alarm: Followed, told: Told | None) -> Kind | None:
    """What the person does not know yet and is to know at some time; None: nothing."""
    record = alarm.record
    believes_it_stands = told is not None and told.cleared_told is None
    if not alarm.stands:
        if believes_it_stands:
            return Kind.CLEARED
        heard = told is not None and told.alarm_id == record.id
        concerned = record.severity in person.severities and person.level == 1
        return Kind.OVER if concerned and not heard and record.acknowledged_utc is None else None
    critical = record.severity is Severity.CRITICAL
    concerned = record.severity in person.severities and (critical or person.level == 1)
    if not concerned or record.acknowledged_utc is not None:
        return None
    return Kind.RAISED if _is_news(record, told) else None


def _is_news(record: AlarmRecord, told: Told | None) -> bool:
    """Whether an alarm that stands is more than the person knows.

    Raised again before the person heard that it was over, only a critical alarm is: somebody may have
    gone back to sleep over the last one.
    """
    if told is None or RANK[record.severity] < RANK[told.severity]:
        return True
    anew = told.alarm_id != record.id
    return anew and (record.severity is Severity.CRITICAL or told.cleared_told is not None)


def _critical(
    situation: Situation, person: Person, alarm: Followed, told: Told | None, now: datetime
) -> _Due:
    """A critical alarm that stands: it waits only to gather others, for its turn, or because it flaps."""
    rules = situation.rules
    why: Why | None = None
    if _flaps(alarm, told, rules, now):
        why = Why.REPEATED
    elif not _is_turn(situation, person, alarm, now):
        why = Why.ESCALATION
    elif elapsed(alarm.waiting_since, now) < rules.gather:
        why = Why.GATHERING
    return _Due(Item(Kind.RAISED, alarm), why, rides=why is Why.GATHERING)


def _is_turn(situation: Situation, person: Person, alarm: Followed, now: datetime) -> bool:
    """Whether an alarm has climbed to the person's level: one step each time that nobody acknowledged it.

    A step is counted from when the level before was told; a level where nobody could be reached takes a step
    all the same, so that an alarm climbs past it.
    """
    since, steps = alarm.waiting_since, 0
    for level in sorted({other.level for other in situation.people if other.level < person.level}):
        told = [
            belief.raised_told
            for other in situation.people
            if other.level == level
            and (belief := situation.told.get((other.id, alarm.key))) is not None
            and belief.alarm_id == alarm.record.id
            and belief.severity is Severity.CRITICAL
        ]
        since, steps = (min(told), 1) if told else (since, steps + 1)
    return elapsed(since, now) >= situation.rules.escalate_after * steps


def _digest_waits(
    rules: Rules, alarm: Followed, kind: Kind, told: Told | None, last: datetime | None, now: datetime
) -> Why | None:
    """What anything but a critical alarm that stands waits for."""
    why: Why | None = None
    if kind is not Kind.CLEARED and _flaps(alarm, told, rules, now):
        why = Why.REPEATED
    elif rules.is_quiet(now):
        why = Why.QUIET
    elif _is_daily(alarm):
        ahead = alarm.waiting_since > now
        why = None if ahead or alarm.waiting_since < rules.notices_due_since(now) else Why.DIGEST
    elif elapsed(alarm.waiting_since, now) < rules.gather:
        why = Why.GATHERING
    elif last is not None and elapsed(last, now) < rules.digest_every:
        why = Why.DIGEST
    return why


def _is_daily(alarm: Followed) -> bool:
    return alarm.record.severity is Severity.NOTICE


def _flaps(alarm: Followed, told: Told | None, rules: Rules, now: datetime) -> bool:
    """Whether the person was told of an earlier raising just now, no less grave."""
    record = alarm.record
    if told is None or told.alarm_id == record.id or RANK[record.severity] < RANK[told.severity]:
        return False
    return elapsed(told.raised_told, now) < rules.repeat_after
