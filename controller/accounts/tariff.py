"""What a household owes for a month, by the simple rules of its group. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from controller.accounts.money import rounded_satang

_WH_PER_KWH = 1000


class ChargeKind(StrEnum):
    """What a line of a charge is for."""

    MONTHLY = "monthly"
    """The flat contribution of a month."""
    ENERGY = "energy"
    """Energy at the group's price."""
    BEYOND = "beyond"
    """Energy beyond the first block, at its own price."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """The rules of a group."""

    monthly_satang: int
    """Flat, each month; >= 0."""
    thb_per_kwh: Decimal
    """>= 0."""
    block_wh: int | None = None
    """So much of a month's energy costs `thb_per_kwh`, what is beyond the next price; None: all of it."""
    beyond_thb_per_kwh: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A line of a charge."""

    kind: ChargeKind
    satang: int
    wh: int | None = None
    """The energy that it is for; None for a flat contribution."""
    thb_per_kwh: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What is owed for a month."""

    lines: tuple[ChargeLine, ...]

    @property
    def satang(self) -> int:
        """In all."""
        return sum(line.satang for line in self.lines)


def charge(tariff: Tariff, wh: int | None) -> Charge:
    """What is owed for a month's energy [Wh, >= 0]; None, not known: the flat contribution alone."""
    return Charge(tuple(_lines(tariff, wh)))


def _lines(tariff: Tariff, wh: int | None) -> Iterator[ChargeLine]:
    if tariff.monthly_satang:
        yield ChargeLine(ChargeKind.MONTHLY, tariff.monthly_satang)
    if wh is None:
        return
    first_wh = wh if tariff.block_wh is None else min(wh, tariff.block_wh)
    if tariff.thb_per_kwh:
        yield _energy(ChargeKind.ENERGY, first_wh, tariff.thb_per_kwh)
    if wh > first_wh:
        yield _energy(ChargeKind.BEYOND, wh - first_wh, tariff.beyond_thb_per_kwh)


def _energy(kind: ChargeKind, wh: int, thb_per_kwh: Decimal) -> ChargeLine:
    return ChargeLine(kind, rounded_satang(thb_per_kwh * wh / _WH_PER_KWH), wh, thb_per_kwh)
