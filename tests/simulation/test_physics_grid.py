"""The public grid of a virtual village: it holds the bus, goes, and is joined again after a look at it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from physics_village import at_local, ban_wang_won, run_until

from controller.settings import Config, GridSettings
from simulation.physics.village import Village


def with_grid(**grid: Any) -> Config:
    """The default village with a public grid at its inverters' input."""
    settings_ = GridSettings.model_validate({"device": "battery", "import_w": 12_000.0, **grid})
    return ban_wang_won().model_copy(update={"grid": settings_})


def village_at(hour: float, config: Config | None = None, **kwargs: Any) -> Village:
    return Village(config or with_grid(), start_utc=at_local(hour), **{"clouds": "clear", **kwargs})


def bus_sum_w(village: Village) -> float:
    """All that flows into components, less what the grid brings: zero on a true bus."""
    loads_w = math.fsum(line.power_w for line in village.feeders.values())
    pv_w = math.fsum(plant.ac_power_w for plant in village.pv.values())
    genset_w = village.genset.power_w if village.genset else 0.0
    assert village.grid is not None
    return loads_w + village.storage.ac_power_w - pv_w - genset_w - village.grid.power_w


def test_on_the_grid_the_battery_fills_within_what_may_be_drawn() -> None:
    village = village_at(2, soc_frac=0.5)
    village.advance(600.0)
    assert village.grid is not None
    assert village.grid.connected
    assert 0 < village.grid.power_w <= 12_000 + 1e-6
    assert village.storage.battery_power_w > 0
    assert village.storage.frequency_hz == 50.0
    assert bus_sum_w(village) == pytest.approx(0.0, abs=1e-6)


def test_beyond_it_the_inverters_help() -> None:
    village = village_at(20, soc_frac=0.8)
    village.add_load("houses_a", 20_000.0, 600.0)
    village.advance(60.0)
    assert village.grid is not None
    assert village.grid.power_w == pytest.approx(12_000)
    assert village.storage.ac_power_w < -5_000


def test_sun_that_nobody_takes_flows_out_as_the_grids_frequency_throttles_nobody() -> None:
    village = village_at(12, soc_frac=0.999)
    village.advance(300.0)
    assert village.grid is not None
    assert village.grid.power_w < -5_000
    assert village.ledger.grid_out > 0


def test_when_it_goes_nobody_notices_and_pv_is_held_by_frequency_again() -> None:
    village = village_at(12, soc_frac=0.999)
    village.advance(120.0)
    village.take_grid_away(300.0)
    village.advance(village.now_s + 60.0)
    assert village.grid is not None
    assert not village.grid.connected
    assert village.grid.power_w == 0.0
    assert village.storage.alive
    assert village.ledger.blackouts == 0
    assert village.storage.frequency_hz > 50.2
    took_s = run_until(village, lambda: village.grid is not None and village.grid.connected, 600.0)
    assert took_s == pytest.approx(240 + 60, abs=3)
    assert village.storage.frequency_hz == 50.0


def test_a_load_that_the_inverters_cannot_carry_alone_darkens_the_village_when_the_grid_goes() -> None:
    village = village_at(20, with_grid(import_w=60_000.0), soc_frac=0.8)
    village.add_load("houses_a", 50_000.0, 600.0)
    village.advance(30.0)
    assert village.storage.alive
    village.take_grid_away(None)
    village.advance(village.now_s + 20.0)
    assert not village.storage.alive
    village.give_grid_back()
    run_until(village, lambda: village.storage.alive, 2000.0, step_s=5.0)  # locked out after its last try


def test_an_empty_battery_is_no_blackout_on_the_grid_and_one_without() -> None:
    village = village_at(20, soc_frac=0.5)
    village.set_soc(0.01)
    village.advance(30.0)
    assert village.storage.alive
    village.take_grid_away(None)
    village.set_soc(0.01)
    village.advance(village.now_s + 10.0)
    assert not village.storage.alive


def test_announced_outages_happen() -> None:
    config = with_grid(outages=[{"begin": "2026-03-10 13:00", "end": "2026-03-10 13:30"}])
    village = village_at(12, config)
    seen = {}
    for minute in (30, 61, 89, 95):
        village.advance(minute * 60.0)
        assert village.grid is not None
        seen[minute] = village.grid.there
    assert seen == {30: True, 61: False, 89: False, 95: True}


def test_a_village_without_a_grid_has_none_to_take_away() -> None:
    village = Village(ban_wang_won(), start_utc=at_local(12))
    with pytest.raises(LookupError, match="no public grid"):
        village.take_grid_away(None)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("away"), st.floats(1.0, 300.0)),
            st.tuples(st.just("load"), st.floats(500.0, 30_000.0)),
            st.tuples(st.just("wait"), st.floats(1.0, 900.0)),
        ),
        max_size=5,
    ),
    st.floats(0.02, 1.0),
    st.floats(0.0, 24.0),
)
@settings(max_examples=12, deadline=None)
def test_whatever_happens_no_energy_comes_from_nowhere(
    deeds: list[tuple[str, float]], soc: float, hour: float
) -> None:
    village = village_at(hour, soc_frac=soc)
    for deed, value in deeds:
        if deed == "away":
            village.take_grid_away(value)
        elif deed == "load":
            village.add_load("houses_b", value, 60.0)
        village.advance(village.now_s + (value if deed == "wait" else 30.0))
        if village.storage.alive:
            assert bus_sum_w(village) == pytest.approx(0.0, abs=1e-6)
    assert abs(village.ledger.balance_error_wh) < 1.0
