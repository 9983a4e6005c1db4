"""`tawan account` and `tawan statement`, as a technician uses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from accounted_village import write_config
from typer.testing import CliRunner

from controller.cli import app


@pytest.fixture(autouse=True)
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, 5, tzinfo=UTC)
    monkeypatch.setattr("controller.commands.account.present", lambda: now)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path)


def tawan(config: Path, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert result.exit_code == 0, result.output
    return result.output


def refused(config: Path, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture
def october(config: Path) -> Path:
    """A household with a month by hand and a payment."""
    tawan(config, "account", "pay", "h002", "150", "--by", "สมชาย", "--receipt", "17", "--on", "2026-10-05")
    tawan(config, "account", "read", "h002", "1200", "--by", "นก", "--on", "2026-10-01")
    tawan(config, "account", "read", "h002", "1231.5", "--by", "นก", "--on", "2026-11-01")
    tawan(config, "account", "close", "2026-10", "--by", "นก")
    return config


def test_what_was_entered_is_listed_and_proved(october: Path) -> None:
    listed = tawan(october, "account", "list", "h002")
    assert "paid 150.00 baht, receipt 17" in listed
    assert "2026-10 closed: 31.5 kWh, 203.38 baht" in listed
    assert "h001" not in listed
    assert "whole: 5 entries" in tawan(october, "account", "verify")
    assert "h002: owes" in tawan(october, "account", "balances")
    assert "is not in the chain" in refused(october, "account", "verify", "--head", "f" * 64)


def test_a_statement_says_all_in_thai_first(october: Path, tmp_path: Path) -> None:
    page = tmp_path / "s.html"
    tawan(october, "statement", "h002", "--month", "2026-10", "--out", str(page))
    text = page.read_text(encoding="utf-8")
    assert '<html lang="th">' in text
    for words in (
        "ตุลาคม 2569",
        "31.5 หน่วย",
        "ค่าบำรุงรายเดือน",
        "203.38 บาท",
        "ใบเสร็จเลขที่ 17",
        "ยอดค้างชำระ",
        "53.38",
    ):
        assert words in text
    assert "ไม่ตัดไฟบ้านใด" in text
    assert not re.search(r"https?://|<script|[-−][\d,]+\.\d", re.sub(r"(?s)<style>.*?</style>", "", text))
    assert page.stat().st_mode & 0o077 == 0


def test_a_statement_in_english_in_the_terminal(october: Path) -> None:
    text = tawan(october, "statement", "h002", "--month", "2026-10", "--text", "--lang", "en")
    assert "Electricity used: 31.5 kWh" in text
    assert "11.500 kWh beyond that, at 7.25 baht: 83.38 baht" in text
    assert "The balance is low" in text


def test_a_statement_shows_one_household_and_nobody_else(october: Path, tmp_path: Path) -> None:
    page = tmp_path / "s.html"
    tawan(october, "statement", "h001", "--month", "2026-10", "--out", str(page))
    text = page.read_text(encoding="utf-8")
    assert "ลุงสมชาย" in text
    assert "h002" not in text
    assert "ป้านก" not in text


def test_a_sheet_for_everybody(october: Path, tmp_path: Path) -> None:
    page = tmp_path / "all.html"
    tawan(october, "statement", "--all", "--month", "2026-11", "--out", str(page))
    assert page.read_text(encoding="utf-8").count("<article>") == 3


def test_a_name_cannot_break_the_page(tmp_path: Path) -> None:
    accounts = """
accounts:
  since: "2026-10"
  groups: {homes: {name: {th: ก, en: A}, feeders: [houses_a]}}
  households: {h001: {name: "<script>alert(1)</script>", feeder: houses_a}}
"""
    config, page = write_config(tmp_path, accounts), tmp_path / "s.html"
    tawan(config, "statement", "h001", "--month", "2026-10", "--out", str(page))
    assert "<script" not in page.read_text(encoding="utf-8")


def test_mistakes_are_explained(config: Path, tmp_path: Path) -> None:
    assert "no household h009" in refused(config, "statement", "h009", "--month", "2026-10")
    assert "is no month" in refused(config, "statement", "h001", "--month", "October")
    assert "is no day" in refused(config, "account", "pay", "h001", "5", "--by", "a", "--on", "today")
    assert "no amount" in refused(config, "account", "pay", "h001", "five", "--by", "a")
    nowhere = str(tmp_path / "none" / "s.html")
    assert "cannot be written" in refused(config, "statement", "h001", "--month", "2026-10", "--out", nowhere)
    assert "no section accounts" in refused(write_config(tmp_path, ""), "account", "balances")
