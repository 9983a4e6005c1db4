"""Who it is that goes without: announced turns of feeders for the energy that a class is to miss. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from controller.core.model import PriorityClass, Reason, Site
from controller.core.sharing.slots import Needs, Slot, SlotKind, standings
from controller.core.sharing.turns import schedule_turns
from controller.planner.plan_calendar import Steps
from controller.planner.plan_now import WAITS, AnnouncedCut, PlanNow
from controller.planning.problem import Problem
from controller.planning.solution import Solution
from forecasting.grid import QUARTER_S, Floats

_KIND_OF = {
    "turn_announced": SlotKind.TURN,
    "turn_of_all_announced": SlotKind.ALL,
    WAITS: SlotKind.HOURS,
}


def cut_wh(problem: Problem, solution: Solution) -> Mapping[str, Floats]:
    """What each class that takes turns is to go without, by step, shape (n,).

    For as long as people are told of it that is what the plan announces, later what it expects.
    """
    told = np.cumsum(problem.step_h) - problem.step_h < problem.announced_h
    return {
        load.id: np.where(told, solution.announced_w[load.id], problem.weights @ solution.unserved_w[load.id])
        * problem.step_h
        for load in problem.loads
        if load.cut_at_will
    }


def turns(
    site: Site,
    steps: Steps,
    missed_wh: Mapping[str, Floats],
    wanted_w: Mapping[str, Floats],
    draws_w: Mapping[str, Floats],
    now: PlanNow,
    announced_until_s: float,
) -> Mapping[str, tuple[AnnouncedCut, ...]]:
    """The cuts that people are told of now, by feeder: those that begin before announced_until_s.

    missed_wh: by class; wanted_w, draws_w: by feeder, the latter of flexible loads; all shape (n,).
    """
    needs = Needs(
        edges_s=_edges(steps, now.at_s),
        wanted_w={name: power_w.tolist() for name, power_w in wanted_w.items()},
        without_wh={PriorityClass(name): energy_wh.tolist() for name, energy_wh in missed_wh.items()},
        draws_w={name: power_w.tolist() for name, power_w in draws_w.items()},
    )
    priorities = {feeder.id: feeder.priority for feeder in site.feeders}
    told = {
        name: tuple(_slot(cut, now.at_s) for cut in cuts)
        for name, cuts in now.announced.items()
        # Since then it may have become critical in config.yaml, or have gone.
        if priorities.get(name, PriorityClass.CRITICAL) is not PriorityClass.CRITICAL
    }
    laid = schedule_turns(
        standings(now.memory, site.feeders), site.sharing, needs, told, open_from_s=now.open_from_s - now.at_s
    )
    sharing = Counter(priority for name, priority in priorities.items() if name not in draws_w)
    found = dict[str, tuple[AnnouncedCut, ...]]()
    for name, slots in laid.items():
        priority = priorities[name]
        said = slots if sharing[priority] > 1 else _of_all(slots)
        found[name] = _cuts(said, now, steps, priority, announced_until_s)
    return {name: cuts for name, cuts in found.items() if cuts}


def _of_all(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots of a class's only feeder: there is nobody who takes turns with it."""
    return tuple(replace(slot, kind=SlotKind.ALL) if slot.kind is SlotKind.TURN else slot for slot in slots)


def _edges(steps: Steps, at_s: float) -> list[float]:
    """Seconds from now, the first one back to the full quarter of an hour: turns begin on those."""
    begin_s = steps.begin_s // QUARTER_S * QUARTER_S
    return [edge_s - at_s for edge_s in (begin_s, *steps.edges_s[1:].tolist())]


def _slot(cut: AnnouncedCut, at_s: float) -> Slot:
    kind = _KIND_OF[cut.reason.code]
    return Slot(cut.from_s - at_s, cut.to_s - at_s, kind, min(0.0, cut.announced_s - at_s))


def _cuts(
    slots: Sequence[Slot], now: PlanNow, steps: Steps, priority: PriorityClass, until_s: float
) -> tuple[AnnouncedCut, ...]:
    found = []
    for slot in slots:
        from_s = max(steps.begin_s, round(now.at_s + slot.from_s))
        to_s = min(steps.end_s, round(now.at_s + slot.to_s))
        if from_s >= to_s or from_s >= until_s:
            continue
        when = {"start": steps.clock_s(round(now.at_s + slot.from_s)), "end": steps.clock_s(to_s)}
        announced_s = round(now.at_s + slot.announced_s)
        found.append(AnnouncedCut(from_s, to_s, announced_s, _reason(slot.kind, when, priority)))
    return tuple(found)


def _reason(kind: SlotKind, when: Mapping[str, int], priority: PriorityClass) -> Reason:
    match kind:
        case SlotKind.TURN:
            return Reason("turn_announced", {**when, "class": priority.value})
        case SlotKind.ALL:
            return Reason("turn_of_all_announced", {**when, "class": priority.value})
        case SlotKind.HOURS:
            return Reason("waits_for_its_hours", dict(when))
