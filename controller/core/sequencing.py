"""The last gate: feeders are connected one at a time, the most important first, and only where they fit.

It can only delay a connection, never cause one, and it holds for whoever wished it. After a blackout it is
more careful: feeders that were dark for long draw more at first (cold load pickup), and a black start that
ended in another blackout is repeated with longer pauses and less load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.bounds import Wish
from controller.core.model import Feeder, Memory, PriorityClass, Reason
from controller.core.situation import Situation, hold
from controller.core.transitions import tied

_LOADING_FRAC = 0.9
"""Part of the inverters' limit that connections may fill."""
_SETTLE_S = 3.0
"""Time in which a new connection may not yet show in the inverter's reading."""
_COLD_AFTER_S, _COLD_FACTOR = 900.0, 1.5
"""A feeder that was dark for so long draws so much more than usual: every refrigerator starts at once."""
_LOADING_PER_STRIKE, _LEAST_LOADING_FRAC = 0.15, 0.45
_MOST_STAGGER_FACTOR = 8.0
_RANK = {priority: rank for rank, priority in enumerate(PriorityClass)}


@dataclass(frozen=True, slots=True)
class Connections:
    """What the gate made of the wishes."""

    wishes: Mapping[str, Wish]
    connected: str | None
    """The feeder that is connected at this tick."""
    waiting: bool
    """Whether others still wait."""
    crowded: PriorityClass | None
    """The class whose next feeder does not fit."""


def stagger(situation: Situation, wishes: Mapping[str, Wish]) -> Connections:
    """At most one new connection, and none before its time."""
    queue = _queue(situation, wishes)
    if not queue:
        return Connections(wishes, None, waiting=False, crowded=None)
    after_s = max(0.0, _stagger_s(situation) - situation.memory.since_connect_s)
    fitting = [
        feeder for feeder in queue if feeder.priority is queue[0].priority and _fits(situation, feeder)
    ]
    first = fitting[0] if fitting and after_s == 0 else None
    passed = dict(wishes)
    for place, feeder in enumerate(queue):
        if feeder is not first:
            passed[feeder.id] = _wait(situation, feeder, bool(fitting), after_s, place)
    return Connections(
        passed,
        None if first is None else first.id,
        waiting=len(queue) > (first is not None),
        crowded=None if fitting else queue[0].priority,
    )


def note_crowding(memory: Memory, connections: Connections, dt_s: float) -> Memory:
    """Remember which class waits for headroom: its feeders then take turns (`rules`)."""
    for priority in PriorityClass:
        memory, _ = hold(memory, crowding(priority), connections.crowded is priority, dt_s)
    return memory


def crowding(priority: PriorityClass) -> str:
    """The name under which it is remembered that a class waits for headroom."""
    return f"crowded:{priority.value}"


def _queue(situation: Situation, wishes: Mapping[str, Wish]) -> list[Feeder]:
    waiting = [
        feeder
        for feeder in situation.site.feeders
        if feeder.id in wishes and wishes[feeder.id].on and situation.past(feeder.id).closed is False
    ]
    return sorted(waiting, key=lambda f: (_RANK[f.priority], situation.served_frac(f.id)))


def _starts_dark(situation: Situation) -> bool:
    """Whether a dark village is being brought back."""
    return situation.memory.mode.code in ("blackout", "black_start")


def _stagger_s(situation: Situation) -> float:
    """Least time between two connections [s]; doubled for each blackout that came back soon."""
    usual_s = situation.site.sharing.stagger_s
    if not _starts_dark(situation):
        return usual_s
    return usual_s * min(2.0**situation.memory.mode.strikes, _MOST_STAGGER_FACTOR)


def _loading_frac(situation: Situation) -> float:
    """Part of the limit that connections may fill; less after each blackout that came back soon."""
    if not _starts_dark(situation):
        return _LOADING_FRAC
    return max(_LEAST_LOADING_FRAC, _LOADING_FRAC - _LOADING_PER_STRIKE * situation.memory.mode.strikes)


def _need_w(situation: Situation, feeder: Feeder) -> float:
    """What a feeder will draw at first [W]."""
    expected_w = situation.expected_w(feeder)
    cold = _starts_dark(situation) and situation.past(feeder.id).state_s >= _COLD_AFTER_S
    return min(feeder.rated_w, _COLD_FACTOR * expected_w) if cold else expected_w


def _headroom_w(situation: Situation) -> float | None:
    """What inverters and grid can still carry [W]; None when the inverters' load is not known."""
    inverter_w = situation.image.fresh(situation.site.battery.id, "ac_power_w")
    if inverter_w is None:
        return None
    unseen_w = sum(
        situation.expected_w(feeder)
        for feeder in situation.site.feeders
        if situation.is_on(feeder.id) and situation.past(feeder.id).state_s < _SETTLE_S
    )
    headroom_w = _loading_frac(situation) * situation.site.protection.overload_w + inverter_w - unseen_w
    grid, grid_w = situation.site.grid, situation.plant.grid_w
    if grid is None or grid_w is None or not tied(situation):
        return headroom_w
    return headroom_w + max(0.0, _LOADING_FRAC * grid.import_w - grid_w)


def _fits(situation: Situation, feeder: Feeder) -> bool:
    headroom_w = _headroom_w(situation)
    return headroom_w is not None and _need_w(situation, feeder) <= headroom_w


def _wait(situation: Situation, feeder: Feeder, one_fits: bool, after_s: float, place: int) -> Wish:
    if one_fits:
        wait_s = after_s + place * _stagger_s(situation)
        return Wish(False, Reason("connecting_soon", {"wait_s": wait_s}))
    params = {"need_w": _need_w(situation, feeder), "headroom_w": max(0.0, _headroom_w(situation) or 0.0)}
    return Wish(False, Reason("no_headroom", params))
