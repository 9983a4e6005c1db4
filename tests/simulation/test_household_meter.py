"""A household's own meter sees its part of what the feeder's meter sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from physics_village import village_at

from controller.config_file import load_config
from controller.settings import Config
from simulation.household import HouseholdLine, metered_line

ROOT = Path(__file__).parents[2]
ACCOUNTS = """
accounts:
  since: "2026-10"
  groups: {homes: {name: {th: ก, en: A}, feeders: [houses_a]}}
  households: {h001: {feeder: houses_a, meter: meter_h001}}
"""
METER = "  meter_h001: {role: meter, profile: eastron-sdm630, bus: meters, unit: 21}\n"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("  sun: {role", f"{METER}  sun: {{role", 1) + ACCOUNTS, encoding="utf-8")
    return load_config(path)


def test_a_household_draws_its_part_of_the_feeder(config: Config) -> None:
    village = village_at(19.0)
    village.advance(village.now_s + 600.0)
    home = metered_line("meter_h001", config, village)
    feeder = metered_line("meter_houses_a", config, village)
    assert isinstance(home, HouseholdLine)
    assert feeder is village.feeders["houses_a"]
    assert feeder.energy_wh > 0
    assert home.energy_wh == pytest.approx(feeder.energy_wh / 16)
    assert home.power_w == pytest.approx(sum(home.phase_power_w))
    assert home.phase_current_a[0] == pytest.approx(feeder.phase_current_a[0] / 16)
    assert (home.voltage_v, home.frequency_hz) == (feeder.voltage_v, feeder.frequency_hz)


def test_a_meter_of_nothing_measures_nothing(config: Config) -> None:
    assert metered_line("sun", config, village_at(12.0)) is None
