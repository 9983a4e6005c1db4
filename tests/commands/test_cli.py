"""The command line as a technician meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli import app

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config.yaml"


def tawan(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def bad_config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    text = CONFIG.read_text(encoding="utf-8")
    path.write_text(
        text.replace("channel: 1,", "channel: 17,").replace("soc_min_frac: 0.05", "soc_min_frac: 5")
    )
    return path


def test_help_names_every_command_and_a_first_step() -> None:
    shown = tawan("--help").output
    for command in ("demo", "run", "web", "check", "audit", "read", "watch"):
        assert command in shown
    assert "tawan demo --speed 60" in shown


def test_a_good_config_is_said_to_be_good() -> None:
    result = tawan("check", "--config", str(CONFIG))
    assert result.exit_code == 0
    assert "8 feeders" in result.output


@pytest.mark.parametrize("command", ["check", "run", "web", "demo --headless", "read battery"])
def test_no_command_starts_with_a_bad_config(bad_config: Path, command: str) -> None:
    result = tawan(*command.split(), "--config", str(bad_config))
    assert result.exit_code == 78
    assert "protection.soc_min_frac" in result.output
    assert list(bad_config.parent.iterdir()) == [bad_config]


def test_every_fault_is_told_at_once(bad_config: Path) -> None:
    shown = tawan("check", "--config", str(bad_config)).output
    assert "feeders.clinic.switch.channel" in shown
    assert "protection.soc_min_frac" in shown


def test_an_unknown_device_is_answered_with_the_known_ones() -> None:
    result = tawan("read", "meter_clinik", "--config", str(CONFIG))
    assert result.exit_code == 2
    assert "meter_clinic" in result.output


def test_watching_without_a_controller_says_so(tmp_path: Path) -> None:
    result = tawan("watch", "--once", "--image", str(tmp_path / "image.json"))
    assert result.exit_code == 1
    assert "No controller is running" in result.output


def test_an_audit_of_a_log_that_is_not_there_fails_with_its_name(tmp_path: Path) -> None:
    result = tawan("audit", "--file", str(tmp_path / "telemetry.db"))
    assert result.exit_code == 1
    assert "telemetry.db" in result.output


@pytest.mark.parametrize(("option", "value"), [("--start", "quarter past"), ("--clouds", "purple")])
def test_a_demo_option_that_makes_no_sense_is_explained(option: str, value: str) -> None:
    result = tawan("demo", option, value)
    assert result.exit_code == 2
    assert value in result.output
