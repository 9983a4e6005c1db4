"""Whatever a plan says, and whatever the field brings meanwhile: safety is not the plan's to give away."""

from __future__ import annotations

from core_world import FEEDERS, World
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.decide import PROTECTION, VOICES, hear
from controller.core.model import Cut, Decision, Plan, Reason
from controller.core.modes import REPAID_CODES
from controller.core.plant import view_feeders
from controller.core.reasons import render
from controller.core.situation import Situation

IDS = [feeder.id for feeder in FEEDERS]
START_S = 1000.0
TURN = Reason("turn_announced", {"start": 0.0, "end": 0.0, "class": "household"})
TEST_RUN = Reason("genset_test_run", {"start": 0.0, "end": 0.0})

moments = st.floats(START_S - 20_000, START_S + 20_000)
fractions = st.floats(-3, 3)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Anything that has the form of a plan: overlapping cuts, cuts of the clinic, impossible SoC."""
    begin_s = draw(st.floats(START_S - 4000, START_S + 500))
    lengths = draw(st.lists(st.floats(60, 7200), min_size=0, max_size=6))
    edges_s = (begin_s, *(begin_s + sum(lengths[: i + 1]) for i in range(len(lengths))))
    steps = len(lengths)
    row = st.tuples(*[fractions] * (steps + 1))
    cut = st.builds(Cut, moments, moments, moments, st.just(TURN))
    return Plan(
        made_s=draw(st.floats(START_S - 12_000, START_S + 1000)),
        valid_until_s=draw(moments),
        edges_s=edges_s,
        soc_low_frac=draw(row),
        soc_mid_frac=draw(row),
        soc_high_frac=draw(row),
        wanted_w=draw(st.dictionaries(st.sampled_from(IDS), st.tuples(*[st.floats(0, 1e6)] * steps))),
        cuts=draw(st.dictionaries(st.sampled_from(IDS), st.lists(cut, max_size=3).map(tuple))),
        genset_on=draw(st.just(()) | st.tuples(*[st.booleans()] * steps)),
        genset_why=draw(st.just(()) | st.tuples(*[st.sampled_from([None, TEST_RUN])] * steps)),
        battery_w=draw(st.just(()) | st.tuples(*[st.floats(-1e6, 1e6)] * steps)),
    )


days = st.fixed_dictionaries(
    {
        "plan": st.none() | plans(),
        "soc": st.none() | st.floats(0, 1),
        "sun_w": st.floats(0, 36000),
        "factor": st.floats(0, 3),
        "dt_s": st.floats(0.5, 90),
        "lost": st.sets(st.sampled_from(["relays", "battery", "genset", "meter_clinic"]), max_size=1),
        "genset_starts": st.booleans(),
        "genset_mode": st.sampled_from([0.0, 1.0]),
        "clock": st.booleans(),
        "points": st.fixed_dictionaries(
            {},
            optional={
                "inverter_state": st.sampled_from([0.0, 9.0]),
                "overload_alarm": st.sampled_from([0.0, 2.0]),
                "cell_voltage_min_v": st.floats(2.6, 3.5),
                "cell_voltage_max_v": st.floats(3.0, 3.7),
                "battery_temperature_c": st.floats(-5, 60),
            },
        ),
    }
)


def live(world: World, day: dict) -> None:
    """What comes to the village."""
    world.plan, world.soc, world.sun_w, world.extra = day["plan"], day["soc"], day["sun_w"], day["points"]
    world.lost, world.clock_synchronised = day["lost"], day["clock"]
    world.genset_starts, world.genset_mode = day["genset_starts"], day["genset_mode"]
    world.loads_w = {f.id: 0.1 * day["factor"] * f.rated_w for f in FEEDERS}


@given(st.lists(days, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_plan_makes_anybody_flicker_or_a_reason_unsayable(lived: list[dict]) -> None:
    world, since = World(), dict.fromkeys(IDS, 0.0)
    rules = world.site.sharing
    for day in lived:
        live(world, day)
        for _ in range(25):
            decision = world.step(day["dt_s"])
            for reason in (*(f.reason for f in decision.feeders.values()), *decision.alarms):
                render(reason)
            for event in decision.events:
                render(event.reason)
                if event.action in ("open", "close"):
                    rested_s = world.now_s - since[event.subject]
                    if event.action == "open" and event.reason.code not in REPAID_CODES:
                        assert rested_s >= rules.min_on_s - 1e-6
                    if event.action == "close" and not _brought_back(world, event.reason):
                        assert rested_s >= rules.min_off_s - 1e-6
                if event.action in ("open", "close", "adopt"):
                    since[event.subject] = world.now_s


def _brought_back(world: World, reason: Reason) -> bool:
    """A blackout is no ration: whoever it cut comes back at once, and so does the clinic."""
    lately = [event.reason.code for at_s, event in world.log if at_s > world.now_s - 900]
    return reason.code == "critical_carried" or bool({"blackout", "black_start"} & set(lately))


@given(st.lists(days, min_size=1, max_size=3), st.none() | plans())
@settings(max_examples=40, deadline=None)
def test_no_plan_undoes_what_protection_has_settled(lived: list[dict], plan: Plan | None) -> None:
    world = World()
    for day in lived:
        live(world, day)
        world.run(3 * day["dt_s"], dt_s=day["dt_s"])
    image = world.image()
    assert world.decision is not None
    situation = Situation(
        image, world.site, world.decision.plant, view_feeders(world.site, image), 1.0, world.memory, plan
    )
    alone, all_heard = hear(situation, PROTECTION).bounds, hear(situation, VOICES).bounds
    for feeder_id in IDS:
        if alone.feeder(feeder_id).settled is not None:
            assert all_heard.feeder(feeder_id) == alone.feeder(feeder_id)
    if alone.genset.settled is not None:
        assert all_heard.genset == alone.genset
    assert all_heard.pv_max_frac <= alone.pv_max_frac


@given(st.lists(days, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_no_plan_cuts_the_clinic(lived: list[dict]) -> None:
    world = World()
    for day in lived:
        live(world, day)
        for _ in range(25):
            decision = world.step(day["dt_s"])
            cut = [e.reason.code for e in decision.events if (e.subject, e.action) == ("clinic", "open")]
            assert set(cut) <= REPAID_CODES | {"class_off"}


@given(st.lists(days, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_plan_cranks_the_engine_without_end_or_runs_it_by_fits_and_starts(lived: list[dict]) -> None:
    world, spec = World(), World().site.genset
    assert spec is not None
    moved_s = -1e9
    for day in lived:
        live(world, day)
        for _ in range(25):
            before = world.memory.genset
            decision = world.step(day["dt_s"])
            now = world.memory.genset
            assert now.attempts <= spec.max_start_attempts
            if now.phase == "starting" != before.phase:
                assert before.phase == "stopped"
                assert world.now_s - moved_s >= 30.0 - 1e-6
            if now.phase == "cooling_down" != before.phase and not _may_not_charge(decision):
                assert before.ran_s + day["dt_s"] >= spec.min_run_s - 1e-6
            if {event.action for event in decision.events} & {"start", "stop"}:
                moved_s = world.now_s
            if world.genset_mode == 0.0 and "genset" not in world.lost:
                assert decision.genset_run is None


def _may_not_charge(decision: Decision) -> bool:
    return decision.genset_reason is not None and decision.genset_reason.code == "genset_may_not_charge"
