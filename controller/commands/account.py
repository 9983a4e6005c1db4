"""`tawan account`: payments, readings, closing a month."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.accounts.book import AccountError, Book
from controller.accounts.desk import Desk, named
from controller.accounts.groups import FeederMonth, Groups
from controller.accounts.ledger import FILE_NAME, Entry, EntryKind, Ledger, NewEntry
from controller.accounts.money import baht_text, parse_baht
from controller.commands.configuration import load_or_explain
from controller.settings import Config
from controller.site import site_from
from controller.telemetry.energy import Basis
from controller.telemetry.schema import StorageError

Make = Callable[[Desk], Sequence[NewEntry]]

_BASES = {Basis.COUNTER: "meter's counter", Basis.POWER: "power added up"}
_WHOLE_FRAC = 0.9995


def present() -> datetime:
    """Now, by the clock of the host."""
    return datetime.now(UTC)


def opened(config_path: Path) -> tuple[Config, Ledger, Book]:
    """The village, its ledger and its accounts as they are now.

    Raises AccountError where config.yaml has none, StorageError, SystemExit for a faulty config.yaml.
    """
    config = load_or_explain(config_path, with_profiles=False)
    if config.accounts is None:
        raise AccountError("config.yaml has no section accounts: docs/accounts.md shows one")
    ledger, telemetry = _ledger_of(config), config.storage.telemetry
    return config, ledger, Book(config.accounts, ZoneInfo(config.site.timezone), ledger, telemetry, present())


def _ledger_of(config: Config) -> Ledger:
    return Ledger(config.storage.telemetry.with_name(FILE_NAME))


def explained(work: Callable[[], int], command: str = "account") -> int:
    """The exit status of a piece of work; 1 with the reason where it cannot be done."""
    try:
        return work()
    except (AccountError, StorageError, ValueError) as error:
        print(f"tawan {command}: {error}", file=sys.stderr)
        return 1


def parse_month(text: str) -> date:
    """`2026-10` as its first day. Raises AccountError."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise AccountError(f"{text!r} is no month: write it as 2026-10") from None


def parse_day(text: str | None) -> date | None:
    """`2026-10-31` as a day, None as none. Raises AccountError."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise AccountError(f"{text!r} is no day: write it as 2026-10-31") from None


def enter(config_path: Path, make: Make) -> int:
    """Make entries, have them on the disk, and say so; returns the exit status."""

    def work() -> int:
        _, ledger, book = opened(config_path)
        entered = ledger.append(make(Desk(book, ledger.entries())), book.now_utc)
        for entry in entered:
            print(entry_text(entry))
        _, _, book = opened(config_path)
        for household in dict.fromkeys(entry.household for entry in entered):
            print(_balance(book, household))
        return 0

    return explained(work)


def pay(config_path: Path, household: str, amount: str, by: str, on: str | None, receipt: str | None) -> int:
    """Enter a payment."""
    return enter(
        config_path,
        lambda desk: [desk.payment(household, parse_baht(amount), by, parse_day(on), receipt)],
    )


def read_meter(
    config_path: Path, household: str, kwh: str, by: str, on: str | None, rolled_over: str | None
) -> int:
    """Enter what a meter showed."""
    return enter(config_path, lambda desk: desk.reading(household, kwh, by, parse_day(on), rolled_over))


def replace_meter(config_path: Path, household: str, old: str, new: str, by: str, on: str | None) -> int:
    """Enter that a meter was replaced."""
    return enter(config_path, lambda desk: [desk.replacement(household, old, new, by, parse_day(on))])


def cancel(config_path: Path, number: int, by: str, because: str) -> int:
    """Have an entry not count."""
    return enter(config_path, lambda desk: [desk.cancel(number, by, because)])


def close_month(config_path: Path, month: str, by: str) -> int:
    """Close a month for all households."""

    def work() -> int:
        _, ledger, book = opened(config_path)
        new = book.closing(parse_month(month), named(by))
        for entry in ledger.append(new, book.now_utc):
            print(entry_text(entry))
        print(f"{month}: closed for {len(new)} households." if new else f"{month} is closed for all already.")
        return 0

    return explained(work)


def list_entries(config_path: Path, household: str | None) -> int:
    """Print the ledger, of one household if given."""

    def work() -> int:
        _, ledger, book = opened(config_path)
        if household is not None:
            book.household(household)
        for entry in ledger.entries():
            if household in (None, entry.household):
                print(entry_text(entry))
        return 0

    return explained(work)


def balances(config_path: Path) -> int:
    """Print what every household has or owes now."""

    def work() -> int:
        _, _, book = opened(config_path)
        for household in book.households:
            print(_balance(book, household))
        received = sum(
            int(entry.params["satang"]) for entry in book.entries if entry.kind is EntryKind.PAYMENT
        )
        print(f"Paid into the fund in all: {baht_text(received)} baht")
        return 0

    return explained(work)


def groups(config_path: Path, month: str) -> int:
    """Print what each group and its feeders used and are to contribute."""

    def work() -> int:
        config, _, book = opened(config_path)
        for group in Groups(site_from(config), book).month(parse_month(month)):
            print(f"{group.id} ({group.group.name.th}): {baht_text(group.due_satang)} baht")
            for each in group.feeders:
                print(f"  {_feeder_text(each)}")
        return 0

    return explained(work)


def _feeder_text(each: FeederMonth) -> str:
    energy = each.used.energy
    known = None if energy.wh is None else f"{energy.wh / 1000:.1f} kWh by its {_BASES[each.used.basis]}"
    parts = [f"{each.feeder.id}: {known or 'not known'}"]
    if energy.wh is not None and energy.known_frac < _WHOLE_FRAC:
        parts.append(f"known for {100 * energy.known_frac:.1f} % of the time")
    if each.accounts:
        parts.append(f"{each.accounts} with accounts used {each.households_wh / 1000:.1f} kWh")
    else:
        parts.append(f"{each.feeder.households} households without accounts of their own")
    parts.append(f"{baht_text(each.due_satang)} baht")
    return ", ".join(parts)


def verify(config_path: Path, expected_head: str | None) -> int:
    """Recompute the chain of the ledger."""

    def work() -> int:
        ledger = _ledger_of(load_or_explain(config_path, with_profiles=False))
        report = ledger.verify(expected_head)
        if report.broken is not None:
            print(f"BROKEN at entry {report.broken}: somebody or something has changed {ledger.path}.")
            print("Keep a copy of it as it is, and tell the committee.")
            return 1
        if report.head_missing:
            print(f"The head {expected_head} is not in the chain: entries were cut off or rewritten.")
            return 1
        print(f"The chain is whole: {report.count} entries. Head: {report.head_hash}")
        print(
            "Note the head on paper. `tawan account verify --head HASH` proves later that nothing was lost."
        )
        return 0

    return explained(work)


def entry_text(entry: Entry) -> str:
    """An entry in a line."""
    return f"{entry.number}  {entry.day}  {entry.household}  {_what(entry)}  (by {entry.who})"


def _what(entry: Entry) -> str:
    params = entry.params
    match entry.kind:
        case EntryKind.PAYMENT:
            receipt = f", receipt {params['receipt']}" if "receipt" in params else ""
            return f"paid {baht_text(int(params['satang']))} baht{receipt}"
        case EntryKind.READING:
            return f"meter shows {params['wh'] / 1000:.1f} kWh"
        case EntryKind.REPLACEMENT:
            old, new = params["old_wh"] / 1000, params["new_wh"] / 1000
            return f"meter ended at {old:.1f} kWh, begins at {new:.1f} kWh"
        case EntryKind.CHARGE:
            used = "unknown" if params["wh"] is None else f"{params['wh'] / 1000:.1f} kWh"
            satang = sum(int(line["satang"]) for line in params["lines"])
            return f"{params['month']} closed: {used}, {baht_text(satang)} baht"
        case EntryKind.CANCEL:
            return f"entry {params['number']} does not count: {params['because']}"


def _balance(book: Book, household: str) -> str:
    """What a household has or owes now, this month included as far as it goes."""
    statement = book.statement(household, book.today.replace(day=1), daily=False)
    satang = statement.after_satang
    text = f"{household}: {'owes' if satang < 0 else 'has'} {baht_text(satang)} baht"
    return f"{text}, LOW" if statement.low else text
