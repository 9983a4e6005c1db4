"""Good and bad hours for heavy uses: where energy is to spare, and where it costs light or diesel. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.core.model import Reason
from controller.planner.plan_calendar import Steps
from controller.planner.plan_now import WAITS, AnnouncedCut
from controller.planner.plan_runs import stretches
from forecasting.grid import HOUR_S, Bools, Floats

SPARE_PART = 0.25
"""Below this part of what it costs to replace energy it is to spare: most likely nobody misses it."""
DEAR_PART = 0.9
"""Above, each kWh used is one that diesel or somebody's light pays for."""
SHORTEST_S = HOUR_S
"""Shorter good times are not worth a walk to the rice mill."""
_AHEAD_S = 24 * HOUR_S
"""People are told of the coming day."""


@dataclass(frozen=True, slots=True)
class HeavyUse:
    """A stretch of time that is good or bad for heavy uses; Unix seconds."""

    from_s: int
    to_s: int
    good: bool
    reason: Reason


def heavy_use(
    steps: Steps, price_per_wh: Floats, replacement_per_wh: float, strained: Bools
) -> tuple[HeavyUse, ...]:
    """The stretches of the coming day, in order of time.

    price_per_wh: what another Wh costs in each step; replacement_per_wh: the cheapest way to replace one;
    strained: steps in which the genset runs or somebody is off. All shape (n,) but the second.
    """
    near = steps.edges_s[:-1] < steps.begin_s + _AHEAD_S
    good = near & (price_per_wh <= SPARE_PART * replacement_per_wh) & ~strained
    bad = near & ((price_per_wh >= DEAR_PART * replacement_per_wh) | strained)
    good_times = _lasting(steps, good)
    found = [
        HeavyUse(from_s, to_s, True, Reason("heavy_use_good", _when(steps, from_s, to_s)))
        for from_s, to_s in good_times
    ]
    for from_s, to_s in _lasting(steps, bad):
        better = next((start_s for start_s, _ in good_times if start_s >= to_s), None)
        when = _when(steps, from_s, to_s)
        reason = (
            Reason("heavy_use_bad", when)
            if better is None
            else Reason("heavy_use_bad_until", {**when, "better": steps.clock_s(better)})
        )
        found.append(HeavyUse(from_s, to_s, False, reason))
    return tuple(sorted(found, key=lambda stretch: stretch.from_s))


def _lasting(steps: Steps, holds: Bools) -> list[tuple[int, int]]:
    times = [(int(steps.edges_s[first]), int(steps.edges_s[last])) for first, last in stretches(holds)]
    return [(from_s, to_s) for from_s, to_s in times if to_s - from_s >= SHORTEST_S]


def _when(steps: Steps, from_s: int, to_s: int) -> dict[str, int]:
    return {"start": steps.clock_s(from_s), "end": steps.clock_s(to_s)}


def strained_steps(
    steps: Steps, genset_on: tuple[bool, ...], cuts: Mapping[str, Sequence[AnnouncedCut]]
) -> Bools:
    """Steps in which the genset runs or somebody is off to share, shape (n,)."""
    strained = np.array(genset_on or (False,) * steps.count)
    for cut in (each for told in cuts.values() for each in told if each.reason.code != WAITS):
        strained |= steps.share_of(cut.from_s, cut.to_s) > 0
    return strained
