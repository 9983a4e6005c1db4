"""What a new plan is made for before its time, and what is no reason for one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from core_world import NOON, World

from controller.core.model import Decision, Event, Plan, Reason
from controller.runtime.forecast_document import Outline
from controller.runtime.plan_triggers import LASTING_S, LEAST_PAUSE_S, PlanTriggers

START_S = int(NOON.timestamp())
TEN_MINUTES = int(LASTING_S) + 1


def plan(soc_frac: float) -> Plan:
    """One that expects SoC to stay where it is."""
    level = (soc_frac, soc_frac)
    return Plan(0.0, 1e5, (0.0, 1e5), level, level, level, {})


def forecast(load_w: tuple[float, float] = (0.0, 1e5), pv_w: tuple[float, float] = (0.0, 1e5)) -> Outline:
    """Two quantiles for two days from NOON on."""
    count = 192
    kinds = {"load": tuple((w,) * count for w in load_w), "pv": tuple((w,) * count for w in pv_w)}
    return Outline(START_S, START_S, 900, count, kinds, None)


class Story:
    """A village that is told to the triggers tick by tick."""

    def __init__(self, world: World, plan: Plan | None = None, forecast: Outline | None = None) -> None:
        self.world, self.plan, self.forecast = world, plan, forecast
        self.triggers = PlanTriggers()

    def lasts(self, seconds: int, dt_s: float = 1.0) -> bool:
        """Let time pass; whether a plan is wanted at the end of it."""
        for _ in range(int(seconds / dt_s)):
            self.told(self.world.step(dt_s))
        return self.ripe()

    def told(self, decision: Decision) -> None:
        """Tell one tick."""
        now_s = self.world.now_s
        self.triggers.look(decision, self.plan, self.forecast, now_s, START_S + now_s)

    def ripe(self) -> bool:
        """Ask."""
        return self.triggers.ripe(self.world.now_s)


@pytest.fixture
def story() -> Story:
    calm = Story(World(), plan(0.7), forecast())
    assert not calm.lasts(30)
    return calm


def test_while_all_is_as_expected_nothing_is_planned_anew(story: Story) -> None:
    assert not story.lasts(2 * TEN_MINUTES, 10.0)


def test_another_mode_is_a_reason(story: Story) -> None:
    story.world.extra |= {"inverter_state": 0.0, "frequency_hz": 0.0}
    assert story.lasts(30)


def test_a_genset_in_somebodys_hands_is_a_reason_and_its_usual_phases_are_none(story: Story) -> None:
    story.world.genset_mode = 2.0
    assert story.lasts(10)


def test_battery_guards_are_a_reason(story: Story) -> None:
    story.world.extra["cell_voltage_min_v"] = 2.80
    assert story.lasts(60)


def test_a_feeder_that_protection_cut_is_a_reason(story: Story) -> None:
    decision = story.world.step()
    cut = replace(decision.feeders["pump"], closed=False, emergency=True)
    event = Event("pump", "open", Reason("overload_shed"))
    story.told(replace(decision, feeders={**decision.feeders, "pump": cut}, events=(event,)))
    assert story.ripe()


def test_a_plan_that_broke_is_a_reason(story: Story) -> None:
    broken = Event("site", "plan", Reason("plan_broken", {"soc_frac": 0.3, "expected_frac": 0.5}))
    story.told(replace(story.world.step(), events=(broken,)))
    assert story.ripe()


@pytest.mark.parametrize("soc_frac", [0.55, 0.85])
def test_a_battery_that_leaves_the_plans_corridor_for_ten_minutes_is_a_reason(soc_frac: float) -> None:
    story = Story(World(), plan(soc_frac))
    assert not story.lasts(TEN_MINUTES - 10)
    assert story.lasts(20)


def test_a_battery_just_beside_the_corridor_is_none() -> None:
    assert not Story(World(), plan(0.68)).lasts(2 * TEN_MINUTES, 5.0)


@pytest.mark.parametrize("band", [(0.0, 1000.0), (20000.0, 30000.0)])
def test_another_load_than_expected_for_ten_minutes_is_a_reason(band: tuple[float, float]) -> None:
    story = Story(World(), forecast=forecast(load_w=band))
    assert not story.lasts(TEN_MINUTES - 10)
    assert story.lasts(20)


def test_while_somebody_is_off_less_load_than_expected_is_none() -> None:
    world = World(soc=0.44)  # the pump rests
    story = Story(world, forecast=forecast(load_w=(20000.0, 30000.0)))
    story.lasts(1200, 5.0)
    assert "pump" not in world.on()
    assert not story.lasts(2 * TEN_MINUTES, 5.0)


@pytest.mark.parametrize("band", [(0.0, 1000.0), (20000.0, 30000.0)])
def test_other_sun_than_expected_for_ten_minutes_is_a_reason(band: tuple[float, float]) -> None:
    story = Story(World(sun_w=9000.0), forecast=forecast(pv_w=band))
    assert not story.lasts(TEN_MINUTES - 10)
    assert story.lasts(20)


def test_a_passing_cloud_is_none() -> None:
    story = Story(World(sun_w=9000.0), forecast=forecast(pv_w=(8000.0, 10000.0)))
    for _ in range(6):
        story.world.sun_w = 4000.0
        assert not story.lasts(300, 5.0)
        story.world.sun_w = 9000.0
        assert not story.lasts(60, 5.0)


def test_a_village_that_changes_all_the_time_is_planned_anew_every_two_minutes_at_most(story: Story) -> None:
    wanted = []
    for second in range(600):
        story.world.genset_mode = 2.0 if second // 5 % 2 else 1.0
        story.told(story.world.step())
        if story.ripe():
            wanted.append(story.world.now_s)
    assert 4 <= len(wanted) <= 6
    pauses = [later - earlier for earlier, later in pairwise(wanted)]
    assert min(pauses) >= LEAST_PAUSE_S
