"""The default rules' turns: who is on now, without foresight. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from controller.core.model import SharingRules

_LONGER = ((0.5, 1.0), (0.75, 2.0), (math.inf, 4.0))
"""(Below such a part of the day's switchings, a turn is so much longer.)"""


@dataclass(frozen=True, slots=True)
class Share:
    """A feeder as its class sees it."""

    id: str
    on: bool
    served_frac: float
    """Of what it wanted within the last 30 days."""
    cut_s: float
    """When it was last cut in turn; minus infinity: never."""
    turns_off: int
    """For how many whole turns it has been off without a break; 0 while on."""
    households: int
    lock_s: float = 0.0
    """For how much longer it stays as it is, as it has just been switched."""
    switchings: int = 0
    """In turn, within the last 24 hours."""

    @property
    def locked(self) -> bool:
        """Whether it stays as it is for now."""
        return self.lock_s > 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a class stands in its present turn."""

    new: bool
    """Whether another begins now."""
    passed_s: float
    length_s: float

    @property
    def left_s(self) -> float:
        """Until the next."""
        return self.length_s - self.passed_s


def turn(passed_s: float, shares: Sequence[Share], rules: SharingRules) -> Turn:
    """The turn of a class once passed_s of it are over.

    Turns become longer the more of a day's switchings are used up, so that these last for the day: with one
    switching a turn half of them take as many turns, a quarter twice and the last quarter four times as long.
    """
    used_frac = max((share.switchings for share in shares), default=0) / rules.most_switchings_per_day
    length_s = rules.turn_s * next(factor for upto, factor in _LONGER if used_frac < upto)
    new = passed_s >= length_s
    return Turn(new, 0.0 if new else passed_s, length_s)


def ranked(shares: Sequence[Share]) -> list[Share]:
    """Who is served first: who has been off for the most turns, then who was served least in 30 days.

    On a tie who is off, then the larger group.
    """
    return sorted(
        shares, key=lambda share: (-share.turns_off, share.served_frac, share.on, -share.households, share.id)
    )


def next_to_cut(shares: Sequence[Share]) -> list[Share]:
    """Who goes without first: who was cut longest ago, then who was served best in 30 days."""
    return sorted(shares, key=lambda share: (share.cut_s, -share.served_frac, share.households, share.id))


def choose(shares: Sequence[Share], allowed: int, *, new_turn: bool) -> frozenset[str]:
    """Which feeders are to be on, at most `allowed` but for those that may not be opened yet.

    Within a turn nobody is exchanged: feeders are only added or taken away as the allowance moves. With a new
    turn those that wait take the places of those whose turn it is to go without. Nobody is cut before a peer
    whose turn it is, though that one may still have to stay on for a while, unless all must go.
    """
    on = [share for share in next_to_cut(shares) if share.on]
    waiting = [share for share in ranked(shares) if not share.on and not share.locked]
    leaving = [share for share in (on if allowed == 0 else takewhile(_free, on)) if not share.locked]
    excess = len(on) - allowed + (len(waiting) if new_turn else 0)
    gone = {share.id for share in leaving[: max(0, excess)]}
    kept = [share for share in on if share.id not in gone]
    places = max(0, allowed - len(kept))
    return frozenset(share.id for share in (*kept, *waiting[:places]))


def _free(share: Share) -> bool:
    return not share.locked


def leaves_s(shares: Sequence[Share], leaving: Share) -> float:
    """How long until a feeder that is on goes off, as it waits for who goes before it [s]."""
    return max(share.lock_s for share in shares if share.on and share.cut_s <= leaving.cut_s)


def wait_s(shares: Sequence[Share], feeder_id: str, allowed: int, turn: Turn) -> float:
    """About how long until the turn of a feeder that is off [s], if the battery stays as it is."""
    waiting = [share.id for share in ranked(shares) if not share.on or share.id == feeder_id]
    return turn.left_s + waiting.index(feeder_id) // max(1, allowed) * turn.length_s
