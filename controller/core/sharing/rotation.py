"""The default rules' turns: who is on now, without foresight. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


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
    locked: bool
    """It has just been switched and stays as it is for now."""


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


def wait_s(
    shares: Sequence[Share], feeder_id: str, allowed: int, *, turn_s: float, turn_left_s: float
) -> float:
    """About how long until the turn of a feeder that is off [s], if the battery stays as it is."""
    waiting = [share.id for share in ranked(shares) if not share.on or share.id == feeder_id]
    return turn_left_s + waiting.index(feeder_id) // max(1, allowed) * turn_s
