"""The turns of the default rules: the same order as those of a plan, without foresight."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from core_world import FEEDERS, HOUSES, World, make_site
from sharing_village import RULES, cut_before_a_peer

from controller.core.sharing.rotation import Share, Turn, choose, leaves_s, turn, wait_s


def share(name: str, **given: object) -> Share:
    usual = Share(name, on=True, served_frac=1.0, cut_s=-math.inf, turns_off=0, households=10)
    return replace(usual, **given)


def test_a_new_turn_exchanges_those_who_wait_with_those_who_were_cut_longest_ago() -> None:
    four = [
        share("a", on=False, cut_s=3.0, turns_off=1),
        share("b", cut_s=2.0),
        share("c", cut_s=1.0),
        share("d", cut_s=0.0),
    ]
    assert choose(four, 3, new_turn=False) == {"b", "c", "d"}
    assert choose(four, 3, new_turn=True) == {"a", "b", "c"}


def test_of_those_never_cut_the_best_served_goes_first_and_the_worst_served_returns_first() -> None:
    on = [share("a", served_frac=0.9), share("b", served_frac=0.95), share("c", served_frac=0.8)]
    assert choose(on, 2, new_turn=False) == {"a", "c"}
    off = [share("a", on=False, served_frac=0.9), share("b", on=False, served_frac=0.7)]
    assert choose(off, 1, new_turn=False) == {"b"}
    off[0] = replace(off[0], turns_off=2)
    assert choose(off, 1, new_turn=False) == {"a"}


def test_nobody_is_cut_in_the_place_of_one_who_has_only_just_come_on() -> None:
    two = [share("a", cut_s=1.0, lock_s=300.0), share("b", cut_s=2.0)]
    assert choose(two, 1, new_turn=False) == {"a", "b"}
    assert leaves_s(two, two[1]) == 300.0
    assert choose(two, 0, new_turn=False) == {"a"}


def test_turns_become_longer_as_a_days_switchings_are_used_up() -> None:
    lengths = [turn(0.0, [share("a", switchings=used)], RULES).length_s for used in (0, 5, 6, 8, 9, 12)]
    assert lengths == [3600.0, 3600.0, 7200.0, 7200.0, 14400.0, 14400.0]
    assert turn(3600.0, [share("a")], RULES) == Turn(new=True, passed_s=0.0, length_s=3600.0)
    assert turn(3600.0, [share("a", switchings=6)], RULES).left_s == 3600.0


def test_the_wait_is_told_by_the_place_in_the_queue() -> None:
    off = [share(name, on=False, served_frac=served) for name, served in (("a", 0.7), ("b", 0.8), ("c", 0.9))]
    now = Turn(new=False, passed_s=600.0, length_s=3600.0)
    assert [wait_s(off, each.id, 1, now) for each in off] == [3000.0, 6600.0, 10200.0]


def scarce_days(village: World, days: int, step_s: float = 300.0) -> None:
    """Evenings that peak, and a battery that lets on now two, now three of four."""
    for tick in range(round(days * 86400 / step_s)):
        hour = tick * step_s / 3600 % 24
        village.soc = 0.33 if hour < 18 else 0.28
        village.loads_w = {f.id: 2600.0 if 18 <= hour < 22 else 600.0 for f in FEEDERS}
        village.step(step_s)


@pytest.fixture(scope="module")
def lived() -> World:
    """A village that lives by the rules for ten days."""
    site = make_site()
    village = World(site=replace(site, sharing=replace(site.sharing, stagger_s=0.0)))
    village.genset_mode = 0.0
    scarce_days(village, 10)
    return village


def test_by_the_rules_nobody_is_cut_twice_before_every_peer_was_once(lived: World) -> None:
    cuts = [(at, e.subject, "turn") for at, e in lived.log if e.action == "open" and e.subject in HOUSES]
    assert len(cuts) > 80
    assert cut_before_a_peer(cuts, list(HOUSES)) == []


def test_by_the_rules_nobody_is_switched_more_often_than_promised(lived: World) -> None:
    most = lived.site.sharing.most_switchings_per_day
    for house in HOUSES:
        times = [at for at, e in lived.log if e.subject == house and e.action in ("open", "close")]
        assert all(late - early >= 86400 for early, late in zip(times, times[most:], strict=False))


def test_by_the_rules_the_served_shares_stay_close(lived: World) -> None:
    shares = [lived.memory.feeders[house].ledger.window.served_frac for house in HOUSES]
    assert max(shares) < 0.8
    assert max(shares) - min(shares) <= 0.03
