"""What may be entered into the ledger: slips are refused before they stand there for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from controller.accounts.book import AccountError, Book
from controller.accounts.hand import newest_reading
from controller.accounts.ledger import Entry, EntryKind, NewEntry

_WH_PER_KWH = 1000
_MOST_KWH = 100_000_000
_LONGEST_NAME = 80
_AHEAD = timedelta(days=1)


class Desk:
    """Makes entries for one book. All raise AccountError with the remedy."""

    def __init__(self, book: Book, entries: Sequence[Entry]) -> None:
        """entries: all of the ledger, cancelled ones included."""
        self._book = book
        self._entries = entries

    def payment(
        self, household: str, satang: int, who: str, day: date | None, receipt: str | None
    ) -> NewEntry:
        """Money received [satang, > 0]; a receipt number counts once."""
        self._book.household(household)
        for entry in self._book.entries if receipt else ():
            if entry.kind is EntryKind.PAYMENT and entry.params.get("receipt") == receipt:
                msg = f"receipt {receipt} was entered already, as entry {entry.number} for {entry.household}"
                raise AccountError(msg)
        params = {"satang": satang} | ({"receipt": receipt} if receipt else {})
        return NewEntry(EntryKind.PAYMENT, household, self._day(day), named(who), params)

    def reading(
        self, household: str, kwh: str, who: str, day: date | None, rolled_over_kwh: str | None
    ) -> list[NewEntry]:
        """What a meter showed [kWh]; rolled_over_kwh: the number at which it went back to 0 since."""
        wh, when = _wh(kwh), self._day(day)
        last_wh = self._last_wh(household, when)
        new = []
        if rolled_over_kwh is not None:
            modulus_wh = _wh(rolled_over_kwh)
            if last_wh is None or modulus_wh <= last_wh:
                raise AccountError(
                    f"{rolled_over_kwh} kWh does not lie above the last reading: nothing rolled over"
                )
            params = {"old_wh": modulus_wh, "new_wh": 0}
            new.append(NewEntry(EntryKind.REPLACEMENT, household, when, named(who), params))
        elif last_wh is not None and wh < last_wh:
            msg = (
                f"{kwh} kWh is less than the last reading, {last_wh / _WH_PER_KWH:.1f} kWh. If the meter "
                "went past its largest number, say at which, as --rolled-over 100000; if it is another "
                "meter, use `tawan account replace`; if the last reading was wrong, cancel it first"
            )
            raise AccountError(msg)
        new.append(NewEntry(EntryKind.READING, household, when, named(who), {"wh": wh}))
        return new

    def replacement(self, household: str, old_kwh: str, new_kwh: str, who: str, day: date | None) -> NewEntry:
        """A meter read by hand was replaced: what the old one showed last, and the new one first [kWh]."""
        old_wh, new_wh, when = _wh(old_kwh), _wh(new_kwh), self._day(day)
        last_wh = self._last_wh(household, when)
        if last_wh is not None and old_wh < last_wh:
            msg = (
                f"the old meter showed {last_wh / _WH_PER_KWH:.1f} kWh at its last reading, so it cannot "
                f"have ended at {old_kwh}: if it could not be read any more, give its last reading as --old"
            )
            raise AccountError(msg)
        params = {"old_wh": old_wh, "new_wh": new_wh}
        return NewEntry(EntryKind.REPLACEMENT, household, when, named(who), params)

    def cancel(self, number: int, who: str, because: str) -> NewEntry:
        """An earlier entry does not count; it stays where it stands."""
        found = next((entry for entry in self._book.entries if entry.number == number), None)
        if found is None:
            raise AccountError(f"there is no entry {number} that counts: `tawan account list` shows them")
        newer = [
            entry.number
            for entry in self._book.of(found.household)
            if found.kind is EntryKind.CHARGE
            and entry.kind is EntryKind.CHARGE
            and entry.params["month"] > found.params["month"]
        ]
        if newer:
            raise AccountError(f"a later month was closed by entry {newer[-1]}: cancel that first")
        params = {"number": number, "because": named(because)}
        return NewEntry(EntryKind.CANCEL, found.household, self._book.today, named(who), params)

    def _last_wh(self, household: str, day: date) -> int | None:
        """What the household's meter showed at its last reading, which no new one may precede."""
        settings = self._book.household(household)
        if settings.meter is not None:
            raise AccountError(f"{household} has a meter that Tawan reads by itself: {settings.meter}")
        if self._book.is_closed(household, day):
            raise AccountError(
                f"the month of that reading is closed for {household}: enter it with a later day"
            )
        last = newest_reading(self._book.of(household))
        if last is not None and day < last.day:
            raise AccountError(f"the newest reading of {household} is of {last.day}: enter readings in order")
        return None if last is None else last.wh

    def _day(self, day: date | None) -> date:
        """The day of an entry, today by default; the clock of the host must be plausible."""
        newest = max((entry.at_utc for entry in self._entries), default=None)
        if day is None and newest is not None and newest > self._book.now_utc + _AHEAD:
            msg = (
                f"the clock says {self._book.today}, but the newest entry was made on {newest:%Y-%m-%d}: "
                "set the clock, or give the day with --on"
            )
            raise AccountError(msg)
        if day is not None and day > self._book.today + _AHEAD:
            raise AccountError(f"{day} is still to come")
        return day or self._book.today


def _wh(kwh: str) -> int:
    """What somebody typed [kWh], in Wh."""
    try:
        value = Decimal(kwh.replace(",", ""))
    except InvalidOperation:
        raise AccountError(f"{kwh!r} is no reading: write kWh as the meter shows them, as 1234.5") from None
    if not value.is_finite() or not 0 <= value <= _MOST_KWH:
        raise AccountError(f"{kwh!r}: a reading lies between 0 and {_MOST_KWH:,} kWh")
    return int(value * _WH_PER_KWH)


def named(text: str) -> str:
    """A name or a reason that says something."""
    found = " ".join(text.split())
    if not 0 < len(found) <= _LONGEST_NAME:
        raise AccountError(f"write 1 to {_LONGEST_NAME} characters, not {text!r}")
    return found
