"""How far the plan is to be followed: only while it is young, its clock is right and reality looks like it.

A plan that is not followed loses its say in who is on and whether the genset runs: the rules decide. Cuts
that were announced stand all the same while it is merely the battery that does not fit the plan, for they
were promised, and less energy than expected is no reason to use more of it.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.model import Feeder, Memory, Plan, PlanMemory, PlanStanding, Reason
from controller.core.situation import Situation, hold

MAX_AGE_S = 3 * 3600.0
MARGIN_FRAC = 0.05
"""SoC may leave the corridor by so much: gauges and forecasts are no better."""
_BELOW_FOR_S = 600.0
_RULES_FOR_S = 600.0
"""So long at least the rules decide after a plan was left behind: no to and fro between voices."""
_UNSEEN_FOR_S = 60.0

NONE, FOLLOWED, BROKEN, LOW, UNSEEN, EXPIRED, UNDATED = (
    "none",
    "followed",
    "broken",
    "low",
    "unseen",
    "expired",
    "undated",
)
SPEAKS = frozenset({FOLLOWED, BROKEN, LOW, UNSEEN})
"""Announced cuts stand."""


def follows(situation: Situation) -> bool:
    """Whether the plan is in force."""
    return situation.plan is not None and situation.memory.plan.standing == FOLLOWED


def governs(situation: Situation, feeder: Feeder) -> bool:
    """Whether the plan says when a feeder is on: then the rules' thresholds do not."""
    plan = situation.plan
    return plan is not None and follows(situation) and feeder.id in plan.wanted_w


def floor_frac(situation: Situation) -> float:
    """SoC at which protection is so near that the plan is not followed any more."""
    return situation.site.protection.soc_min_frac + situation.site.sharing.hysteresis_soc_frac


def judge(situation: Situation) -> Memory:
    """The memory with how the plan stands at this tick."""
    memory, plan, dt_s = situation.memory, situation.plan, situation.dt_s
    soc_frac = situation.plant.soc_frac
    corridor = None if plan is None else plan.corridor_at(situation.image.monotonic_s)
    below = corridor is not None and soc_frac is not None and soc_frac < corridor.low_frac - MARGIN_FRAC
    memory, below_s = hold(memory, "plan_soc_below", below, dt_s)
    memory, unseen_s = hold(memory, "plan_soc_unseen", plan is not None and soc_frac is None, dt_s)
    past = _aged(memory.plan, dt_s)
    if plan is None:
        return replace(memory, plan=replace(past, standing=NONE))
    broken_s = _broken_s(past, situation.image.monotonic_s - plan.made_s, below_s)
    standing = _standing(situation, plan, unseen_s=unseen_s, broken=broken_s is not None)
    return replace(memory, plan=replace(past, broken_s=broken_s, standing=standing))


def _aged(past: PlanMemory, dt_s: float) -> PlanMemory:
    """Durations dt_s later; what was lifted comes to its end."""
    if past.broken_s is None and not past.lifted_s:
        return past
    return replace(
        past,
        broken_s=None if past.broken_s is None else past.broken_s + dt_s,
        lifted_s={feeder: left_s - dt_s for feeder, left_s in past.lifted_s.items() if left_s > dt_s},
    )


def _broken_s(past: PlanMemory, age_s: float, below_s: float) -> float | None:
    """For how long the rules have decided because reality left the plan; None once a newer one is there."""
    broken_s = past.broken_s
    if broken_s is not None and (age_s >= broken_s or broken_s < _RULES_FOR_S):
        return broken_s
    return 0.0 if below_s >= _BELOW_FOR_S else None


def _standing(situation: Situation, plan: Plan, *, unseen_s: float, broken: bool) -> str:
    now_s = situation.image.monotonic_s
    if now_s > min(plan.valid_until_s, plan.made_s + MAX_AGE_S) or plan.step_at(now_s) is None:
        return EXPIRED
    if not situation.image.clock_synchronised:
        return UNDATED
    if unseen_s >= _UNSEEN_FOR_S:
        return UNSEEN
    if _near_protection(situation):
        return LOW
    return BROKEN if broken else FOLLOWED


def _near_protection(situation: Situation) -> bool:
    """SoC at the floor, until it is above it by the hysteresis."""
    soc_frac, floor = situation.plant.soc_frac, floor_frac(situation)
    was = situation.memory.plan.standing == LOW
    if soc_frac is None:
        return was
    return soc_frac <= floor or (was and soc_frac < floor + situation.site.sharing.hysteresis_soc_frac)


def explain_standing(situation: Situation) -> PlanStanding:
    """What is told of the plan; no reason while it is followed, or where there has never been one."""
    plan, standing = situation.plan, situation.memory.plan.standing
    age_s = None if plan is None else situation.image.monotonic_s - plan.made_s
    in_force = standing == FOLLOWED
    return PlanStanding(in_force, None if in_force else _why_not(situation, standing, age_s), age_s)


def _why_not(situation: Situation, standing: str, age_s: float | None) -> Reason:
    soc_frac, plan = situation.plant.soc_frac, situation.plan
    match standing:
        case "broken":
            corridor = None if plan is None else plan.corridor_at(situation.image.monotonic_s)
            least_frac = None if corridor is None else corridor.low_frac
            return Reason("plan_broken", {"soc_frac": soc_frac, "expected_frac": least_frac})
        case "low":
            back_frac = floor_frac(situation) + situation.site.sharing.hysteresis_soc_frac
            return Reason("plan_battery_low", {"soc_frac": soc_frac, "back_frac": back_frac})
        case "unseen":
            return Reason("plan_soc_unseen")
        case "expired":
            return Reason("plan_expired", {"age_s": age_s})
        case "undated":
            return Reason("plan_clock_unset")
        case _:
            return Reason("plan_missing")
