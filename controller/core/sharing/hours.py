"""Flexible loads: a feeder whose use can wait is off outside the hours that the plan gives it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from controller.core.model import SharingRules
from controller.core.sharing.quarters import Bools, Quarters, quarters_of, runs
from controller.core.sharing.slots import Slot, SlotKind

_DRAWS_FRAC = 0.05
"""Of its most: less is rounding of the solver."""


def slots_outside_hours(
    quarters: Quarters,
    draws_w: Sequence[float],
    announced: Sequence[Slot],
    rules: SharingRules,
    first: int,
) -> tuple[Slot, ...]:
    """The stretches in which a flexible feeder is off, in order.

    draws_w: what the plan lets it draw in each step, shape (n,). Its hours may move, but before the quarter
    `first` it is off only where that was announced: hours are added there, and none taken away.
    """
    off = ~_hours(quarters, draws_w, rules)
    told = np.zeros_like(off)
    for slot in announced:
        told[quarters.within(slot.from_s, slot.to_s)] = True
    off[:first] &= told[:first]
    return tuple(
        Slot(
            quarters.time_s(begin),
            quarters.time_s(end),
            SlotKind.HOURS,
            _told_at_s(quarters.time_s(begin), announced),
        )
        for begin, end in runs(off)
        if end - begin >= quarters_of(rules.min_off_s)
    )


def _hours(quarters: Quarters, draws_w: Sequence[float], rules: SharingRules) -> Bools:
    """When it is on: for the minimum time at least, and no gaps that are not worth a switching."""
    drawn_wh = quarters.drawn_wh(draws_w)
    hours: Bools = drawn_wh > _DRAWS_FRAC * max(1e-9, float(drawn_wh.max(initial=0.0)))
    least_on = max(1, quarters_of(rules.min_on_s))
    for begin, end in runs(hours):
        hours[begin : max(end, begin + least_on)] = True
    for begin, end in runs(~hours):
        if begin > 0 and end < len(hours) and end - begin < max(1, quarters_of(rules.turn_s / 2)):
            hours[begin:end] = True
    return hours


def _told_at_s(time_s: float, announced: Sequence[Slot]) -> float:
    return min((slot.announced_s for slot in announced if slot.from_s <= time_s < slot.to_s), default=0.0)
