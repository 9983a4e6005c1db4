from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from physics_village import HOUR_S, at_local, ban_wang_won, run_until, village_at

from controller.core.model import PriorityClass
from simulation.physics.genset import GensetState
from simulation.physics.pv import MPPT, THROTTLED
from simulation.physics.village import Village


def bus_sum_w(village: Village) -> float:
    """Power into everything on the bus, with the house's signs: zero on a true bus."""
    loads_w = math.fsum(line.power_w for line in village.feeders.values())
    pv_w = -math.fsum(plant.ac_power_w for plant in village.pv.values())
    genset_w = -village.genset.power_w if village.genset else 0.0
    return loads_w + pv_w + genset_w + village.storage.ac_power_w


action = st.one_of(
    st.tuples(st.just("switch"), st.sampled_from(sorted(ban_wang_won().feeders)), st.booleans()),
    st.tuples(st.just("load"), st.sampled_from(sorted(ban_wang_won().feeders)), st.floats(500.0, 30_000.0)),
    st.tuples(st.just("genset"), st.just(""), st.booleans()),
    st.tuples(st.just("limit"), st.sampled_from(sorted(ban_wang_won().pv)), st.floats(0.0, 1.0)),
    st.tuples(st.just("wait"), st.just(""), st.floats(1.0, 1800.0)),
)


def perform(village: Village, verb: str, subject: str, value: float) -> None:
    match verb:
        case "switch":
            village.feeders[subject].contactor.energise(bool(value))
        case "load":
            village.add_load(subject, value, 20.0)
        case "genset":
            assert village.genset is not None
            village.genset.telemetry_start(bool(value))
        case "limit":
            village.pv[subject].set_limit(value, True, 60.0)
        case _:
            village.advance(village.now_s + value)


@settings(max_examples=25, deadline=None)
@given(
    hour=st.sampled_from([2.0, 6.0, 9.5, 12.0, 15.0, 19.0]),
    soc_frac=st.sampled_from([0.0, 0.021, 0.03, 0.5, 0.98, 1.0]),
    clouds=st.sampled_from(["auto", "clear", "overcast"]),
    actions=st.lists(action, max_size=12),
)
def test_energy_is_conserved_whatever_people_do(
    hour: float, soc_frac: float, clouds: str, actions: list[tuple[str, str, float]]
) -> None:
    village = village_at(hour, soc_frac=soc_frac, clouds=clouds)
    for verb, subject, value in actions:
        perform(village, verb, subject, value)
        for _ in range(5):
            village.advance(village.now_s + 1.7)
            assert bus_sum_w(village) == pytest.approx(0.0, abs=1e-6)
            assert sum(village.storage.phase_power_w) == pytest.approx(village.storage.ac_power_w, abs=1e-6)
            assert -0.001 <= village.storage.battery.stored_wh / 120_000.0 <= 1.002
    assert abs(village.ledger.balance_error_wh) < 1e-3
    assert village.ledger.balance_error_pct() < 0.01


def test_a_sunny_day_ends_full_and_throttles_pv_by_frequency() -> None:
    village = village_at(6.0, soc_frac=0.25)
    village.advance(9 * HOUR_S)
    storage = village.storage
    assert storage.soc_frac > 0.98
    assert storage.frequency_hz > 51.5
    assert storage.inverter_state == 5
    assert {plant.operating_state for plant in village.pv.values()} == {THROTTLED}
    assert 100_000.0 < village.ledger.pv < 215_000.0
    assert village.ledger.blackouts == 0


def test_a_cloudy_day_ends_short() -> None:
    village = village_at(6.0, soc_frac=0.5, clouds="overcast")
    village.advance(18 * HOUR_S)
    assert village.storage.soc_frac < 0.3
    assert village.ledger.pv < 100_000.0


def test_a_battery_run_empty_leaves_the_village_dark_until_the_sun_is_up() -> None:
    village = village_at(1.0, soc_frac=0.06)
    dark_after_s = run_until(village, lambda: not village.storage.alive, 5 * HOUR_S, 10.0)
    storage = village.storage
    assert (storage.inverter_state, storage.output_voltage_v, storage.frequency_hz) == (0, 0.0, 0.0)
    assert storage.low_battery_alarm == 2
    assert village.ledger.blackouts == 1
    assert all(line.power_w == 0.0 < line.demand_w for line in village.feeders.values() if line.demand_w)
    run_until(village, lambda: village.storage.alive, 12 * HOUR_S, 10.0)
    assert dark_after_s + HOUR_S < village.now_s
    assert 6.5 * HOUR_S < village.now_s + HOUR_S < 10 * HOUR_S, "it starts in the morning"
    village.advance(12 * HOUR_S)
    assert village.storage.soc_frac > 0.2
    assert village.ledger.unserved_by_class[PriorityClass.CRITICAL] > 0.0


def test_an_empty_battery_waits_for_the_genset() -> None:
    village = village_at(22.0, soc_frac=0.0)
    village.advance(60.0)
    assert not village.storage.alive
    assert village.genset is not None
    village.genset.telemetry_start(True)
    took_s = run_until(village, lambda: village.storage.alive, 120.0)
    assert 60.0 < took_s < 80.0
    village.advance(village.now_s + 300.0)
    assert village.genset.state is GensetState.ON_LOAD
    assert village.storage.battery_power_w > 5000.0
    assert village.storage.inverter_state == 3
    village.advance(village.now_s + 2 * HOUR_S)
    village.genset.telemetry_start(False)
    village.advance(village.now_s + 10.0)
    assert village.storage.alive, "the battery has recovered enough to carry on"


def test_an_overload_is_seen_at_once_and_trips_after_a_while() -> None:
    village = village_at(22.0, soc_frac=0.8)
    village.advance(5.0)
    load_w = -village.storage.ac_power_w
    village.add_load("houses_a", 1.3 * 24_000.0 - load_w, 60.0)
    village.advance(5.2)
    assert village.storage.overload_alarm == 2
    assert village.storage.frequency_hz < 50.0
    took_s = run_until(village, lambda: not village.storage.alive, 20.0, 0.1)
    assert took_s == pytest.approx(10.0, abs=4.0)
    assert village.storage.inverter_state == 2
    assert run_until(village, lambda: village.storage.alive, 40.0, 0.1) == pytest.approx(30.0, abs=0.5)


def test_a_modest_overload_is_a_warning_only() -> None:
    village = village_at(3.0, soc_frac=0.8)
    village.advance(5.0)
    phases = village.storage.phase_power_w
    village.add_load("houses_a", 3.0 * (8000.0 * 1.05 + min(phases)), 60.0)
    village.advance(7.0)
    assert village.storage.overload_alarm == 1


def test_shedding_a_feeder_in_time_saves_the_others() -> None:
    village = village_at(22.0, soc_frac=0.8)
    village.advance(5.0)
    village.add_load("houses_a", 20_000.0, 600.0)
    village.advance(6.0)
    village.feeders["houses_a"].contactor.energise(True)
    village.advance(6.1)
    assert village.feeders["houses_a"].power_w == 0.0
    assert village.storage.overload_alarm == 0
    village.advance(120.0)
    assert village.ledger.blackouts == 0
    assert village.ledger.unserved_by_class[PriorityClass.HOUSEHOLD] > 0.0
    assert village.ledger.unserved_by_class[PriorityClass.CRITICAL] == 0.0


def test_pv_leaves_with_the_bus_and_returns_a_minute_after_it() -> None:
    village = village_at(12.0, soc_frac=0.5)
    village.advance(120.0)
    assert sum(plant.ac_power_w for plant in village.pv.values()) > 25_000.0
    village.add_load("houses_a", 90_000.0, 5.0)
    run_until(village, lambda: not village.storage.alive, 20.0, 0.1)
    assert sum(plant.ac_power_w for plant in village.pv.values()) == 0.0
    run_until(village, lambda: village.storage.alive, 40.0)
    village.advance(village.now_s + 50.0)
    assert sum(plant.ac_power_w for plant in village.pv.values()) == 0.0
    village.advance(village.now_s + 60.0)
    assert {plant.operating_state for plant in village.pv.values()} <= {MPPT, THROTTLED}


def test_a_genset_on_load_covers_the_evening_and_charges() -> None:
    village = village_at(19.0, soc_frac=0.3)
    assert village.genset is not None
    village.genset.telemetry_start(True)
    village.advance(300.0)
    assert village.genset.power_w == pytest.approx(24_000.0, rel=0.01)
    assert village.storage.battery_power_w > 2000.0
    village.advance(HOUR_S)
    assert village.ledger.genset > 20_000.0


def test_pv_makes_room_for_the_least_load_of_the_genset() -> None:
    village = village_at(12.0, soc_frac=0.999)
    assert village.genset is not None
    village.genset.telemetry_start(True)
    village.advance(600.0)
    loads_w = sum(line.power_w for line in village.feeders.values())
    assert village.genset.power_w > min(0.28 * 24_000.0, 0.95 * loads_w)


def test_contactors_act_between_two_long_steps() -> None:
    village = village_at(3.0)
    village.advance(10.0)
    village.feeders["clinic"].contactor.energise(True)
    village.advance(70.0)
    served_wh = village.feeders["clinic"].energy_wh
    village.advance(80.0)
    assert village.feeders["clinic"].energy_wh == served_wh
    unserved_wh = village.ledger.unserved_by_class[PriorityClass.CRITICAL]
    assert unserved_wh == pytest.approx(village.feeders["clinic"].demand_w * 70.0 / 3600.0, rel=0.5)


def test_the_same_seed_lives_the_same_day_in_steps_of_any_size() -> None:
    coarse, fine = village_at(17.0, clouds="auto"), village_at(17.0, clouds="auto")
    coarse.advance(HOUR_S)
    for second in range(3600):
        fine.advance(second + 1.0)
    assert fine.ledger.load == pytest.approx(coarse.ledger.load, rel=1e-3)
    assert fine.storage.soc_frac == pytest.approx(coarse.storage.soc_frac, abs=1e-4)


def test_a_village_without_a_genset_works() -> None:
    config = ban_wang_won().model_copy(update={"genset": None})
    village = Village(config, start_utc=at_local(12.0) + timedelta(minutes=1), clouds="clear")
    village.advance(60.0)
    assert village.genset is None
    assert bus_sum_w(village) == pytest.approx(0.0, abs=1e-6)


def test_a_hot_battery_raises_its_alarm() -> None:
    village = village_at(12.0)
    for temperature_c, alarm in ((30.0, 0), (48.0, 1), (56.0, 2), (2.0, 1), (-1.0, 2)):
        village.storage.battery.temperature_c = temperature_c
        assert village.storage.temperature_alarm == alarm
