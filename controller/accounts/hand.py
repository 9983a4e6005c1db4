"""Meters that are read by hand: energy between the readings that somebody typed in. Pure.

A reading counts as of the beginning of its day, so that one of the first of a month closes the month before.
What passed between two readings counts in the month of the later one: how it was spread nobody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from controller.accounts.ledger import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class MeterChange:
    """A meter that was replaced, or begun anew."""

    day: date
    old_wh: float
    """What it showed last [Wh]."""
    new_wh: float
    """What the new one showed first [Wh]."""


@dataclass(frozen=True, slots=True)
class HandReading:
    """What a meter showed at the beginning of a day."""

    day: date
    wh: int


@dataclass(frozen=True, slots=True)
class HandEnergy:
    """Energy by typed readings."""

    wh: int
    opening: HandReading
    closing: HandReading
    changes: tuple[MeterChange, ...]


def hand_energy(entries: Sequence[Entry], start: date, end: date) -> HandEnergy | None:
    """Energy of one household by its readings from start to end, both days' beginnings; None: no reading.

    entries: those of the household that count, in any order.
    """
    events = _events(entries)
    within = [pair for pair in pairwise(events) if start < pair[1].day <= end]
    if not within:
        return None
    opening, closing = within[0][0], within[-1][1]
    changes = tuple(
        MeterChange(event.day, event.params["old_wh"], event.params["new_wh"])
        for _, event in within
        if event.kind is EntryKind.REPLACEMENT
    )
    return HandEnergy(
        sum(_closed_at(after) - _opened_at(before) for before, after in within),
        HandReading(opening.day, _opened_at(opening)),
        HandReading(closing.day, _opened_at(closing)),
        changes,
    )


def newest_reading(entries: Sequence[Entry]) -> HandReading | None:
    """What the household's meter showed at the newest reading; None before the first."""
    events = _events(entries)
    return HandReading(events[-1].day, _opened_at(events[-1])) if events else None


def _events(entries: Sequence[Entry]) -> list[Entry]:
    """Readings and replacements in the order of their days."""
    kinds = (EntryKind.READING, EntryKind.REPLACEMENT)
    return sorted((each for each in entries if each.kind in kinds), key=lambda each: (each.day, each.number))


def _closed_at(event: Entry) -> int:
    return int(event.params["wh" if event.kind is EntryKind.READING else "old_wh"])


def _opened_at(event: Entry) -> int:
    return int(event.params["wh" if event.kind is EntryKind.READING else "new_wh"])
