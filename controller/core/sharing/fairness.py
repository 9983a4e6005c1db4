"""How evenly a class was served within the last 30 days. Pure.

Jain's index (Jain, Chiu and Hawe 1984, DEC research report TR-301): (sum of x)^2 / (n * sum of x^2), 1 when
all are alike. Here x is the served share of each household, so that a feeder weighs as many as hang on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.core.model import Feeder, Memory, PriorityClass, Tally
from controller.core.sharing.ledger import window_days


@dataclass(frozen=True, slots=True)
class Fairness:
    """The shares of one class."""

    days: float
    """That the accounts look back on."""
    spread_frac: float | None
    """The largest served share less the smallest; None where nobody wanted anything."""
    jain: float | None
    """1: all households alike; None where nobody wanted or nobody got anything."""
    accounts: Mapping[str, Tally]
    """Of each feeder."""


def fairness(feeders: Iterable[Feeder], memory: Memory) -> dict[PriorityClass, Fairness]:
    """How evenly each class was served; classes without feeders are absent."""
    classes: dict[PriorityClass, list[Feeder]] = {}
    for feeder in feeders:
        if feeder.id in memory.feeders:
            classes.setdefault(feeder.priority, []).append(feeder)
    return {priority: _of_class(peers, memory) for priority, peers in classes.items()}


def _of_class(peers: Iterable[Feeder], memory: Memory) -> Fairness:
    accounts, shares = dict[str, Tally](), list[tuple[float, int]]()
    for feeder in peers:
        accounts[feeder.id] = account = memory.feeders[feeder.id].ledger.window
        if account.served_frac is not None:
            shares.append((account.served_frac, feeder.households))
    served = [served_frac for served_frac, _ in shares]
    return Fairness(
        days=window_days(memory.lived_s),
        spread_frac=max(served) - min(served) if served else None,
        jain=jain_index(shares),
        accounts=accounts,
    )


def jain_index(shares: Iterable[tuple[float, int]]) -> float | None:
    """Jain's index of (share, how many have it); None where all shares are 0 or there are none."""
    shares = list(shares)
    count = sum(weight for _, weight in shares)
    total = sum(share * weight for share, weight in shares)
    squares = sum(share * share * weight for share, weight in shares)
    return None if squares <= 0 else min(1.0, total * total / (count * squares))
