"""The village without Modbus shows what the drivers would show, obeys decisions, and breaks as on a bus."""

from __future__ import annotations

from typing import Any

import pytest
from physics_village import HOUR_S, at_local, ban_wang_won

from controller.core.decide import decide
from controller.core.model import Decision, Health, Memory
from simulation.direct import DirectVillage
from simulation.faults import Fault, FaultKind
from simulation.physics.genset import GensetState
from simulation.physics.village import Village


class Run:
    """The real control code on a direct village."""

    def __init__(self, hour: float = 12.0, **village: Any) -> None:
        start = at_local(hour)
        physics = Village(ban_wang_won(), start_utc=start, **{"clouds": "clear", **village})
        self.direct = DirectVillage(ban_wang_won(), physics, start_utc=start)
        self.memory = Memory()
        self.tick = 0

    def step(self, dt_s: float = 1.0) -> Decision:
        self.direct.advance(dt_s)
        self.tick += 1
        decision = decide(self.direct.image(self.tick), self.direct.site, self.memory)
        self.memory = decision.memory
        self.direct.apply(decision)
        return decision

    def run(self, seconds: float, dt_s: float = 1.0) -> Decision:
        decision = self.step(dt_s)
        for _ in range(round(seconds / dt_s) - 1):
            decision = self.step(dt_s)
        return decision

    def inject(self, kind: FaultKind, target: str, for_s: float | None = None) -> None:
        until_s = None if for_s is None else self.direct.village.now_s + for_s
        self.direct.inject(Fault(kind, target, until_s))

    def read(self, device: str, point: str) -> tuple[float | None, Health]:
        reading = self.direct.image(self.tick).reading(device, point)
        return reading.value, reading.health


def test_powers_have_the_signs_of_the_house_and_their_sum_is_zero():
    run = Run()
    decision = run.run(300)
    plant = decision.plant
    assert plant.missing == ()
    assert plant.pv_w is not None
    assert plant.pv_w < -10_000
    assert plant.battery_w is not None
    assert plant.battery_w > 0
    assert plant.load_w is not None
    assert plant.inverter_w == pytest.approx(-plant.pv_w - plant.load_w, abs=1e-6)


def test_nothing_is_missing_of_what_the_controller_reads():
    run = Run(hour=20.0)
    decision = run.run(60)
    assert decision.alarms == ()
    assert decision.mode == "normal"
    assert all(feeder.closed for feeder in decision.feeders.values())


def test_an_empty_battery_brings_cuts_and_the_genset():
    run = Run(hour=20.0, soc_frac=0.20)
    run.run(1200, dt_s=10.0)
    village = run.direct.village
    assert village.genset is not None
    assert village.genset.on_load
    assert run.read("genset", "power_w")[0] == pytest.approx(-village.genset.power_w)
    assert not village.feeders["pump"].powered


def test_a_full_battery_brings_a_limit_on_the_panels_that_lapses_if_it_is_not_renewed():
    run = Run(hour=12.0, soc_frac=0.995)
    run.run(300)
    south = run.direct.village.pv["pv_south"]
    assert south.limit_enabled
    run.direct.advance(301.0)
    assert not south.limit_enabled


def test_a_silent_device_grows_stale_is_lost_and_comes_back():
    run = Run()
    run.run(10)
    run.inject(FaultKind.SILENT, "meter_clinic", for_s=60.0)
    run.run(3)
    assert run.read("meter_clinic", "power_w")[1] is Health.GOOD
    run.run(10)
    value, health = run.read("meter_clinic", "power_w")
    assert value is not None
    assert health is Health.STALE
    run.run(30)
    assert run.read("meter_clinic", "power_w") == (None, Health.LOST)
    assert "meter_clinic" in run.step().plant.missing
    run.run(30)
    assert run.read("meter_clinic", "power_w")[1] is Health.GOOD


def test_a_lost_line_silences_all_that_hangs_on_it_and_nothing_else():
    run = Run()
    run.run(5)
    run.inject(FaultKind.LOST_LINE, "meters")
    run.run(40)
    assert run.read("meter_clinic", "power_w")[1] is Health.LOST
    assert run.read("genset", "control_mode")[1] is Health.LOST
    assert run.read("pv_south", "power_w")[1] is Health.GOOD


def test_a_frozen_state_of_charge_stands_still_while_power_goes_on():
    run = Run(soc_frac=0.4)
    run.run(5)
    run.inject(FaultKind.FROZEN_SOC, "battery")
    held = run.read("battery", "battery_soc_frac")[0]
    before_w = run.read("battery", "battery_power_w")[0]
    run.run(600, dt_s=10.0)
    assert run.read("battery", "battery_soc_frac") == (held, Health.GOOD)
    assert run.read("battery", "battery_power_w")[0] != before_w
    assert run.direct.village.storage.soc_frac > 0.41


def test_a_silent_relay_board_moves_nothing():
    run = Run(hour=20.0, soc_frac=0.30)
    run.run(5)
    run.inject(FaultKind.SILENT, "relays")
    run.run(900, dt_s=5.0)
    assert run.direct.village.feeders["pump"].powered


def test_a_stuck_contactor_is_noticed():
    run = Run(hour=20.0, soc_frac=0.15)
    run.inject(FaultKind.STUCK_CONTACTOR, "houses_a")
    decision = run.run(960, dt_s=10.0)
    assert run.direct.village.feeders["houses_a"].powered
    assert not run.direct.village.feeders["houses_b"].powered
    assert any(alarm.code == "contactor_stuck_closed" for alarm in decision.alarms)


def test_a_genset_that_does_not_fire_is_given_up_after_its_attempts():
    run = Run(hour=20.0, soc_frac=0.15)
    run.inject(FaultKind.GENSET_FAILS_TO_START, "genset")
    decision = run.run(900)
    assert run.direct.village.genset is not None
    assert run.direct.village.genset.state is not GensetState.ON_LOAD
    assert any(alarm.code == "genset_failed" for alarm in decision.alarms)


def test_meters_fall_silent_with_the_bus_they_live_on():
    run = Run(hour=20.0, soc_frac=0.02)
    run.inject(FaultKind.GENSET_FAILS_TO_START, "genset")
    decision = run.run(120)
    assert decision.mode == "blackout"
    assert run.read("meter_clinic", "power_w")[1] is Health.LOST
    assert run.read("battery", "battery_soc_frac")[1] is Health.GOOD


@pytest.mark.parametrize(
    ("kind", "target"),
    [(FaultKind.NOISE, "battery"), (FaultKind.SILENT, "nowhere"), (FaultKind.STUCK_CONTACTOR, "battery")],
)
def test_a_fault_that_means_nothing_here_is_refused(kind: FaultKind, target: str):
    with pytest.raises(ValueError, match="means nothing"):
        Run().inject(kind, target)


@pytest.mark.parametrize("clouds", ["clear", "partly"])
def test_longer_quiet_steps_leave_the_energies_as_they_are(clouds: str):
    fine, coarse = (
        Run(hour=6.0, soc_frac=0.45, clouds=clouds, quiet_step_s=step_s) for step_s in (1.0, 20.0)
    )
    for run in (fine, coarse):
        run.run(24 * HOUR_S, dt_s=60.0)
    a, b = fine.direct.village.ledger, coarse.direct.village.ledger
    assert b.balance_error_pct() < 0.01
    for one, other in ((a.pv, b.pv), (a.load, b.load), (a.battery_out, b.battery_out)):
        assert other == pytest.approx(one, rel=0.005)
