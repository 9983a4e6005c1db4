"""How many prepaid accounts run low: a number, and no names, as alarms are shown to everybody."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.accounts.book import AccountError, Book
from controller.accounts.ledger import FILE_NAME, Ledger
from controller.settings import Config
from controller.telemetry.schema import StorageError

_log = logging.getLogger(__name__)

_NONSENSE = (KeyError, TypeError, ValueError, ArithmeticError)
"""What a ledger gives that somebody has tampered with: no reason for control to stop."""


def low_accounts(config: Config, now_utc: datetime) -> int | None:
    """Prepaid accounts whose balance is below what config.yaml says; None: that cannot be read.

    Reads the ledger and what the meters counted: it blocks, for seconds where there are many households.
    """
    accounts = config.accounts
    if accounts is None:
        return 0
    prepaid = {feeder for group in accounts.groups.values() if group.prepaid for feeder in group.feeders}
    telemetry = config.storage.telemetry
    ledger = Ledger(telemetry.with_name(FILE_NAME))
    try:
        book = Book(accounts, ZoneInfo(config.site.timezone), ledger, telemetry, now_utc)
        names = [name for name in book.households if book.household(name).feeder in prepaid]
        return sum(_is_low(book, name) for name in names)
    except (StorageError, *_NONSENSE) as error:
        _log.warning("the balances of prepaid accounts are not known: %s: %s", type(error).__name__, error)
        return None


def _is_low(book: Book, household: str) -> bool:
    """Of an account that has not begun yet nothing is low. Raises StorageError."""
    try:
        return book.statement(household, book.today.replace(day=1), daily=False).low
    except AccountError:
        return False
