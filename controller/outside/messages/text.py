"""Messages in words: Thai or English, short, the gravest first, with what to do first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.core.alarming import alarm_text
from controller.core.alarming.book import RECURRED
from controller.core.dates import day_and_month
from controller.core.model import Text
from controller.core.reasons import Language
from controller.outside.messages.model import Item, Kind, Style
from controller.outside.messages.sms import fitted
from controller.telemetry.alarm_log import Severity

MOST_IN_FULL = 5
"""So many alarms are told with sentence and remedy, the others by their title."""
MOST_TITLES = 20
"""Beyond, they are only counted: nobody reads on."""
_GRADE = {
    Severity.CRITICAL: Text("ด่วน", "URGENT"),
    Severity.WARNING: Text("เตือน", "Warning"),
    Severity.NOTICE: Text("แจ้งให้ทราบ", "For your information"),
}
_ALL_OVER = Text("เรียบร้อยแล้ว", "All over")
_SINCE = Text("ตั้งแต่ {begin}", "Since {begin}")
_TITLE_SINCE = Text("{title} ตั้งแต่ {begin}", "{title}, since {begin}")
_OVER = Text("หายแล้ว: {title} {begin} ถึง {end}", "Over: {title}, {begin} to {end}")
_TIMES = Text(" (รวม {times} ครั้ง)", " ({times} times)")
_FIRST = Text("ทำก่อน: {first}", "First: {first}")
_MORE = Text("และอีก {count} เรื่อง", "and {count} more")
_TEST = Text("ทดสอบ", "Test")
_TEST_BODY = Text(
    "นี่คือข้อความทดสอบจากระบบไฟฟ้าของหมู่บ้าน ถ้าได้รับ แปลว่าช่องทางนี้ใช้ได้ ไม่ต้องทำอะไร",
    "This is a test message from the village's power house. If you can read it, this channel works. "
    "There is nothing to do.",
)


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words; an SMS has no title of its own."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one site and one language."""

    site: Text
    zone: ZoneInfo
    language: Language
    names: Mapping[str, Text]
    """Feeders, arrays, the genset: their ids and how people call them."""

    def message(self, items: Sequence[Item], style: Style, now: datetime) -> Written:
        """A message on alarms, the gravest first. `now`: times of another day get their date."""
        if style is Style.SMS:
            return Written("", fitted(self._sms(items, now)))
        blocks = [self._in_full(item, now, alone=len(items) == 1) for item in items[:MOST_IN_FULL]]
        rest = items[MOST_IN_FULL:]
        if rest:
            lines = [self._in_a_line(item, now) for item in rest[:MOST_TITLES]]
            if len(rest) > MOST_TITLES:
                lines.append(self._in(_MORE).format(count=len(rest) - MOST_TITLES))
            blocks.append("\n".join(lines))
        return Written(f"{self._in(self.site)}: {self._headline(items)}", "\n\n".join(blocks))

    def test(self, style: Style) -> Written:
        """A message that asks for nothing."""
        title = f"{self._in(self.site)}: {self._in(_TEST)}"
        body = self._in(_TEST_BODY)
        return Written("", fitted(f"{title}. {body}")) if style is Style.SMS else Written(title, body)

    def _headline(self, items: Sequence[Item]) -> str:
        """How grave it is, and the first title: all that a locked phone shows."""
        first = items[0]
        grade = _ALL_OVER if all(item.kind is not Kind.RAISED for item in items) else _grade(first)
        more = f" {self._in(_MORE).format(count=len(items) - 1)}" if len(items) > 1 else ""
        return f"{self._in(grade)}: {self._title(first)}{more}"

    def _in_full(self, item: Item, now: datetime, *, alone: bool) -> str:
        """Title, unless the headline has it already, sentence, since when, what to do first."""
        record = item.alarm.record
        if item.kind is not Kind.RAISED:
            return self._in_a_line(item, now)
        words = alarm_text(record.code, record.params)
        since = self._in(_SINCE).format(begin=self._moment(record.raised_utc, now))
        since += self._times(item)
        lines = [] if alone else [self._title(item)]
        if words.sentence != words.title:
            lines.append(self._in(words.sentence))
        return "\n".join((*lines, since, self._in(_FIRST).format(first=self._in(words.first))))

    def _in_a_line(self, item: Item, now: datetime) -> str:
        record = item.alarm.record
        begin = self._moment(record.raised_utc, now)
        if item.kind is Kind.RAISED or record.cleared_utc is None:
            return self._in(_TITLE_SINCE).format(title=self._title(item), begin=begin)
        end = self._moment(record.cleared_utc, now)
        return self._in(_OVER).format(title=self._title(item), begin=begin, end=end) + self._times(item)

    def _sms(self, items: Sequence[Item], now: datetime) -> str:
        first = items[0]
        more = f" {self._in(_MORE).format(count=len(items) - 1)}" if len(items) > 1 else ""
        line = self._in_a_line(first, now)
        if first.kind is Kind.RAISED:
            line = f"{self._in(_grade(first))}: {line}"
        return f"{self._in(self.site)} {line}{more}"

    def _times(self, item: Item) -> str:
        """How often it was, where that was more than once."""
        recurred = item.alarm.record.params.get(RECURRED)
        times = item.alarm.times + (recurred if isinstance(recurred, int) else 0)
        return self._in(_TIMES).format(times=times) if times > 1 else ""

    def _title(self, item: Item) -> str:
        """The few words of the catalogue, and the thing it is about where it is not the whole site."""
        record = item.alarm.record
        title = self._in(alarm_text(record.code, record.params).title)
        if record.subject == "site":
            return title
        name = self.names.get(record.subject)
        return f"{title} ({record.subject if name is None else self._in(name)})"

    def _moment(self, at: datetime, now: datetime) -> str:
        local = at.astimezone(self.zone)
        clock = f"{local:%H:%M} น." if self.language == "th" else f"{local:%H:%M}"
        if local.date() == now.astimezone(self.zone).date():
            return clock
        return f"{day_and_month(local.date(), self.language)} {clock}"

    def _in(self, text: Text) -> str:
        return text.th if self.language == "th" else text.en


def _grade(item: Item) -> Text:
    return _GRADE[item.alarm.record.severity]
