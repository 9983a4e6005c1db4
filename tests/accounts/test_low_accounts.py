"""Prepaid accounts that run low are counted for the alarms; nobody is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from accounted_village import ACCOUNTS, ROOT, write_config

from controller.accounts.ledger import FILE_NAME, EntryKind, Ledger, NewEntry
from controller.commands.low_accounts import low_accounts
from controller.config_file import load_config

NOVEMBER = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path):
    return load_config(write_config(tmp_path, ACCOUNTS.replace(", meter: meter_h001", "")))


def test_those_who_paid_nothing_run_low_and_shops_that_pay_afterwards_do_not(config, tmp_path: Path) -> None:
    assert low_accounts(config, NOVEMBER) == 2
    paid = NewEntry(EntryKind.PAYMENT, "h001", date(2026, 11, 2), "malee", {"satang": 50_000})
    Ledger(tmp_path / FILE_NAME).append([paid], NOVEMBER)
    assert low_accounts(config, NOVEMBER) == 1


def test_before_the_accounts_begin_nothing_is_low(config) -> None:
    assert low_accounts(config, datetime(2026, 9, 21, 5, 0, tzinfo=UTC)) == 0


def test_a_ledger_that_cannot_be_read_is_not_known(config, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database, but longer than the header of one is" * 40)
    assert low_accounts(config, NOVEMBER) is None


def test_a_ledger_that_makes_no_sense_does_not_stop_the_controller(config, tmp_path: Path) -> None:
    strange = NewEntry(EntryKind.PAYMENT, "h001", date(2026, 11, 2), "malee", {"gold": 1})
    Ledger(tmp_path / FILE_NAME).append([strange], NOVEMBER)
    assert low_accounts(config, NOVEMBER) is None


def test_a_village_without_accounts_has_none() -> None:
    assert low_accounts(load_config(ROOT / "config.yaml"), NOVEMBER) == 0
