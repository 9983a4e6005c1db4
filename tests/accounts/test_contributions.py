"""Money is exact, and a month's contribution follows the rules of the group."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.accounts.money import baht_text, parse_baht, rounded_satang
from controller.accounts.tariff import ChargeKind, Tariff, charge

BLOCKS = Tariff(3000, Decimal("4.5"), 20_000, Decimal("7.25"))


@pytest.mark.parametrize(
    ("text", "satang"), [("200", 20_000), ("1,250.50", 125_050), (" 0.01 ", 1), ("๒๐๐", 20_000)]
)
def test_an_amount_is_read_as_people_write_it(text: str, satang: int) -> None:
    assert parse_baht(text) == satang


@pytest.mark.parametrize("text", ["", "two", "0", "-5", "1.234", "1e9", "nan", "inf"])
def test_what_is_no_payment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|satang"):
        parse_baht(text)


@given(st.integers(1, 100_000_000))
def test_an_amount_survives_being_written_and_read(satang: int) -> None:
    assert parse_baht(baht_text(satang)) == satang


def test_half_a_satang_is_rounded_up_wherever_it_stands() -> None:
    assert [rounded_satang(Decimal(text)) for text in ("0.005", "0.015", "0.025", "2.675")] == [1, 2, 3, 268]


def test_the_second_block_costs_its_own_price() -> None:
    due = charge(BLOCKS, 31_500)
    assert [(line.kind, line.wh, line.satang) for line in due.lines] == [
        (ChargeKind.MONTHLY, None, 3000),
        (ChargeKind.ENERGY, 20_000, 9000),
        (ChargeKind.BEYOND, 11_500, 8338),  # 83.375 baht
    ]
    assert due.satang == 20_338


def test_within_the_first_block_nothing_costs_more() -> None:
    assert charge(BLOCKS, 20_000).satang == 3000 + 9000
    assert charge(BLOCKS, 0).satang == 3000


def test_for_energy_that_nobody_knows_nothing_is_asked() -> None:
    assert [line.kind for line in charge(BLOCKS, None).lines] == [ChargeKind.MONTHLY]


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_who_uses_more_never_owes_less(one_wh: int, other_wh: int) -> None:
    less, more = sorted((one_wh, other_wh))
    assert charge(BLOCKS, less).satang <= charge(BLOCKS, more).satang
