"""What may happen to the village in a step table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from made_plan import make_plan

from simulation.faults import Fault, FaultKind

if TYPE_CHECKING:
    from step_table import Stage

Act = Callable[["Stage"], None]


def load(feeder: str, watts: float, for_s: float) -> Act:
    """Somebody on a feeder switches something on."""
    return lambda stage: stage.direct.village.add_load(feeder, watts, for_s)


def soc(frac: float) -> Act:
    """The battery is found at this state of charge."""
    return lambda stage: stage.direct.village.set_soc(frac)


def breaks(kind: FaultKind, target: str, for_s: float | None = None) -> Act:
    """A fault; None: until it is healed."""

    def act(stage: Stage) -> None:
        until_s = None if for_s is None else stage.direct.village.now_s + for_s
        stage.direct.inject(Fault(kind, target, until_s))

    return act


def healed(target: str | None = None) -> Act:
    """What was broken is whole again."""

    def act(stage: Stage) -> None:
        stage.direct.faults.clear(target)

    return act


def panel(mode: int) -> Act:
    """Somebody turns the switch at the genset's panel: 0 stop, 1 auto, 2 manual."""

    def act(stage: Stage) -> None:
        engine = stage.direct.village.genset
        assert engine is not None
        engine.set_mode(mode)

    return act


def controller_stops() -> Act:
    """The controller's process is gone; whatever stands in the field stays."""

    def act(stage: Stage) -> None:
        stage.controlled = False

    return act


def controller_starts(*, with_memory: bool = True) -> Act:
    """A new controller after a reboot, with what the old one had saved or without."""
    return lambda stage: stage.restart(with_memory=with_memory)


def calendar_jumps(by_s: float) -> Act:
    """The wall clock is wrong by so much from now on."""

    def act(stage: Stage) -> None:
        stage.wall_skew_s = by_s

    return act


def planned(**plan: Any) -> Act:
    """The planner delivers a plan, made up for the story (`made_plan`); hours count from now."""

    def act(stage: Stage) -> None:
        stage.plan = make_plan(stage.monotonic_s, **plan)

    return act
