"""Whom to tell of alarms, by which channels, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from controller.settings.fields import ClockTime, Id, NameSettings, Phone, PositiveSeconds, Seconds, Settings
from controller.settings.secret import SecretSettings

ServiceUrl = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9+.-]*://[^\s]*$",
        max_length=500,
        description='an apprise URL in quotes, such as "line://{secret}/U4af4980629…"',
    ),
]
SeverityName = Literal["critical", "warning", "notice"]


class QuotaSettings(Settings):
    """What a provider lets through in a month; shared by all channels that name it."""

    messages_per_month: Annotated[int, Field(ge=1, le=1_000_000)]
    reserve_frac: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    """The last part, for critical alarms only."""


class ChannelSettings(Settings):
    """One way to reach somebody."""

    url: ServiceUrl
    """`{secret}` stands where the token belongs."""
    secret: SecretSettings | None = None
    quota: Id | None = None
    recipients: Annotated[int, Field(ge=1, le=500)] = 1
    """How many people one message reaches, and so how much it counts."""
    style: Literal["full", "sms"] = "full"


class PersonSettings(Settings):
    """Somebody, or a group, who is told of alarms."""

    name: NameSettings | None = None
    lang: Literal["th", "en"] = "th"
    phone: Phone | None = None
    channels: Annotated[list[Id], Field(min_length=1, max_length=6)]
    severities: Annotated[list[SeverityName], Field(min_length=1, max_length=3)] = Field(
        default=["critical", "warning", "notice"]
    )
    level: Annotated[int, Field(ge=1, le=3)] = 1
    """1: at once. 2 and 3: critical alarms that nobody acknowledged."""


class MessageQuietHours(Settings):
    """When only critical alarms are sent."""

    begin: ClockTime
    end: ClockTime


class DigestSettings(Settings):
    """How alarms are gathered into messages."""

    gather_s: Annotated[float, Field(ge=5, le=600)] = 60.0
    every_s: PositiveSeconds = 3600.0
    notices_at: ClockTime = "07:30"


class MessagesSettings(Settings):
    """Who is told of alarms, by which channels, and when."""

    people: Annotated[dict[Id, PersonSettings], Field(min_length=1)]
    channels: Annotated[dict[Id, ChannelSettings], Field(min_length=1)]
    quotas: dict[Id, QuotaSettings] = Field(default={})
    quiet_hours: MessageQuietHours | None = None
    digest: DigestSettings = DigestSettings()
    escalate_after_s: Annotated[float, Field(ge=60, le=86_400)] = 900.0
    repeat_after_s: Seconds = 3600.0
    fallback_after_s: Seconds = 300.0
