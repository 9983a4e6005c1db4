"""How the report says figures, times and names in one language: thousands separated, no minus sign. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from controller.core.catalogue_entry import Kind
from controller.core.dates import month_name, short_date
from controller.core.language import Language, pick, say
from controller.core.model import Text
from controller.core.reasons import duration
from controller.core.reasons import say as say_kind
from controller.reports.figures.month import Month

_UNKNOWN = Text("ไม่ทราบ", "not known")
_KWH = Text("หน่วย", "kWh")
_AND = Text(" และ", " and ")
_DAYS = Text("{days} วัน", "{days} days")
_DAY_S = 86_400
_CLOCK = Text("{time} น.", "{time}")


@dataclass(frozen=True, slots=True)
class Voice:
    """One language, and the clock of the village."""

    lang: Language
    zone: ZoneInfo

    def say(self, text: Text, **values: str) -> str:
        """A sentence with its placeholders filled in."""
        return say(text, self.lang, **values)

    def pick(self, text: Text) -> str:
        """A name or a word as it stands."""
        return pick(text, self.lang)

    @property
    def unknown(self) -> str:
        """What stands for a figure that is not known."""
        return pick(_UNKNOWN, self.lang)

    def maybe(self, value: float | None, how: Callable[[float], str]) -> str:
        """A figure said somehow, or that it is not known."""
        return self.unknown if value is None else how(value)

    def number(self, value: float, digits: int = 0) -> str:
        """A magnitude with separated thousands."""
        return f"{abs(value):,.{digits}f}"

    def kwh(self, wh: float) -> str:
        """An energy in kWh without its unit: a decimal only below 100."""
        return self.number(wh / 1000, 1 if abs(wh) < 99_950 else 0)

    def energy(self, wh: float) -> str:
        """An energy with its unit."""
        return f"{self.kwh(wh)} {pick(_KWH, self.lang)}"

    def percent(self, frac: float, digits: int | None = None) -> str:
        """A fraction in whole percent unless told otherwise; nearly nothing or all gets a decimal."""
        percent = abs(frac) * 100
        if digits is None:
            digits = 1 if 0 < percent < 1 or 99 < percent < 100 else 0
        return f"{percent:.{digits}f}\u00a0%"

    def hours(self, hours: float) -> str:
        """A number of hours with one decimal."""
        return self.number(hours, 1)

    def length(self, seconds: float) -> str:
        """A length of time as people say it: from two days on in days and hours."""
        if seconds < 2 * _DAY_S:
            return duration(seconds, self.lang.value)
        days, hours = divmod(round(seconds / 3600), 24)
        told = say(_DAYS, self.lang, days=str(days))
        return f"{told} {duration(hours * 3600, self.lang.value)}" if hours else told

    def temperature(self, celsius: float) -> str:
        """Degrees Celsius, below zero in words."""
        return say_kind(Kind.TEMPERATURE, celsius, self.lang.value)

    def month(self, month: Month) -> str:
        """E.g. ตุลาคม 2569, or October 2026."""
        return month_name(month.year, month.month, self.lang)

    def date(self, day: date) -> str:
        """E.g. 21 ต.ค. 2569, or 21 Oct 2026."""
        return short_date(day, self.lang)

    def moment(self, at_s: float) -> str:
        """Date and time of day of a moment in Unix seconds."""
        at = datetime.fromtimestamp(at_s, self.zone)
        return f"{short_date(at.date(), self.lang)} {say(_CLOCK, self.lang, time=f'{at:%H:%M}')}"

    def listed(self, names: list[str]) -> str:
        """Names as people list them."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])}{pick(_AND, self.lang)}{names[-1]}"
