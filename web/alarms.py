"""What stands as an alarm: calm sentences for villagers, titles and first steps for technicians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.alarming import Severity
from controller.core.language import Language, pick
from web.i18n import catalogue as words
from web.image import AlarmPart, Image

_SEVERITIES = {
    Severity.CRITICAL: words.SEVERITY_CRITICAL,
    Severity.WARNING: words.SEVERITY_WARNING,
    Severity.NOTICE: words.SEVERITY_NOTICE,
}


@dataclass(frozen=True, slots=True)
class TechnicalAlarm:
    """One alarm as technicians see it; without figures, which every phone would have to be sent anew."""

    title: str
    subject: str
    """A device or feeder id; empty where it is the site as a whole."""
    severity: str
    """In words: never by colour alone."""
    icon: str
    first: str
    """What to do first."""
    state: str
    """Whether somebody sees to it or it is over already; empty: neither."""


def for_villagers(image: Image) -> Sequence[AlarmPart]:
    """What concerns everybody, and holds now."""
    return [alarm for alarm in image.alarms if alarm.villagers and alarm.present]


def for_technicians(image: Image, lang: Language) -> Sequence[TechnicalAlarm]:
    """All that stands and is known by its title, the gravest first."""
    return [
        TechnicalAlarm(
            title=pick(alarm.title, lang),
            subject="" if alarm.subject == "site" else alarm.subject,
            severity=pick(_SEVERITIES[alarm.severity], lang),
            icon="note" if alarm.severity is Severity.NOTICE else "alarm",
            first="" if alarm.first is None else pick(alarm.first, lang),
            state=_state(alarm, lang),
        )
        for alarm in image.alarms
        if alarm.title is not None
    ]


def _state(alarm: AlarmPart, lang: Language) -> str:
    if not alarm.present:
        return pick(words.ALARM_OVER, lang)
    return "" if alarm.acknowledged is None else pick(words.ALARM_ACKNOWLEDGED, lang)
