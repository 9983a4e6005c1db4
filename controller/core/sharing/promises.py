"""What was announced is kept, or lifted where the energy is not needed: never shifted or shortened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from controller.core.sharing.draft import Draft
from controller.core.sharing.slots import Slot, SlotKind

_SPARE_FRAC = 1.0
"""A cut is lifted when so much of what it saves is to spare besides: a plan that wavers lifts few."""
_LITTLE_FRAC = 0.25
"""A plan that asks for less than so much of it asks for nothing."""
_BANKED = 24
"""Quarters within which energy saved earlier serves as well: about a night in the battery."""


@dataclass(frozen=True, slots=True)
class _Promise:
    """A cut that was announced."""

    index: int
    slot: Slot


def keep_promises(draft: Draft, announced: Mapping[str, Sequence[Slot]]) -> None:
    """Lay what was announced and is still needed; over the rest people are glad.

    Of cuts at the same time those of whoever has been served least are lifted first. None is lifted where
    another would then be cut twice before its peer was once.
    """
    promises = _in_order(draft, announced)
    for promise in promises:
        draft.add(promise.index, promise.slot)
    for promise in promises:
        left = [other for other in promises if other is not promise]
        if not _needed(draft, promise) and _breaches(draft, left) <= _breaches(draft, promises):
            draft.lift(promise.index, promise.slot)
            promises = left


def _in_order(draft: Draft, announced: Mapping[str, Sequence[Slot]]) -> list[_Promise]:
    without = draft.without_fracs()
    promises = [
        _Promise(index, slot)
        for index, peer in enumerate(draft.peers)
        for slot in announced.get(peer.id, ())
        if slot.to_s > max(0.0, draft.quarters.begin_s) and slot.kind is not SlotKind.HOURS
    ]
    return sorted(promises, key=lambda each: (each.slot.from_s, -without[each.index], each.index))


def _needed(draft: Draft, promise: _Promise) -> bool:
    """Whether energy would lack without a cut, at its end or while what it saves lasts; or nearly.

    One that has begun is left to who sees the battery: `controller.core.lifting`.
    """
    if promise.slot.from_s <= 0:
        return True
    stretch = draft.quarters.within(promise.slot.from_s, promise.slot.to_s)
    saves_wh = draft.saves_wh(promise.index, stretch.start, stretch.stop)
    if draft.owed_wh[: stretch.stop + _BANKED].sum() < _LITTLE_FRAC * saves_wh:
        return False
    lacking_wh = draft.short_wh[stretch.stop - 1 : stretch.stop + _BANKED].max() + saves_wh
    return bool(lacking_wh > -_SPARE_FRAC * saves_wh)


def _breaches(draft: Draft, promises: Sequence[_Promise]) -> int:
    """How often somebody would be cut twice before every peer was once."""
    last_s, breaches = {index: peer.cut_s for index, peer in enumerate(draft.peers)}, 0
    coming = [each for each in promises if not draft.has_begun(each.index, each.slot)]
    for begin_s, together in groupby(coming, key=lambda each: each.slot.from_s):
        cut = [each.index for each in together]
        before = [last_s[index] for index in cut]
        last_s.update(dict.fromkeys(cut, begin_s))
        for before_s in before:
            if before_s is not None:
                breaches += any(other_s is None or other_s < before_s for other_s in last_s.values())
    return breaches
