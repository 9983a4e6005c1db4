"""The turns of one class while they are being laid out: what is off when, and who has had how many turns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from controller.core.sharing.ledger import DAY_S
from controller.core.sharing.quarters import QUARTER_S, Bools, Floats, Quarters
from controller.core.sharing.slots import Slot, SlotKind, Standing


@dataclass(slots=True, eq=False)
class Draft:
    """One class: F peers, K quarters. Grows slot by slot."""

    peers: Sequence[Standing]
    quarters: Quarters
    wanted_wh: Floats
    """(F, K)."""
    owed_wh: Floats
    """What the class is to go without, (K,)."""
    off: Bools = field(init=False)
    last_cut_s: list[float] = field(init=False)
    """When each peer is cut last in turn; minus infinity: never. What cuts all changes no order."""
    slots: list[list[Slot]] = field(init=False)
    short_wh: Floats = field(init=False)
    """What is owed and not yet saved up to the end of each quarter, (K,); < 0: more is saved."""
    all_wanted_wh: Floats = field(init=False)
    """What each peer wants, in the ledger and the plan together, (F,)."""
    _without_wh: Floats = field(init=False)
    _upto_wh: Floats = field(init=False)
    """What each peer wants up to each edge, (F, K + 1)."""

    def __post_init__(self) -> None:
        edge = np.zeros((len(self.peers), 1))
        self.off = np.zeros(self.wanted_wh.shape, dtype=bool)
        self.last_cut_s = [_never_if_none(peer.cut_s) for peer in self.peers]
        self.slots = [[] for _ in self.peers]
        self.short_wh = np.cumsum(self.owed_wh)
        self.all_wanted_wh = np.array([peer.wanted_wh for peer in self.peers]) + self.wanted_wh.sum(axis=1)
        self._without_wh = np.array([peer.without_wh for peer in self.peers], dtype=float)
        self._upto_wh = np.concatenate([edge, np.cumsum(self.wanted_wh, axis=1)], axis=1)

    def add(self, index: int, slot: Slot) -> None:
        """Lay a slot for a peer."""
        self.slots[index].append(slot)
        self._date(index)
        self._mark(index, slot, off=True)

    def lift(self, index: int, slot: Slot) -> None:
        """Take a slot away again."""
        self.slots[index].remove(slot)
        self._date(index)
        self._mark(index, slot, off=False)

    def _date(self, index: int) -> None:
        turns = [slot for slot in self.slots[index] if slot.kind is SlotKind.TURN]
        times_s = [slot.from_s for slot in turns if not self.has_begun(index, slot)]
        self.last_cut_s[index] = max([_never_if_none(self.peers[index].cut_s), *times_s])

    def has_begun(self, index: int, slot: Slot) -> bool:
        """Whether a peer is off for a slot already: then it is known when it was cut."""
        return slot.from_s <= 0 and not self.peers[index].on

    def _mark(self, index: int, slot: Slot, *, off: bool) -> None:
        """Note where a slot saves; slots of a peer never overlap."""
        stretch = self.quarters.within(slot.from_s, slot.to_s)
        saved_wh = self.wanted_wh[index, stretch] * (1.0 if off else -1.0)
        self.off[index, stretch] = off
        self.short_wh[stretch] -= np.cumsum(saved_wh)
        self.short_wh[stretch.stop :] -= saved_wh.sum()
        self._without_wh[index] += saved_wh.sum()

    @property
    def due(self) -> list[int]:
        """Peers whose turn it is: nobody was cut longer ago."""
        first_s = min(self.last_cut_s)
        return [index for index, cut_s in enumerate(self.last_cut_s) if cut_s == first_s]

    def without_fracs(self) -> Floats:
        """The part of what each peer wants that it goes without, ledger and plan together, (F,)."""
        wanted = self.all_wanted_wh
        found: Floats = np.divide(self._without_wh, wanted, out=np.zeros_like(wanted), where=wanted > 0)
        return found

    def saves_wh(self, index: int, first: int, last: int) -> float:
        """What a cut of a peer in the quarters [first, last) saves."""
        return float(self._upto_wh[index, last] - self._upto_wh[index, first])

    def fits(self, index: int, first: int, last: int, most_switchings: int) -> bool:
        """Whether another cut keeps within the switchings of any 24 hours."""
        times = [time_s for slot in self.slots[index] for time_s in (slot.from_s, slot.to_s)]
        times += [*self.peers[index].switched_s, self.quarters.time_s(first), self.quarters.time_s(last)]
        times.sort()
        spans = zip(times, times[most_switchings:], strict=False)
        return all(later - earlier >= DAY_S for earlier, later in spans)

    def cut(self, index: int, first: int, last: int, kind: SlotKind) -> None:
        """Lay a new slot over the quarters [first, last)."""
        self.add(index, Slot(self.quarters.time_s(first), self.quarters.time_s(last), kind))

    def result(self) -> Mapping[str, tuple[Slot, ...]]:
        """The slots of each peer, in order of time; peers without any are absent."""
        return {
            peer.id: tuple(sorted(slots, key=lambda slot: slot.from_s))
            for peer, slots in zip(self.peers, self.slots, strict=True)
            if slots
        }


def _never_if_none(time_s: float | None) -> float:
    return -math.inf if time_s is None else time_s


def free_from(peer: Standing, least_on: int, quarters: Quarters) -> int:
    """The first quarter in which a peer may be cut: not before it has been on for least_on quarters."""
    on_s = peer.state_s if peer.on else 0.0
    return quarters.first_from(least_on * QUARTER_S - on_s)
