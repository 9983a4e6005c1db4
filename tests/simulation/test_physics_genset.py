from __future__ import annotations

import numpy as np
import pytest
from physics_village import ban_wang_won

from simulation.physics.genset import AUTO, MANUAL, STOP, TEST_ON_LOAD, Genset, GensetState

NEED_W, CHARGE_W = 6000.0, 10_000.0


@pytest.fixture
def genset() -> Genset:
    settings = ban_wang_won().genset
    assert settings is not None
    return Genset(settings, np.random.default_rng(1), 28.0)


def run(genset: Genset, seconds: float, *, need_w: float = NEED_W, alone: bool = False) -> Genset:
    for _ in range(round(seconds * 10)):
        genset.advance(0.1, 28.0)
        genset.deliver(need_w, CHARGE_W, 0.1, alone=alone)
    return genset


def test_a_start_request_cranks_warms_up_and_takes_the_load(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 2.0)
    assert genset.state is GensetState.CRANKING
    assert genset.starter_battery_v < 11.0
    run(genset, 8.0)
    assert genset.state is GensetState.WARMING_UP
    assert genset.engine_speed_rpm == pytest.approx(1500.0, rel=0.05)
    assert genset.power_w == 0.0
    run(genset, 90.0)
    assert genset.state is GensetState.ON_LOAD
    assert genset.power_w == pytest.approx(NEED_W + CHARGE_W)
    assert genset.frequency_hz == pytest.approx(50.0, abs=0.2)
    assert genset.oil_pressure_kpa > 300.0
    assert genset.starts == 413


def test_the_end_of_the_request_cools_it_down_and_stops_it(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 100.0)
    genset.telemetry_start(False)
    run(genset, 1.0)
    assert (genset.state, genset.power_w) == (GensetState.COOLING_DOWN, 0.0)
    assert genset.engine_speed_rpm > 1400.0
    run(genset, 140.0)
    assert (genset.state, genset.engine_speed_rpm, genset.voltage_v) == (GensetState.STOPPED, 0.0, 0.0)


def test_a_request_during_cool_down_is_served_at_once(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 100.0)
    genset.telemetry_start(False)
    run(genset, 30.0)
    genset.telemetry_start(True)
    run(genset, 1.0)
    assert genset.on_load


def test_it_takes_no_more_than_its_rating_while_the_battery_can_help(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 120.0, need_w=40_000.0)
    assert genset.power_w == pytest.approx(24_000.0)


def test_alone_it_carries_everything_and_stalls_under_too_much(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 70.0, alone=True)
    assert genset.power_w >= NEED_W
    run(genset, 10.0, need_w=30_000.0, alone=True)
    assert (genset.state, genset.power_w) == (GensetState.FAILED, 0.0)


def test_an_engine_that_does_not_fire_gives_up_after_three_attempts(genset: Genset) -> None:
    genset.fails_to_start = True
    genset.telemetry_start(True)
    run(genset, 60.0)
    assert genset.state is GensetState.FAILED
    assert genset.starts == 412
    genset.fails_to_start = False
    run(genset, 60.0)
    assert genset.state is GensetState.FAILED, "a shutdown is latched"
    genset.telemetry_start(False)
    run(genset, 1.0)
    genset.telemetry_start(True)
    run(genset, 10.0)
    assert genset.state is GensetState.WARMING_UP


def test_stop_mode_stops_it_at_once_and_ignores_requests(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 100.0)
    genset.set_mode(STOP)
    assert (genset.state, genset.power_w) == (GensetState.STOPPED, 0.0)
    genset.telemetry_start(True)
    run(genset, 20.0)
    assert genset.engine_speed_rpm == 0.0


def test_manual_mode_keeps_what_it_finds(genset: Genset) -> None:
    genset.set_mode(MANUAL)
    genset.telemetry_start(True)
    run(genset, 20.0)
    assert genset.state is GensetState.STOPPED
    genset.set_mode(AUTO)
    run(genset, 100.0)
    genset.set_mode(MANUAL)
    genset.telemetry_start(False)
    run(genset, 20.0)
    assert genset.on_load


def test_a_test_on_load_needs_no_request(genset: Genset) -> None:
    genset.set_mode(TEST_ON_LOAD)
    run(genset, 100.0)
    assert genset.on_load


def test_it_burns_about_seven_litres_an_hour_at_full_load(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 100.0, need_w=24_000.0)
    before = genset.fuel_frac
    run(genset, 600.0, need_w=24_000.0)
    assert (before - genset.fuel_frac) * 200.0 * 6.0 == pytest.approx(7.2, abs=0.1)


def test_without_fuel_it_stops(genset: Genset) -> None:
    genset.telemetry_start(True)
    run(genset, 100.0)
    genset.fuel_frac = 1e-5
    run(genset, 60.0)
    assert (genset.state, genset.power_w, genset.fuel_frac) == (GensetState.FAILED, 0.0, 0.0)


def test_an_unknown_mode_is_refused(genset: Genset) -> None:
    with pytest.raises(ValueError, match="mode 9"):
        genset.set_mode(9)


def test_an_acknowledged_failure_lets_an_engine_that_is_still_wanted_try_again(genset: Genset) -> None:
    genset.fails_to_start = True
    genset.telemetry_start(True)
    run(genset, 180.0)
    assert genset.state is GensetState.FAILED
    genset.fails_to_start = False
    genset.reset_alarms()
    run(genset, 60.0)
    assert genset.running
