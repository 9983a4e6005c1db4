"""PV curtailment: a full battery takes no more, a cold one must not be charged.

The limit falls smoothly from free at soc_max to what the feeders draw at 100 %, so that the battery glides
to a stop instead of hunting. It moves at a limited rate, in steps worth writing, and is lifted with
hysteresis.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.bounds import Bounds, PvWish, Wish, Wishes
from controller.core.export import exportable_w
from controller.core.model import Alarm, Memory, PvMemory, Reason
from controller.core.protection import with_guard
from controller.core.situation import Opinion, Situation, hold

_CELL_BAND_V = 0.05
"""Below the highest cell voltage; PV is limited ever more across it."""
_RELEASE_SOC_FRAC, _RELEASE_CELL_V, _RELEASE_C = 0.01, 0.10, 2.0
_DOWN_PER_S, _UP_PER_S = 0.05, 0.02
_STEP = 0.02
"""Smaller changes are not worth a write."""
_COLD_MARGIN = 0.95
_CELL_ALARM_S = 5.0


def curtailment(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: limit PV to what battery and feeders can take; no genset into a full battery."""
    del bounds
    limits = situation.site.protection
    cell_v = situation.battery("cell_voltage_max_v")
    temperature_c = situation.battery("battery_temperature_c")
    cold, memory = _judge_cold(situation, temperature_c)
    over = cell_v is not None and cell_v >= limits.cell_voltage_max_v
    memory, over_s = hold(memory, "cell_high", over, situation.dt_s)
    overfull = _overfull(situation, cell_v)
    pv = _advance(
        memory.pv, situation, _target(situation, overfull, cold), _may_release(situation, cell_v, cold)
    )
    reason = _reason(situation, pv.limit_frac, cell_v, temperature_c if cold else None)
    alarms = []
    if over and over_s >= _CELL_ALARM_S:
        params = {"voltage_v": cell_v, "limit_v": limits.cell_voltage_max_v}
        alarms.append(Alarm(situation.site.battery.id, Reason("battery_cell_high", params)))
    if cold:
        params = {"temperature_c": temperature_c, "limit_c": limits.temperature_min_c}
        alarms.append(Alarm(situation.site.battery.id, Reason("battery_cold", params)))
    genset = Wish(False, Reason("genset_may_not_charge"), urgent=True) if over or cold else None
    wishes = Wishes(pv=(PvWish(pv.limit_frac, reason),) if pv.limited else (), genset=genset)
    return Opinion(wishes, replace(memory, pv=pv), tuple(alarms))


def _judge_cold(situation: Situation, temperature_c: float | None) -> tuple[bool, Memory]:
    minimum_c = situation.site.protection.temperature_min_c
    level = situation.memory.guards.get("battery_cold", 0)
    if temperature_c is not None:
        if temperature_c < minimum_c:
            level = 1
        elif temperature_c >= minimum_c + _RELEASE_C:
            level = 0
    return level > 0, with_guard(situation.memory, "battery_cold", level)


def _overfull(situation: Situation, cell_v: float | None) -> float:
    """From 0, PV may be free, to 1, no charging at all."""
    limits, soc_frac = situation.site.protection, situation.plant.soc_frac
    by_soc = by_cell = 0.0
    if soc_frac is not None and limits.soc_max_frac < min(1.0, soc_frac):
        by_soc = (min(1.0, soc_frac) - limits.soc_max_frac) / (1.0 - limits.soc_max_frac)
    if cell_v is not None:
        by_cell = (cell_v - limits.cell_voltage_max_v + _CELL_BAND_V) / _CELL_BAND_V
    return min(1.0, max(0.0, by_soc, by_cell))


def _target(situation: Situation, overfull: float, cold: bool) -> float:
    """The limit that fits [fraction of rated power]; where the load is not known, none is presumed."""
    if situation.site.pv and not any(pv.limitable for pv in situation.site.pv):
        return 1.0
    rated_w = sum(pv.ac_w for pv in situation.site.pv if pv.limitable)
    load_w = situation.plant.load_w
    taken_w = None if load_w is None else load_w + exportable_w(situation)
    load_frac = min(1.0, taken_w / rated_w) if taken_w is not None and rated_w > 0 else 0.0
    if cold:
        return load_frac * _COLD_MARGIN
    return 1.0 - overfull * (1.0 - load_frac)


def _may_release(situation: Situation, cell_v: float | None, cold: bool) -> bool:
    limits, soc_frac = situation.site.protection, situation.plant.soc_frac
    return (
        not cold
        and soc_frac is not None
        and soc_frac <= limits.soc_max_frac - _RELEASE_SOC_FRAC
        and (cell_v is None or cell_v <= limits.cell_voltage_max_v - _RELEASE_CELL_V)
    )


def _advance(pv: PvMemory, situation: Situation, target: float, may_release: bool) -> PvMemory:
    """The limit one tick on: towards the target at a limited rate; up only once well below the threshold."""
    soc_known = situation.plant.soc_frac is not None
    if target > pv.limit_frac and not soc_known:
        return pv
    if target >= 1.0 and pv.limited and not may_release:
        return pv
    if abs(target - pv.limit_frac) < _STEP and 0.0 < target < 1.0:
        return pv
    lowest = pv.limit_frac - _DOWN_PER_S * situation.dt_s
    highest = pv.limit_frac + _UP_PER_S * situation.dt_s
    limit_frac = min(max(target, lowest), highest, 1.0)
    return PvMemory(limit_frac, limited=limit_frac < 1.0)


def _reason(situation: Situation, limit_frac: float, cell_v: float | None, cold_c: float | None) -> Reason:
    limits, soc_frac = situation.site.protection, situation.plant.soc_frac
    if cold_c is not None:
        params = {"temperature_c": cold_c, "limit_c": limits.temperature_min_c, "limit_frac": limit_frac}
        return Reason("pv_battery_cold", params)
    by_soc = soc_frac is not None and soc_frac > limits.soc_max_frac - _RELEASE_SOC_FRAC
    if not by_soc and cell_v is not None and cell_v > limits.cell_voltage_max_v - _RELEASE_CELL_V:
        return Reason("pv_cell_high", {"voltage_v": cell_v, "limit_frac": limit_frac})
    back_frac = limits.soc_max_frac - _RELEASE_SOC_FRAC
    return Reason("pv_battery_full", {"soc_frac": soc_frac, "back_frac": back_frac, "limit_frac": limit_frac})
