"""What holds of announced turns whatever a plan asks for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sharing_village import (
    EDGES_S,
    HOURLY,
    HOUSEHOLD,
    QUARTER_S,
    RULES,
    STEPS_S,
    cut_before_a_peer,
    houses,
    peer,
)

from controller.core.model import FeederLedger, FeederMemory, Memory, PriorityClass, Tally
from controller.core.sharing.quarters import Quarters
from controller.core.sharing.slots import Needs, Slot, SlotKind, Standing, standings
from controller.core.sharing.turns import schedule_turns

FLEXIBLE = PriorityClass.FLEXIBLE
HOURS = np.arange(len(STEPS_S))
DAY_S = 86400.0

feeders = st.lists(
    st.builds(
        lambda households, size, on, state_s, cut_h, lost: {
            "households": households,
            "size": size,
            "on": on,
            "state_s": state_s,
            "cut_s": None if cut_h is None else -3600.0 * cut_h,
            "without_wh": lost * 1e5,
        },
        st.integers(1, 40),
        st.floats(200, 8000),
        st.booleans(),
        st.floats(0, 7200),
        st.none() | st.integers(0, 40),
        st.floats(0, 0.3),
    ),
    min_size=1,
    max_size=8,
)
scarcities = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), min_size=12, max_size=12)


def asked(sizes: list[float], scarce: list[float]) -> Needs:
    """Demand with an evening peak, of which a part is to be gone without in each twelfth of the horizon."""
    hours = np.cumsum([0.0, *STEPS_S[:-1]]) / 3600
    shape = HOURLY[(hours % 24).astype(int)]
    parts = np.array(scarce)[(HOURS * 12 // len(STEPS_S)).astype(int)]
    wanted = {f"houses_{i}": (size * shape).tolist() for i, size in enumerate(sizes)}
    owed = sum(sizes) * shape * parts * np.array(STEPS_S) / 3600
    return Needs(EDGES_S, wanted, {HOUSEHOLD: owed.tolist()})


def class_of(given_: list[dict]) -> list[Standing]:
    return [
        peer(i, wanted_wh=1e5, **{k: v for k, v in each.items() if k != "size"})
        for i, each in enumerate(given_)
    ]


def laid(given_: list[dict], scarce: list[float], open_from_s: float = 0.0, announced=None) -> dict:
    needs = asked([each["size"] for each in given_], scarce)
    return schedule_turns(class_of(given_), RULES, needs, announced or {}, open_from_s=open_from_s)


def short_wh(slots: dict, sizes: list[float], scarce: list[float]) -> np.ndarray:
    """What is owed and not saved up to the end of each quarter."""
    needs, quarters = asked(sizes, scarce), Quarters(np.array(EDGES_S))
    owed = quarters.energies_wh(needs.without_wh[HOUSEHOLD])
    for name, each in slots.items():
        wanted = quarters.drawn_wh(needs.wanted_w[name])
        for slot in each:
            stretch = quarters.within(slot.from_s, slot.to_s)
            owed[stretch] -= wanted[stretch]
    return np.cumsum(owed)


@given(feeders, scarcities, st.floats(0, 12 * 3600))
@settings(max_examples=60, deadline=None)
def test_the_rules_of_switching_are_kept(given_: list[dict], scarce: list[float], open_s: float) -> None:
    found = laid(given_, scarce, open_s)
    standing = {each.id: each for each in class_of(given_)}
    for name, slots in found.items():
        on_s = standing[name].state_s if standing[name].on else 0.0
        assert all(slot.from_s % QUARTER_S == 0 == slot.to_s % QUARTER_S for slot in slots)
        assert all(open_s <= slot.from_s + 1e-6 < slot.to_s <= EDGES_S[-1] for slot in slots)
        assert all(slot.to_s - slot.from_s >= RULES.min_off_s for slot in slots)
        for before, after in pairwise(slots):
            light_s = after.from_s - before.to_s
            assert light_s == 0 or light_s >= RULES.min_on_s or SlotKind.ALL in (before.kind, after.kind)
        turns = [slot for slot in slots if slot.kind is SlotKind.TURN]
        assert all(slot.from_s + on_s >= RULES.min_on_s for slot in turns)
        times = sorted(time_s for slot in turns for time_s in (slot.from_s, slot.to_s))
        most = RULES.most_switchings_per_day
        assert all(late - early >= DAY_S for early, late in zip(times, times[most:], strict=False))


@given(feeders, scarcities)
@settings(max_examples=60, deadline=None)
def test_nobody_is_cut_twice_before_every_peer_was_once(given_: list[dict], scarce: list[float]) -> None:
    cuts = [
        (each["cut_s"], f"houses_{i}", "turn") for i, each in enumerate(given_) if each["cut_s"] is not None
    ]
    found = laid(given_, scarce)
    cuts += [
        (slot.from_s, name, "turn" if slot.kind is SlotKind.TURN else "all")
        for name, slots in found.items()
        for slot in slots
    ]
    names = [f"houses_{i}" for i in range(len(given_))]
    begun_s = max((at_s for at_s, _, _ in cuts if at_s <= 0), default=0.0)
    breaches = [breach for breach in cut_before_a_peer(cuts, names) if breach[0] > begun_s]
    assert breaches == []


@given(feeders, scarcities)
@settings(max_examples=60, deadline=None)
def test_savings_are_never_ahead_of_what_is_owed_by_more_than_a_turn(
    given_: list[dict], scarce: list[float]
) -> None:
    sizes, found = [each["size"] for each in given_], laid(given_, scarce)
    largest = max(sizes) * HOURLY.max() * 2 * 10 * RULES.turn_s / 3600
    assert short_wh(found, sizes, scarce).min() >= -largest - 1e-6


@pytest.mark.parametrize("count", [3, 4, 6, 10])
@pytest.mark.parametrize("part", [0.05, 0.15, 0.3, 0.45])
def test_energy_saved_matches_energy_asked_within_a_turn_of_a_feeder(count: int, part: float) -> None:
    sizes = [900.0 + 100.0 * i for i in range(count)]
    given_ = [{"size": size} for size in sizes]
    short = short_wh(laid(given_, [part] * 12), sizes, [part] * 12)
    turn = max(sizes) * HOURLY.max() * 2 * RULES.turn_s / 3600
    assert abs(short[: 30 * 4]).max() <= turn


@given(feeders, scarcities, scarcities)
@settings(max_examples=60, deadline=None)
def test_what_was_announced_comes_back_as_it_was_or_not_at_all(
    given_: list[dict], first: list[float], second: list[float]
) -> None:
    told = {
        name: tuple(replace(slot, announced_s=-1.0) for slot in slots if slot.from_s < 12 * 3600)
        for name, slots in laid(given_, first).items()
    }
    again = laid(given_, second, 12 * 3600.0, told)
    for name, slots in again.items():
        for slot in slots:
            assert slot in told.get(name, ()) or slot.from_s >= 12 * 3600
            assert slot.kind is not SlotKind.HOURS


def test_with_nothing_to_go_without_what_was_announced_is_lifted_but_for_what_has_begun() -> None:
    given_ = [{"size": 1000.0, "on": i > 0, "state_s": 900.0 if i == 0 else 1e5} for i in range(3)]
    begun = Slot(-900.0, 2700.0, announced_s=-9000.0)
    told = {"houses_0": (begun,), "houses_1": (Slot(3600.0, 7200.0, announced_s=-9000.0),)}
    assert laid(given_, [0.0] * 12, 12 * 3600.0, told) == {"houses_0": (begun,)}


def test_a_class_that_goes_without_everything_is_off_together() -> None:
    found = laid([{"size": 1000.0}, {"size": 400.0}, {"size": 700.0}], [0.0, 1.0] + [0.0] * 10)
    alls = {name: [s for s in slots if s.kind is SlotKind.ALL] for name, slots in found.items()}
    assert len(alls) == 3
    assert len({tuple(slots) for slots in alls.values()}) == 1


def test_it_is_deterministic() -> None:
    given_ = [{"size": 1000.0 + i} for i in range(5)]
    assert laid(given_, [0.3] * 12) == laid(given_, [0.3] * 12)


def test_who_was_served_best_is_cut_for_longest() -> None:
    standing = [peer(i, wanted_wh=1e5, without_wh=lost) for i, lost in enumerate((0.0, 300.0, 600.0))]
    always_w = {each.id: [1000.0] * len(HOURS) for each in standing}
    needs = Needs(EDGES_S, always_w, {HOUSEHOLD: [0.2 * 3000.0 * step_s / 3600 for step_s in STEPS_S]})
    found = schedule_turns(standing, RULES, needs, {}, open_from_s=0.0)
    lengths = [found[each.id][0].to_s - found[each.id][0].from_s for each in standing]
    assert lengths[0] > lengths[1] > lengths[2]


def test_where_there_is_a_choice_the_phases_left_on_are_kept_even() -> None:
    needs = asked([1000.0] * 6, [0.4] * 12)
    standing = [peer(i, phase=i // 2 + 1, wanted_wh=1e6) for i in range(6)]
    found = schedule_turns(standing, RULES, needs, {}, open_from_s=0.0)
    begins = sorted((slots[0].from_s, name) for name, slots in found.items())
    phase = {each.id: each.phase for each in standing}
    assert {phase[name] for _, name in begins[:3]} == {1, 2, 3}


def test_a_load_that_can_wait_is_off_outside_the_hours_of_the_plan() -> None:
    draws = [4000.0 if 30 <= step < 34 else 0.0 for step in HOURS]
    needs = Needs(EDGES_S, {"houses_0": [4000.0] * len(HOURS)}, {}, {"houses_0": draws})
    waits = [peer(0, priority=FLEXIBLE)]
    begin_s, end_s = EDGES_S[30], EDGES_S[34]
    found = schedule_turns(waits, RULES, needs, {}, open_from_s=0.0)
    assert found["houses_0"] == (
        Slot(0.0, begin_s, SlotKind.HOURS),
        Slot(end_s, EDGES_S[-1], SlotKind.HOURS),
    )


def test_hours_that_were_announced_are_not_taken_away_when_the_plan_moves_them() -> None:
    needs = Needs(
        EDGES_S,
        {"houses_0": [4000.0] * len(HOURS)},
        {},
        {"houses_0": [4000.0 if 12 <= step < 16 else 0.0 for step in HOURS]},
    )
    told = {
        "houses_0": (Slot(-3600.0, 3600.0, SlotKind.HOURS, -7200.0), Slot(9000.0, 43200.0, SlotKind.HOURS))
    }
    found = schedule_turns([peer(0, priority=FLEXIBLE)], RULES, needs, told, open_from_s=43200.0)
    off = Quarters(np.array(EDGES_S))
    dark = {q for slot in found["houses_0"] for q in range(*off.within(slot.from_s, slot.to_s).indices(192))}
    assert not dark & set(range(4, 10))  # announced as on
    assert not dark & set(range(12, 16))  # on by the new plan
    assert set(range(4)) <= dark


def test_how_feeders_stand_comes_from_the_memory() -> None:
    account = FeederLedger(today=Tally(1000.0, 100.0, 50.0, 3600.0, 60.0))
    past = FeederMemory(closed=True, state_s=77.0, ledger=account, cut_s=900.0, switched_s=(-1e6, 500.0))
    memory = Memory(lived_s=1000.0, feeders={"houses_0": past, "houses_1": FeederMemory()})
    (found,) = standings(memory, [houses(0), houses(1), houses(2)])
    assert (found.on, found.state_s, found.cut_s, found.switched_s) == (True, 77.0, -100.0, (-500.0,))
    assert (found.wanted_wh, found.without_wh) == (1000.0, 150.0)
