"""A state of charge to act on: as told, or counted from the energy that flowed while the gauge stood still.

A gauge that stops (a hung battery monitor, a cable between it and the inverters) keeps telling its last
value, fresh and plausible, while the battery empties behind it. What gives it away is energy: so much has
flowed that it ought to have moved.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.bounds import Bounds, Wishes
from controller.core.model import Alarm, Memory, PlantState, Reason, Site, SocMemory
from controller.core.plant import energy_left_h
from controller.core.situation import Opinion, Situation

_MOST_FRAC, _LEAST_FRAC, _OF_TOLD = 0.03, 0.02, 0.25
"""Energy, as part of the battery's, that a gauge may miss: less the emptier the battery, and at least the two
steps of one that tells whole per cent."""
_FULL_FRAC, _EMPTY_FRAC = 0.97, 0.03
"""Beyond them a gauge that stands still is at its end, as a full battery is while it is balanced."""
_CHARGE_EFFICIENCY = 0.95
_LONGEST_STEP_S = 300.0
"""After a longer pause nobody knows what has flowed."""


def follow(memory: Memory, plant: PlantState, energy_wh: float, dt_s: float) -> Memory:
    """The memory with what has flowed into the battery since the told SoC last moved.

    energy_wh: the battery's, from 0 to 1 SoC. dt_s: since the last tick, >= 0.
    """
    told, past = plant.soc_frac, memory.soc
    if told is not None and (past.told_frac is None or told != past.told_frac):
        return replace(memory, soc=SocMemory(told_frac=told))
    flow_w = plant.battery_w if plant.battery_w is not None else plant.inverter_w
    if past.told_frac is None or flow_w is None:
        return memory
    moved_wh = past.moved_wh + flow_w * min(dt_s, _LONGEST_STEP_S) / 3600.0
    if _at_its_end(past.told_frac, moved_wh):
        moved_wh = 0.0
    missed_wh = max(_LEAST_FRAC, min(_MOST_FRAC, _OF_TOLD * past.told_frac)) * energy_wh
    return replace(
        memory, soc=replace(past, moved_wh=moved_wh, frozen=past.frozen or abs(moved_wh) >= missed_wh)
    )


def _at_its_end(told_frac: float, moved_wh: float) -> bool:
    return (told_frac >= _FULL_FRAC and moved_wh > 0) or (told_frac <= _EMPTY_FRAC and moved_wh < 0)


def believed(memory: Memory, plant: PlantState, site: Site) -> PlantState:
    """The plant with the SoC to act on: as told, or the count while the gauge stands still."""
    if plant.soc_frac is None or not memory.soc.frozen:
        return plant
    soc_frac = estimate_frac(memory.soc, plant.soc_frac, site.battery.energy_wh)
    return replace(
        plant, soc_frac=soc_frac, energy_left_h=energy_left_h(site.battery, soc_frac, plant.battery_w)
    )


def estimate_frac(soc: SocMemory, told_frac: float, energy_wh: float) -> float:
    """SoC counted from what has flowed, on the careful side of the battery's losses; 0 to 1."""
    counted_wh = soc.moved_wh * _CHARGE_EFFICIENCY if soc.moved_wh > 0 else soc.moved_wh / _CHARGE_EFFICIENCY
    return min(1.0, max(0.0, told_frac + counted_wh / energy_wh))


def soc_frozen(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: wants nothing, tells that the gauge stands still."""
    del bounds
    soc, memory = situation.memory.soc, situation.memory
    if not soc.frozen or soc.told_frac is None or situation.plant.soc_frac is None:
        return Opinion(Wishes(), memory)
    params = {"told_frac": soc.told_frac, "soc_frac": situation.plant.soc_frac}
    return Opinion(Wishes(), memory, (Alarm(situation.site.battery.id, Reason("soc_frozen", params)),))
