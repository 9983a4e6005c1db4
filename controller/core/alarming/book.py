"""Which alarms stand: raised after a delay, kept through short breaks, acknowledged, cleared. Pure.

Time is handed in: delays run on the monotonic clock, stamps are labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from controller.core.alarming.catalogue import ALARMS, alarm_kind
from controller.core.alarming.record import AlarmRecord, Severity
from controller.core.model import Alarm, Reason

FIGURES_KEPT_EVERY_S = 900.0
"""So often figures of what stands are handed out to be stored: each time is a write to the memory card."""
AFTER_START_S = 300.0
"""What stood before a restart is not cleared sooner: much is seen again only after minutes."""
MOST_PATIENCE = 6
"""What keeps coming back must be over for up to so many times as long."""
ONE_A_DEVICE = frozenset({"diagnosis_reports", "device_fault"})
"""A device that complains by several words at once is one alarm."""
RECURRED = "recurred"
"""The parameter that says how often an alarm came back while it stood."""


@dataclass(frozen=True, slots=True)
class Found:
    """What holds at a moment and is an alarm if it lasts."""

    subject: str
    reason: Reason
    severity: Severity | None = None
    """None: as the catalogue says."""

    @classmethod
    def of(cls, alarm: Alarm) -> Found:
        """What a voice of the core, or a check, calls an alarm."""
        return cls(alarm.subject, alarm.reason)

    @property
    def key(self) -> str:
        """What makes it the same as at another moment, whatever its figures."""
        return _key(self.reason.code, self.subject, self.reason.params)

    @property
    def worst(self) -> Severity:
        """How much it matters now."""
        return self.severity or alarm_kind(self.reason.code).severity

    @property
    def rank(self) -> int:
        """Of that: higher is worse."""
        return self.worst.rank


@dataclass(slots=True)
class _Case:
    """What is going on under one key. Monotonic seconds."""

    since_s: float
    record: AlarmRecord | None = None
    """None while it has not held for long enough."""
    gone_s: float | None = None
    """Since when it is over; None while it holds."""
    patience_s: float = 0.0
    """It is not cleared sooner after it is over."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """Its figures when it was last handed out to be stored."""

    def tell(self, record: AlarmRecord) -> AlarmRecord:
        """A record as it is from now on, to be handed out."""
        self.record, self.told = record, record.params
        return record


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that stands."""

    record: AlarmRecord
    present: bool
    """False: it is over, but not yet for long enough to be cleared."""


class AlarmBook:
    """The alarms of one site. Whoever calls it stores the records that it hands out."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self._newest_id = 0
        self._figures_s = float("-inf")

    def restore(self, standing: Sequence[AlarmRecord], newest_id: int, now_s: float) -> None:
        """Take over what stood when the store was opened, and the highest id ever given; call it first."""
        self._newest_id = newest_id
        for record in standing:
            patience_s = AFTER_START_S if record.code in ALARMS else 0.0
            case = _Case(now_s, record, gone_s=now_s, patience_s=patience_s, told=record.params)
            self._cases[_key(record.code, record.subject, record.params)] = case

    def look(self, found: Iterable[Found], now_s: float, at_utc: datetime) -> tuple[AlarmRecord, ...]:
        """Take note of all that holds now; the records to be stored, new or changed."""
        present: dict[str, Found] = {}
        for each in found:
            other = present.get(each.key)
            if other is None or each.rank > other.rank:
                present[each.key] = each
        noted = [self._note(each, now_s, at_utc) for each in present.values()]
        missed = [self._miss(key, now_s, at_utc) for key in tuple(self._cases) if key not in present]
        changed = [record for record in (*noted, *missed) if record is not None]
        return (*changed, *self._figures(now_s))

    def acknowledge(self, alarm_id: int, who: str, at_utc: datetime) -> AlarmRecord | None:
        """Somebody has seen it: the record to be stored; None where no such alarm stands."""
        for case in self._cases.values():
            if case.record is not None and case.record.id == alarm_id:
                if case.record.acknowledged_utc is None:
                    case.record = replace(case.record, acknowledged_utc=at_utc, acknowledged_by=who)
                return case.record
        return None

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What stands, the gravest first, then the longest-standing."""
        alarms = [
            Standing(case.record, case.gone_s is None)
            for case in self._cases.values()
            if case.record is not None
        ]
        return tuple(sorted(alarms, key=lambda each: (-each.record.severity.rank, each.record.id)))

    def stands(self, code: str, subject: str) -> bool:
        """Whether an alarm stands: rules need less to keep one than to raise it."""
        case = self._cases.get(f"{code}:{subject}")
        return case is not None and case.record is not None

    def _note(self, found: Found, now_s: float, at_utc: datetime) -> AlarmRecord | None:
        """One that holds; its record where that is new or worse."""
        case = self._cases.setdefault(found.key, _Case(now_s))
        if case.record is None:
            return self._raise(case, found, now_s, at_utc)
        kind, record = alarm_kind(found.reason.code), case.record
        recurred = record.params.get(RECURRED, 0)
        if case.gone_s is not None:
            recurred += case.gone_s > case.since_s  # the first look after a restart is no recurrence
            case.patience_s = kind.clear_after_s * min(1 + recurred, MOST_PATIENCE)
            case.gone_s = None
        params = {**found.reason.params, **({RECURRED: recurred} if recurred else {})}
        case.record = replace(record, params=params)
        if found.rank <= record.severity.rank:
            return None
        # Whoever acknowledged what was less grave has not seen this.
        unseen = replace(case.record, acknowledged_utc=None, acknowledged_by=None)
        return case.tell(replace(unseen, severity=found.worst))

    def _raise(self, case: _Case, found: Found, now_s: float, at_utc: datetime) -> AlarmRecord | None:
        """Its first record, once it has held for long enough."""
        kind = alarm_kind(found.reason.code)
        if now_s - case.since_s < kind.raise_after_s:
            return None
        self._newest_id += 1
        case.patience_s = kind.clear_after_s
        params = dict(found.reason.params)
        record = AlarmRecord(
            self._newest_id, found.reason.code, found.subject, found.worst, params, raised_utc=at_utc
        )
        return case.tell(record)

    def _miss(self, key: str, now_s: float, at_utc: datetime) -> AlarmRecord | None:
        """One that does not hold; its record where that is cleared."""
        case = self._cases[key]
        if case.gone_s is None:
            case.gone_s = now_s
        if case.record is not None and now_s - case.gone_s < case.patience_s:
            return None
        del self._cases[key]
        return None if case.record is None else replace(case.record, cleared_utc=at_utc)

    def _figures(self, now_s: float) -> list[AlarmRecord]:
        """Now and then, all at once: records whose figures are others than when they were last handed out."""
        if now_s - self._figures_s < FIGURES_KEPT_EVERY_S:
            return []
        self._figures_s = now_s
        moved = [case for case in self._cases.values() if case.record and case.record.params != case.told]
        return [case.tell(case.record) for case in moved if case.record is not None]


def _key(code: str, subject: str, params: Mapping[str, object]) -> str:
    """Code and subject, and where a device may have several of the same code, what it is about."""
    about = None if code in ONE_A_DEVICE else params.get("point") or params.get("phase")
    return f"{code}:{subject}" if about is None else f"{code}:{subject}:{about}"
