"""The battery's setpoint, where there is one: inverters that follow the public grid take it from the plan.

Inverters that form the grid are never sent one: what they give is what the village draws. Protection narrows
the plan's value and never the other way round: no charge into a battery that may not be charged, no discharge
from one that is nearly empty.
"""

from __future__ import annotations

from controller.core.coupling import look
from controller.core.model import BatteryRole, Setpoint
from controller.core.situation import Situation
from controller.core.standing import follows

_TTL_S, _LEAST_TTL_S = 30.0, 3.0
"""So long a setpoint holds without a newer tick; at a step's end as long as the next tick may take, or the
battery would be let go and taken up again every quarter of an hour."""


def battery_setpoint(situation: Situation) -> Setpoint | None:
    """What is asked of the battery now; None: nothing, the inverters do as they are set up to."""
    plan, site, now_s = situation.plan, situation.site, situation.image.monotonic_s
    if site.battery.role is not BatteryRole.GRID_FOLLOWING or plan is None or not follows(situation):
        return None
    step, soc_frac = plan.step_at(now_s), situation.plant.soc_frac
    if step is None or soc_frac is None or not plan.battery_w:
        return None
    if not look(situation.image, site).tied:
        return None
    least_w = 0.0 if _nearly_empty(situation) else -site.battery.inverter_w
    most_w = 0.0 if _takes_no_more(situation, soc_frac) else site.battery.inverter_w
    power_w = min(max(plan.battery_w[step], least_w), most_w)
    return Setpoint(power_w, min(_TTL_S, max(_LEAST_TTL_S, plan.edges_s[step + 1] - now_s)))


def _nearly_empty(situation: Situation) -> bool:
    """Near the protection limit of SoC no plan is in force; a cell may be low before."""
    guards = situation.memory.guards
    return bool(guards.get("soc_low", 0) or guards.get("cell_low", 0))


def _takes_no_more(situation: Situation, soc_frac: float) -> bool:
    """A full battery, a cell at its highest, or one too cold to charge."""
    memory = situation.memory
    full = soc_frac >= situation.site.protection.soc_max_frac
    return full or "cell_high" in memory.held_s or bool(memory.guards.get("battery_cold", 0))
