"""Stories of a village with a plan, as step tables: what happens, who must have light, who decides, why.

The core alone, over a little physics (`core_world`). SoC is what the story says, so that each row means
what it says; the plan is made up for the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core_world import FEEDERS, HOUSES, World
from made_plan import HOUR_S, make_plan

from controller.core.memory import from_json, to_json

EVERYONE = {feeder.id for feeder in FEEDERS}
EVENING = {"houses_a": [(1.0, 2.0), (5.0, 6.0)], "houses_b": [(2.0, 3.0)], "houses_c": [(3.0, 4.0)]}
"""Turns from 18:00: A is off at 19:00, B at 20:00, C at 21:00."""
FROM_60_TO_30 = (0.60, 0.55, 0.50, 0.45, 0.40, 0.36, 0.33, 0.30)


@dataclass(frozen=True)
class Row:
    """A stretch of an evening. Everybody named `dark` is off at its end, all the others are on."""

    when: str
    minutes: float
    soc: float | None
    dark: set[str] = field(default_factory=set)
    voice: str = "plan"
    meanwhile: Callable[[World], None] | None = None
    """What happens at its beginning."""
    why: Mapping[str, str] = field(default_factory=dict)
    """Feeder, or `genset` or `plan` -> code of its reason at the end."""


def tell(world: World, rows: Sequence[Row]) -> None:
    """Live through the rows."""
    for row in rows:
        if row.meanwhile is not None:
            row.meanwhile(world)
        world.soc = row.soc
        decision = world.run(60 * row.minutes, dt_s=10)
        assert EVERYONE - world.on() == row.dark, row.when
        assert decision.voice == row.voice, row.when
        for subject, code in row.why.items():
            match subject:
                case "genset":
                    reason = decision.genset_reason
                case "plan":
                    reason = decision.plan.reason
                case _:
                    reason = decision.feeders[subject].reason
            assert reason is not None, row.when
            assert reason.code == code, row.when


def at_six(**plan) -> World:
    """18:00, everybody is on and the evening is planned."""
    world = World(soc=0.62)
    world.run(HOUR_S / 2, dt_s=10)
    world.plan = make_plan(world.now_s, **({"soc": FROM_60_TO_30, "cuts": EVENING} | plan))
    return world


def planned_anew(world: World) -> None:
    """The planner says the same once more."""
    assert world.plan is not None
    world.plan = replace(world.plan, made_s=world.now_s, valid_until_s=world.now_s + 3 * HOUR_S)


def switched(world: World, feeder_id: str) -> list[str]:
    return [event.action for event in world.events("open", "close") if event.subject == feeder_id]


def test_an_evening_in_announced_turns() -> None:
    village = at_six()
    tell(
        village,
        [
            Row("18:00 all on, A knows that its turn is near", 59, 0.60, why={"houses_a": "cut_begins"}),
            Row("19:00 battery 55 %, A goes off as announced", 60, 0.55, {"houses_a"}),
            Row("20:00 battery 50 %, A is back and B off", 60, 0.50, {"houses_b"}, meanwhile=planned_anew),
            Row("21:00 battery 45 %, rules would rest the pump", 60, 0.45, {"houses_c"}),
            Row(
                "22:00 battery 41 %, rules would ration houses",
                60,
                0.41,
                why={"houses_d": "powered"},
                meanwhile=planned_anew,
            ),
            Row("23:00 battery 37 %, A for the second time", 50, 0.37, {"houses_a"}),
        ],
    )
    assert switched(village, "houses_a") == ["open", "close", "open"]
    assert switched(village, "houses_d") == []


def test_the_planner_dies_in_the_evening() -> None:
    expired = {"plan": "plan_expired", "pump": "class_off"}
    tell(
        at_six(),
        [
            Row("18:00 a last plan", 59, 0.60),
            Row("19:00 the planner is dead, its plan goes on", 60, 0.55, {"houses_a"}),
            Row("20:00 still", 60, 0.50, {"houses_b"}),
            Row(
                "21:00 it is too old: the rules rest the pump, C has light",
                60,
                0.44,
                {"pump"},
                "rules",
                why=expired,
            ),
            Row("22:00 battery 33 %, by the rules one group is off", 15, 0.33, {"pump", "houses_d"}, "rules"),
        ],
    )


def test_more_is_used_than_expected() -> None:
    def replan(world: World) -> None:
        world.plan = make_plan(world.now_s, soc=(0.42, 0.40), cuts={"houses_d": [(0.5, 1.5)]})

    broken = {"plan": "plan_broken", "houses_a": "turn_announced"}
    tell(
        at_six(),
        [
            Row("18:00 all well", 59, 0.60),
            Row("19:00 A off", 30, 0.55, {"houses_a"}),
            Row("19:30 battery 42 %: too low for a moment", 9, 0.425, {"houses_a"}),
            Row(
                "19:40 and for ten minutes: the rules rest the pump",
                12,
                0.425,
                {"houses_a", "pump"},
                "rules",
                why=broken,
            ),
            Row("19:52 a newer plan: everybody is on again", 25, 0.42, meanwhile=replan),
            Row("20:17 its own turns come as announced", 30, 0.42, {"houses_d"}),
        ],
    )


def test_good_news_in_the_evening() -> None:
    lifted = {"houses_a": "cut_lifted"}
    village = at_six()
    tell(
        village,
        [
            Row("18:00 all well", 59, 0.60),
            Row("19:00 A off", 15, 0.57, {"houses_a"}),
            Row("19:15 battery 70 %: much more than expected", 15, 0.70, why=lifted),
            Row("19:30 it falls as fast: what was lifted stays", 30, 0.55, why=lifted),
            Row("20:00 B goes as announced", 60, 0.52, {"houses_b"}),
        ],
    )
    assert switched(village, "houses_a") == ["open", "close"]


def test_an_overload_in_the_middle_of_a_turn() -> None:
    def kettles(world: World) -> None:
        world.loads_w.update(houses_b=9_000.0, houses_c=9_000.0, houses_d=9_000.0)

    def no_kettles(world: World) -> None:
        world.loads_w.update(dict.fromkeys(HOUSES, 800.0))

    tell(
        at_six(),
        [
            Row("18:00 all well", 59, 0.60),
            Row("19:00 A off", 20, 0.55, {"houses_a"}),
            Row(
                "19:20 too much on B: it is shed, and the pump",
                1,
                0.55,
                {"houses_a", "houses_b", "pump"},
                "protection",
                kettles,
            ),
            Row("19:21 both come back after a pause", 15, 0.54, {"houses_a"}, meanwhile=no_kettles),
            Row("20:00 B has its turn as announced", 45, 0.50, {"houses_b"}),
        ],
    )


def test_a_restart_in_the_middle_of_a_turn() -> None:
    def restart(world: World) -> None:
        plan, then_s = world.plan, world.now_s
        assert plan is not None
        world.restart(from_json(to_json(world.memory)))
        # The same plan, on the clock of the next run.
        world.plan = make_plan(world.now_s - (then_s - plan.made_s), soc=FROM_60_TO_30, cuts=EVENING)

    village = at_six()
    tell(
        village,
        [
            Row("18:00 all well", 59, 0.60),
            Row("19:00 A off", 30, 0.55, {"houses_a"}),
            Row("19:30 a new controller switches nobody", 30, 0.53, {"houses_a"}, meanwhile=restart),
            Row("20:00 A is back, B off", 50, 0.50, {"houses_b"}),
        ],
    )
    assert switched(village, "houses_a") == ["open", "close"]


def test_a_night_in_which_the_sun_is_waited_for_and_the_genset_spared() -> None:
    rests = {"genset": "genset_not_planned"}
    village = at_six(soc=(0.30, 0.27, 0.24, 0.21, 0.18, 0.16), cuts={})
    tell(
        village,
        [
            Row("03:00 battery 24 %, rules would ration", 60, 0.24, why=rests),
            Row("04:00 battery 20 %, rules would start the genset", 60, 0.20, why=rests),
            Row("05:00 battery 17 %, as expected at worst", 50, 0.17, why=rests),
        ],
    )
    assert village.events("start") == []


def test_a_night_in_which_the_genset_runs_as_planned_and_stops_at_sunrise() -> None:
    def sunrise(world: World) -> None:
        world.sun_w = 14_000.0

    covers = {"genset": "genset_sun_covers"}
    village = at_six(soc=(0.40, 0.42, 0.46, 0.50), cuts={}, genset=[(0.5, 5)])
    tell(
        village,
        [
            Row("04:00 battery 41 %", 29, 0.41, why={"genset": "genset_not_planned"}),
            Row("04:30 it runs as planned", 60, 0.41, why={"genset": "genset_planned"}),
            Row("05:30 battery 45 %", 30, 0.45, why={"genset": "genset_planned"}),
            Row("06:00 the sun carries the village", 30, 0.47, why=covers, meanwhile=sunrise),
        ],
    )
    assert len(village.events("start")) == 1
    assert set(HOUSES) <= village.on()
