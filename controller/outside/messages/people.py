"""From config.yaml to the words of messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from controller.core.model import Text
from controller.core.reasons import Language
from controller.outside.messages.model import Channel, Person, Quota, Rules, Style
from controller.outside.messages.sms import MOST_SEGMENTS
from controller.outside.messages.text import Writer
from controller.settings import Config, FeederSettings, GensetSettings, PvSettings
from controller.settings.messages import MessagesSettings
from controller.telemetry.alarm_log import Severity


def people_of(settings: MessagesSettings) -> tuple[Person, ...]:
    """Everybody who is told, the first level first."""
    people = (
        Person(
            name,
            person.lang,
            tuple(person.channels),
            frozenset(Severity(severity) for severity in person.severities),
            person.level,
        )
        for name, person in settings.people.items()
    )
    return tuple(sorted(people, key=lambda person: person.level))


def channels_of(settings: MessagesSettings) -> Mapping[str, Channel]:
    """All channels, by their id."""
    return {
        name: Channel(
            name,
            channel.quota,
            channel.recipients,
            Style(channel.style),
            MOST_SEGMENTS if channel.style == "sms" else 1,
        )
        for name, channel in settings.channels.items()
    }


def quotas_of(settings: MessagesSettings) -> Mapping[str, Quota]:
    """All quotas, by their id."""
    return {
        name: Quota(name, quota.messages_per_month, quota.reserve_frac)
        for name, quota in settings.quotas.items()
    }


def rules_of(settings: MessagesSettings, zone: ZoneInfo) -> Rules:
    """When what is sent."""
    quiet = settings.quiet_hours
    return Rules(
        zone=zone,
        quiet=None if quiet is None else (time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)),
        gather=timedelta(seconds=settings.digest.gather_s),
        digest_every=timedelta(seconds=settings.digest.every_s),
        notices_at=time.fromisoformat(settings.digest.notices_at),
        escalate_after=timedelta(seconds=settings.escalate_after_s),
        repeat_after=timedelta(seconds=settings.repeat_after_s),
        fallback_after=timedelta(seconds=settings.fallback_after_s),
    )


def writer_of(config: Config, language: Language) -> Writer:
    """Who writes for the site in a language."""
    named: dict[str, FeederSettings | GensetSettings | PvSettings] = {**config.pv, **config.feeders}
    if config.genset is not None:
        named[config.genset.device] = config.genset
    names = {subject: Text(section.name.th, section.name.en) for subject, section in named.items()}
    site = Text(config.site.name.th, config.site.name.en)
    return Writer(site, ZoneInfo(config.site.timezone), language, names)
