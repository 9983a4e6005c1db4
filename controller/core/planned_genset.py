"""What the plan wants of the genset, judged anew at each tick: a run is a wish, never an order.

It is not started, and stopped early, where sun or battery make it superfluous. Protection's need and the
rules' floor stay in force: this voice is silent where the battery is nearly empty or not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.bounds import Wish
from controller.core.genset import SUN_COVERS_FRAC, runs
from controller.core.model import GensetSpec, Plan, Reason
from controller.core.situation import Situation
from controller.core.standing import floor_frac

TEST_CODE = "genset_test_run"
"""A run that is there for the engine's sake: sun and a good battery do not make it superfluous."""
_FULL_BAND_FRAC, _FULL_HYSTERESIS_FRAC = 0.02, 0.03
_AHEAD_FRAC, _AHEAD_HYSTERESIS_FRAC = 0.02, 0.01
"""SoC beyond all that the plan expected within the run: what the run was for is reached."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What decides about a planned run."""

    spec: GensetSpec
    soc_frac: float
    expected_frac: float
    """The highest SoC that the plan expects while it runs (P50)."""
    behind: bool
    """SoC is below what is expected now."""
    running: bool


def planned_genset(situation: Situation, plan: Plan) -> Wish | None:
    """The plan's wish for the genset; None where it has none. The plan is in force."""
    spec, soc_frac = situation.site.genset, situation.plant.soc_frac
    step = plan.step_at(situation.image.monotonic_s)
    if spec is None or soc_frac is None or step is None or not plan.genset_on:
        return None
    guards = situation.memory.guards
    if guards.get("soc_low", 0) or guards.get("cell_low", 0):
        return None
    if not plan.genset_on[step]:
        params = {"soc_frac": soc_frac, "start_frac": floor_frac(situation)}
        return Wish(False, Reason("genset_not_planned", params))
    why = (plan.genset_why[step] if plan.genset_why else None) or Reason("genset_planned")
    look = _look(situation, spec, plan, step, soc_frac)
    against = _full(situation, look)
    if against is None and why.code != TEST_CODE:
        against = _sun_covers(situation, look) or _reached(look)
    return Wish(True, why) if against is None else Wish(False, against)


def _look(situation: Situation, spec: GensetSpec, plan: Plan, step: int, soc_frac: float) -> _Look:
    first = last = step
    while first > 0 and plan.genset_on[first - 1]:
        first -= 1
    while last + 1 < len(plan.genset_on) and plan.genset_on[last + 1]:
        last += 1
    corridor = plan.corridor_at(situation.image.monotonic_s)
    return _Look(
        spec=spec,
        soc_frac=soc_frac,
        expected_frac=max(plan.soc_mid_frac[first : last + 2]),
        behind=corridor is not None and soc_frac < corridor.mid_frac,
        running=runs(situation.memory.genset),
    )


def _full(situation: Situation, look: _Look) -> Reason | None:
    """The battery cannot take what the genset would give."""
    limit_frac = situation.site.protection.soc_max_frac - _FULL_BAND_FRAC
    stop_frac = limit_frac if look.running else limit_frac - _FULL_HYSTERESIS_FRAC
    if look.soc_frac < stop_frac:
        return None
    return Reason("genset_battery_full", {"soc_frac": look.soc_frac, "limit_frac": limit_frac})


def _sun_covers(situation: Situation, look: _Look) -> Reason | None:
    """Not started while sun covers the load; stopped once it leaves some, unless the battery is behind."""
    surplus_w = situation.memory.surplus_w
    if surplus_w is None or surplus_w < (SUN_COVERS_FRAC * look.spec.rated_w if look.running else 0.0):
        return None
    if look.running and look.behind:
        return None
    return Reason("genset_sun_covers", {"surplus_w": surplus_w})


def _reached(look: _Look) -> Reason | None:
    """The battery is where the run was to bring it."""
    enough_frac = look.expected_frac + _AHEAD_FRAC
    if look.soc_frac < enough_frac - (0.0 if look.running else _AHEAD_HYSTERESIS_FRAC):
        return None
    return Reason("genset_goal_reached", {"soc_frac": look.soc_frac, "expected_frac": look.expected_frac})
