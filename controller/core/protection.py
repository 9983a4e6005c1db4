"""Protection of the battery from discharge and heat; from overcharge: `curtailment`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.coupling import look
from controller.core.model import Alarm, ClassMemory, Feeder, Memory, PriorityClass, Reason
from controller.core.situation import Opinion, Situation, hold

_CELL_DELAY_S = 5.0
"""A cell sags for moments under load."""
_CELL_PERSISTS_S = 60.0
_CELL_DEEP_V = 0.10
_CELL_RECOVERED_V, _CELL_RECOVERED_S = 0.20, 300.0
_CARRIED_S, _CARRIED_LOST_S, _CARRIED_REST_S = 5.0, 20.0, 60.0
_HEAT_DELAY_S, _HEAT_RELEASE_C = 10.0, 3.0
_LOST_ALARM_S, _LOST_FLEXIBLE_OFF_S = 30.0, 600.0

_HOT_CLASSES = frozenset({PriorityClass.FLEXIBLE, PriorityClass.HOUSEHOLD})


def with_guard(memory: Memory, name: str, level: int) -> Memory:
    """The memory with a guard at a level; 0 is not kept."""
    if memory.guards.get(name, 0) == level:
        return memory
    guards = {other: value for other, value in memory.guards.items() if other != name}
    return replace(memory, guards={**guards, name: level} if level else guards)


def battery_low(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: an empty battery keeps the critical feeders first, then none."""
    del bounds
    memory, soc_level = _judge_soc(situation)
    memory, cell_level = _judge_cells(replace_memory(situation, memory))
    level = max(soc_level, cell_level)
    if look(situation.image, situation.site).tied:  # the grid carries everybody
        return Opinion(Wishes(), memory)
    memory, carried = _judge_carried(replace_memory(situation, memory), level)
    on = _carried_on(situation) if carried else {}
    if level == 0:
        return Opinion(Wishes(on), memory)
    reason = _soc_reason(situation) if soc_level >= cell_level else _cell_reason(situation)
    wishes = _off_where(situation, reason, lambda f: level > 1 or f.priority is not PriorityClass.CRITICAL)
    wishes = replace(wishes, feeders={**wishes.feeders, **on})
    return Opinion(wishes, memory, (Alarm(situation.site.battery.id, reason),))


def _judge_carried(situation: Situation, level: int) -> tuple[Memory, bool]:
    """Whether sun or genset carry the critical feeders while an empty battery fills: then none need be dark.

    To connect them the surplus must cover what they draw; once they are on it must not fall below nothing.
    They stay carried until the rules, which have thresholds of their own, let them on too.
    """
    memory, flow_w = situation.memory, situation.plant.battery_w
    needed_w = sum(situation.expected_w(f) for f in _critical(situation) if not situation.is_on(f.id))
    guard = memory.guards.get("critical_carried", 0)
    covers = (level > 0 or guard > 0) and flow_w is not None and flow_w > needed_w
    memory, covered_s = hold(memory, "critical_carried", covers, situation.dt_s)
    memory, short_s = hold(memory, "critical_not_carried", not covers, situation.dt_s)
    by_rules = memory.classes.get(PriorityClass.CRITICAL.value, ClassMemory()).by_soc
    freed = level == 0 and (by_rules is None or by_rules >= len(_critical(situation)))
    if freed or short_s >= _CARRIED_LOST_S:
        guard = 0
    elif covers and covered_s >= _CARRIED_S:
        guard = 1
    return with_guard(memory, "critical_carried", guard), guard > 0


def _critical(situation: Situation) -> list[Feeder]:
    return [feeder for feeder in situation.site.feeders if feeder.priority is PriorityClass.CRITICAL]


def _carried_on(situation: Situation) -> dict[str, Wish]:
    """On, but not again so soon after they were cut that it would flicker with every cloud."""
    reason = Reason("critical_carried", {"soc_frac": situation.plant.soc_frac})
    return {
        feeder.id: Wish(True, reason)
        for feeder in _critical(situation)
        if situation.is_on(feeder.id)
        or situation.past(feeder.id).state_s >= _CARRIED_REST_S
        or situation.memory.mode.code == "black_start"
    }


def replace_memory(situation: Situation, memory: Memory) -> Situation:
    """The situation with a newer memory."""
    return situation if memory is situation.memory else replace(situation, memory=memory)


def _judge_soc(situation: Situation) -> tuple[Memory, int]:
    """1 from soc_min, 2 from half of it; released above soc_min by the hysteresis; held while unknown."""
    site, soc_frac = situation.site, situation.plant.soc_frac
    level = situation.memory.guards.get("soc_low", 0)
    if soc_frac is not None:
        minimum = site.protection.soc_min_frac
        if soc_frac <= minimum / 2:
            level = 2
        elif soc_frac <= minimum:
            level = max(level, 1)
        elif soc_frac >= minimum + site.sharing.hysteresis_soc_frac:
            level = 0
        else:
            level = min(level, 1)
    return with_guard(situation.memory, "soc_low", level), level


def _judge_cells(situation: Situation) -> tuple[Memory, int]:
    """1 when the lowest cell stays low, 2 when it falls further or does not recover; released late."""
    minimum_v = situation.site.protection.cell_voltage_min_v
    cell_v = situation.battery_fresh("cell_voltage_min_v")
    alarm = (situation.battery_fresh("low_battery_alarm") or 0.0) >= 2
    low_by_cells = cell_v is not None and cell_v <= minimum_v
    low = alarm or low_by_cells
    deep = cell_v is not None and cell_v <= minimum_v - _CELL_DEEP_V
    recovered = not alarm and cell_v is not None and cell_v >= minimum_v + _CELL_RECOVERED_V
    memory, low_s = hold(situation.memory, "cell_low", low, situation.dt_s)
    memory, deep_s = hold(memory, "cell_deep", deep, situation.dt_s)
    level = memory.guards.get("cell_low", 0)
    memory, recovered_s = hold(memory, "cell_recovered", level > 0 and recovered, situation.dt_s)
    # An alarm over cells that are seen to be well means a low charge, which SoC judges.
    lasting = low_s >= _CELL_PERSISTS_S and (low_by_cells or cell_v is None)
    if lasting or deep_s >= _CELL_DELAY_S:
        level = 2
    elif low_s >= _CELL_DELAY_S:
        level = max(level, 1)
    elif recovered_s >= _CELL_RECOVERED_S:
        level = 0
    return with_guard(memory, "cell_low", level), level


def _soc_reason(situation: Situation) -> Reason:
    minimum = situation.site.protection.soc_min_frac
    back = minimum + situation.site.sharing.hysteresis_soc_frac
    params = {"soc_frac": situation.plant.soc_frac, "limit_frac": minimum, "back_frac": back}
    return Reason("battery_empty", params)


def _cell_reason(situation: Situation) -> Reason:
    minimum_v = situation.site.protection.cell_voltage_min_v
    cell_v = situation.battery("cell_voltage_min_v")
    params = {"voltage_v": cell_v, "limit_v": minimum_v, "back_v": minimum_v + _CELL_RECOVERED_V}
    return Reason("battery_cell_low", params)


def _off_where(situation: Situation, reason: Reason, sheds: Callable[[Feeder], bool]) -> Wishes:
    """Off for the feeders that it sheds; urgent only where there is something left to open."""
    return Wishes(
        {
            view.feeder.id: Wish(False, reason, urgent=view.closed is not False)
            for view in situation.views.values()
            if sheds(view.feeder)
        }
    )


def battery_hot(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: a hot battery rests from flexible and household load."""
    del bounds
    maximum_c = situation.site.protection.temperature_max_c
    temperature_c = situation.battery("battery_temperature_c")
    above = temperature_c is not None and temperature_c > maximum_c
    memory, above_s = hold(situation.memory, "battery_hot", above, situation.dt_s)
    level = memory.guards.get("battery_hot", 0)
    if above_s >= _HEAT_DELAY_S:
        level = 1
    elif temperature_c is not None and temperature_c <= maximum_c - _HEAT_RELEASE_C:
        level = 0
    memory = with_guard(memory, "battery_hot", level)
    if level == 0:
        return Opinion(Wishes(), memory)
    back_c = maximum_c - _HEAT_RELEASE_C
    params = {"temperature_c": temperature_c, "limit_c": maximum_c, "back_c": back_c}
    reason = Reason("battery_hot", params)
    wishes = _off_where(situation, reason, lambda feeder: feeder.priority in _HOT_CLASSES)
    return Opinion(wishes, memory, (Alarm(situation.site.battery.id, reason),))


def battery_unseen(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: without news of the battery nothing is connected, and flexible load goes after a while.

    Never cuts anybody else for lack of data.
    """
    del bounds
    unseen = not situation.battery_seen
    memory, unseen_s = hold(situation.memory, "battery_unseen", unseen, situation.dt_s)
    if not unseen:
        return Opinion(Wishes(), memory)
    reason = Reason("battery_unseen", {"lost_s": unseen_s})
    lost = situation.plant.soc_frac is None or situation.plant.inverter_w is None
    drops = lost and unseen_s >= _LOST_FLEXIBLE_OFF_S
    wishes = {
        feeder.id: Wish(False, reason)
        for feeder in situation.site.feeders
        if not situation.is_on(feeder.id) or (drops and feeder.priority is PriorityClass.FLEXIBLE)
    }
    alarms = (Alarm(situation.site.battery.id, reason),) if lost and unseen_s >= _LOST_ALARM_S else ()
    return Opinion(Wishes(wishes), memory, alarms)
