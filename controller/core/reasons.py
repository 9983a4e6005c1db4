"""From a reason to a sentence in Thai and English: no minus sign, and figures as people say them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from controller.core.catalogue_alarms import ALARM_REASONS
from controller.core.catalogue_diagnosis import DIAGNOSIS
from controller.core.catalogue_entry import Entry, Kind
from controller.core.catalogue_forecast import FORECAST
from controller.core.catalogue_grid import GRID
from controller.core.catalogue_influx import INFLUX
from controller.core.catalogue_messages import MESSAGES
from controller.core.catalogue_mqtt import MQTT
from controller.core.catalogue_plan import PLAN
from controller.core.catalogue_planner import PLANNER
from controller.core.catalogue_plant import PLANT
from controller.core.catalogue_power import POWER
from controller.core.catalogue_request import REQUEST
from controller.core.catalogue_runtime import RUNTIME
from controller.core.catalogue_sanity import SANITY
from controller.core.dates import day_and_month
from controller.core.model import PriorityClass, Reason, Text

Language = Literal["th", "en"]

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {
        **POWER,
        **PLANT,
        **PLAN,
        **GRID,
        **PLANNER,
        **RUNTIME,
        **REQUEST,
        **MQTT,
        **INFLUX,
        **MESSAGES,
        **DIAGNOSIS,
        **FORECAST,
        **SANITY,
        **ALARM_REASONS,
    }
)
"""Every code that a reason may have -> its parameters and sentences."""

_UNKNOWN = Text("ไม่ทราบ", "unknown")
_NAMED: Mapping[str | bool, Text] = {
    PriorityClass.CRITICAL: Text("กลุ่มสำคัญที่สุด", "the most important group"),
    PriorityClass.ESSENTIAL: Text("กลุ่มส่วนรวม", "community services"),
    PriorityClass.HOUSEHOLD: Text("กลุ่มบ้านเรือน", "households"),
    PriorityClass.FLEXIBLE: Text("กลุ่มที่เลื่อนเวลาได้", "flexible uses"),
    True: Text("มีไฟอยู่", "on"),
    False: Text("ดับอยู่", "off"),
}
_UNITS: Mapping[Kind, tuple[str, Text]] = {
    Kind.VOLTAGE: ("{:.2f}", Text("โวลต์", "V")),
    Kind.FREQUENCY: ("{:.1f}", Text("เฮิรตซ์", "Hz")),
    Kind.COUNT: ("{:.0f}", Text("", "")),
}


def render(reason: Reason) -> Text:
    """The sentence of a reason in both languages.

    Raises KeyError for a code that is not in the catalogue, or for a parameter that is not given.
    """
    entry = CATALOGUE[reason.code]
    return Text(
        entry.th.format_map(_said(reason.params, entry.params, "th")),
        entry.en.format_map(_said(reason.params, entry.params, "en")),
    )


def _said(params: Mapping[str, Any], kinds: Mapping[str, Kind], language: Language) -> dict[str, str]:
    return {name: say(kind, params[name], language) for name, kind in kinds.items()}


def say(kind: Kind, value: Any, language: Language) -> str:  # noqa: ANN401 - its kind says what it is
    """One parameter in words; None is said to be unknown."""
    if value is None:
        return _in(_UNKNOWN, language)
    match kind:
        case Kind.PERCENT:
            return f"{_rounded(100 * value)} %"
        case Kind.POWER:
            return _power(abs(value), language)
        case Kind.ENERGY:
            return f"{value / 1000:.1f} {'หน่วย' if language == 'th' else 'kWh'}"
        case Kind.TEMPERATURE:
            return _temperature(value, language)
        case Kind.WAIT:
            return _wait(value, language)
        case Kind.DURATION:
            return duration(value, language)
        case Kind.CLOCK | Kind.DATE:
            return _moment(value, language)
        case Kind.NAME:
            return str(value[language])
        case Kind.CLASS | Kind.STATE:
            return _in(_NAMED[value], language)
        case Kind.ID:
            return str(value)
        case _:
            pattern, unit = _UNITS[kind]
            return f"{pattern.format(abs(value))} {_in(unit, language)}".rstrip()


def duration(seconds: float, language: Language) -> str:
    """A length of time as people say it: seconds, minutes, or hours and minutes."""
    if seconds < 90:
        return f"{_rounded(seconds)} วินาที" if language == "th" else _plural(_rounded(seconds), "second")
    hours, minutes = divmod(_rounded(seconds / 60), 60)
    if language == "th":
        parts = [f"{hours} ชั่วโมง" if hours else "", f"{minutes} นาที" if minutes else ""]
    else:
        parts = [_plural(hours, "hour") if hours else "", _plural(minutes, "minute") if minutes else ""]
    return " ".join(part for part in parts if part)


def _wait(seconds: float, language: Language) -> str:
    if seconds < 1:
        return "ในอีกสักครู่" if language == "th" else "shortly"
    length = duration(seconds, language)
    return f"ในอีกประมาณ {length}" if language == "th" else f"in about {length}"


def _clock(seconds: float, language: Language) -> str:
    hours, minutes = divmod(_rounded(seconds / 60) % (24 * 60), 60)
    return f"{hours:02d}:{minutes:02d} น." if language == "th" else f"{hours:02d}:{minutes:02d}"


def _moment(value: float | str, language: Language) -> str:
    """A time of day, told in seconds since midnight, or a date, told as ISO 8601 writes it."""
    if not isinstance(value, str):
        return _clock(value, language)
    day = date.fromisoformat(value)
    return day_and_month(day, language)


def _power(watts: float, language: Language) -> str:
    return f"{watts / 1000:.1f} {'กิโลวัตต์' if language == 'th' else 'kW'}"


def _temperature(celsius: float, language: Language) -> str:
    size = f"{abs(celsius):.0f} {'องศา' if language == 'th' else '°C'}"
    if celsius > -0.5:
        return size
    return f"ติดลบ {size}" if language == "th" else f"{size} below zero"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _rounded(value: float) -> int:
    """Rounded half up, and never below zero."""
    return max(0, math.floor(value + 0.5))


def _in(text: Text, language: Language) -> str:
    return text.th if language == "th" else text.en
