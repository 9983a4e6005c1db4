from __future__ import annotations

import pytest
from physics_village import ban_wang_won

from simulation.physics.contactor import Contactor
from simulation.physics.feeder import FeederLine
from simulation.physics.loads import Phases


class Steady:
    """A demand that stays as it is, with idle refrigerators of 300 W."""

    def __init__(self, watts: float) -> None:
        self.watts = watts

    def at(self, now_s: float) -> Phases:
        return (self.watts / 3.0,) * 3

    def cold(self, now_s: float) -> Phases:
        return (100.0, 100.0, 100.0)


def feeder(watts: float, kind: str = "houses_a") -> tuple[FeederLine, Steady]:
    demand = Steady(watts)
    contactor = Contactor(closed_when_energised=False, operating_s=0.04)
    return FeederLine(ban_wang_won().feeders[kind], demand, contactor), demand


def draw(line: FeederLine, seconds: float, *, dt_s: float = 0.1, alive: bool = True) -> list[float]:
    powers_w = []
    for number in range(round(seconds / dt_s)):
        line.draw(number * dt_s, dt_s, alive=alive)
        line.measure(230.0 if alive else 0.0, 50.0 if alive else 0.0)
        powers_w.append(line.power_w)
    return powers_w


def test_a_normally_closed_contactor_opens_some_milliseconds_after_its_coil() -> None:
    contactor = Contactor(closed_when_energised=False, operating_s=0.04)
    assert contactor.closed
    contactor.energise(True)
    contactor.advance(0.03)
    assert contactor.closed
    contactor.advance(0.01)
    assert not contactor.closed
    contactor.energise(False)
    contactor.advance(0.04)
    assert contactor.closed


def test_a_coil_switched_back_in_time_moves_nothing() -> None:
    contactor = Contactor(closed_when_energised=True, operating_s=0.04)
    contactor.energise(True)
    contactor.advance(0.02)
    contactor.energise(False)
    contactor.advance(1.0)
    assert not contactor.closed


def test_a_stuck_contactor_ignores_its_coil_until_it_is_mended() -> None:
    contactor = Contactor(closed_when_energised=False, operating_s=0.04)
    contactor.stuck = True
    contactor.energise(True)
    contactor.advance(1.0)
    assert contactor.closed
    contactor.stuck = None
    assert not contactor.closed


def test_a_reconnected_feeder_draws_several_times_its_load_for_about_a_second() -> None:
    line, _ = feeder(2000.0)
    draw(line, 10.0)
    draw(line, 5.0, alive=False)
    powers_w = draw(line, 3.0)
    assert powers_w[0] > 2.4 * 2000.0
    assert powers_w[9] < 1.3 * 2000.0
    assert powers_w[-1] == pytest.approx(2000.0)
    assert not line.transient


def test_the_energy_of_the_inrush_does_not_depend_on_the_step() -> None:
    energies_wh = []
    for dt_s in (0.05, 0.5):
        line, _ = feeder(2000.0)
        draw(line, 1.0, alive=False)
        draw(line, 5.0, dt_s=dt_s)
        energies_wh.append(line.energy_wh)
    assert energies_wh[0] == pytest.approx(energies_wh[1], rel=0.02)


def test_after_a_long_outage_all_refrigerators_run_at_once_for_a_while() -> None:
    line, _ = feeder(2000.0)
    draw(line, 1200.0, dt_s=1.0, alive=False)
    powers_w = draw(line, 700.0, dt_s=1.0)
    assert powers_w[100] == pytest.approx(2300.0)
    assert powers_w[-1] == pytest.approx(2000.0)


def test_a_motor_draws_its_inrush_at_every_start() -> None:
    line, demand = feeder(60.0, "pump")
    draw(line, 1.0)
    demand.watts = 3760.0
    assert max(draw(line, 0.2)) > 3.0 * 3700.0


def test_a_feeder_without_power_still_tells_what_people_want() -> None:
    line, _ = feeder(2000.0)
    line.contactor.stuck = False
    draw(line, 1.0)
    assert (line.power_w, line.demand_w, line.energy_wh) == (0.0, 2000.0, 0.0)
    assert line.phase_current_a == (0.0, 0.0, 0.0)
    assert line.voltage_v == 230.0, "its meter sits upstream of the contactor"


def test_currents_follow_power_voltage_and_power_factor() -> None:
    line, _ = feeder(3 * 230.0 * 0.95 * 4.0)
    draw(line, 1.0)
    assert line.phase_current_a == pytest.approx((4.0, 4.0, 4.0))


def test_an_extra_load_ends_when_it_was_said_to() -> None:
    line, _ = feeder(1000.0)
    line.add(5000.0, 2.0)
    powers_w = draw(line, 4.0)
    assert powers_w[10] == pytest.approx(6000.0)
    assert powers_w[-1] == pytest.approx(1000.0)
