"""The plan as a voice between protection and the rules: it follows the plan's intent, not its numbers.

Who is off when was told to people hours ago, so that is what it holds on to. A feeder whose cut has come is
off; that the others are on is left to the rules, whose thresholds do not count while the plan is followed
(`rules`). Whether the genset runs is the plan's wish, judged anew at each tick (`planned_genset`). More
energy than expected lifts cuts (`lifting`), less of it breaks the plan (`standing`); nothing that was not
announced is ever cut here.
"""

from __future__ import annotations

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.lifting import forget_surplus, lift_cuts
from controller.core.model import Feeder, Plan, PriorityClass, Reason
from controller.core.planned_genset import planned_genset
from controller.core.protection import replace_memory
from controller.core.situation import Opinion, Situation
from controller.core.standing import SPEAKS, follows, judge

_TOLD_AHEAD_S = 3600.0
"""So long before a cut the feeder's reason speaks of it."""


def follow_plan(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: announced cuts, and the genset where the plan runs it."""
    memory = judge(situation)
    situation, plan = replace_memory(situation, memory), situation.plan
    if plan is None or memory.plan.standing not in SPEAKS:
        return Opinion(Wishes(), forget_surplus(memory))
    if not follows(situation):
        return Opinion(Wishes(_wishes(situation, plan)), forget_surplus(memory))
    situation = replace_memory(situation, lift_cuts(situation, plan, bounds))
    return Opinion(Wishes(_wishes(situation, plan), genset=planned_genset(situation, plan)), situation.memory)


def _wishes(situation: Situation, plan: Plan) -> dict[str, Wish]:
    wishes = {feeder.id: _wish(situation, plan, feeder) for feeder in situation.site.feeders}
    return {feeder_id: wish for feeder_id, wish in wishes.items() if wish is not None}


def _wish(situation: Situation, plan: Plan, feeder: Feeder) -> Wish | None:
    """What the plan wants of a feeder; None where it leaves it to the rules."""
    now_s, past = situation.image.monotonic_s, situation.past(feeder.id)
    if feeder.priority is PriorityClass.CRITICAL or not past.adopted or past.closed is None:
        return None
    lifted_s = situation.memory.plan.lifted_s.get(feeder.id)
    if lifted_s is not None:
        # One that still rests is connected by the rules, as soon as it may be.
        return Wish(True, Reason("cut_lifted", {"wait_s": lifted_s})) if past.closed else None
    cut = plan.cut_at(feeder.id, now_s)
    if cut is None:
        return _until_the_next(situation, plan, feeder)
    if not past.closed:
        return Wish(False, cut.reason)
    if cut.to_s - now_s < situation.site.sharing.min_off_s:
        return None  # nearly over: it would rest for longer than it was announced
    lock_s = situation.lock_s(feeder)
    return Wish(True, Reason("cut_begins", {"wait_s": lock_s})) if lock_s > 0 else Wish(False, cut.reason)


def _until_the_next(situation: Situation, plan: Plan, feeder: Feeder) -> Wish | None:
    """Stays on, and says that its turn is near; None where there is nothing to say."""
    if not (follows(situation) and situation.is_on(feeder.id)):
        return None
    cut = plan.next_cut(feeder.id, situation.image.monotonic_s)
    wait_s = None if cut is None else cut.from_s - situation.image.monotonic_s
    if wait_s is None or wait_s > _TOLD_AHEAD_S:
        return None
    return Wish(True, Reason("cut_begins", {"wait_s": wait_s}))
