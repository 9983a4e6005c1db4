"""What energy is worth: light before diesel before pumping, and something is left for the next night."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from planned_days import EVENING_S, NOON_S, scenarios
from planner_village import default_config

from controller.core.model import PriorityClass
from controller.planner.plan_prices import (
    end_prices,
    genset_thb_per_wh,
    replacement_thb_per_wh,
    unserved_prices,
)

CONFIG = default_config()


def test_who_matters_more_is_dearer_to_the_last_watt() -> None:
    dearest_first = [unserved_prices(CONFIG, priority) for priority in PriorityClass]
    for dear, cheap in pairwise(dearest_first):
        assert dear[0][1] > cheap[-1][1]


@pytest.mark.parametrize("priority", PriorityClass)
def test_a_little_less_light_costs_less_than_darkness(priority: PriorityClass) -> None:
    parts, prices = zip(*unserved_prices(CONFIG, priority), strict=True)
    assert sum(parts) == pytest.approx(1.0)
    assert list(prices) == sorted(set(prices))


def test_houses_are_worth_the_diesel_and_the_pump_is_not() -> None:
    diesel = genset_thb_per_wh(CONFIG.genset) if CONFIG.genset else 0.0
    assert unserved_prices(CONFIG, PriorityClass.FLEXIBLE)[0][1] < diesel
    assert diesel < unserved_prices(CONFIG, PriorityClass.HOUSEHOLD)[0][1]


def test_energy_is_replaced_the_cheapest_way_there_is() -> None:
    light = replacement_thb_per_wh(CONFIG, with_genset=False, grid_thb_per_wh=None)
    diesel = replacement_thb_per_wh(CONFIG, with_genset=True, grid_thb_per_wh=None)
    grid = replacement_thb_per_wh(CONFIG, with_genset=True, grid_thb_per_wh=0.004)
    assert light > diesel > grid == 0.004


@pytest.mark.parametrize("at_s", [NOON_S, EVENING_S])
def test_what_is_left_is_worth_less_the_more_it_is(at_s: int) -> None:
    made, _ = scenarios(at_s, sun=0.7)
    energies, prices = zip(*end_prices(made, CONFIG, 0.011, 0.96), strict=True)
    assert sum(energies) == pytest.approx(CONFIG.battery.energy_wh)
    assert list(prices) == sorted(prices, reverse=True)
    assert all(energy > 0 for energy in energies)
    assert 0 < prices[-1] < prices[0] < 0.011


def test_before_a_night_more_is_worth_keeping_than_before_a_day() -> None:
    worth = {
        at_s: sum(
            energy * price for energy, price in end_prices(scenarios(at_s, sun=0.9)[0], CONFIG, 0.011, 0.96)
        )
        for at_s in (NOON_S, EVENING_S)
    }
    assert worth[EVENING_S] > 1.1 * worth[NOON_S]


def test_a_battery_full_enough_for_any_night_is_worth_a_little_more_all_the_same() -> None:
    made, _ = scenarios(NOON_S, sun=3.0, paths=np.ones(2))
    prices = [price for _, price in end_prices(made, CONFIG, 0.011, 0.96)]
    assert prices[0] > 0.8 * 0.011
    assert 0 < prices[-1] < 0.05 * 0.011
