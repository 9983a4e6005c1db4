"""What a household's statement says, line by line, for paper and terminal alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from controller.accounts.book import Statement
from controller.accounts.ledger import Entry
from controller.accounts.money import baht_text
from controller.accounts.tariff import ChargeLine
from controller.accounts.words import moment_text, month_text, word
from controller.core.dates import short_date

_MOST_GAPS = 4
_BAR_MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the statement."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the chart."""

    day: int
    height: float | None
    """In percent of the highest; None: nothing is known of the day."""
    title: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement in one language; all of it is text to be shown as it is."""

    language: str
    title: str
    month: str
    who: str
    group: str
    state: str
    use_title: str
    use: str
    source: str
    meter: tuple[Line, ...]
    remarks: tuple[str, ...]
    """Gaps and changes of the meter."""
    chart_title: str
    bars: tuple[Bar, ...]
    due_title: str
    due: tuple[Line, ...]
    money_title: str
    money: tuple[Line, ...]
    low: str | None
    """Notice of a low balance."""
    never_cut: str
    printed: str


class Speaker:
    """Puts a statement into words of one language."""

    def __init__(self, language: str, zone: ZoneInfo, today: date) -> None:
        self._language = language
        self._zone = zone
        self._today = today

    def view(self, statement: Statement) -> StatementView:
        """The whole statement."""
        name, say = statement.name, self._say
        group = statement.group.name
        return StatementView(
            language=self._language,
            title=say("title"),
            month=f"{say('month')} {month_text(statement.month, self._language)}",
            who=f"{say('household')} {statement.household}" + (f" {name}" if name else ""),
            group=f"{say('group')} {group.th if self._language == 'th' else group.en}",
            state=say("closed") if statement.closed else say("open", day=self._day(self._today)),
            use_title=say("use"),
            use=self._kwh(statement.use.wh),
            source=say(f"source_{statement.use.source.value}"),
            meter=tuple(self._meter(statement)),
            remarks=tuple(self._remarks(statement)),
            chart_title=say("by_day"),
            bars=tuple(self._bars(statement)),
            due_title=say("due"),
            due=tuple(self._due(statement)),
            money_title=say("money"),
            money=tuple(self._money(statement)),
            low=say("low") if statement.low else None,
            never_cut=say("never_cut"),
            printed=say("printed", day=self._day(self._today)),
        )

    def _meter(self, statement: Statement) -> Iterator[Line]:
        use = statement.use
        for key, wh, day in (
            ("opening", use.opening_wh, use.opening_day),
            ("closing", use.closing_wh, use.closing_day),
        ):
            if wh is None:
                continue
            shown = _one_decimal(wh)
            on_day = shown if day is None else self._say("on_day", value=shown, day=self._day(day))
            yield Line(self._say(key), on_day)

    def _remarks(self, statement: Statement) -> Iterator[str]:
        for change in statement.use.changes:
            old, new = _one_decimal(change.old_wh), _one_decimal(change.new_wh)
            yield self._say("changed", day=self._day(change.day), old=old, new=new)
        gaps = statement.use.gaps
        for gap in gaps[:_MOST_GAPS]:
            start, end = (moment_text(at, self._zone, self._language) for at in (gap.start_utc, gap.end_utc))
            yield self._say("lost" if gap.lost else "gap", start=start, end=end)
        if len(gaps) > _MOST_GAPS:
            yield self._say("more_gaps", count=len(gaps) - _MOST_GAPS)

    def _bars(self, statement: Statement) -> Iterator[Bar]:
        most_wh = max((wh for wh in statement.days.values() if wh is not None), default=0.0)
        for day, wh in statement.days.items():
            height = None if wh is None else _BAR_MOST * wh / most_wh if most_wh else 0.0
            yield Bar(day.day, height, f"{self._day(day)}: {self._kwh(wh)}")

    def _due(self, statement: Statement) -> Iterator[Line]:
        for line in statement.charge.lines:
            yield Line(self._charge_label(line), self._baht(line.satang))
        yield Line(self._say("sum"), self._baht(statement.charge.satang), strong=True)

    def _charge_label(self, line: ChargeLine) -> str:
        if line.wh is None or line.thb_per_kwh is None:
            return self._say(line.kind.value)
        # To the watt-hour: whoever reckons after gets the same satang.
        return self._say(line.kind.value, kwh=f"{line.wh / 1000:,.3f}", price=_price(line.thb_per_kwh))

    def _money(self, statement: Statement) -> Iterator[Line]:
        before, after = statement.before_satang, statement.after_satang
        yield Line(self._say("before_minus" if before < 0 else "before_plus"), self._baht(before))
        for payment in statement.payments:
            yield Line(self._payment_label(payment), self._baht(int(payment.params["satang"])))
        due = "due_plus" if before + statement.paid_satang < 0 else "due_minus"
        yield Line(self._say(due), self._baht(statement.charge.satang))
        yield Line(self._say("after_minus" if after < 0 else "after_plus"), self._baht(after), strong=True)

    def _payment_label(self, payment: Entry) -> str:
        label = self._say("payment", day=self._day(payment.day))
        receipt = payment.params.get("receipt")
        return label + self._say("receipt", receipt=receipt) if receipt else label

    def _say(self, key: str, **params: object) -> str:
        return word(key, self._language, **params)

    def _day(self, day: date) -> str:
        return short_date(day, self._language)

    def _baht(self, satang: int) -> str:
        return f"{baht_text(satang)} {self._say('baht')}"

    def _kwh(self, wh: float | None) -> str:
        return self._say("unknown") if wh is None else f"{_one_decimal(wh)} {self._say('units')}"


def _one_decimal(wh: float) -> str:
    """Energy in kWh, as meters show it."""
    return f"{wh / 1000:,.1f}"


def _price(thb_per_kwh: Decimal) -> str:
    """A price of a kWh as money is written, with four decimals where two cannot hold it."""
    text = f"{thb_per_kwh:.4f}"
    return text.removesuffix("00")
