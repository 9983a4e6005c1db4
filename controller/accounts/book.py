"""The accounts of all households, from config.yaml, the ledger and what the meters counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from controller.accounts.ledger import Entry, EntryKind, Ledger, NewEntry, valid
from controller.accounts.money import exact, rounded_satang
from controller.accounts.tariff import Charge, ChargeKind, ChargeLine, Tariff, charge
from controller.accounts.use import Use, daily_use, hand_use, metered_use
from controller.settings.accounts import AccountsSettings, GroupSettings, HouseholdSettings
from controller.telemetry.energy import local_midnight, next_month


class AccountError(Exception):
    """What was asked of the accounts cannot be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A household's account of a month."""

    household: str
    name: str | None
    group: GroupSettings
    month: date
    """Its first day."""
    use: Use
    charge: Charge
    closed: bool
    """The month was closed: nothing of it changes any more."""
    before_satang: int
    """Balance at its beginning; < 0: owed."""
    payments: tuple[Entry, ...]
    """Those received in the month."""
    days: dict[date, float | None]
    """Energy of each day [Wh], of a meter that Tawan reads; empty for others."""

    @property
    def paid_satang(self) -> int:
        """Received in the month."""
        return sum(int(entry.params["satang"]) for entry in self.payments)

    @property
    def after_satang(self) -> int:
        """Balance at its end; < 0: owed."""
        return self.before_satang + self.paid_satang - self.charge.satang

    @property
    def low(self) -> bool:
        """Whether a prepaid balance is below what the group wants to be told of."""
        prepaid = self.group.prepaid
        return prepaid is not None and self.after_satang < rounded_satang(exact(prepaid.low_thb))


def tariff_of(group: GroupSettings) -> Tariff:
    """The rules of a group, as exact numbers."""
    beyond = group.beyond
    return Tariff(
        rounded_satang(exact(group.monthly_thb)),
        exact(group.thb_per_kwh),
        None if beyond is None else beyond.kwh * 1000,
        Decimal(0) if beyond is None else exact(beyond.thb_per_kwh),
    )


class Book:
    """The accounts as they are now. Reading them writes nothing; `closing` says what is to be entered."""

    def __init__(
        self, settings: AccountsSettings, zone: ZoneInfo, ledger: Ledger, telemetry: Path, now_utc: datetime
    ) -> None:
        """Read the ledger. Raises StorageError."""
        self.settings = settings
        self.zone = zone
        self.telemetry = telemetry
        self.now_utc = now_utc
        self.entries: Sequence[Entry] = valid(ledger.entries())
        """Those that count."""

    @property
    def today(self) -> date:
        """The local day."""
        return self.now_utc.astimezone(self.zone).date()

    @property
    def households(self) -> tuple[str, ...]:
        """Their ids, in the order of config.yaml."""
        return tuple(self.settings.households)

    def household(self, name: str) -> HouseholdSettings:
        """What config.yaml says of a household. Raises AccountError."""
        try:
            return self.settings.households[name]
        except KeyError:
            known = ", ".join(self.settings.households) or "none"
            msg = f"there is no household {name} under accounts.households of config.yaml; known are: {known}"
            raise AccountError(msg) from None

    def of(self, household: str) -> list[Entry]:
        """The entries of a household that count."""
        return [entry for entry in self.entries if entry.household == household]

    def households_of(self, feeder: str, month: date) -> tuple[str, ...]:
        """Those on a feeder that have an account in a month."""
        homes = self.settings.households.items()
        return tuple(
            name for name, home in homes if home.feeder == feeder and self._first_month(name) <= month
        )

    def need_month(self, month: date) -> None:
        """Raises AccountError for a month for which nobody has an account."""
        first = date.fromisoformat(f"{self.settings.since}-01")
        if not first <= month <= self.today:
            msg = f"there are accounts from {first:%Y-%m} to {self.today:%Y-%m}, not for {month:%Y-%m}"
            raise AccountError(msg)

    def is_closed(self, household: str, day: date) -> bool:
        """Whether the month that ends with the beginning of a day, or holds it, was closed."""
        month = (day - timedelta(days=1)).replace(day=1)
        return _closed(self.of(household), month) is not None

    def statement(self, household: str, month: date, *, daily: bool = True) -> Statement:
        """A household's account of a month; daily: with the energy of each day.

        Raises AccountError for an unknown household or a month without account, StorageError.
        """
        first = self._first_month(household)
        if not first <= month <= self.today:
            msg = f"{household} has an account from {first:%Y-%m} to {self.today:%Y-%m}, not in {month:%Y-%m}"
            raise AccountError(msg)
        entries, settings = self.of(household), self.household(household)
        closed = _closed(entries, month)
        use = self._use(household, entries, month)
        if closed is not None:  # whatever came to be known since
            use = replace(use, wh=closed.params["wh"], known_frac=closed.params["known_frac"])
        until = next_month(month)
        payments = [entry for entry in entries if entry.kind is EntryKind.PAYMENT and entry.day < until]
        earlier = sum(
            self._charge(household, entries, each).satang for each in _months(first, month) if each < month
        )
        paid_before = sum(int(entry.params["satang"]) for entry in payments if entry.day < month)
        return Statement(
            household=household,
            name=settings.name,
            group=self._group(settings),
            month=month,
            use=use,
            charge=self._charge(household, entries, month, use),
            closed=closed is not None,
            before_satang=paid_before - earlier,
            payments=tuple(entry for entry in payments if entry.day >= month),
            days=self._days(settings.meter, month) if daily and settings.meter is not None else {},
        )

    def closing(self, month: date, who: str) -> list[NewEntry]:
        """Entries that close a month for every household whose month is open. Raises as `statement`."""
        if local_midnight(next_month(month), self.zone) > self.now_utc:
            raise AccountError(
                f"{month:%Y-%m} is not over yet: it can be closed from the first of the next month"
            )
        new = []
        for name in self.households:
            entries = self.of(name)
            if self._first_month(name) > month or _closed(entries, month) is not None:
                continue
            for earlier in _months(self._first_month(name), month):
                if earlier < month and _closed(entries, earlier) is None:
                    raise AccountError(f"{earlier:%Y-%m} is still open for {name}: close it first")
            use = self._use(name, entries, month)
            due = self._charge(name, entries, month, use)
            new.append(
                NewEntry(EntryKind.CHARGE, name, next_month(month), who, _charge_params(month, use, due))
            )
        return new

    def _charge(
        self, household: str, entries: Sequence[Entry], month: date, use: Use | None = None
    ) -> Charge:
        """What is owed for a month: as it was closed, else as things are. use: of the month, if known."""
        closed = _closed(entries, month)
        if closed is not None:
            return _charge_of(closed)
        known = use or self._use(household, entries, month)
        return charge(tariff_of(self._group(self.household(household))), known.wh)

    def _use(self, household: str, entries: Sequence[Entry], month: date) -> Use:
        settings = self.household(household)
        if settings.meter is None:
            return hand_use(entries, month)
        return metered_use(self.telemetry, settings.meter, month, self.zone, self.now_utc)

    def _days(self, meter: str, month: date) -> dict[date, float | None]:
        days = daily_use(self.telemetry, meter, month, self.zone)
        return {day: wh for day, wh in days.items() if day <= self.today}

    def _first_month(self, household: str) -> date:
        text = self.household(household).since or self.settings.since
        return date.fromisoformat(f"{text}-01")

    def _group(self, settings: HouseholdSettings) -> GroupSettings:
        return next(group for group in self.settings.groups.values() if settings.feeder in group.feeders)


def _months(first: date, last: date) -> Iterator[date]:
    """First days of months from first to last, both included."""
    while first <= last:
        yield first
        first = next_month(first)


def _closed(entries: Sequence[Entry], month: date) -> Entry | None:
    """The entry that closed a month."""
    text = f"{month:%Y-%m}"
    charges = (entry for entry in entries if entry.kind is EntryKind.CHARGE)
    return next((entry for entry in charges if entry.params["month"] == text), None)


def _charge_params(month: date, use: Use, due: Charge) -> dict[str, Any]:
    lines = [
        {
            "kind": line.kind.value,
            "satang": line.satang,
            "wh": line.wh,
            "thb_per_kwh": None if line.thb_per_kwh is None else str(line.thb_per_kwh),
        }
        for line in due.lines
    ]
    return {"month": f"{month:%Y-%m}", "wh": use.wh, "known_frac": round(use.known_frac, 4), "lines": lines}


def _charge_of(entry: Entry) -> Charge:
    return Charge(
        tuple(
            ChargeLine(
                ChargeKind(line["kind"]),
                int(line["satang"]),
                line["wh"],
                None if line["thb_per_kwh"] is None else Decimal(line["thb_per_kwh"]),
            )
            for line in entry.params["lines"]
        )
    )
