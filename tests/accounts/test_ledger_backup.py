"""Payments are in the backup, and no restore takes a confirmed one away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from accounted_village import write_config
from metered_history import MeteredHistory
from typer.testing import CliRunner

from controller.accounts.ledger import Ledger
from controller.cli import app


async def _recorded(path: Path) -> None:
    async with MeteredHistory(path, datetime(2026, 11, 1, tzinfo=UTC)) as history:
        await history.read({("site", "load_w"): 100.0})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    asyncio.run(_recorded(tmp_path / "telemetry.db"))
    return write_config(tmp_path)


def tawan(config: Path, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--config", str(config)])
    assert result.exit_code == 0, result.output
    return result.output


def paid(config: Path) -> list[int]:
    return [entry.params["satang"] for entry in Ledger(config.with_name("accounts.db")).entries()]


@pytest.fixture
def backup(config: Path) -> Path:
    tawan(config, "account", "pay", "h002", "100", "--by", "a")
    file = config.with_name("backup.db")
    tawan(config, "backup", str(file))
    return file


def test_a_new_card_gets_the_payments_back(config: Path, backup: Path) -> None:
    config.with_name("accounts.db").unlink()
    assert "1 entries" in tawan(config, "restore", str(backup))
    assert paid(config) == [10_000]


def test_what_was_paid_since_the_backup_stays(config: Path, backup: Path) -> None:
    tawan(config, "account", "pay", "h002", "50", "--by", "a")
    assert "stay as they are" in tawan(config, "restore", str(backup))
    assert paid(config) == [10_000, 5_000]


def test_other_accounts_are_set_aside_and_not_deleted(config: Path, backup: Path) -> None:
    config.with_name("accounts.db").unlink()
    tawan(config, "account", "pay", "h002", "70", "--by", "a")
    assert "what stood there is" in tawan(config, "restore", str(backup))
    assert paid(config) == [10_000]
    [aside] = config.parent.glob("accounts.db.before-restore-*")
    assert [entry.params["satang"] for entry in Ledger(aside).entries()] == [7_000]
