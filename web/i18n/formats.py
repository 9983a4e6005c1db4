"""How quantities and times are written: Bangkok time, Buddhist years in Thai, no minus signs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from controller.core.dates import short_date
from controller.core.language import Language, pick
from web.i18n import catalogue as words

BANGKOK: Final = ZoneInfo("Asia/Bangkok")
_ROUNDING_MIN: Final = 10


def local(at: datetime) -> datetime:
    """The instant on the village's clock."""
    return at.astimezone(BANGKOK)


def time_of_day(at: datetime, lang: Language) -> str:
    """E.g. 17:03 น., or 17:03."""
    clock = f"{local(at):%H:%M}"
    return f"{clock} น." if lang is Language.TH else clock


def moment(at: datetime, now: datetime, lang: Language) -> str:
    """The time of day, with the date where it is not today's."""
    day = local(at).date()
    clock = time_of_day(at, lang)
    return clock if day == local(now).date() else f"{short_date(day, lang)} {clock}"


def about(at: datetime, lang: Language) -> str:
    """The time of day to the nearest ten minutes, for what is only an estimate."""
    step_s = _ROUNDING_MIN * 60
    rounded = datetime.fromtimestamp(round(at.timestamp() / step_s) * step_s, tz=BANGKOK)
    return time_of_day(rounded, lang)


def day_name(at: datetime, now: datetime, lang: Language) -> str:
    """Today, tomorrow, or the date."""
    days = (local(at).date() - local(now).date()).days
    if days in (0, 1):
        return pick((words.TODAY, words.TOMORROW)[days], lang)
    return short_date(local(at).date(), lang)


def kilowatts(power_w: float | None) -> str | None:
    """The magnitude in kW with one decimal, None where it is missing."""
    return None if power_w is None else f"{abs(power_w) / 1000:.1f}"


def power(power_w: float, lang: Language) -> str:
    """The magnitude with its unit."""
    return f"{kilowatts(power_w)} {pick(words.KW, lang)}"


def percent(frac: float) -> str:
    """A fraction as whole percent."""
    return f"{round(frac * 100)}\u00a0%"


def decimal_percent(frac: float) -> str:
    """A fraction as percent with one decimal where it needs one."""
    return f"{round(frac * 100, 1):g}\u00a0%"


def kilowatt_hours(energy_wh: float) -> str:
    """The magnitude in kWh (หน่วย) with one decimal."""
    return f"{abs(energy_wh) / 1000:.1f}"


def hours(duration: timedelta) -> str:
    """A duration in hours, with a decimal where it needs one."""
    return f"{round(duration / timedelta(hours=1), 1):g}"
