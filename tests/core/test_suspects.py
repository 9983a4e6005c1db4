"""One shorted line must not darken the village again and again."""

from __future__ import annotations

from core_world import FEEDERS, World
from hypothesis import given
from hypothesis import strategies as st

from controller.core.model import PriorityClass
from controller.core.suspects import hold_s

EVERYONE = {feeder.id for feeder in FEEDERS}


class ShortedWorld(World):
    """The inverters trip while a shorted feeder is connected, and try again half a minute later."""

    shorted = ""
    trips = 0
    tripped_s = -1e9

    def step(self, dt_s: float = 1.0):
        if self.now_s - self.tripped_s > 30 and self.closed.get(self.shorted):
            self.tripped_s, self.trips = self.now_s, self.trips + 1
        dead = self.now_s - self.tripped_s <= 30
        self.extra = {"inverter_state": 2.0, "ac_power_w": 0.0, "overload_alarm": 2.0} if dead else {}
        return super().step(dt_s)


def village_with_a_short(feeder: str) -> ShortedWorld:
    village = ShortedWorld(soc=0.8)
    village.run(60)
    village.shorted = feeder
    return village


def test_who_was_connected_as_the_inverters_tripped_stays_off_and_everybody_else_has_light() -> None:
    village = village_with_a_short("houses_b")
    village.run(3000)
    assert village.on() == EVERYONE - {"houses_b"}
    assert village.trips == 2
    assert village.why("houses_b") == "feeder_suspect"
    assert "short circuit" in village.says("houses_b").en
    assert village.decision is not None
    assert "feeder_suspect" in {alarm.code for alarm in village.decision.alarms}
    assert village.decision.mode == "normal"


def test_it_is_tried_again_ever_more_rarely() -> None:
    village = village_with_a_short("houses_b")
    village.run(5 * 3600, dt_s=10)
    assert village.trips == 4


def test_a_repaired_line_is_forgiven() -> None:
    village = village_with_a_short("houses_b")
    village.run(600)
    village.shorted = ""
    village.run(3 * 3600, dt_s=10)
    assert village.on() == EVERYONE
    assert not any("suspect" in name for name in village.memory.guards)


def test_nobody_is_suspected_when_the_trip_has_another_cause() -> None:
    village = ShortedWorld(soc=0.8)
    village.run(60)
    village.tripped_s = village.now_s
    village.run(300)
    assert village.on() == EVERYONE


@given(st.sampled_from(list(PriorityClass)), st.integers(1, 50))
def test_a_hold_grows_and_never_lasts_for_ever(priority: PriorityClass, strikes: int) -> None:
    assert 600 <= hold_s(priority, strikes) <= hold_s(priority, strikes + 1) <= 4 * 3600
