"""A planned run of the genset is a wish: judged anew at each tick, and never in the way of safety.

The cases with a number are what users of another system complained about (venus#...).
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from core_world import World
from made_plan import HOUR_S, make_plan

from controller.core.model import Reason

TEST_RUN = Reason("genset_test_run", {"start": 0.0, "end": 0.0})


def village(now: float = 0.5, **plan) -> World:
    """A village at night with everybody on, and a plan for its genset."""
    world = World(soc=now)
    world.run(600, dt_s=10)
    world.plan = make_plan(world.now_s, **({"soc": (now,)} | plan))
    return world


def why(world: World) -> str:
    """The code of the genset's present reason."""
    assert world.decision is not None
    assert world.decision.genset_reason is not None
    return world.decision.genset_reason.code


def starts(world: World) -> int:
    return len(world.events("start"))


def alarms(world: World) -> set[str]:
    assert world.decision is not None
    return {alarm.code for alarm in world.decision.alarms}


def test_it_runs_when_the_plan_says_so_and_no_longer() -> None:
    world = village(genset=[(1, 2)], soc=(0.5, 0.45, 0.52))
    world.run(HOUR_S - 20, dt_s=10)
    assert starts(world) == 0
    world.run(60, dt_s=10)
    assert (starts(world), why(world)) == (1, "genset_planned")
    world.run(HOUR_S + 300, dt_s=10)
    assert (starts(world), why(world)) == (1, "genset_not_planned")
    assert world.memory.genset.phase == "stopped"


def test_the_plan_waits_for_the_sun_where_the_rules_would_start_it() -> None:
    world = village(now=0.3, soc=(0.20, 0.17, 0.14, 0.14))
    world.soc = 0.20
    world.run(2 * HOUR_S, dt_s=10)
    assert starts(world) == 0
    world.plan = None
    world.run(60, dt_s=10)
    assert starts(world) == 1


def test_near_the_protection_limit_it_starts_whatever_the_plan_says() -> None:
    world = village(now=0.12)
    world.soc = 0.09
    world.run(60, dt_s=10)
    assert (starts(world), why(world)) == (1, "genset_needed")


def test_a_low_cell_starts_it_although_the_plan_does_without_venus_1452() -> None:
    world = village(now=0.6)
    world.extra = {"cell_voltage_min_v": 2.85}
    world.run(60)
    assert (starts(world), why(world)) == (1, "genset_needed")


def test_it_is_not_started_while_the_sun_covers_the_load() -> None:
    world = village(genset=[(0.5, 3)])
    world.sun_w = world.load_w + 500.0
    world.run(1.5 * HOUR_S, dt_s=10)
    assert (starts(world), why(world)) == (0, "genset_sun_covers")
    world.sun_w = 0.0
    world.run(600, dt_s=10)
    assert starts(world) == 1


def test_it_stops_once_the_sun_covers_the_load_venus_1601() -> None:
    world = village(now=0.5, genset=[(0, 6)], soc=(0.5, 0.55, 0.6, 0.65))
    world.run(HOUR_S / 2 + 60, dt_s=10)
    assert world.memory.genset.phase == "running"
    world.soc, world.sun_w = 0.56, 20000.0
    world.run(900, dt_s=10)
    assert (world.memory.genset.phase, why(world)) == ("stopped", "genset_sun_covers")


def test_sun_does_not_stop_it_while_the_battery_is_behind_the_plan() -> None:
    world = village(now=0.5, genset=[(0, 6)], soc=(0.5, 0.55, 0.6, 0.65))
    world.run(HOUR_S / 2 + 60, dt_s=10)
    world.soc, world.sun_w = 0.50, 20000.0
    world.run(900, dt_s=10)
    assert world.memory.genset.phase == "running"


def test_it_stops_early_when_the_battery_is_where_the_run_was_to_bring_it() -> None:
    world = village(now=0.5, genset=[(0, 3)], soc=(0.5, 0.55, 0.6, 0.65))
    world.run(HOUR_S, dt_s=10)
    assert world.memory.genset.phase == "running"
    world.soc = 0.68
    world.run(600, dt_s=10)
    assert (world.memory.genset.phase, why(world)) == ("stopped", "genset_goal_reached")


def test_for_a_battery_that_is_nearly_there_it_runs_on_but_is_not_started() -> None:
    running, resting = (village(now=0.5, genset=[(0, 3)], soc=(0.5,)) for _ in range(2))
    running.run(HOUR_S, dt_s=10)
    running.soc = resting.soc = 0.515
    running.run(HOUR_S / 2, dt_s=10)
    resting.run(HOUR_S / 2, dt_s=10)
    assert (running.memory.genset.phase, resting.memory.genset.phase) == ("running", "stopped")


def test_a_run_that_is_to_slow_the_decline_is_not_stopped_for_a_battery_as_expected() -> None:
    world = village(now=0.5, genset=[(0, 3)], soc=(0.5, 0.47, 0.44, 0.41))
    for soc in (0.50, 0.47, 0.44, 0.42):
        world.soc = soc
        world.run(0.7 * HOUR_S, dt_s=10)
        assert world.memory.genset.phase == "running"


def test_into_a_nearly_full_battery_it_is_not_started() -> None:
    world = village(now=0.93, genset=[(0, 3)], soc=(0.95,))
    world.run(HOUR_S / 2, dt_s=10)
    assert (starts(world), why(world)) == (0, "genset_battery_full")


def test_while_the_battery_may_not_be_charged_it_is_kept_off() -> None:
    world = village(genset=[(0, 3)])
    world.extra = {"battery_temperature_c": -1.0}
    world.run(HOUR_S / 2, dt_s=10)
    assert (starts(world), why(world)) == (0, "genset_may_not_charge")


def test_the_monthly_test_is_made_although_sun_and_battery_suffice() -> None:
    world = village(now=0.8, genset=[(0, 0.5)], soc=(0.7,), why=TEST_RUN)
    world.sun_w = 20000.0
    world.run(300, dt_s=10)
    assert (starts(world), why(world)) == (1, "genset_test_run")


@pytest.mark.parametrize("flicker_s", [20, 90, 400])
def test_clouds_neither_start_nor_stop_it_in_a_hurry(flicker_s: int) -> None:
    world = village(now=0.5, genset=[(0, 12)], soc=(0.5,))
    for cloud in range(int(3 * HOUR_S / flicker_s)):
        world.sun_w = 12000.0 if cloud % 2 else 0.0
        world.run(flicker_s, dt_s=10)
    moves = [(at_s, event.action) for at_s, event in world.log if event.action in ("start", "stop")]
    spec = world.site.genset
    assert moves
    assert spec is not None
    for (before_s, before), (after_s, _) in pairwise(moves):
        assert after_s - before_s >= (spec.min_run_s if before == "start" else spec.min_rest_s)


def test_no_news_of_the_battery_starts_it_and_none_is_latched_venus_1077_1078_1079() -> None:
    world = village(genset=[(0.5, 3)])
    world.soc = None
    world.run(2 * HOUR_S, dt_s=10)
    assert starts(world) == 0
    assert why(world) == "genset_soc_unseen"
    # When the battery is seen again, what counts is what is seen then.
    world.soc = 0.9
    world.run(HOUR_S / 2, dt_s=10)
    assert (starts(world), why(world)) == (0, "genset_goal_reached")


def test_warm_up_cool_down_and_a_cap_on_cranks_hold_under_a_plan_venus_303() -> None:
    world = village(genset=[(0, 1)], soc=(0.5, 0.55))
    seen = []
    for _ in range(int(1.2 * HOUR_S / 10)):
        world.step(10)
        seen.append(world.memory.genset.phase)
    phases = [phase for before, phase in pairwise(["", *seen]) if phase != before]
    assert phases == ["starting", "warming_up", "running", "cooling_down", "stopped"]
    world.genset_starts = False
    world.run(HOUR_S, dt_s=10)
    world.plan = make_plan(world.now_s, soc=(0.5, 0.55), genset=[(0, 3)])
    before = starts(world)
    world.run(2.5 * HOUR_S, dt_s=10)
    assert starts(world) - before == 3
    assert (world.memory.genset.phase, why(world)) == ("failed", "genset_failed")


def test_a_stop_at_the_panel_is_noticed_and_not_fought_venus_1604() -> None:
    world = village(genset=[(0, 3)])
    world.run(600, dt_s=10)
    assert world.memory.genset.phase == "running"
    world.rpm = 0.0
    world.step()
    assert "genset_stopped_by_itself" in alarms(world)
    world.genset_mode, world.rpm = 0.0, 0.0
    decision = world.run(HOUR_S, dt_s=10)
    assert decision.genset_run is None
    assert "genset_not_automatic" in alarms(world)


def test_a_plan_that_breaks_or_ends_while_it_runs_does_not_stop_it_at_once() -> None:
    world = village(now=0.3, genset=[(0, 3)], soc=(0.3, 0.33))
    world.run(600, dt_s=10)
    world.plan = None
    world.run(1500, dt_s=10)
    assert (world.memory.genset.phase, why(world)) == ("running", "genset_needed")


def test_wishes_that_come_and_go_do_not_crank_it_without_end_venus_303() -> None:
    world = village()
    world.genset_starts = False
    for _ in range(10):
        world.plan = make_plan(world.now_s, soc=(0.5,), genset=[(0, 12)])
        world.run(80, dt_s=10)
        world.plan = make_plan(world.now_s, soc=(0.5,))
        world.run(1200, dt_s=10)
    assert starts(world) == 3
    assert "genset_failed" in alarms(world)
