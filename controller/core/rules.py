"""The default rules for feeders: thresholds of the battery, turns within a class, surplus of sun.

They run alone whenever there is no plan, so they must be good enough for years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from controller.core import standing, surplus
from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.model import ClassMemory, ClassRules, Feeder, Memory, PriorityClass, Reason, Site
from controller.core.sequencing import crowding
from controller.core.sharing import rotation
from controller.core.sharing.allowance import allowed_by_soc
from controller.core.sharing.rotation import Share, Turn
from controller.core.sharing.rounds import switchings_of_day
from controller.core.situation import Opinion, Situation


def feeders_by_class(site: Site) -> dict[PriorityClass, list[Feeder]]:
    """The feeders of each class, in the order of config.yaml; the most important class first."""
    return {p: [feeder for feeder in site.feeders if feeder.priority is p] for p in PriorityClass}


def default_rules(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: who is on, class by class. Without SoC everything stays as it is.

    While the plan is followed all may be on whom it does not cut: it has weighed sun and battery already.
    """
    if situation.plant.soc_frac is None:
        return Opinion(_as_is(situation), situation.memory)
    classes = feeders_by_class(situation.site)
    memory = surplus.take_one_back(situation, surplus.follow(situation), classes)
    wishes: dict[str, Wish] = {}
    for priority, feeders in classes.items():
        if feeders:
            memory, mine = _share_class(situation, bounds, memory, priority, feeders)
            wishes.update(mine)
    return Opinion(Wishes(wishes), memory)


def _as_is(situation: Situation) -> Wishes:
    on = Wish(True, Reason("powered"))
    return Wishes({feeder.id: on for feeder in situation.site.feeders if situation.is_on(feeder.id)})


@dataclass(frozen=True, slots=True)
class _Ration:
    """How a class stands at one tick."""

    priority: PriorityClass
    rules: ClassRules
    hysteresis_frac: float
    soc_frac: float
    allowed: int
    count: int
    by_sun: int
    turn: Turn

    @property
    def all_on(self) -> bool:
        return self.allowed >= self.count


def _share_class(
    situation: Situation, bounds: Bounds, memory: Memory, priority: PriorityClass, feeders: Sequence[Feeder]
) -> tuple[Memory, Mapping[str, Wish]]:
    rules, soc_frac = situation.site.sharing, situation.plant.soc_frac
    class_rules, count = rules.classes.get(priority), len(feeders)
    if class_rules is None or soc_frac is None:
        return memory, {f.id: Wish(True, Reason("powered")) for f in feeders if _known(situation, f)}
    past = memory.classes.get(priority, ClassMemory())
    shares = [_share(situation, feeder) for feeder in feeders if _may_take_part(situation, bounds, feeder)]
    places, memory = _places(situation, memory, class_rules, soc_frac, feeders, shares, past)
    allowed = count if places.planned else places.by_soc + places.by_sun
    crowded = crowding(priority) in memory.held_s
    rationed = 0 < allowed < count or crowded
    turn = rotation.turn(past.turn_s + situation.dt_s if rationed else 0.0, shares, rules)
    # Where the inverters cannot carry another, those without exchange places with those who have it.
    most = min(allowed, sum(share.on for share in shares)) if crowded and turn.new else allowed
    chosen = rotation.choose(shares, most, new_turn=turn.new)
    entitled = rotation.choose([replace(s, lock_s=0.0) for s in shares], most, new_turn=turn.new)
    mine = ClassMemory(places.by_soc, places.by_sun, turn.passed_s)
    memory = surplus.with_class(memory, priority, mine)
    ration = _Ration(
        priority=priority,
        rules=class_rules,
        hysteresis_frac=rules.hysteresis_soc_frac,
        soc_frac=soc_frac,
        allowed=allowed,
        count=count,
        by_sun=0 if places.planned else places.by_sun,
        turn=turn,
    )
    return memory, {
        share.id: Wish(True, _why_on(share, ration, shares, leaving=share.id not in entitled))
        if share.id in chosen
        else Wish(False, _why_off(share, ration, shares))
        for share in shares
    }


@dataclass(frozen=True, slots=True)
class _Places:
    """How many feeders of a class may be on, and by what."""

    by_soc: int
    by_sun: int
    planned: bool
    """The plan says who is off: all others may be on."""


def _places(
    situation: Situation,
    memory: Memory,
    class_rules: ClassRules,
    soc_frac: float,
    feeders: Sequence[Feeder],
    shares: Sequence[Share],
    past: ClassMemory,
) -> tuple[_Places, Memory]:
    planned, count = all(standing.governs(situation, feeder) for feeder in feeders), len(feeders)
    on_count = sum(situation.is_on(feeder.id) for feeder in feeders)
    # When the plan ends the rules take over from who is on then, not from what they last thought themselves.
    before = on_count if planned else past.by_soc
    hysteresis_frac = situation.site.sharing.hysteresis_soc_frac
    by_soc = allowed_by_soc(class_rules, count, soc_frac, hysteresis_frac, before)
    if planned:
        by_sun = max(0, on_count - by_soc) if (memory.surplus_w or 0.0) > 0 else 0
    else:
        by_sun = _kept_by_sun(past, by_soc, count)
        by_sun, memory = _more_by_sun(situation, memory, feeders, shares, by_soc, by_sun)
    return _Places(by_soc, by_sun, planned), memory


def _known(situation: Situation, feeder: Feeder) -> bool:
    past = situation.past(feeder.id)
    return past.adopted and past.closed is not None


def _may_take_part(situation: Situation, bounds: Bounds, feeder: Feeder) -> bool:
    """Whether its state is known and nobody before has kept it off; then its place goes to another."""
    return _known(situation, feeder) and bounds.feeder(feeder.id).may_be_on


def _share(situation: Situation, feeder: Feeder) -> Share:
    past = situation.past(feeder.id)
    on = past.closed is True
    return Share(
        id=feeder.id,
        on=on,
        served_frac=situation.served_frac(feeder.id),
        cut_s=-math.inf if past.cut_s is None else past.cut_s,
        turns_off=0 if on else int(past.state_s // situation.site.sharing.turn_s),
        households=feeder.households,
        lock_s=situation.lock_s(feeder),
        switchings=switchings_of_day(past, situation.memory.lived_s),
    )


def _kept_by_sun(past: ClassMemory, by_soc: int, count: int) -> int:
    """Places on sun that remain: as the battery allows more, they turn into places on the battery."""
    gained = 0 if past.by_soc is None else max(0, by_soc - past.by_soc)
    return min(max(0, past.by_sun - gained), count - by_soc)


def _more_by_sun(
    situation: Situation,
    memory: Memory,
    feeders: Sequence[Feeder],
    shares: Sequence[Share],
    by_soc: int,
    by_sun: int,
) -> tuple[int, Memory]:
    """One place more where the sun carries the next in turn, once those already given are taken."""
    on_count = sum(share.on for share in shares)
    if by_soc + by_sun >= len(feeders) or on_count < min(by_soc + by_sun, len(shares)):
        return by_sun, memory
    most = situation.site.sharing.most_switchings_per_day
    by_id = {feeder.id: feeder for feeder in feeders}
    for share in rotation.ranked(shares):
        # On sun a feeder may have to go again: two switchings.
        if not share.on and not share.locked and share.switchings + 2 <= most:
            promised = surplus.allow_one_more(situation, memory, by_id[share.id])
            return (by_sun, memory) if promised is None else (by_sun + 1, promised)
    return by_sun, memory


def _why_on(share: Share, ration: _Ration, shares: Sequence[Share], *, leaving: bool) -> Reason:
    """leaving: its place is gone; only its minimum time on, or that of who goes first, is not over."""
    if ration.all_on and not ration.by_sun:
        return Reason("powered")
    if leaving and share.on:
        wait_s = rotation.leaves_s(shares, share)
        return Reason("closing_time", {"soc_frac": ration.soc_frac, "wait_s": wait_s})
    if ration.by_sun:
        return Reason("powered_by_sun", {"soc_frac": ration.soc_frac})
    params = {
        "class": ration.priority.value,
        "soc_frac": ration.soc_frac,
        "allowed": ration.allowed,
        "count": ration.count,
        "wait_s": ration.turn.left_s,
    }
    return Reason("powered_in_turn", params)


def _why_off(share: Share, ration: _Ration, shares: Sequence[Share]) -> Reason:
    if ration.all_on and share.on:
        return Reason("making_room")
    if ration.all_on:
        return Reason("resting", {"wait_s": share.lock_s})
    if ration.allowed == 0:
        return _class_off(ration)
    turn_s = rotation.wait_s(shares, share.id, ration.allowed, ration.turn)
    params = {
        "class": ration.priority.value,
        "soc_frac": ration.soc_frac,
        "limit_frac": ration.rules.ration_below_soc_frac,
        "back_frac": min(1.0, ration.rules.ration_below_soc_frac + ration.hysteresis_frac),
        "allowed": ration.allowed,
        "count": ration.count,
        "wait_s": max(share.lock_s, turn_s),
    }
    return Reason("class_rationed", params)


def _class_off(ration: _Ration) -> Reason:
    off_frac = ration.rules.off_below_soc_frac
    params = {
        "class": ration.priority.value,
        "soc_frac": ration.soc_frac,
        "limit_frac": off_frac,
        "back_frac": min(1.0, off_frac + ration.hysteresis_frac),
    }
    return Reason("class_off", params)
