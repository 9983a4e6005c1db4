"""What the voices leave open: bounds that each may narrow and none may widen.

Every feeder and the genset have two states, on and off; PV has a highest fraction. A voice does not touch
the bounds: it hands in wishes, and `Bounds.narrowed` takes of them what earlier voices have left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from controller.core.model import Reason


@dataclass(frozen=True, slots=True)
class Wish:
    """What a voice wants of a feeder or the genset."""

    on: bool
    reason: Reason
    urgent: bool = False
    """It cannot wait for anything: protection."""


@dataclass(frozen=True, slots=True)
class PvWish:
    """The most a voice lets the PV inverters feed, as a fraction of their rated power."""

    max_frac: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of on and off are still allowed; at least one always is."""

    may_be_on: bool = True
    may_be_off: bool = True
    reason: Reason | None = None
    """Of the voice that settled it."""
    urgent: bool = False

    @property
    def settled(self) -> bool | None:
        """The one state left; None while both are."""
        return None if self.may_be_on and self.may_be_off else self.may_be_on

    def narrowed(self, wish: Wish) -> Choice:
        """Only what the wish wants, where nothing has been settled before."""
        if self.settled is not None:
            return self
        return Choice(wish.on, not wish.on, wish.reason, wish.urgent)


FREE = Choice()


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that one voice wants at one tick."""

    feeders: Mapping[str, Wish] = field(default_factory=dict)
    pv: tuple[PvWish, ...] = ()
    genset: Wish | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is left open after the voices heard so far."""

    feeders: Mapping[str, Choice] = field(default_factory=dict)
    """Feeder id -> choice; absent: nothing settled."""
    pv_max_frac: float = 1.0
    pv_reason: Reason | None = None
    genset: Choice = FREE

    def feeder(self, feeder_id: str) -> Choice:
        """What is left open for a feeder."""
        return self.feeders.get(feeder_id, FREE)

    def narrowed(self, wishes: Wishes) -> Bounds:
        """These bounds, cut by the wishes; never wider in any part."""
        feeders = dict(self.feeders)
        for feeder_id, wish in wishes.feeders.items():
            feeders[feeder_id] = feeders.get(feeder_id, FREE).narrowed(wish)
        genset = self.genset if wishes.genset is None else self.genset.narrowed(wishes.genset)
        return replace(_lowest_pv(self, wishes.pv), feeders=feeders, genset=genset)


def _lowest_pv(bounds: Bounds, wishes: Iterable[PvWish]) -> Bounds:
    for wish in wishes:
        if wish.max_frac < bounds.pv_max_frac:
            bounds = replace(bounds, pv_max_frac=max(0.0, wish.max_frac), pv_reason=wish.reason)
    return bounds
