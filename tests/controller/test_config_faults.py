"""Every mistake in a config file is named with its place, what was found and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_configs import PROFILES, Bad, default_text
from bad_configs_accounts import ACCOUNTS
from bad_configs_alarms import ALARMS
from bad_configs_forecast import FORECAST
from bad_configs_grid import GRID
from bad_configs_influx import INFLUX
from bad_configs_messages import MESSAGES
from bad_configs_mqtt import MQTT
from bad_configs_numbers import NUMBERS
from bad_configs_parts import PARTS
from bad_configs_planning import PLANNING
from bad_configs_schema import SCHEMA
from bad_configs_traps import TRAPS
from typer.testing import CliRunner

from controller.cli import app
from controller.config_file import EXIT_CONFIG, ConfigError, Fault, load_config

ALL = {
    **SCHEMA,
    **TRAPS,
    **PARTS,
    **NUMBERS,
    **FORECAST,
    **GRID,
    **PLANNING,
    **ALARMS,
    **ACCOUNTS,
    **MESSAGES,
    **MQTT,
    **INFLUX,
}


def faults_of(text: str, tmp_path: Path) -> tuple[Fault, ...]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, PROFILES)
    return caught.value.faults


@pytest.mark.parametrize("case", ALL.values(), ids=ALL.keys())
def test_a_mistake_is_named_with_place_finding_and_remedy(case: Bad, tmp_path: Path) -> None:
    faults = faults_of(case.edit(default_text()), tmp_path)
    here = [fault for fault in faults if fault.path == case.path]
    assert here, f"faults are at {[fault.path for fault in faults]}"
    block = "\n".join(fault.block() for fault in here)
    for fragment in case.says:
        assert fragment in block
    for fault in faults:
        assert fault.line is not None
        assert fault.found
        assert fault.message


@pytest.mark.parametrize("case", ALL.values(), ids=ALL.keys())
def test_the_controller_does_not_start_with_a_mistake(case: Bad, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(case.edit(default_text()), encoding="utf-8")
    result = CliRunner().invoke(app, ["run", "--config", str(path)])
    assert result.exit_code == EXIT_CONFIG
    assert str(path) in result.output
    assert list(tmp_path.iterdir()) == [path]


def test_there_are_enough_mistakes() -> None:
    assert len(ALL) >= 60
