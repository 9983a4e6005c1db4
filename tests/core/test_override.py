"""A technician's order: before plan and rules, after protection, and never for ever."""

from __future__ import annotations

import pytest
from core_world import World
from hypothesis import given, settings
from hypothesis import strategies as st
from made_plan import make_plan

from controller.core.memory import from_json, to_json
from controller.core.model import GENSET, Ask, Override


def order(subject: str, on: bool | None, for_s: float = 3600.0, who: str = "somchai", number: int = 1) -> Ask:
    return Ask(number, f"request-{number}", subject, on, for_s, who)


def test_a_feeder_is_switched_off_at_once_and_comes_back_by_itself() -> None:
    world = World()
    world.run(600, dt_s=10)
    world.asked = [order("houses_a", on=False, for_s=1800)]
    decision = world.step()
    assert "houses_a" not in world.on()
    assert [answer.outcome for answer in decision.answers] == ["done"]
    assert decision.answers[0].reason.code == "feeder_ordered_off"
    assert "in about 30 minutes" in world.says("houses_a").en
    world.run(1790, dt_s=10)
    assert "houses_a" not in world.on()
    world.run(60)
    assert "houses_a" in world.on()
    assert [event.reason.code for event in world.events("override")] == ["override_taken", "override_over"]


def test_an_order_holds_although_the_rules_would_ration() -> None:
    world = World(soc=0.22)
    world.run(3600, dt_s=10)
    assert "houses_a" not in world.on() or "houses_b" not in world.on()
    off = next(name for name in ("houses_a", "houses_b") if name not in world.on())
    world.asked = [order(off, on=True)]
    world.run(120)
    assert off in world.on()
    assert world.why(off) == "feeder_ordered_on"


def test_protection_goes_first() -> None:
    world = World(soc=0.7)
    world.run(600, dt_s=10)
    world.asked = [order("houses_a", on=True)]
    world.run(60)
    world.soc = 0.03
    world.run(60)
    assert "houses_a" not in world.on()
    assert world.why("houses_a") == "battery_empty"


def test_an_announced_cut_gives_way_to_an_order() -> None:
    world = World(soc=0.5)
    world.run(600, dt_s=10)
    world.plan = make_plan(world.now_s, soc=(0.5,), cuts={"houses_a": ((0.0, 2.0),)})
    world.run(1800, dt_s=10)
    assert "houses_a" not in world.on()
    world.asked = [order("houses_a", on=True)]
    world.run(60)
    assert "houses_a" in world.on()


def test_the_newest_word_counts_and_auto_gives_back() -> None:
    world = World()
    world.run(600, dt_s=10)
    world.asked = [order("houses_a", on=False), order("houses_a", on=True, number=2)]
    decision = world.step()
    assert "houses_a" in world.on()
    assert [answer.number for answer in decision.answers] == [1, 2]
    world.asked = [order("houses_a", on=None, number=3)]
    world.step()
    assert not world.memory.overrides
    assert world.why("houses_a") == "powered"


def test_the_genset_runs_and_rests_as_ordered() -> None:
    world = World(soc=0.6)
    world.run(600, dt_s=10)
    world.asked = [order(GENSET, on=True, for_s=1800)]
    world.run(300)
    assert world.memory.genset.phase == "running"
    assert world.decision is not None
    assert world.decision.genset_reason is not None
    assert world.decision.genset_reason.code == "genset_ordered_on"
    world.asked = [order(GENSET, on=False, number=2)]
    world.run(3600, dt_s=10)  # not before its least run is over: engines are spared
    assert world.memory.genset.phase == "stopped"


def test_an_order_survives_a_restart_with_the_time_it_has_left() -> None:
    world = World()
    world.run(600, dt_s=10)
    world.asked = [order("houses_a", on=False, for_s=1000)]
    world.run(400, dt_s=10)
    world.restart(from_json(to_json(world.memory)))
    world.run(580, dt_s=10)
    assert "houses_a" not in world.on()
    world.run(120, dt_s=10)
    assert "houses_a" in world.on()


def test_what_a_feeder_goes_without_by_order_is_not_its_turn() -> None:
    world = World()
    world.run(600, dt_s=10)
    world.asked = [order("houses_a", on=False)]
    world.run(60)
    assert world.memory.feeders["houses_a"].off_by == "protection"


orders = st.builds(
    order,
    st.sampled_from(["houses_a", "houses_b", "clinic", GENSET]),
    st.sampled_from([True, False, None]),
    st.floats(10, 3000),
    number=st.integers(1, 9),
)


@given(
    st.lists(st.lists(orders, max_size=3), min_size=1, max_size=12), st.sampled_from([0.02, 0.15, 0.5, 0.9])
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_ordered_every_request_is_answered_once_and_every_order_ends(
    asked: list[list[Ask]], soc: float
) -> None:
    world = World(soc=soc)
    world.run(300, dt_s=10)
    for batch in asked:
        world.asked = list(batch)
        decision = world.step(10)
        assert [answer.number for answer in decision.answers] == [ask.number for ask in batch]
        assert all(0 < each.left_s <= 3000 for each in world.memory.overrides.values())
        if soc == 0.02:
            assert not world.on() & {"houses_a", "houses_b"}
    world.run(3100, dt_s=100)
    assert not world.memory.overrides


def test_memory_of_orders_is_read_back_as_it_was() -> None:
    world = World()
    world.asked = [order("houses_a", on=False, for_s=500)]
    world.step()
    assert from_json(to_json(world.memory)).overrides == {
        "houses_a": Override(on=False, left_s=pytest.approx(500), who="somchai")
    }
