"""The month's energy accounts by group: sums only, no household by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.accounts.book import AccountError, Book, Statement
from controller.core.model import Text
from controller.reports.figures.month import Month
from controller.settings.accounts import AccountsSettings


@dataclass(frozen=True, slots=True)
class GroupAccount:
    """What the households of a group used, owe and paid in a month."""

    name: Text
    households: int
    """With an account in that month."""
    measured: int
    """Of those whose energy is known."""
    wh: float
    """Of these [Wh]."""
    charged_satang: int
    paid_satang: int
    owing: int
    """Households whose balance at the end of the month is below zero."""
    open: int
    """Households whose month was not closed yet."""


def group_accounts(book: Book, settings: AccountsSettings, month: Month) -> list[GroupAccount]:
    """The groups of config.yaml in its order; those without an account in the month are left out.

    Raises StorageError.
    """
    statements = [each for name in book.households if (each := _statement(book, name, month)) is not None]
    return [
        _group(Text(group.name.th, group.name.en), mine)
        for group in settings.groups.values()
        if (mine := [each for each in statements if each.group == group])
    ]


def _statement(book: Book, household: str, month: Month) -> Statement | None:
    try:
        return book.statement(household, month.first)
    except AccountError:  # it had no account in that month
        return None


def _group(name: Text, statements: Sequence[Statement]) -> GroupAccount:
    known = [each.use.wh for each in statements if each.use.wh is not None]
    return GroupAccount(
        name=name,
        households=len(statements),
        measured=len(known),
        wh=float(sum(known)),
        charged_satang=sum(each.charge.satang for each in statements),
        paid_satang=sum(each.paid_satang for each in statements),
        owing=sum(each.after_satang < 0 for each in statements),
        open=sum(not each.closed for each in statements),
    )
