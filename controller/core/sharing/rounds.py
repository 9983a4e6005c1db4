"""Whose turn it is: nobody is cut in turn twice before every peer was once. Pure.

Whoever was cut longest ago is next. What protection cut for as long as a turn counts as one.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.model import FeederMemory, Tally
from controller.core.sharing.ledger import DAY_S


def switched(past: FeederMemory, *, on: bool, in_turn: bool, lived_s: float) -> FeederMemory:
    """The memory of a feeder that is switched now; in_turn: to share, not by protection."""
    times_s, cut_s = past.switched_s, past.cut_s
    if in_turn:
        times_s = (*(time_s for time_s in times_s if lived_s - time_s < DAY_S), lived_s)
        cut_s = cut_s if on else lived_s
    return replace(past, closed=on, state_s=0.0, mismatch_s=0.0, cut_s=cut_s, switched_s=times_s)


def switchings_of_day(past: FeederMemory, lived_s: float) -> int:
    """How often a feeder was switched in turn within the last 24 h."""
    return sum(lived_s - time_s < DAY_S for time_s in past.switched_s)


def had_a_turn(before: Tally, after: Tally, turn_s: float) -> bool:
    """Whether what protection cut within a day has just come to another turn, rounded."""
    return round(after.protection_s / turn_s) > round(before.protection_s / turn_s)
