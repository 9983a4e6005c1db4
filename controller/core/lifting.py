"""Good news: announced cuts are lifted where there is more energy than the plan expected.

One that is lifted stays lifted to its end: no flicker, and nobody is cut twice in one turn. In a class, who
has been served least comes first. The battery's surplus over the plan must carry a feeder to the end of its
cut; sun that the full battery cannot take is given away one feeder at a time, to see what it carries. Only
what has begun is lifted here: to spare somebody a turn altogether could have a peer cut twice before, which
the planner sees (`sharing.promises`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.bounds import Bounds
from controller.core.model import Corridor, Cut, Feeder, Memory, Plan, PriorityClass
from controller.core.situation import Situation, hold
from controller.core.standing import MARGIN_FRAC

_AMPLE, _WASTED = "plan_soc_above", "plan_sun_held_back"
_AMPLE_FOR_S = 600.0
_AT_LIMIT_FRAC = 0.9
"""Panels that give so much of what they are limited to could give more."""
_RANK = {priority: rank for rank, priority in enumerate(PriorityClass)}


@dataclass(frozen=True, slots=True)
class _Candidate:
    feeder: Feeder
    cut: Cut
    need_wh: float
    """What it takes until its cut ends."""


def lift_cuts(situation: Situation, plan: Plan, bounds: Bounds) -> Memory:
    """The memory with cuts lifted that energy beyond the plan carries. The plan is in force."""
    memory, soc_frac = situation.memory, situation.plant.soc_frac
    corridor = plan.corridor_at(situation.image.monotonic_s)
    if soc_frac is None or corridor is None:
        return memory
    ample = soc_frac > corridor.high_frac + MARGIN_FRAC
    memory, ample_s = hold(memory, _AMPLE, ample, situation.dt_s)
    wasted = soc_frac >= corridor.low_frac and _sun_is_held_back(situation)
    memory, wasted_s = hold(memory, _WASTED, wasted, situation.dt_s)
    if max(ample_s, wasted_s) < _AMPLE_FOR_S:
        return memory
    waiting = _candidates(situation, plan, bounds)
    if not waiting:
        return memory
    if wasted_s >= _AMPLE_FOR_S:
        memory = _lifted(memory, waiting[0], situation.image.monotonic_s)
        return hold(memory, _WASTED, False, situation.dt_s)[0]
    spare_wh = _spare_wh(situation, plan, corridor, soc_frac)
    for candidate in waiting:
        if candidate.need_wh <= spare_wh:
            spare_wh -= candidate.need_wh
            memory = _lifted(memory, candidate, situation.image.monotonic_s)
    return memory


def forget_surplus(memory: Memory) -> Memory:
    """What was counted under a plan counts for nothing once it is not followed."""
    for condition in (_AMPLE, _WASTED):
        memory, _ = hold(memory, condition, False, 0.0)
    return memory


def _sun_is_held_back(situation: Situation) -> bool:
    """Whether the panels could give more than they may: not at night, though a limit may stand then too."""
    limit, pv_w = situation.memory.pv, situation.plant.pv_w
    rated_w = sum(pv.ac_w for pv in situation.site.pv if pv.limitable)
    if not limit.limited or pv_w is None or rated_w <= 0:
        return False
    return -pv_w >= _AT_LIMIT_FRAC * limit.limit_frac * rated_w and pv_w < 0


def _candidates(situation: Situation, plan: Plan, bounds: Bounds) -> list[_Candidate]:
    """Feeders in a cut that could have power now: the most important first, then who was served least."""
    now_s, rules = situation.image.monotonic_s, situation.site.sharing
    found = []
    for feeder in situation.site.feeders:
        cut, past = plan.cut_at(feeder.id, now_s), situation.past(feeder.id)
        if cut is None or feeder.id in situation.memory.plan.lifted_s or not past.adopted:
            continue
        if feeder.priority is PriorityClass.CRITICAL or not bounds.feeder(feeder.id).may_be_on:
            continue
        rested = past.closed is False and situation.lock_s(feeder) == 0.0
        if rested and cut.to_s - now_s >= rules.min_on_s:
            found.append(_Candidate(feeder, cut, plan.wanted_wh(feeder.id, now_s, cut.to_s)))
    return sorted(
        found, key=lambda each: (_RANK[each.feeder.priority], situation.served_frac(each.feeder.id))
    )


def _spare_wh(situation: Situation, plan: Plan, corridor: Corridor, soc_frac: float) -> float:
    """Energy beyond what the plan expected at best, less what lifted feeders are still to take [Wh]."""
    now_s = situation.image.monotonic_s
    promised_wh = sum(
        plan.wanted_wh(feeder_id, now_s, now_s + left_s)
        for feeder_id, left_s in situation.memory.plan.lifted_s.items()
    )
    return (soc_frac - corridor.high_frac) * situation.site.battery.energy_wh - promised_wh


def _lifted(memory: Memory, candidate: _Candidate, now_s: float) -> Memory:
    left_s = candidate.cut.to_s - now_s
    lifted_s = {**memory.plan.lifted_s, candidate.feeder.id: left_s}
    return replace(memory, plan=replace(memory.plan, lifted_s=lifted_s))
