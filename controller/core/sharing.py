"""Fair shares: how many feeders of a class may be on, and whose turn it is. Pure.

A debt is the time without power owed to *each* household of a feeder, in seconds. It is not multiplied by the
number of households: a household's share must not depend on how many neighbours hang on the same line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.model import ClassRules

FORGETTING_S = 14 * 86400.0
"""Time constant with which debts fade."""


@dataclass(frozen=True, slots=True)
class Share:
    """A feeder as its class sees it."""

    id: str
    on: bool
    debt_s: float
    households: int
    locked: bool
    """It has just been switched and stays as it is for now."""


def allowed_by_soc(
    rules: ClassRules, count: int, soc_frac: float, hysteresis_frac: float, before: int | None
) -> int:
    """How many of a class's `count` feeders the battery lets on.

    All above the ration threshold, none below the off threshold; between them the part that SoC has come from
    the one to the other, rounded up. More are allowed only when that holds with the hysteresis taken off.
    """
    most = _graded(rules, count, soc_frac)
    if before is None:
        return most
    least = _graded(rules, count, soc_frac - hysteresis_frac)
    return min(max(before, least), most)


def _graded(rules: ClassRules, count: int, soc_frac: float) -> int:
    if soc_frac >= rules.ration_below_soc_frac:
        return count
    if soc_frac < rules.off_below_soc_frac:
        return 0
    part = (soc_frac - rules.off_below_soc_frac) / (rules.ration_below_soc_frac - rules.off_below_soc_frac)
    return max(1, math.ceil(part * count - 1e-9))


def ranked(shares: Sequence[Share]) -> list[Share]:
    """Who is served first: the largest debt; on a tie who is off, then the larger group."""
    return sorted(shares, key=lambda share: (-share.debt_s, share.on, -share.households))


def choose(shares: Sequence[Share], allowed: int, *, new_turn: bool) -> frozenset[str]:
    """Which feeders are to be on, at most `allowed` but for those that may not be opened yet.

    Within a turn nobody is exchanged: feeders are only added or taken away as the allowance moves. With a new
    turn the ones longest without power take the places.
    """
    kept = [share for share in shares if share.on and share.locked]
    free = [share for share in ranked(shares) if not share.locked]
    if not new_turn:
        free.sort(key=lambda share: not share.on)
    places = max(0, allowed - len(kept))
    return frozenset(share.id for share in (*kept, *free[:places]))


def wait_s(
    shares: Sequence[Share], feeder_id: str, allowed: int, *, turn_s: float, turn_left_s: float
) -> float:
    """About how long until the turn of a feeder that is off [s], if the battery stays as it is."""
    waiting = [share.id for share in ranked(shares) if not share.on or share.id == feeder_id]
    return turn_left_s + waiting.index(feeder_id) // max(1, allowed) * turn_s
