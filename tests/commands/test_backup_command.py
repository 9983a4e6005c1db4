"""`tawan backup` and `tawan restore` as a technician meets them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.clock import ScaledClock
from controller.runtime.single import only_one
from controller.telemetry.backup import last_backup
from controller.telemetry.chain import LOST, SALVAGED
from controller.telemetry.decision_log import DecisionRecord, seal
from controller.telemetry.store import TelemetryStore
from controller.trusted_clock import RELEASED

ROOT = Path(__file__).resolve().parents[2]


def tawan(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


async def _recorded(path: Path) -> None:
    store = TelemetryStore(path, boot_id="boot", clock=ScaledClock.starting(RELEASED, 1.0))
    await store.open()
    await store.append_decisions([], {"remembered": True})
    await store.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example site with its files below tmp_path, and something recorded."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for told in ("/run/tawan", "/var/lib/tawan"):
        assert told in text
        text = text.replace(told, str(tmp_path / told.split("/")[1]))
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    asyncio.run(_recorded(tmp_path / "var" / "telemetry.db"))
    (tmp_path / "run").mkdir()
    (tmp_path / "stick").mkdir()
    return path


def test_a_new_card_gets_everything_back(config: Path) -> None:
    folder = config.parent
    made = tawan("backup", "--to", folder / "stick", "--config", config)
    assert made.exit_code == 0, made.output
    assert "read back and sound" in made.output
    assert "same disk" in made.output
    assert last_backup(folder / "var" / "telemetry.db") is not None

    (file,) = (folder / "stick").iterdir()
    text = config.read_text(encoding="utf-8")
    config.unlink()
    (folder / "var" / "telemetry.db").unlink()
    done = tawan("restore", file, "--with-config", "--config", config)
    assert done.exit_code == 0, done.output
    assert "systemctl start tawan-controller" in done.output
    assert config.read_text(encoding="utf-8") == text
    assert (folder / "var" / "telemetry.db").exists()


def test_nothing_is_restored_under_a_running_controller(config: Path) -> None:
    folder = config.parent
    tawan("backup", folder / "stick" / "a.db", "--config", config)
    before = (folder / "var" / "telemetry.db").read_bytes()
    with only_one(folder / "run"):
        refused = tawan("restore", folder / "stick" / "a.db", "--with-config", "--config", config)
    assert refused.exit_code == 1
    assert "systemctl stop tawan-controller" in refused.output
    assert (folder / "var" / "telemetry.db").read_bytes() == before
    assert not list(folder.glob("config.yaml.*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say where"),
        (["a.db", "--to", "."], "say where"),
        (["--to", "/nowhere"], "Is the stick plugged in"),
        (["{tmp}/stick"], "is a folder: write --to"),
        (["{tmp}/usb/"], "usb is no folder. Is the stick plugged in"),
    ],
)
def test_a_backup_that_has_no_place_says_what_to_write(config: Path, arguments: list[str], said: str) -> None:
    told = [argument.replace("{tmp}", str(config.parent)) for argument in arguments]
    refused = tawan("backup", *told, "--config", config)
    assert refused.exit_code in {1, 2}
    assert said in refused.output


def test_a_bare_store_holds_no_config(config: Path) -> None:
    store = config.parent / "var" / "telemetry.db"
    refused = tawan("restore", store, "--with-config", "--config", config)
    assert refused.exit_code == 1
    assert "holds no config.yaml" in refused.output


def test_an_audit_names_what_was_lost_with_a_damaged_file(config: Path) -> None:
    store = config.parent / "var" / "telemetry.db"
    with closing(sqlite3.connect(store)) as connection, connection:
        told = {"file": "telemetry.db.corrupt-1", LOST: [[1, 4]]}
        entry = DecisionRecord(RELEASED, "boot", 1.0, "site", "salvage", SALVAGED, told)
        connection.execute(
            "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", seal(entry, 5, "0" * 64)
        )
    shown = tawan("audit", "--file", store)
    assert shown.exit_code == 3
    assert (
        "LOST: up to 4 entries, numbers 1 to 4, with the damaged file telemetry.db.corrupt-1" in shown.output
    )
    assert "whole but for what is told above" in shown.output
