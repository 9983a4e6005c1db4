"""A feeder whose connection tripped the inverters is left off: one short circuit must not darken a village.

Without this a black start would connect the shorted line again and again, until the inverters lock
themselves out.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.model import Alarm, Feeder, Memory, PriorityClass, Reason
from controller.core.protection import with_guard
from controller.core.situation import Opinion, Situation, hold, named

_FAULT = 2.0
_TRIPS_WITHIN_S = 10.0
"""After a connection: a trip later than that has another cause."""
_FIRST_HOLD_S, _FIRST_HOLD_CRITICAL_S, _LONGEST_HOLD_S = 3600.0, 600.0, 4 * 3600.0
_CLEARED_AFTER_S = 1800.0
"""Connected for so long without a trip: no suspect any more."""
_MOST_STRIKES = 6


def hold_s(priority: PriorityClass, strikes: int) -> float:
    """How long a suspect stays off [s]; twice as long each time that it trips the inverters again."""
    first_s = _FIRST_HOLD_CRITICAL_S if priority is PriorityClass.CRITICAL else _FIRST_HOLD_S
    return float(min(first_s * 2.0 ** (strikes - 1), _LONGEST_HOLD_S))


def suspects(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: keep off whoever was connected just before the inverters tripped."""
    del bounds
    tripped = situation.battery("inverter_state") == _FAULT
    newly = tripped and "tripped" not in situation.memory.guards
    memory = with_guard(situation.memory, "tripped", int(tripped))
    culprit = _last_connected(situation) if newly else None
    wishes, alarms = dict[str, Wish](), list[Alarm]()
    for feeder in situation.site.feeders:
        memory, left_s = _judge(memory, feeder, situation.dt_s, caught=feeder is culprit)
        if left_s > 0:
            reason = Reason("feeder_suspect", {"feeder": named(feeder.name), "wait_s": left_s})
            still_on = situation.views[feeder.id].closed is not False
            wishes[feeder.id] = Wish(False, reason, urgent=still_on)
            alarms.append(Alarm(feeder.id, reason))
    return Opinion(Wishes(wishes), memory, tuple(alarms))


def _last_connected(situation: Situation) -> Feeder | None:
    if situation.memory.since_connect_s > _TRIPS_WITHIN_S:
        return None  # those were found on at the start, not connected
    recent = [
        feeder
        for feeder in situation.site.feeders
        if situation.is_on(feeder.id) and situation.past(feeder.id).state_s <= _TRIPS_WITHIN_S
    ]
    return min(recent, key=lambda feeder: situation.past(feeder.id).state_s, default=None)


def _judge(memory: Memory, feeder: Feeder, dt_s: float, *, caught: bool) -> tuple[Memory, float]:
    """The memory one tick on, and for how much longer a feeder is kept off [s]."""
    name = f"suspect:{feeder.id}"
    strikes = memory.guards.get(name, 0)
    if caught:
        strikes = min(strikes + 1, _MOST_STRIKES)
        memory = with_guard(memory, name, strikes)
        memory = replace(memory, held_s={**memory.held_s, name: 0.0})
        return memory, hold_s(feeder.priority, strikes)
    memory, since_s = hold(memory, name, strikes > 0, dt_s)
    if strikes == 0:
        return memory, 0.0
    left_s = hold_s(feeder.priority, strikes) - since_s
    if left_s <= -_CLEARED_AFTER_S:
        memory, _ = hold(with_guard(memory, name, 0), name, False, dt_s)
    return memory, max(0.0, left_s)
