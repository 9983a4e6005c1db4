"""What each group used and is to contribute in a month, feeder by feeder: for the committee of the fund."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from controller.accounts.book import Book, tariff_of
from controller.accounts.tariff import Tariff, charge
from controller.core.model import Feeder, Site
from controller.settings.accounts import GroupSettings
from controller.telemetry.energy import FeederEnergy, feeder_energy, local_midnight, next_month


@dataclass(frozen=True, slots=True)
class FeederMonth:
    """A feeder in a month."""

    feeder: Feeder
    used: FeederEnergy
    """By the feeder's own meter."""
    accounts: int
    """Households with an account of their own."""
    households_wh: int
    """What those used, as far as it is known [Wh]."""
    due_satang: int
    """What its households are to contribute."""


@dataclass(frozen=True, slots=True)
class GroupMonth:
    """A group in a month."""

    id: str
    group: GroupSettings
    feeders: tuple[FeederMonth, ...]

    @property
    def due_satang(self) -> int:
        """What its households are to contribute."""
        return sum(each.due_satang for each in self.feeders)


class Groups:
    """The groups of a village."""

    def __init__(self, site: Site, book: Book) -> None:
        self._site = site
        self._book = book

    def month(self, month: date) -> tuple[GroupMonth, ...]:
        """All groups in a month that has begun. Raises AccountError, StorageError."""
        self._book.need_month(month)
        return tuple(
            GroupMonth(name, group, tuple(self._feeders(group, month)))
            for name, group in self._book.settings.groups.items()
        )

    def _feeders(self, group: GroupSettings, month: date) -> Iterator[FeederMonth]:
        book = self._book
        start_utc = local_midnight(month, book.zone)
        end_utc = min(local_midnight(next_month(month), book.zone), book.now_utc)
        for feeder in (each for each in self._site.feeders if each.id in group.feeders):
            used = feeder_energy(book.telemetry, self._site, feeder.id, start_utc, end_utc)
            accounts = [
                book.statement(name, month, daily=False) for name in book.households_of(feeder.id, month)
            ]
            if accounts:
                due_satang = sum(each.charge.satang for each in accounts)
            else:
                wh = None if used.energy.wh is None else round(used.energy.wh)
                due_satang = charge(of_all(tariff_of(group), feeder.households), wh).satang
            households_wh = sum(each.use.wh or 0 for each in accounts)
            yield FeederMonth(feeder, used, len(accounts), households_wh, due_satang)


def of_all(tariff: Tariff, households: int) -> Tariff:
    """The rules of one household, for as many that share a feeder's meter."""
    block_wh = None if tariff.block_wh is None else tariff.block_wh * households
    return replace(tariff, monthly_satang=tariff.monthly_satang * households, block_wh=block_wh)
