"""Protection against overload: enough load is shed within the very tick, and comes back with patience."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from controller.core.bounds import Bounds, Wish, Wishes
from controller.core.coupling import bus_alive
from controller.core.model import Alarm, FeederMemory, Memory, OverloadMemory, PriorityClass, Reason
from controller.core.plant import FeederView
from controller.core.situation import Opinion, Situation, hold, named
from controller.core.transitions import island_load_w, tied

SHED_ORDER = (PriorityClass.FLEXIBLE, PriorityClass.HOUSEHOLD, PriorityClass.ESSENTIAL)

_TARGET = 0.9
"""Shed down to this part of the limit, not just below it."""
_WARNING_S = 3.0
_STEP_WARNING, _STEP_ALARM = 0.10, 0.25
"""What an alarm without a measured excess asks for, as part of the limit."""
_UNDER_FREQUENCY_FLOOR_HZ = 40.0
"""Below it the bus is down, which shedding does not cure."""
_SETTLE_S, _SETTLE_ALARM_S = 3.0, 0.6
"""Time in which a shed feeder may not yet show in the inverter's reading; with the alarm at its worst, when a
trip is near, rather one feeder too many is shed than the whole village lost."""
_CRITICAL_AFTER_S = 10.0
_IMPORT_OVER_S = 3.0
"""Longer than a motor takes to start."""
_IDLE_W = 20.0
_SAME_EPISODE_S, _SOON_S = 30.0, 1800.0
_SHORTEST_HOLD_S, _LONGEST_HOLD_S = 120.0, 7200.0


@dataclass(frozen=True, slots=True)
class _Need:
    """How much load must go [W], and why."""

    relief_w: float
    reason: Reason


def overload(situation: Situation, bounds: Bounds) -> Opinion:
    """Voice: shed on overload or low frequency; keep what was shed off for its hold-off."""
    need, memory = _need(situation)
    lasting = _episode(memory.overload, need is not None, situation.site.sharing.min_off_s, situation.dt_s)
    memory = replace(memory, overload=lasting)
    wishes = {
        view.feeder.id: _held(view, situation.past(view.feeder.id))
        for view in situation.views.values()
        if situation.past(view.feeder.id).hold_s > 0
    }
    if need is None:
        return Opinion(Wishes(wishes), memory)
    alarm = situation.image.fresh(situation.site.battery.id, "overload_alarm") or 0.0
    settle_s = _SETTLE_ALARM_S if alarm >= 2 else _SETTLE_S
    outstanding_w = need.relief_w - _pending_relief_w(situation, settle_s)
    chosen = _choose(_candidates(situation, bounds, lasting), situation, outstanding_w)
    for view in chosen:
        wishes[view.feeder.id] = Wish(False, need.reason, urgent=True)
    memory = _with_hold(memory, chosen, hold_off_s(situation.site.sharing.min_off_s, lasting.strikes))
    return Opinion(Wishes(wishes), memory, (Alarm("site", need.reason),))


def hold_off_s(min_off_s: float, strikes: int) -> float:
    """How long a feeder shed by overload stays off [s]; doubled for each overload that came back soon."""
    return float(min(max(_SHORTEST_HOLD_S, min_off_s) * 2.0**strikes, _LONGEST_HOLD_S))


def _need(situation: Situation) -> tuple[_Need | None, Memory]:
    """The gravest of what the inverters report; only fresh readings count."""
    limit_w = situation.site.protection.overload_w
    battery_id, image = situation.site.battery.id, situation.image
    alarm = image.fresh(battery_id, "overload_alarm") or 0.0
    memory, warned_s = hold(situation.memory, "overload_alarm", alarm >= 1, situation.dt_s)
    inverter_w = image.fresh(battery_id, "ac_power_w")
    frequency_hz = image.fresh(battery_id, "frequency_hz")
    discharge_w = 0.0 if inverter_w is None else -inverter_w
    excess_w = discharge_w - _TARGET * limit_w
    if bus_alive(image, situation.site.battery) is False:
        return None, memory  # tripped: whoever is shed now is not the cure, and would only wait longer
    connection, memory = _need_at_connection(situation, memory)
    if connection is not None:
        return connection, memory
    minimum_hz = situation.site.protection.frequency_min_hz
    if discharge_w > limit_w:
        least_w = _STEP_ALARM * limit_w if alarm >= 2 else 0.0
        return _Need(
            max(excess_w, least_w), Reason("overload_shed", {"power_w": discharge_w, "limit_w": limit_w})
        ), memory
    if frequency_hz is not None and _UNDER_FREQUENCY_FLOOR_HZ < frequency_hz < minimum_hz:
        params = {"frequency_hz": frequency_hz, "limit_hz": minimum_hz}
        return _Need(_STEP_ALARM * limit_w, Reason("frequency_shed", params)), memory
    if alarm >= 2 or warned_s >= _WARNING_S:
        step = _STEP_ALARM if alarm >= 2 else _STEP_WARNING
        return _Need(max(excess_w, step * limit_w), Reason("overload_alarm_shed")), memory
    return None, memory


def _need_at_connection(situation: Situation, memory: Memory) -> tuple[_Need | None, Memory]:
    """What the loss of the grid leaves to the inverters, or what is drawn beyond the agreed import."""
    grid, limit_w = situation.site.grid, situation.site.protection.overload_w
    if grid is None:
        return None, memory
    alone_w = island_load_w(situation)
    if alone_w is not None and alone_w > limit_w:
        params = {"power_w": alone_w, "limit_w": limit_w}
        return _Need(alone_w - _TARGET * limit_w, Reason("grid_lost_shed", params)), memory
    import_w = situation.image.fresh(grid.device, f"{grid.prefix}power_w")
    over = import_w is not None and import_w > grid.import_w and tied(situation)
    memory, over_s = hold(memory, "import_over", over, situation.dt_s)
    if import_w is None or not over or over_s < _IMPORT_OVER_S:
        return None, memory
    params = {"power_w": import_w, "limit_w": grid.import_w}
    return _Need(import_w - _TARGET * grid.import_w, Reason("import_shed", params)), memory


def _episode(past: OverloadMemory, active: bool, min_off_s: float, dt_s: float) -> OverloadMemory:
    if not active:
        return replace(past, lasting_s=0.0, calm_s=past.calm_s + dt_s)
    strikes = past.strikes
    if past.calm_s >= _SOON_S + hold_off_s(min_off_s, strikes):
        strikes = 0
    elif past.calm_s > _SAME_EPISODE_S:
        strikes = min(strikes + 1, 8)
    lasting_s = past.lasting_s + dt_s if past.calm_s == 0 else 0.0
    return OverloadMemory(lasting_s=lasting_s, calm_s=0.0, strikes=strikes)


def _pending_relief_w(situation: Situation, settle_s: float) -> float:
    """What was shed so recently that the readings may not show it yet [W]."""
    return sum(
        past.on_w or 0.0
        for past in situation.memory.feeders.values()
        if past.closed is False and past.hold_s > 0 and past.state_s < settle_s
    )


def _candidates(situation: Situation, bounds: Bounds, past: OverloadMemory) -> list[list[FeederView]]:
    """Who may be shed, class after class, the first to go first; critical only when nothing else is left."""
    groups = [_sheddable(situation, bounds, priority) for priority in SHED_ORDER]
    if not any(groups) and past.lasting_s > _CRITICAL_AFTER_S:
        groups = [_sheddable(situation, bounds, PriorityClass.CRITICAL)]
    return groups


def _sheddable(situation: Situation, bounds: Bounds, priority: PriorityClass) -> list[FeederView]:
    return [
        view
        for view in situation.views.values()
        if view.feeder.priority is priority
        and situation.past(view.feeder.id).closed is not False
        and bounds.feeder(view.feeder.id).may_be_off
        and (view.power_w is None or view.power_w >= _IDLE_W)
    ]


def _choose(groups: Iterable[list[FeederView]], situation: Situation, need_w: float) -> list[FeederView]:
    """Enough feeders to relieve the inverters by need_w."""
    chosen: list[FeederView] = []
    for group in groups:
        left = list(group)
        while left and need_w > 0:
            view = _next(left, situation, need_w)
            left.remove(view)
            chosen.append(view)
            need_w -= _relief_w(situation, view)
    return chosen


def _next(left: Sequence[FeederView], situation: Situation, need_w: float) -> FeederView:
    """One that suffices alone, and of those the one that has been served best; else the largest."""
    enough = [view for view in left if _relief_w(situation, view) >= need_w]
    if enough:
        return max(enough, key=lambda view: situation.served_frac(view.feeder.id))
    return max(left, key=lambda view: _relief_w(situation, view))


def _relief_w(situation: Situation, view: FeederView) -> float:
    """What shedding a feeder gives [W]: what it draws, or drew when its meter was last heard; 0 if never."""
    if view.power_w is not None:
        return view.power_w
    past = situation.past(view.feeder.id)
    return past.mean_w if past.mean_w is not None else past.on_w or 0.0


def _with_hold(memory: Memory, chosen: Iterable[FeederView], hold_s: float) -> Memory:
    feeders = dict(memory.feeders)
    for view in chosen:
        feeders[view.feeder.id] = replace(feeders.get(view.feeder.id, FeederMemory()), hold_s=hold_s)
    return replace(memory, feeders=feeders)


def _held(view: FeederView, past: FeederMemory) -> Wish:
    params = {"feeder": named(view.feeder.name), "wait_s": past.hold_s}
    return Wish(False, Reason("overload_hold", params), urgent=view.closed is not False)
