"""Back from the bottom: a battery that was drained, and a village that is dark because of it."""

from __future__ import annotations

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.coupling import look
from controller.core.model import Alarm, Memory, PriorityClass, Reason
from controller.core.protection import with_guard
from controller.core.situation import Opinion, Situation, hold

_DARK_FOR_S = 60.0
"""Inverters that merely tripped are back before."""
_FAULT = 2.0
_CHARGING_W = 100.0
_CHARGING_FOR_S = 60.0
_GUARD = "drained"


def drained(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: after a deep discharge nobody but the critical class is served until the battery truly recovers.

    A drained battery's gauge and voltage rise as soon as the load is gone. So SoC above the limit is not
    enough: sun, genset or grid must be seen to charge it. Well above, at the reserve, it is believed anyway.
    """
    del bounds
    limits, rules = situation.site.protection, situation.site.sharing
    soc_frac, battery_w = situation.plant.soc_frac, situation.plant.battery_w
    back_frac = limits.soc_min_frac + rules.hysteresis_soc_frac
    charging = battery_w is not None and battery_w >= _CHARGING_W
    memory, charged_s = hold(situation.memory, "charging", charging, situation.dt_s)
    stands = memory.guards.get(_GUARD, 0) > 0 or _is_drained(situation, memory)
    if soc_frac is not None and stands:
        recovered = soc_frac >= back_frac and charging and charged_s >= _CHARGING_FOR_S
        stands = not recovered and soc_frac < max(situation.site.battery.reserve_soc_frac, back_frac)
    memory = with_guard(memory, _GUARD, int(stands))
    if not stands:
        return Opinion(Wishes(), memory)
    reason = Reason("battery_drained", {"soc_frac": soc_frac, "back_frac": back_frac})
    wishes = {
        view.feeder.id: Wish(False, reason, urgent=view.closed is not False)
        for view in situation.views.values()
        if view.feeder.priority is not PriorityClass.CRITICAL
    }
    return Opinion(Wishes(wishes), memory, (Alarm(situation.site.battery.id, reason),))


def _is_drained(situation: Situation, memory: Memory) -> bool:
    """Half of the least SoC, or a dark village whose battery is near it."""
    limits, soc_frac = situation.site.protection, situation.plant.soc_frac
    if soc_frac is None:
        return False
    dark = memory.mode.code == "blackout"
    near_frac = limits.soc_min_frac + situation.site.sharing.hysteresis_soc_frac
    return soc_frac <= limits.soc_min_frac / 2 or (dark and soc_frac < near_frac)


def start_from_genset(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: where the village is dark and its battery is not seen to be well, the genset brings it back.

    Its controller lives on a starter battery of its own; one that does not answer is not started (`genset`).
    """
    del bounds
    spec = situation.site.genset
    if spec is None:
        return Opinion(Wishes(), situation.memory)
    dark = look(situation.image, situation.site).bus_live is False
    memory, dark_s = hold(situation.memory, "dark", dark, situation.dt_s)
    soc_frac = situation.plant.soc_frac
    tripped = situation.battery("inverter_state") == _FAULT
    well = soc_frac is not None and soc_frac >= spec.start_below_soc_frac
    if not dark or dark_s < _DARK_FOR_S or well or tripped:
        return Opinion(Wishes(), memory)
    return Opinion(Wishes(genset=Wish(True, Reason("genset_black_start"), urgent=True)), memory)
