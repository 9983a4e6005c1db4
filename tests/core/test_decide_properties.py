"""What holds of `decide` whatever the field brings."""

from __future__ import annotations

from dataclasses import replace

from core_world import FEEDERS, HOUSES, World, read
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.bounds import Bounds, PvWish, Wish, Wishes
from controller.core.decide import VOICES, decide, hear
from controller.core.model import Health, Memory, PriorityClass, ProcessImage, Reason
from controller.core.modes import SHED_CODES
from controller.core.situation import Opinion, Situation

IDS = [feeder.id for feeder in FEEDERS]
NOT_BY_THE_RULES = SHED_CODES | {"blackout", "battery_unseen", "feeder_suspect"}

wish = st.builds(Wish, st.booleans(), st.builds(Reason, st.sampled_from(["a", "b"])), st.booleans())
wishes = st.builds(
    Wishes,
    st.dictionaries(st.sampled_from(IDS), wish),
    st.lists(st.builds(PvWish, st.floats(-1, 2), st.just(Reason("pv"))), max_size=3).map(tuple),
    st.none() | wish,
)

weather = st.fixed_dictionaries(
    {
        "soc": st.none() | st.floats(0, 1),
        "sun_w": st.floats(0, 36000),
        "factor": st.floats(0, 3),
        "dt_s": st.floats(0, 90),
        "lost": st.sets(
            st.sampled_from(["relays", "battery", "genset", "pv_east", "meter_clinic"]), max_size=2
        ),
        "points": st.fixed_dictionaries(
            {},
            optional={
                "inverter_state": st.sampled_from([0.0, 2.0, 3.0, 9.0]),
                "overload_alarm": st.sampled_from([0.0, 1.0, 2.0]),
                "low_battery_alarm": st.sampled_from([0.0, 1.0, 2.0]),
                "frequency_hz": st.floats(44, 52),
                "cell_voltage_min_v": st.floats(2.6, 3.5),
                "cell_voltage_max_v": st.floats(3.0, 3.7),
                "battery_temperature_c": st.floats(-5, 60),
                "ac_power_w": st.none() | st.floats(-40000, 30000),
            },
        ),
    }
)


def lived(days: list[dict], seconds_each: int = 3) -> World:
    """A village that has been through these."""
    world = World()
    for day in days:
        world.soc = day["soc"]
        world.sun_w, world.lost, world.extra = day["sun_w"], day["lost"], day["points"]
        world.loads_w = {f.id: 0.1 * day["factor"] * f.rated_w for f in FEEDERS}
        for _ in range(seconds_each):
            world.step(day["dt_s"])
    return world


@given(st.lists(wishes, max_size=5))
def test_no_voice_widens_what_an_earlier_one_narrowed(said: list[Wishes]) -> None:
    bounds = Bounds()
    for one in said:
        narrower = bounds.narrowed(one)
        for feeder_id in IDS:
            before, after = bounds.feeder(feeder_id), narrower.feeder(feeder_id)
            assert before.may_be_on >= after.may_be_on
            assert before.may_be_off >= after.may_be_off
            assert after.may_be_on or after.may_be_off
        assert 0 <= narrower.pv_max_frac <= bounds.pv_max_frac <= 1
        assert bounds.genset.may_be_on >= narrower.genset.may_be_on
        assert bounds.genset.may_be_off >= narrower.genset.may_be_off
        bounds = narrower


@given(st.lists(weather, min_size=1, max_size=3), wishes)
@settings(max_examples=50)
def test_a_voice_added_after_protection_cannot_undo_it(days: list[dict], late: Wishes) -> None:
    world = lived(days)
    situation = Situation(world.image(), world.site, world.decision.plant, _views(world), 1.0, world.memory)
    alone = hear(situation, VOICES[:6]).bounds
    both = hear(situation, [*VOICES[:6], lambda seen, _: Opinion(late, seen.memory)]).bounds
    for feeder_id in IDS:
        if alone.feeder(feeder_id).settled is not None:
            assert both.feeder(feeder_id) == alone.feeder(feeder_id)
    assert both.pv_max_frac <= alone.pv_max_frac


def _views(world: World) -> dict:
    from controller.core.plant import view_feeders

    return view_feeders(world.site, world.image())


@given(st.lists(weather, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_it_is_deterministic_and_leaves_its_inputs_alone(days: list[dict]) -> None:
    world = lived(days)
    image, memory = world.image(), world.memory
    kept = repr((image, memory))
    first, second = decide(image, world.site, memory), decide(image, world.site, memory)
    assert first == second
    assert repr((image, memory)) == kept


@given(st.lists(weather, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_the_rules_of_switching_hold(days: list[dict]) -> None:
    world = World()
    rules = world.site.sharing
    since = dict.fromkeys(IDS, 0.0)
    last_close_s = -1e9
    for day in days:
        world.soc, world.sun_w, world.extra, world.lost = day["soc"], day["sun_w"], day["points"], day["lost"]
        world.loads_w = {f.id: 0.1 * day["factor"] * f.rated_w for f in FEEDERS}
        for _ in range(20):
            decision = world.step(day["dt_s"])
            closes = [event for event in decision.events if event.action == "close"]
            assert len(closes) <= 1
            if closes:
                assert decision.mode != "blackout"
                assert world.extra.get("inverter_state") not in (0.0, 2.0)
                assert world.now_s - last_close_s >= rules.stagger_s - 1e-6
                last_close_s = world.now_s
            for event in decision.events:
                if event.action in ("open", "close"):
                    at_rest_s = world.now_s - since[event.subject]
                    if event.action == "open" and event.reason.code not in NOT_BY_THE_RULES:
                        assert at_rest_s >= rules.min_on_s - 1e-6
                    if event.action == "close" and not _blackout_lately(world):
                        carried = event.reason.code == "critical_carried"
                        assert at_rest_s >= (60.0 if carried else rules.min_off_s) - 1e-6
                if event.action in ("open", "close", "adopt"):
                    since[event.subject] = world.now_s
            assert 0 <= next(iter(decision.pv_limit_frac.values())) <= 1


def _blackout_lately(world: World) -> bool:
    """After a blackout feeders return as soon as the bus is stable, whatever their least time off."""
    modes = [(at, event.reason.code) for at, event in world.log if event.action == "mode"]
    ends = [at for at, _ in modes[1:]] + [world.now_s]
    return any(
        code == "blackout" and end > world.now_s - 1e3 for (_, code), end in zip(modes, ends, strict=False)
    )


@given(st.floats(0.0, 0.6), st.floats(0, 20000))
@settings(max_examples=15, deadline=None)
def test_by_the_rules_no_class_is_dark_while_a_lesser_one_has_light_from_the_battery(
    soc: float, factor: float
) -> None:
    world = World(soc=soc)
    world.genset_mode = 0.0
    world.loads_w = {f.id: factor / len(FEEDERS) for f in FEEDERS}
    world.run(3000, dt_s=30)
    lit = {f.priority for f in FEEDERS if world.closed[f.id]}
    dark_entirely = set(PriorityClass) - lit
    order = list(PriorityClass)
    for priority in dark_entirely:
        assert not lit & set(order[order.index(priority) + 1 :])


def test_with_every_reading_lost_nothing_is_switched_and_nothing_breaks() -> None:
    world = World(soc=0.8)
    world.run(10)
    before, switched = world.on(), len(world.events("open", "close"))
    for health in (Health.STALE, Health.LOST):
        for _ in range(100):
            image = world.image()
            devices = {
                device: {
                    name: read(None) if health is Health.LOST else replace(reading, health=health)
                    for name, reading in points.items()
                }
                for device, points in image.devices.items()
            }
            world.now_s += 1
            decision = decide(
                replace(image, monotonic_s=world.now_s, devices=devices), world.site, world.memory
            )
            world.memory = decision.memory
            assert not [event for event in decision.events if event.action in ("open", "close")]
    assert decision.plant.soc_frac is None
    assert world.on() == before
    assert len(world.events("open", "close")) == switched


def test_with_nothing_ever_read_nothing_is_commanded() -> None:
    world = World()
    nothing = ProcessImage(1, 1.0, world.image().at, clock_synchronised=False, devices={})
    decision = decide(nothing, world.site, Memory())
    assert {feeder.closed for feeder in decision.feeders.values()} == {None}
    assert decision.genset_run is False
    assert decision.events == ()


def test_a_week_of_scarcity_is_shared_evenly() -> None:
    world = World(soc=0.33)
    served = dict.fromkeys(HOUSES, 0)
    ticks = 7 * 24 * 30
    for tick in range(ticks):
        hour = tick / 30 % 24
        world.soc = 0.25 + 0.14 * (0.5 if hour < 6 else 1.0 - abs(hour - 13) / 14)
        world.loads_w = {f.id: 2500.0 if 18 <= hour < 22 else 700.0 for f in FEEDERS}
        world.step(120.0)
        for house in HOUSES:
            served[house] += world.closed[house]
    shares = [count / ticks for count in served.values()]
    assert max(shares) < 0.9
    assert max(shares) - min(shares) < 0.05
