"""The turns of one class while they are being laid out: what is off when, and who has had how many turns."""

from __future__ import annotations

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
    counts: list[int] = field(init=False)
    """Turns of each peer, with those that are announced."""
    slots: list[list[Slot]] = field(init=False)
    upto_wh: Floats = field(init=False)
    """What each peer wants up to each edge, (F, K + 1)."""

    def __post_init__(self) -> None:
        self.off = np.zeros(self.wanted_wh.shape, dtype=bool)
        self.counts = [peer.cuts for peer in self.peers]
        self.slots = [[] for _ in self.peers]
        edge = np.zeros((len(self.peers), 1))
        self.upto_wh = np.concatenate([edge, np.cumsum(self.wanted_wh, axis=1)], axis=1)

    def add(self, index: int, slot: Slot) -> None:
        """Lay a slot for a peer; a turn that has not begun counts as one."""
        self.slots[index].append(slot)
        self.off[index, self.quarters.within(slot.from_s, slot.to_s)] = True
        self.counts[index] += self._counts(index, slot)

    def lift(self, index: int, slot: Slot) -> None:
        """Take a slot away again."""
        self.slots[index].remove(slot)
        self.off[index, self.quarters.within(slot.from_s, slot.to_s)] = False
        self.counts[index] -= self._counts(index, slot)

    def _counts(self, index: int, slot: Slot) -> bool:
        """Whether a slot is a turn that the ledger does not know yet."""
        return slot.from_s > 0 or self.peers[index].on

    @property
    def due(self) -> list[int]:
        """Peers whose turn it is: nobody has had fewer."""
        least = min(self.counts)
        return [index for index, count in enumerate(self.counts) if count == least]

    @property
    def short_wh(self) -> Floats:
        """What is owed and not yet saved up to the end of each quarter, (K,); < 0: more is saved."""
        saved_wh = np.where(self.off, self.wanted_wh, 0.0).sum(axis=0)
        found: Floats = np.cumsum(self.owed_wh - saved_wh)
        return found

    def without_fracs(self) -> Floats:
        """The part of what each peer wants that it goes without, ledger and plan together, (F,)."""
        wanted = self.all_wanted_wh()
        planned_wh = np.where(self.off, self.wanted_wh, 0.0).sum(axis=1)
        without = np.array([peer.without_wh for peer in self.peers]) + planned_wh
        found: Floats = np.divide(without, wanted, out=np.zeros_like(wanted), where=wanted > 0)
        return found

    def all_wanted_wh(self) -> Floats:
        """What each peer wants, in the ledger and the plan together, (F,)."""
        found: Floats = np.array([peer.wanted_wh for peer in self.peers]) + self.upto_wh[:, -1]
        return found

    def saves_wh(self, index: int, first: int, last: int) -> float:
        """What a cut of a peer in the quarters [first, last) saves."""
        return float(self.upto_wh[index, last] - self.upto_wh[index, first])

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


def free_from(peer: Standing, least_on: int, quarters: Quarters) -> int:
    """The first quarter in which a peer may be cut: not before it has been on for least_on quarters."""
    on_s = peer.state_s if peer.on else 0.0
    return quarters.first_from(least_on * QUARTER_S - on_s)
