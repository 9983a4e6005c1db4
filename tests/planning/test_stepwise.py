"""Any microgrid, step by step: setpoints that can be, at a cost that no plain plan over a day undercuts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.planning.problem import Generator, Present, Storage
from controller.planning.stepwise import Microgrid, MicrogridPlanner, Outlook, storage_at_cells

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from microgrids import mpc, plain_programme, planned
from microgrids_made import GENSET, Made, lived, made

BATTERY = Storage(10.0, 4.0, 5.0, 0.9, 0.9, soc_min_frac=0.2)
GENERATOR = Generator(GENSET, 8.0, 2.0, 0.0, 0.6)
DULL = Outlook(np.zeros(24), np.full(24, 3.0))


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_no_dearer_than_a_day_ahead_programme_over_and_over(kind: int) -> None:
    grid = made(20 + kind, 36)
    plain, (_, best) = lived(grid, mpc), plain_programme(grid, 0, 36, grid.soc_frac)
    assert best * (1 - 1e-4) <= lived(grid, planned(grid, 36)) <= plain * (1 + 1e-4)
    assert lived(grid, planned(grid, 24)) <= plain * 1.005  # what it thinks of the time after may be wrong


def test_who_sees_the_whole_period_pays_no_more_than_the_best_course() -> None:
    grid = made(21, 30)
    _, best = plain_programme(grid, 0, 30, grid.soc_frac)
    whole = MicrogridPlanner(grid.site, planned_steps=30)
    cost = lived(grid, lambda grid, hour, soc: whole.decide(Present(soc), grid.outlook(hour, 30)))
    assert cost == pytest.approx(best, rel=1e-3)


@given(
    soc_frac=st.floats(0.0, 1.0),
    load=st.lists(st.floats(0.0, 30.0), min_size=1, max_size=6),
    sun=st.floats(0.0, 20.0),
    up=st.booleans(),
    genset=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_is_asked_for_can_always_be_done(soc_frac, load, sun, up, genset) -> None:
    site = Microgrid(10.0, BATTERY, (GENERATOR,) if genset else (), import_w=6.0, export_w=3.0)
    count = len(load)
    outlook = Outlook(
        np.full(count, sun),
        np.array(load),
        import_price_per_wh=np.full(count, 0.2),
        export_price_per_wh=np.full(count, 0.05),
        grid_up=np.full(count, up),
    )
    do = MicrogridPlanner(site).decide(Present(soc_frac), outlook)
    given_kw = do.pv_w + do.discharge_w + sum(do.generator_w.values()) + do.import_w + do.unserved_w
    assert given_kw == pytest.approx(load[0] + do.charge_w + do.export_w + do.dumped_w, abs=1e-9)
    after = soc_frac + (do.charge_w * 0.9 - do.discharge_w / 0.9) / 10.0
    assert min(0.2, soc_frac) - 1e-9 <= after <= 1.0 + 1e-9
    assert min(do.charge_w, do.discharge_w) == 0.0
    assert 0.0 <= do.pv_w <= sun
    assert 0.0 <= do.import_w <= 6.0 * up
    assert 0.0 <= do.export_w <= 3.0 * up
    assert all(power == 0.0 or 2.0 <= power <= 8.0 for power in do.generator_w.values())
    assert min(do.unserved_w, do.dumped_w) >= 0.0


def test_before_an_outage_the_battery_is_filled() -> None:
    up = np.ones(24, dtype=bool)
    up[1:4] = False
    site = Microgrid(10.0, BATTERY, import_w=20.0)
    prices = np.full(24, 0.2)
    warned = MicrogridPlanner(site).decide(
        Present(0.3), replace(DULL, import_price_per_wh=prices, grid_up=up)
    )
    unwarned = MicrogridPlanner(site).decide(Present(0.3), replace(DULL, import_price_per_wh=prices))
    assert warned.charge_w == pytest.approx(4.0)
    assert unwarned.charge_w == pytest.approx(0.0)


def test_energy_left_at_the_end_counts_only_if_something_comes_after() -> None:
    site = Microgrid(10.0, BATTERY, (GENERATOR,))
    planner = MicrogridPlanner(site, planned_steps=1)
    one_hour = Outlook(np.full(1, 3.0), np.full(1, 3.0))
    half_sun = replace(one_hour, pv_w=np.full(1, 1.5))
    assert planner.decide(Present(0.5), replace(half_sun, last=True)).discharge_w == pytest.approx(1.5)
    going_on = planner.problem(Present(0.5), replace(half_sun, last=False))
    ending = planner.problem(Present(0.5), replace(half_sun, last=True))
    assert going_on.storage is not None
    assert ending.storage is not None
    assert max(price for _, price in going_on.storage.end_prices) >= 0.6 * 0.9
    assert ending.storage.end_prices == ()


def test_fewer_steps_than_usual_are_the_last_ones() -> None:
    site = Microgrid(10.0, BATTERY, (GENERATOR,))
    ending = MicrogridPlanner(site).problem(Present(0.5), Outlook(np.zeros(5), np.full(5, 3.0)))
    assert ending.storage is not None
    assert ending.storage.end_prices == ()


def test_rather_dark_for_an_hour_than_a_genset_whose_power_nobody_takes() -> None:
    little = Outlook(np.zeros(1), np.full(1, 0.5), last=True)
    full = Microgrid(2.0, None, (GENERATOR,), dumped_price_per_wh=0.0)
    assert MicrogridPlanner(full).decide(Present(), little).generator_w[GENSET] == 0.0
    dear_dark = replace(full, unserved_price_per_wh=10.0)
    do = MicrogridPlanner(dear_dark).decide(Present(), little)
    assert do.generator_w[GENSET] == pytest.approx(2.0)
    assert do.dumped_w == pytest.approx(1.5)
    dear_dump = replace(dear_dark, dumped_price_per_wh=5.0)
    assert MicrogridPlanner(dear_dump).decide(Present(), little).unserved_w == pytest.approx(0.5)


def test_limits_and_wear_at_the_cells_are_brought_to_the_bus() -> None:
    battery = storage_at_cells(10.0, 3.0, 3.0, efficiency=0.9, wear_price_per_wh=0.02)
    assert battery.charge_w * 0.9 == pytest.approx(3.0)
    assert battery.discharge_w / 0.9 == pytest.approx(3.0)
    through_the_cells = 2 * 0.02  # a kWh in and the same kWh out
    on_the_bus = battery.charge_wear_price_per_wh / 0.9 + battery.wear_price_per_wh * 0.9
    assert on_the_bus == pytest.approx(through_the_cells)


def test_any_units_do() -> None:
    site = Microgrid(10.0, BATTERY, (GENERATOR,), import_w=2.0)
    outlook = replace(DULL, import_price_per_wh=np.linspace(0.1, 0.9, 24))
    watts = Microgrid(
        0.01,
        replace(BATTERY, energy_wh=1e4, charge_w=4e3, discharge_w=5e3),
        (replace(GENERATOR, rated_w=8e3, least_w=2e3, price_per_wh=6e-4),),
        import_w=2e3,
    )
    in_watts = Outlook(outlook.pv_w, 1e3 * outlook.load_w, import_price_per_wh=np.linspace(1e-4, 9e-4, 24))
    small = MicrogridPlanner(site).decide(Present(0.5), outlook)
    large = MicrogridPlanner(watts).decide(Present(0.5), in_watts)
    assert large.import_w == pytest.approx(1e3 * small.import_w)
    assert large.discharge_w == pytest.approx(1e3 * small.discharge_w, abs=1e-6)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        MicrogridPlanner(Microgrid(10.0)).decide(Present(), Outlook(np.zeros(3), np.zeros(4)))


def test_the_simulator_refuses_what_cannot_be() -> None:
    grid: Made = made(20, 24)
    honest = planned(grid, 24)
    with pytest.raises(ValueError, match="balance"):
        lived(grid, lambda grid, hour, soc: replace(honest(grid, hour, soc), unserved_w=1.0))
