"""Announced turns: from the energy that each class goes without to feeders that are off, and when. Pure.

Energy is rounded to cuts cumulatively: a feeder is cut once the energy owed exceeds half of what its cut
would save, so that what is saved never strays from what is asked by more than one turn of a feeder. Turns go
round: nobody is cut twice before every peer was once. Within a round the dearest hours go to who has been
served best in 30 days, and a turn is shortened or lengthened where that brings the shares together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.core.model import PriorityClass, SharingRules
from controller.core.sharing.draft import Draft, free_from
from controller.core.sharing.hours import slots_outside_hours
from controller.core.sharing.promises import keep_promises
from controller.core.sharing.quarters import Floats, Quarters, quarters_of, runs
from controller.core.sharing.slots import Needs, Slot, SlotKind, Standing

_ALL_FRAC = 0.95
"""A class that goes without so much of what it wants is off altogether."""
_LEAST_ALL = 2
"""Quarters for which that must last."""
_LOOK_AHEAD = 16
"""Quarters over which scarcity is judged for the length of turns."""
_MOST_SCARCE_FRAC = 0.9
_ALIKE_FRAC = 0.002
"""Shares that differ by less are alike: then the phases decide."""
_DAY = 96


def schedule_turns(
    standing: Sequence[Standing],
    rules: SharingRules,
    needs: Needs,
    announced: Mapping[str, Sequence[Slot]],
    *,
    open_from_s: float,
) -> dict[str, tuple[Slot, ...]]:
    """Who is off when: the slots of each feeder in order of time; a feeder without any is absent.

    announced: what people were told and what has not been lifted. Those slots come back as they were or not
    at all (lifted, as the energy is not needed any more); only flexible loads may get back hours of theirs.
    open_from_s: before it nothing is added to them (as far as was announced; 0 when nothing was). Raises
    KeyError for a feeder without `Needs.wanted_w`. Deterministic.
    """
    quarters, found = Quarters(np.asarray(needs.edges_s, dtype=float)), dict[str, tuple[Slot, ...]]()
    first = quarters.first_from(max(0.0, open_from_s))
    waiting = [peer for peer in standing if peer.id in needs.draws_w]
    for peer in waiting:
        before = announced.get(peer.id, ())
        slots = slots_outside_hours(quarters, needs.draws_w[peer.id], before, rules, first)
        if slots:
            found[peer.id] = slots
    for priority in PriorityClass:
        peers = [peer for peer in standing if peer.priority is priority and peer not in waiting]
        if peers:
            draft = _draft(peers, quarters, needs, priority)
            keep_promises(draft, announced)
            _cut_all(draft, first)
            _Turns(draft, rules).lay_out(first)
            found.update(draft.result())
    return found


def _draft(peers: Sequence[Standing], quarters: Quarters, needs: Needs, priority: PriorityClass) -> Draft:
    owed = needs.without_wh.get(priority)
    return Draft(
        peers=peers,
        quarters=quarters,
        wanted_wh=np.array([quarters.drawn_wh(needs.wanted_w[peer.id]) for peer in peers]),
        owed_wh=np.zeros(quarters.count) if owed is None else quarters.energies_wh(owed),
    )


def _cut_all(draft: Draft, first: int) -> None:
    """Where a class goes without nearly everything its feeders are off together."""
    wanted_wh = draft.wanted_wh.sum(axis=0)
    dark = (draft.owed_wh >= _ALL_FRAC * wanted_wh) & (draft.owed_wh > 0)
    dark[:first] = False
    for begin, end in runs(dark):
        if end - begin < _LEAST_ALL:
            continue
        for index in range(len(draft.peers)):
            left = np.zeros_like(dark)
            left[begin:end] = ~draft.off[index, begin:end]
            for part in runs(left):
                draft.cut(index, *part, SlotKind.ALL)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A cut that might be laid."""

    index: int
    last: int
    saves_wh: float
    gap: float
    """How far its peer's share would be from what all are to have at the end of the round."""


class _Turns:
    """Lays out the turns of one class."""

    def __init__(self, draft: Draft, rules: SharingRules) -> None:
        self._draft = draft
        self._turn = max(1, quarters_of(rules.turn_s))
        self._least_off = max(1, quarters_of(rules.min_off_s))
        self._least_on = max(1, quarters_of(max(rules.min_on_s, rules.turn_s / 2)))
        self._most_switchings = rules.most_switchings_per_day
        self._free = [free_from(peer, self._least_on, draft.quarters) for peer in draft.peers]
        households = np.array([float(peer.households) for peer in draft.peers])
        self._weights = households / households.sum()
        wanted = draft.wanted_wh.sum(axis=0)
        self._dear_wh = float(wanted @ draft.owed_wh / max(1e-9, draft.owed_wh.sum()))
        """What the class wants in a quarter, where energy is owed."""
        self._owed_upto = np.concatenate([[0.0], np.cumsum(draft.owed_wh)])
        self._wanted_upto = np.concatenate([[0.0], np.cumsum(wanted)])

    def lay_out(self, first: int) -> None:
        """Add turns from a quarter on, wherever the energy owed asks for one."""
        draft, count = self._draft, self._draft.quarters.count
        if not draft.owed_wh.any():
            return
        for begin in range(first, count):
            usual = self._usual_length(begin)
            while draft.short_wh[begin : begin + 2 * usual].max() > 0:
                turn = self._next(begin, usual)
                if turn is None or not self._is_asked_for(begin, turn):
                    break
                draft.cut(turn.index, begin, turn.last, SlotKind.TURN)

    def _is_asked_for(self, begin: int, turn: _Turn) -> bool:
        """Whether at its end more than half of it is owed, and saving is never ahead by all of it."""
        draft = self._draft
        if draft.short_wh[turn.last - 1] <= turn.saves_wh / 2:
            return False
        ahead_wh = draft.short_wh[begin : begin + _LOOK_AHEAD].copy()
        saved_wh = np.cumsum(draft.wanted_wh[turn.index, begin : turn.last])[: len(ahead_wh)]
        ahead_wh[: len(saved_wh)] -= saved_wh
        ahead_wh[len(saved_wh) :] -= turn.saves_wh
        return bool(ahead_wh.min() >= -turn.saves_wh)

    def _next(self, begin: int, usual: int) -> _Turn | None:
        """The turn that would be cut in a quarter; None when nobody may be cut whose turn it is."""
        able = [index for index in self._draft.due if self._room(index, begin) >= self._least_off]
        if not able:
            return None
        without = self._draft.without_fracs()
        goal = self._goal(without, usual)
        turns = [
            turn
            for index in able
            if (turn := self._turn_of(index, begin, usual, goal - float(without[index]))) is not None
        ]
        if len(turns) < 2:
            return turns[0] if turns else None
        return min(
            turns,
            key=lambda turn: (round(turn.gap / _ALIKE_FRAC), self._imbalance(begin, turn.index), turn.gap),
        )

    def _turn_of(self, index: int, begin: int, usual: int, due_frac: float) -> _Turn | None:
        """The turn of a peer from a quarter on, of the length that brings its share nearest to the goal.

        due_frac: what it is still to go without, of what it wants.
        """
        draft = self._draft
        room = self._room(index, begin)
        shortest, longest = max(self._least_off, (usual + 1) // 2), min(2 * usual, room)
        wanted_wh = float(draft.all_wanted_wh[index])
        if longest < shortest or wanted_wh <= 0:
            return None
        ends = range(begin + shortest, begin + longest + 1)
        gaps = [abs(due_frac - draft.saves_wh(index, begin, end) / wanted_wh) for end in ends]
        last = ends[int(np.argmin(gaps))]
        if not draft.fits(index, begin, last, self._most_switchings):
            return None
        usual_wh = draft.saves_wh(index, begin, min(begin + usual, begin + room))
        gap = abs(due_frac - usual_wh / wanted_wh)
        saves_wh = draft.saves_wh(index, begin, last)
        return _Turn(index, last, saves_wh, gap) if saves_wh > 0 else None

    def _room(self, index: int, begin: int) -> int:
        """For how many quarters a peer can be cut from one on: light between two cuts is no crumb."""
        off = self._draft.off[index]
        if begin < self._free[index] or off[max(0, begin - self._least_on) : begin + 1].any():
            return 0
        later = np.flatnonzero(off[begin:])
        end = len(off) if not later.size else begin + int(later[0]) - self._least_on
        return end - begin

    def _usual_length(self, begin: int) -> int:
        """Quarters of a turn: longer where most must be off at once, or it took too many switchings."""
        scarce = self._scarcity(begin, _LOOK_AHEAD)
        stretched = self._turn * max(1.0, scarce / (1.0 - scarce))
        fewest = 1.2 * _DAY * self._scarcity(begin, _DAY) / max(1.0, self._most_switchings / 2)
        return max(1, round(max(stretched, fewest)))

    def _scarcity(self, begin: int, length: int) -> float:
        """The part of what the class wants that it is to go without, over some quarters."""
        end = min(begin + length, self._draft.quarters.count)
        wanted_wh = self._wanted_upto[end] - self._wanted_upto[begin]
        owed_wh = self._owed_upto[end] - self._owed_upto[begin]
        return 0.0 if wanted_wh <= 0 else min(_MOST_SCARCE_FRAC, float(owed_wh / wanted_wh))

    def _goal(self, without: Floats, usual: int) -> float:
        """The part that every peer is to go without once this round is over."""
        draft = self._draft
        a_turn = self._dear_wh * usual / max(1e-9, float(draft.all_wanted_wh.sum()))
        ahead = a_turn * sum(float(self._weights[index]) for index in draft.due)
        return float(without @ self._weights) + ahead

    def _imbalance(self, begin: int, index: int) -> float:
        """How uneven the phases are among those left on when a peer is cut [Wh]; 0 where none is named."""
        draft, phases = self._draft, dict[int, float]()
        for other, peer in enumerate(draft.peers):
            if peer.phase is not None:
                on = other != index and not draft.off[other, begin]
                phases[peer.phase] = phases.get(peer.phase, 0.0) + on * float(draft.wanted_wh[other, begin])
        return max(phases.values()) - min(phases.values()) if phases else 0.0
