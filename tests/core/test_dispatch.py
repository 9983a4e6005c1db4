"""The plan as a voice: announced cuts are kept, lifted by good news, and left to the rules by bad."""

from __future__ import annotations

from dataclasses import replace

import pytest
from core_world import FEEDERS, HOUSES, World, make_site
from made_plan import HOUR_S, make_plan

from controller.core.memory import from_json, to_json
from controller.core.model import Plan

EVERYONE = {feeder.id for feeder in FEEDERS}


def village(**plan) -> World:
    """A village that has lived an hour with everybody on, and is handed a plan."""
    world = World(soc=plan.pop("now", 0.6))
    world.run(HOUR_S, dt_s=10)
    world.plan = make_plan(world.now_s, **plan)
    return world


def plan_codes(world: World) -> list[str]:
    """What the log says of the plan."""
    return [event.reason.code for event in world.events("plan")]


def test_an_announced_cut_is_kept_to_the_minute_and_nobody_else_is_cut() -> None:
    world = village(now=0.3, soc=(0.3,), cuts={"houses_a": [(1, 2)]})
    world.run(HOUR_S - 10, dt_s=10)
    before = len(world.events("open", "close"))
    # The rules alone would let two of four groups be on at 30 %.
    assert world.on() == EVERYONE
    assert world.why("houses_a") == "cut_begins"
    world.run(20, dt_s=10)
    assert world.on() == EVERYONE - {"houses_a"}
    assert world.why("houses_a") == "turn_announced"
    world.run(HOUR_S - 20, dt_s=10)
    assert world.on() == EVERYONE - {"houses_a"}
    world.run(20, dt_s=10)
    assert world.on() == EVERYONE
    assert [event.subject for event in world.events("open", "close")[before:]] == ["houses_a", "houses_a"]
    assert plan_codes(world) == ["plan_followed"]


def test_who_decides_is_told() -> None:
    world = village(now=0.8, soc=(0.8,))
    decision = world.step()
    assert (decision.voice, decision.plan.in_force, decision.plan.reason) == ("plan", True, None)
    world.plan = None
    decision = world.step()
    assert (decision.voice, decision.plan.in_force) == ("rules", False)
    assert decision.plan.reason is not None
    assert decision.plan.reason.code == "plan_missing"
    world.loads_w["houses_a"] = 40000.0
    assert world.step().voice == "protection"


def test_the_clinic_is_never_cut_by_a_plan() -> None:
    world = village(cuts={"clinic": [(0, 3)]})
    world.run(HOUR_S, dt_s=10)
    assert world.on() == EVERYONE


def test_a_plan_in_turns_makes_the_village_saving() -> None:
    world = village(cuts={"houses_b": [(0, 2)]})
    assert world.run(HOUR_S, dt_s=10).mode == "saving"


def test_a_line_that_was_only_just_connected_is_not_cut_yet() -> None:
    world = village(cuts={"houses_a": [(0, 1)], "houses_b": [(0, 1)]})
    world.closed["houses_b"] = False
    world.memory = replace(
        world.memory,
        feeders={
            **world.memory.feeders,
            "houses_a": replace(world.memory.feeders["houses_a"], state_s=0.0),
            "houses_b": replace(world.memory.feeders["houses_b"], closed=False, state_s=0.0),
        },
    )
    world.run(600, dt_s=10)
    assert "houses_a" in world.on()
    assert world.why("houses_a") == "cut_begins"
    world.run(400, dt_s=10)
    assert not {"houses_a", "houses_b"} & world.on()


def test_a_cut_that_is_nearly_over_is_not_begun() -> None:
    world = village(cuts={"houses_a": [(0, 1)]})
    late = world.plan
    world.plan = None
    world.run(HOUR_S - 300, dt_s=10)
    world.plan = late
    world.run(600, dt_s=10)
    assert "houses_a" in world.on()
    assert not world.events("open")


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (lambda world, plan: None, "plan_missing"),
        (lambda world, plan: replace(plan, valid_until_s=world.now_s - 1), "plan_expired"),
        (lambda world, plan: replace(plan, made_s=world.now_s - 3.1 * HOUR_S), "plan_expired"),
        (lambda world, plan: make_plan(world.now_s + HOUR_S), "plan_expired"),
        (lambda world, plan: make_plan(world.now_s - 2 * HOUR_S, hours=1), "plan_expired"),
    ],
    ids=["none", "no longer valid", "three hours old", "not begun", "over"],
)
def test_a_plan_that_cannot_be_in_force_leaves_all_to_the_rules(spoilt, code: str) -> None:
    world = village(now=0.8, soc=(0.8,), cuts={"houses_a": [(0, 12)]})
    world.run(600, dt_s=10)
    assert "houses_a" not in world.on()
    world.plan = spoilt(world, world.plan)
    world.run(700, dt_s=10)
    assert world.on() == EVERYONE
    assert plan_codes(world) == ["plan_followed", code]


def test_without_a_clock_that_is_right_no_plan_is_followed() -> None:
    world = village(cuts={"houses_a": [(0, 12)]})
    world.clock_synchronised = False
    world.run(600, dt_s=10)
    assert world.on() == EVERYONE
    assert plan_codes(world) == ["plan_clock_unset"]


def test_a_battery_below_the_corridor_for_a_while_breaks_the_plan_until_there_is_a_newer_one() -> None:
    world = village(now=0.5, soc=(0.5,), cuts={"houses_a": [(0, 3)]})
    world.run(600, dt_s=10)
    world.soc = 0.40
    world.run(590, dt_s=10)
    assert world.decision is not None
    assert world.decision.plan.in_force
    world.run(30, dt_s=10)
    assert not world.decision.plan.in_force
    assert plan_codes(world)[-1] == "plan_broken"
    # Announced cuts stand; back in the corridor the broken plan is not trusted any more.
    assert "houses_a" not in world.on()
    world.soc = 0.5
    world.run(1800, dt_s=10)
    assert not world.decision.plan.in_force
    world.plan = make_plan(world.now_s, soc=(0.5,))
    world.run(20, dt_s=10)
    assert world.decision.plan.in_force
    assert plan_codes(world) == ["plan_followed", "plan_broken", "plan_followed"]


def test_a_newer_plan_waits_until_the_rules_have_decided_for_a_while() -> None:
    world = village(now=0.5, soc=(0.5,))
    world.soc = 0.40
    world.run(620, dt_s=10)
    world.plan = make_plan(world.now_s, soc=(0.4,))
    world.run(500, dt_s=10)
    assert plan_codes(world) == ["plan_followed", "plan_broken"]
    world.run(120, dt_s=10)
    assert plan_codes(world) == ["plan_followed", "plan_broken", "plan_followed"]


def test_a_dip_below_the_corridor_breaks_nothing() -> None:
    world = village(now=0.5, soc=(0.5,))
    for _ in range(20):
        world.soc = 0.40
        world.run(300, dt_s=10)
        world.soc = 0.47
        world.run(100, dt_s=10)
    assert plan_codes(world) == ["plan_followed"]


def test_near_the_protection_limit_the_rules_decide_whatever_the_plan_says() -> None:
    world = village(now=0.10, soc=(0.10,))
    world.genset_mode = 0.0
    world.run(600, dt_s=10)
    assert set(HOUSES) <= world.on()
    world.soc = 0.09
    world.run(1800, dt_s=10)
    assert world.on() == {"clinic"}
    for soc in (0.10, 0.09, 0.10, 0.12):
        world.soc = soc
        world.run(HOUR_S / 4, dt_s=10)
    assert plan_codes(world) == ["plan_followed", "plan_battery_low"]
    world.soc = 0.135
    world.run(1200, dt_s=10)
    assert plan_codes(world)[-1] in ("plan_followed", "plan_expired")


def test_a_battery_that_is_not_seen_keeps_cuts_and_connects_nobody() -> None:
    world = village(cuts={"houses_a": [(0, 1)], "houses_b": [(1, 2)]})
    world.run(600, dt_s=10)
    world.soc = None
    world.run(HOUR_S, dt_s=10)
    assert not {"houses_a", "houses_b"} & world.on()
    assert "plan_soc_unseen" in plan_codes(world)


# ---------------------------------------------------------------- good news
def test_more_battery_than_expected_lifts_cuts_for_whom_it_carries() -> None:
    # 800 W for 3 h are 2.4 kWh; at 0.72 the battery holds 10.8 kWh more than the plan expected at best.
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 3)], "houses_b": [(0, 3)]})
    world.run(300, dt_s=10)
    assert world.on() == EVERYONE - {"houses_a", "houses_b"}
    world.soc = 0.72
    world.run(550, dt_s=10)
    assert world.on() == EVERYONE - {"houses_a", "houses_b"}
    world.run(200, dt_s=10)
    assert world.on() == EVERYONE
    assert world.why("houses_a") == "cut_lifted"


def test_only_as_many_cuts_are_lifted_as_the_surplus_carries() -> None:
    # Over the corridor by 9 % of 120 kWh; each of the four takes 1.5 kW for 3 h: two of them fit.
    world = village(now=0.6, soc=(0.6,), wanted_w=1500.0, cuts={name: [(0, 3)] for name in HOUSES})
    world.soc = 0.72
    world.run(HOUR_S / 2, dt_s=10)
    assert len(world.on() & set(HOUSES)) == 2


def test_a_surplus_spares_nobody_a_turn_altogether_so_that_turns_go_round() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0.5, 3)]})
    world.soc = 0.72
    world.run(HOUR_S / 2 + 300, dt_s=10)
    assert "houses_a" not in world.on()
    world.run(400, dt_s=10)
    assert "houses_a" in world.on()


def test_a_lifted_cut_stays_lifted_to_its_end() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 2.5)]})
    world.soc = 0.72
    world.run(HOUR_S / 2, dt_s=10)
    assert "houses_a" in world.on()
    switched = len(world.events("open", "close"))
    for soc in (0.58, 0.60, 0.66, 0.57):
        world.soc = soc
        world.run(HOUR_S / 2, dt_s=10)
        assert "houses_a" in world.on()
    assert len(world.events("open", "close")) == switched


def test_a_lift_ends_with_its_cut_and_the_next_one_is_kept() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 1), (1.5, 2.5)]})
    world.soc = 0.72
    world.run(HOUR_S / 2, dt_s=10)
    assert world.why("houses_a") == "cut_lifted"
    world.soc = 0.6
    world.run(0.7 * HOUR_S, dt_s=10)
    assert world.why("houses_a") == "cut_begins"
    world.run(0.5 * HOUR_S, dt_s=10)
    assert "houses_a" not in world.on()


def test_a_cut_that_is_nearly_over_is_not_lifted_for_so_short_a_while() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 1)]})
    world.run(0.6 * HOUR_S, dt_s=10)
    world.soc = 0.72
    world.run(0.35 * HOUR_S, dt_s=10)
    assert "houses_a" not in world.on()


def test_no_surplus_is_given_to_whom_protection_keeps_off() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 3)], "school": [(0, 3)]})
    world.extra = {"battery_temperature_c": 55.0}
    world.soc = 0.72
    world.run(HOUR_S / 2, dt_s=10)
    assert set(world.memory.plan.lifted_s) == {"school"}


def test_a_lift_survives_a_restart() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 2.5)]})
    world.soc = 0.72
    world.run(HOUR_S / 2, dt_s=10)
    world.memory = from_json(to_json(world.memory))
    world.soc = 0.6
    world.run(HOUR_S / 2, dt_s=10)
    assert "houses_a" in world.on()


def test_sun_that_the_full_battery_cannot_take_is_given_away_one_line_at_a_time() -> None:
    world = village(now=0.985, soc=(0.98,), cuts={name: [(0, 3)] for name in HOUSES})
    world.sun_w = 30000.0
    world.run(300, dt_s=10)
    assert not set(HOUSES) & world.on()
    counts = []
    for _ in range(5):
        world.run(650, dt_s=10)
        counts.append(len(world.on() & set(HOUSES)))
    assert counts == [1, 2, 3, 4, 4]


def test_of_the_lines_that_sun_to_spare_could_light_the_most_important_comes_first() -> None:
    world = village(now=0.985, soc=(0.98,), cuts={name: [(0, 3)] for name in ("pump", "houses_c", "school")})
    world.sun_w = 30000.0
    world.run(300, dt_s=10)
    order = []
    for _ in range(3):
        before = world.on()
        world.run(650, dt_s=10)
        order += world.on() - before
    assert order == ["school", "houses_c", "pump"]


def test_a_surplus_from_before_counts_for_nothing_when_a_plan_is_followed_again() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 6)]})
    world.soc = 0.70
    world.run(400, dt_s=10)
    plan, world.plan = world.plan, None
    world.run(100, dt_s=10)
    world.plan = plan
    world.run(500, dt_s=10)
    assert "houses_a" not in world.on()
    world.run(200, dt_s=10)
    assert "houses_a" in world.on()


def test_a_cold_battery_at_night_wastes_no_sun() -> None:
    world = village(now=0.6, soc=(0.6,), cuts={"houses_a": [(0, 3)]})
    world.extra = {"battery_temperature_c": -2.0}
    world.run(HOUR_S, dt_s=10)
    # Nor where the load is not known, so that the panels may give nothing at all.
    world.lost = {"meter_clinic"}
    world.run(HOUR_S, dt_s=10)
    assert world.pv_limit == 0.0
    assert "houses_a" not in world.on()


# ---------------------------------------------------------------- hand-overs
def switched(world: World) -> int:
    return len(world.events("open", "close"))


@pytest.mark.parametrize("soc", [0.25, 0.33, 0.43, 0.46])
def test_a_plan_that_agrees_with_the_rules_switches_nobody_when_it_comes_and_goes(soc: float) -> None:
    world = World(soc=soc)
    world.run(2 * HOUR_S, dt_s=10)
    off = EVERYONE - world.on()
    plan = make_plan(world.now_s, soc=(soc,), cuts={name: [(0, 12)] for name in off})
    before = switched(world)
    for handed in (plan, None, plan, None):
        world.plan = handed
        world.run(600, dt_s=10)
    assert switched(world) == before


def test_when_the_plan_ends_the_rules_keep_whom_their_hysteresis_lets_them_keep() -> None:
    # At 38 % the rules let all four groups stay on that are, but light no fourth where three are.
    world = village(now=0.34, soc=(0.36,), cuts={"pump": [(0, 12)]})
    world.soc = 0.38
    world.run(1800, dt_s=10)
    assert set(HOUSES) <= world.on()
    before = switched(world)
    world.plan = None
    world.run(1800, dt_s=10)
    assert switched(world) == before


def test_whom_the_sun_carries_when_the_plan_ends_is_carried_on() -> None:
    world = village(now=0.35, soc=(0.35,))
    world.sun_w = 20000.0
    world.run(1800, dt_s=10)
    assert world.on() == EVERYONE
    before = switched(world)
    world.plan = None
    world.run(1800, dt_s=10)
    assert switched(world) == before
    world.sun_w = 0.0
    world.run(HOUR_S, dt_s=10)
    assert "pump" not in world.on()


def test_a_class_that_the_plan_does_not_know_stays_with_the_rules() -> None:
    known = tuple(name for name in EVERYONE if name != "pump")
    world = village(now=0.40, soc=(0.40,), feeders=known)
    world.run(1800, dt_s=10)
    assert world.on() == EVERYONE - {"pump"}
    assert world.why("pump") == "class_off"


def test_where_the_inverters_are_full_lines_still_take_turns_under_a_plan() -> None:
    world = village(now=0.8, soc=(0.8,))
    world.closed["houses_d"] = False
    world.memory = replace(
        world.memory,
        feeders={
            **world.memory.feeders,
            "houses_d": replace(world.memory.feeders["houses_d"], closed=False, on_w=5000.0),
        },
    )
    world.loads_w = dict.fromkeys(EVERYONE, 0.0) | dict.fromkeys(HOUSES, 6500.0)
    world.run(2.5 * HOUR_S, dt_s=10)
    assert "houses_d" in {event.subject for event in world.events("close")}
    assert {"making_room"} <= {event.reason.code for event in world.events("open")}


# ---------------------------------------------------------------- the plan itself
def test_a_plan_whose_parts_do_not_fit_is_refused() -> None:
    plan = make_plan(0.0)
    for wrong in (
        {"edges_s": tuple(reversed(plan.edges_s))},
        {"soc_mid_frac": plan.soc_mid_frac[1:]},
        {"wanted_w": {"clinic": (1.0,)}},
        {"genset_on": (True,)},
    ):
        with pytest.raises(ValueError, match="plan:"):
            replace(plan, **wrong)


def test_a_moment_finds_its_step_and_its_corridor() -> None:
    plan = make_plan(100.0, hours=1, soc=(0.4, 0.8), band=0.1)
    assert [plan.step_at(s) for s in (99.9, 100.0, 999.9, 1000.0, 3699.9, 3700.0)] == [None, 0, 0, 1, 3, None]
    middle = plan.corridor_at(100.0 + HOUR_S / 2)
    assert middle is not None
    assert (middle.low_frac, middle.mid_frac, middle.high_frac) == pytest.approx((0.5, 0.6, 0.7))
    assert plan.corridor_at(0.0) is None
    cut = make_plan(100.0, cuts={"clinic": [(0, 1)]})
    found = [cut.cut_at("clinic", s) is not None for s in (99.0, 100.0, 3699.0, 3700.0)]
    assert found == [False, True, True, False]
    assert Plan(0.0, 0.0, (), (), (), (), {}).step_at(0.0) is None
    assert plan.wanted_wh("clinic", 1000.0, 100.0 + HOUR_S) == pytest.approx(600.0)


def test_the_site_of_these_tests_has_the_thresholds_that_they_speak_of() -> None:
    sharing = make_site().sharing
    assert sharing.classes["household"].ration_below_soc_frac == 0.42
    assert (sharing.min_on_s, sharing.min_off_s, sharing.hysteresis_soc_frac) == (900, 600, 0.04)
