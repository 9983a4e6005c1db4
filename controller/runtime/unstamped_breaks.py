"""Breaks of counters that wait for the right time: they outlive the process within one boot of the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from controller.core.counters import BreakKind, CounterBreak
from controller.telemetry.schema import SeriesKey

NOTE = "unstamped_counter_breaks"
"""Key of the store's notes."""

Unstamped = tuple[SeriesKey, CounterBreak]


def noted(breaks: Sequence[Unstamped], boot_id: str) -> dict[str, Any]:
    """The note that tells of breaks of this boot."""
    return {
        "boot_id": boot_id,
        "breaks": [
            [*key, each.kind.value, each.read_s, each.before_wh, each.after_wh, each.offset_wh]
            for key, each in breaks
        ],
    }


def told(note: Mapping[str, Any] | None, boot_id: str) -> list[Unstamped]:
    """The breaks of a note; none of another boot, whose readings never get a true stamp, or of a bad note."""
    if note is None or note.get("boot_id") != boot_id:
        return []
    try:
        return [
            ((str(subject), str(point)), CounterBreak(BreakKind(kind), *(float(each) for each in numbers)))
            for subject, point, kind, *numbers in note["breaks"]
        ]
    except (KeyError, TypeError, ValueError):
        return []
