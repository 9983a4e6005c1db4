"""The words of messages: people, channels, quotas, what they were told, what is to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from controller.core.reasons import Language
from controller.telemetry.alarm_log import AlarmRecord, Severity

ABOUT_ONE_CLOCK = timedelta(minutes=1)
"""A moment that lies further ahead was stamped by a clock that has been put right since."""

RANK: Mapping[Severity, int] = MappingProxyType(
    {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
)
"""The smaller, the graver."""

AlarmKey = tuple[str, str]
"""Code and subject: what people take for the same alarm, however often it is raised."""


def elapsed(since: datetime, now: datetime) -> timedelta:
    """How long ago it was; a moment in the future counts as long ago, so that nothing waits for ever."""
    return now - since if since <= now + ABOUT_ONE_CLOCK else timedelta.max


class Style(StrEnum):
    """How a channel wants its text."""

    FULL = "full"
    """Title, sentence, since when, what to do first."""
    SMS = "sms"
    """The gravest title, since when, and how many more, in two segments."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a group, who is told of alarms."""

    id: str
    language: Language
    channels: tuple[str, ...]
    """Channel ids, the first is tried first."""
    severities: frozenset[Severity]
    level: int
    """1 is told at once; above, only of critical alarms that nobody has acknowledged."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a person."""

    id: str
    quota: str | None = None
    recipients: int = 1
    """How many people one message reaches."""
    style: Style = Style.FULL
    segments: int = 1
    """The most that one message counts for each recipient: more than 1 for SMS only."""

    @property
    def cost(self) -> int:
        """What one message takes from the quota at most."""
        return self.recipients * self.segments


@dataclass(frozen=True, slots=True)
class Quota:
    """What a provider lets through in a calendar month."""

    id: str
    per_month: int
    reserve_frac: float
    """The last part, kept for critical alarms."""

    @property
    def for_others(self) -> int:
        """What everything but critical alarms may use."""
        return int(self.per_month * (1.0 - self.reserve_frac))


@dataclass(frozen=True, slots=True)
class Rules:
    """When what is sent."""

    zone: ZoneInfo
    quiet: tuple[time, time] | None
    """Local begin and end; only critical alarms pass."""
    gather: timedelta
    """Alarms that come within are one message."""
    digest_every: timedelta
    """Between two messages to one person that are not critical."""
    notices_at: time
    """Local time of the daily message with notices."""
    escalate_after: timedelta
    repeat_after: timedelta
    """An alarm that comes and goes is told anew after that at the earliest."""
    fallback_after: timedelta
    """A critical alarm takes the person's next channel once the one before has failed for so long."""

    def is_quiet(self, now: datetime) -> bool:
        """Whether the village sleeps."""
        if self.quiet is None:
            return False
        begin, end = self.quiet
        local = now.astimezone(self.zone).time()
        return begin <= local < end if begin < end else local >= begin or local < end

    def notices_due_since(self, now: datetime) -> datetime:
        """The last moment at which notices went out; what waited before it is due."""
        local = now.astimezone(self.zone)
        at = datetime.combine(local.date(), self.notices_at, tzinfo=self.zone)
        return at if at <= local else at - timedelta(days=1)

    def month(self, now: datetime) -> str:
        """The local calendar month, as 2026-10."""
        return f"{now.astimezone(self.zone):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Followed:
    """The newest raising of an alarm that somebody may have to be told of."""

    record: AlarmRecord
    waiting_since: datetime
    """When the first change since somebody was told was seen here."""
    times: int = 1
    """How often it has been raised since it is followed."""

    @property
    def key(self) -> AlarmKey:
        """What people take for the same alarm."""
        return self.record.code, self.record.subject

    @property
    def stands(self) -> bool:
        """Whether it is not cleared."""
        return self.record.cleared_utc is None


@dataclass(frozen=True, slots=True)
class Told:
    """What a person believes about an alarm."""

    person: str
    key: AlarmKey
    alarm_id: int
    severity: Severity
    raised_told: datetime
    cleared_told: datetime | None = None
    """None: the person takes it to stand."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does; the default is a channel that works."""

    failures: int = 0
    """Without a success between."""
    failing_since: datetime | None = None
    next_try: datetime | None = None
    said: str | None = None
    """What was said last."""
    refuses: bool = False
    """Trying again does not help: a token or an address is wrong."""


@dataclass(frozen=True, slots=True)
class QuotaState:
    """How much of a quota is used."""

    spent: int = 0
    refused_until: datetime | None = None
    """The provider says that it is used up, whatever was counted here."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider said when it took no message."""

    at: datetime
    channel: str
    said: str


class Kind(StrEnum):
    """What is told of an alarm."""

    RAISED = "raised"
    CLEARED = "cleared"
    """The person was told that it stands."""
    OVER = "over"
    """It came and went before anybody could be told."""


@dataclass(frozen=True, slots=True)
class Item:
    """One alarm in a message."""

    kind: Kind
    alarm: Followed


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, to be sent now."""

    person: str
    channel: str
    items: tuple[Item, ...]
    """The gravest first."""
    urgent: bool
    """It tells of a critical alarm: quiet hours and the quota's reserve are open to it."""
    cost: int


class Why(StrEnum):
    """What a message waits for."""

    SENDING = "sending"
    GATHERING = "gathering"
    DIGEST = "digest"
    QUIET = "quiet"
    REPEATED = "repeated"
    ESCALATION = "escalation"
    QUOTA_RESERVED = "quota_reserved"
    QUOTA_SPENT = "quota_spent"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alarm that a person has yet to be told of."""

    person: str
    alarm: Followed
    why: Why
    channel: str | None = None
    """The channel that fails, or whose quota is used up."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the plan looks at."""

    people: Sequence[Person]
    channels: Mapping[str, Channel]
    quotas: Mapping[str, Quota]
    rules: Rules
    alarms: Sequence[Followed]
    """At most one for each key."""
    told: Mapping[tuple[str, AlarmKey], Told] = field(default_factory=dict)
    last_message: Mapping[str, datetime] = field(default_factory=dict)
    """By person."""
    channel_states: Mapping[str, ChannelState] = field(default_factory=dict)
    quota_states: Mapping[str, QuotaState] = field(default_factory=dict)
    """Of this month."""


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """What to do now."""

    send: tuple[Outgoing, ...]
    """Critical messages first."""
    waiting: tuple[Waiting, ...]
    """The gravest first; what is to be sent now waits until it is sent."""
    finished: tuple[AlarmKey, ...]
    """Cleared, and everybody knows who has to: no longer to be followed."""
