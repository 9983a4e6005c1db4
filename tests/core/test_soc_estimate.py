"""A gauge that stands still is found out by the energy that flows past it."""

from __future__ import annotations

import pytest
from core_world import HOUSES, World
from hypothesis import given
from hypothesis import strategies as st

from controller.core.memory import from_json, to_json
from controller.core.model import Memory, PlantState, SocMemory
from controller.core.soc_estimate import believed, estimate_frac, follow

HOUR_S = 3600.0
ENERGY_WH = 120_000.0


def plant(soc_frac: float | None, battery_w: float | None) -> PlantState:
    return PlantState(0.0, 0.0, battery_w, battery_w, 0.0, soc_frac, None)


def after(soc_frac: float, battery_w: float, hours: float) -> Memory:
    """The memory after a gauge has told the same for so long."""
    memory = Memory()
    for _ in range(1 + round(hours * 60)):
        memory = follow(memory, plant(soc_frac, battery_w), ENERGY_WH, 60.0)
    return memory


def test_a_gauge_that_moves_is_believed() -> None:
    memory = Memory()
    for minute in range(600):
        memory = follow(memory, plant(0.8 - minute * 0.001, -7200.0), ENERGY_WH, 60.0)
    assert not memory.soc.frozen


def test_a_gauge_of_whole_per_cents_is_not_called_frozen_between_two_of_its_steps() -> None:
    memory = Memory()
    for minute in range(180):
        told = round(0.30 - minute * 12_000 / 60 / ENERGY_WH, 2)
        memory = follow(memory, plant(told, -12_000.0), ENERGY_WH, 60.0)
        assert not memory.soc.frozen


def test_one_that_stands_still_while_the_battery_empties_is_found_out_and_replaced_by_the_count() -> None:
    memory = after(0.50, -20_000.0, hours=1.0)
    assert memory.soc.frozen
    seen = believed(memory, plant(0.50, -20_000.0), World().site)
    # 20 kWh of 120 are gone, and some losses.
    assert seen.soc_frac == pytest.approx(0.50 - 20 / 120 / 0.95)


def test_near_the_bottom_it_is_found_out_sooner() -> None:
    assert not after(0.50, -6_000.0, hours=0.5).soc.frozen
    assert after(0.08, -6_000.0, hours=0.5).soc.frozen


def test_a_full_battery_that_is_balanced_is_no_broken_gauge() -> None:
    assert not after(1.0, 2_000.0, hours=10.0).soc.frozen
    assert after(1.0, -2_000.0, hours=5.0).soc.frozen


def test_a_gauge_that_moves_again_is_believed_at_once() -> None:
    memory = follow(after(0.50, -20_000.0, hours=1.0), plant(0.34, -20_000.0), ENERGY_WH, 60.0)
    assert memory.soc == SocMemory(told_frac=0.34)


def test_what_was_counted_survives_a_restart() -> None:
    memory = after(0.50, -20_000.0, hours=1.0)
    assert from_json(to_json(memory)).soc == memory.soc


def test_without_news_of_power_nothing_is_counted() -> None:
    before = follow(Memory(), plant(0.5, -1000.0), ENERGY_WH, 0.0)
    unseen = PlantState(None, None, None, None, None, 0.5, None)
    assert follow(before, unseen, ENERGY_WH, HOUR_S) is before


@given(told=st.floats(0, 1), moved_wh=st.floats(-1e7, 1e7))
def test_an_estimate_is_a_state_of_charge_and_on_the_careful_side(told: float, moved_wh: float) -> None:
    soc_frac = estimate_frac(SocMemory(told, moved_wh, frozen=True), told, ENERGY_WH)
    assert 0.0 <= soc_frac <= 1.0
    assert soc_frac <= max(0.0, min(1.0, told + moved_wh / ENERGY_WH)) + 1e-12


def test_behind_a_frozen_gauge_the_rules_ration_by_the_count_and_a_technician_is_told() -> None:
    village = World(soc=0.50, soc_frozen=True)
    village.loads_w = dict.fromkeys(village.loads_w, 3000.0)
    decision = village.run(3 * HOUR_S, dt_s=10)
    assert decision.plant.soc_frac is not None
    assert decision.plant.soc_frac < 0.25
    assert len(village.on() & set(HOUSES)) < len(HOUSES)
    assert "soc_frozen" in {alarm.code for alarm in decision.alarms}
    village.soc_frozen = False
    assert "soc_frozen" not in {alarm.code for alarm in village.run(20).alarms}
