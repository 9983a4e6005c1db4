"""What the messages tell of themselves: for outside.json, the console and `tawan message status`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from controller.core.alarming import alarm_text
from controller.core.model import Reason
from controller.outside.messages.model import (
    ChannelState,
    Quota,
    QuotaState,
    Refusal,
    Situation,
    Waiting,
    elapsed,
)
from controller.outside.messages.words import WHY

MOST_WAITING = 50
"""More are only counted."""
FAILING_FOR = timedelta(minutes=15)
"""So long a network may be away before the service is called not well."""


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """How messages do, at one moment."""

    situation: Situation
    month: str
    waiting: Sequence[Waiting]
    refusals: Sequence[Refusal]
    defects: Sequence[str]
    """English sentences: of a disk that takes no notes, of a store that cannot be read."""
    at: datetime

    @property
    def states(self) -> Mapping[str, ChannelState]:
        """The channels that do not work."""
        return self.situation.channel_states

    def troubles(self) -> Iterator[str]:
        """What somebody should see to, English sentences."""
        yield from self.defects
        for name, state in self.states.items():
            if state.refuses:
                yield f"the channel {name} refuses messages: {state.said}"
            elif state.failing_since is not None and elapsed(state.failing_since, self.at) >= FAILING_FOR:
                yield f"the channel {name} cannot be used: {state.said}"
        for quota, used in self.quotas_spent():
            yield f"of the quota {quota.id} {used.spent} of {quota.per_month} are used this month"

    def quotas_spent(self) -> Iterator[tuple[Quota, QuotaState]]:
        """Quotas that are used so far that only critical messages fit in, or none."""
        for name, quota in self.situation.quotas.items():
            state = self.situation.quota_states.get(name, QuotaState())
            refused = state.refused_until is not None and state.refused_until > self.at
            costs = [one.cost for one in self.situation.channels.values() if one.quota == name]
            full = state.spent > 0 and state.spent + min(costs, default=1) > quota.for_others
            if refused or full:
                yield quota, state

    def alarms(self) -> tuple[Reason, ...]:
        """What the controller is to raise an alarm for."""
        refusing = [
            Reason("messages_refused", {"channel": name, "said": state.said or ""})
            for name, state in self.states.items()
            if state.refuses
        ]
        spent = [
            Reason(
                "messages_quota_spent", {"quota": quota.id, "spent": state.spent, "limit": quota.per_month}
            )
            for quota, state in self.quotas_spent()
        ]
        return (*refusing, *spent)

    def as_json(self) -> dict[str, Any]:
        """For outside.json."""
        troubles = list(self.troubles())
        return {
            "ok": not troubles,
            "detail": troubles[0] if troubles else None,
            "at_utc": self.at.isoformat(),
            "month": self.month,
            "quotas": [self._quota(quota) for quota in self.situation.quotas.values()],
            "channels": [self._channel(name) for name in self.situation.channels],
            "waiting_count": len(self.waiting),
            "waiting": [_waiting(one) for one in self.waiting[:MOST_WAITING]],
            "refusals": [
                {"at_utc": one.at.isoformat(), "channel": one.channel, "said": one.said}
                for one in self.refusals
            ],
        }

    def _quota(self, quota: Quota) -> dict[str, Any]:
        state = self.situation.quota_states.get(quota.id, QuotaState())
        return {
            "id": quota.id,
            "spent": state.spent,
            "per_month": quota.per_month,
            "kept_for_critical": quota.per_month - quota.for_others,
            "refused_until_utc": _iso(state.refused_until),
        }

    def _channel(self, name: str) -> dict[str, Any]:
        state = self.states.get(name, ChannelState())
        return {
            "id": name,
            "ok": state.failures == 0,
            "refuses": state.refuses,
            "said": state.said,
            "failing_since_utc": _iso(state.failing_since),
            "next_try_utc": _iso(state.next_try),
        }


def _waiting(one: Waiting) -> dict[str, Any]:
    record = one.alarm.record
    title, why = alarm_text(record.code, record.params).title, WHY[one.why]
    return {
        "person": one.person,
        "code": record.code,
        "subject": record.subject,
        "severity": record.severity.value,
        "title": {"th": title.th, "en": title.en},
        "raised_utc": record.raised_utc.isoformat(),
        "why": {"code": one.why.value, "th": why.th, "en": why.en},
        "channel": one.channel,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
