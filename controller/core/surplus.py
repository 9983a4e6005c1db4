"""Surplus of sun: energy that may be used at once, although the battery is low.

The surplus is what charges the battery beyond what the genset gives, smoothed over minutes. A feeder that the
battery would not allow may be connected when the surplus carries it with a margin, and goes again only after
the smoothed surplus has been negative for a while: a cloud does not make anybody flicker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.core.model import ClassMemory, Feeder, Memory, PriorityClass
from controller.core.situation import Situation, hold, smoothed

_TIME_CONSTANT_S = 120.0
_MARGIN, _MARGIN_W = 1.2, 500.0
_SHORT_FOR_S = 60.0


def surplus_now_w(situation: Situation) -> float | None:
    """Power that the sun leaves for the battery [W]; < 0 while it discharges, None when not known."""
    plant = situation.plant
    if plant.battery_w is None or plant.genset_w is None:
        return None
    return plant.battery_w + plant.genset_w


def follow(situation: Situation) -> Memory:
    """The memory with the smoothed surplus brought up to date."""
    memory, now_w = situation.memory, surplus_now_w(situation)
    mean_w = smoothed(memory.surplus_w, now_w, situation.dt_s, _TIME_CONSTANT_S)
    return replace(memory, surplus_w=mean_w)


def allow_one_more(situation: Situation, memory: Memory, candidate: Feeder) -> Memory | None:
    """The memory after promising the surplus to one more feeder; None when there is not enough of it."""
    now_w, mean_w = surplus_now_w(situation), memory.surplus_w
    if now_w is None or mean_w is None:
        return None
    expected_w = situation.expected_w(candidate)
    if min(now_w, mean_w) < _MARGIN * expected_w + _MARGIN_W:
        return None
    return replace(memory, surplus_w=mean_w - expected_w)


def take_one_back(
    situation: Situation, memory: Memory, classes: Mapping[PriorityClass, Sequence[Feeder]]
) -> Memory:
    """The memory with one feeder less on sun, in the least important class, once the sun falls short."""
    short = memory.surplus_w is not None and memory.surplus_w < 0
    memory, short_s = hold(memory, "sun_short", short, situation.dt_s)
    if short_s < _SHORT_FOR_S:
        return memory
    for priority in reversed(PriorityClass):
        mine = memory.classes.get(priority)
        if mine is None or mine.by_sun == 0:
            continue
        relief_w = min(
            (situation.expected_w(f) for f in classes[priority] if situation.is_on(f.id)), default=0.0
        )
        memory = with_class(memory, priority, replace(mine, by_sun=mine.by_sun - 1))
        memory = replace(memory, surplus_w=(memory.surplus_w or 0.0) + relief_w)
        return hold(memory, "sun_short", False, situation.dt_s)[0]
    return memory


def with_class(memory: Memory, priority: PriorityClass, mine: ClassMemory) -> Memory:
    """The memory with that of one class replaced."""
    if memory.classes.get(priority) == mine:
        return memory
    return replace(memory, classes={**memory.classes, priority.value: mine})
