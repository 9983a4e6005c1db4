from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.settings import NameSettings, PvSettings
from simulation.physics.inverter import Inverter, frequency_for, pv_share, trip_after_s
from simulation.physics.pv import PvPlant
from simulation.physics.storage import throttle

THIRD = 24_000.0 / 3.0


def seconds_until_trip(inverter: Inverter, ratio: float, dt_s: float = 0.1) -> float:
    phases = (-ratio * THIRD,) * 3
    passed_s = 0.0
    while not inverter.faulted:
        assert passed_s < 4000.0
        inverter.carry(phases, dt_s)
        passed_s += dt_s
    return passed_s


@pytest.mark.parametrize(("ratio", "expected_s"), [(1.3, 10.0), (2.0, 1.5)])
def test_it_bears_an_overload_for_a_time_that_shrinks_with_it(ratio: float, expected_s: float) -> None:
    assert trip_after_s(ratio) == pytest.approx(expected_s)
    assert seconds_until_trip(Inverter(24_000.0), ratio) == pytest.approx(expected_s, abs=0.11)


def test_it_bears_its_continuous_power_for_ever() -> None:
    assert trip_after_s(1.0) == math.inf
    inverter = Inverter(24_000.0)
    for _ in range(10_000):
        inverter.carry((-THIRD, -THIRD, -THIRD), 1.0)
    assert not inverter.faulted


def test_one_overloaded_phase_is_enough() -> None:
    inverter = Inverter(24_000.0)
    inverter.carry((-1.3 * THIRD, 0.0, 0.0), 0.1)
    assert inverter.load_ratio == pytest.approx(1.3)


def test_a_short_overload_is_forgotten_after_a_while() -> None:
    inverter = Inverter(24_000.0)
    for _ in range(6):
        inverter.carry((-2.0 * THIRD,) * 3, 1.0)
        assert not inverter.faulted
        for _ in range(60):
            inverter.carry((0.0, 0.0, 0.0), 1.0)


def test_it_tries_again_after_half_a_minute_and_gives_up_for_half_an_hour() -> None:
    inverter = Inverter(24_000.0)
    waits_s = []
    for _ in range(5):
        seconds_until_trip(inverter, 2.5)
        waits_s.append(inverter.restart_in_s)
        inverter.rest(inverter.restart_in_s)
        assert not inverter.faulted
        inverter.wake()
    assert waits_s == [30.0, 30.0, 30.0, 1800.0, 30.0]


def test_trips_long_ago_do_not_count_against_it() -> None:
    inverter = Inverter(24_000.0)
    for _ in range(6):
        seconds_until_trip(inverter, 2.5)
        assert inverter.restart_in_s == 30.0
        inverter.rest(30.0)
        for _ in range(300):
            inverter.carry((0.0, 0.0, 0.0), 1.0)


@given(dc_w=st.floats(0.0, 20_000.0))
def test_ac_power_for_charging_is_the_inverse_of_the_losses(dc_w: float) -> None:
    inverter = Inverter(24_000.0)
    ac_w = inverter.ac_for_dc_w(dc_w)
    assert ac_w == inverter.charge_rated_w or ac_w - inverter.loss_w(ac_w) == pytest.approx(dc_w, abs=1e-6)


@given(st.floats(0.0, 0.999))
def test_the_frequency_tells_pv_how_much_is_wanted(share: float) -> None:
    assert 50.2 < frequency_for(share) <= 52.7
    assert pv_share(frequency_for(share)) == pytest.approx(share)


def test_at_nominal_frequency_pv_is_free_and_far_above_it_is_off() -> None:
    assert pv_share(50.0) == pv_share(50.2) == 1.0
    assert pv_share(53.0) == 0.0


def test_voltage_and_frequency_sag_under_overload() -> None:
    inverter = Inverter(24_000.0)
    inverter.carry((-1.5 * THIRD,) * 3, 0.1)
    inverter.steer(1.0, 5.0)
    assert 200.0 < inverter.voltage_v < 225.0
    assert 49.0 < inverter.frequency_hz < 49.9


def plant(available_w: float, rated_w: float) -> PvPlant:
    names = NameSettings(th="แผง", en="Array")
    made = PvPlant(PvSettings(name=names, dc_w=rated_w, ac_w=rated_w, tilt_deg=10.0, azimuth_deg=180.0))
    made.available_w = available_w
    return made


@given(
    plants=st.lists(
        st.tuples(st.floats(0.0, 1.0), st.floats(1000.0, 50_000.0)).map(
            lambda it: plant(it[0] * it[1], it[1])
        ),
        min_size=1,
        max_size=4,
    ),
    room_w=st.floats(-5000.0, 100_000.0),
)
def test_throttled_plants_fill_the_room_and_no_more(plants: list[PvPlant], room_w: float) -> None:
    share = throttle(plants, room_w)
    fed_w = sum(min(each.available_w, share * each.ac_rated_w) for each in plants)
    available_w = sum(each.available_w for each in plants)
    assert 0.0 <= share <= 1.0
    assert fed_w == pytest.approx(min(available_w, max(0.0, room_w)), abs=1e-6, rel=1e-9)
