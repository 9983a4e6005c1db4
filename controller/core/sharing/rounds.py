"""Rounds: nobody is cut in turn twice before every peer was once. Pure.

Each feeder has a count of its cuts, kept from the least within its class: whoever has 0 is next. What
protection cut for as long as a turn counts as a turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from controller.core.model import Feeder, FeederMemory, Tally
from controller.core.sharing.ledger import DAY_S

MOST_AHEAD = 3
"""So many rounds at most a feeder is spared for what protection took from it."""


def switched(past: FeederMemory, *, on: bool, in_turn: bool, lived_s: float) -> FeederMemory:
    """The memory of a feeder that is switched now; in_turn: to share, not by protection."""
    count = past.cuts + (in_turn and not on)
    times_s = past.switched_s
    if in_turn:
        times_s = (*(time_s for time_s in times_s if lived_s - time_s < DAY_S), lived_s)
    return replace(past, closed=on, state_s=0.0, mismatch_s=0.0, cuts=count, switched_s=times_s)


def switchings_of_day(past: FeederMemory, lived_s: float) -> int:
    """How often a feeder was switched in turn within the last 24 h."""
    return sum(lived_s - time_s < DAY_S for time_s in past.switched_s)


def cuts_by_protection(before: Tally, after: Tally, turn_s: float) -> int:
    """How many turns protection's cuts of one day have come to between two moments, rounded."""
    return max(0, round(after.protection_s / turn_s) - round(before.protection_s / turn_s))


def levelled(feeders: Iterable[Feeder], memories: Mapping[str, FeederMemory]) -> dict[str, FeederMemory]:
    """The memories with the counts of each class taken from its least."""
    level, classes = dict(memories), dict[str, list[str]]()
    for feeder in feeders:
        if memories[feeder.id].closed is not None:
            classes.setdefault(feeder.priority, []).append(feeder.id)
    for ids in classes.values():
        least = min(memories[feeder_id].cuts for feeder_id in ids)
        for feeder_id in ids:
            count = min(memories[feeder_id].cuts - least, MOST_AHEAD)
            if count != memories[feeder_id].cuts:
                level[feeder_id] = replace(memories[feeder_id], cuts=count)
    return level
