"""Hours as a bar: a plain one where there is power, hatched and framed where there is none. Pure.

Drawn on a canvas as wide as a small phone's column. The bars say nothing that the text beside them does not,
so they are hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from web.i18n.formats import local

WIDTH = 290
_BAR = 22
_AXIS = 22
_LABEL_EVERY_H = 3
_HALF_LABEL = 21
_FIRST_LABEL = 70
"""Left of it stands the word for now."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when something holds."""

    start: datetime
    end: datetime
    hatched: bool = True
    """Else only framed: announced, but not carried out."""


def draw_axis(start: datetime, length: timedelta, now: str) -> Markup:
    """The hours above the bars, from the word for now on, and the hatching that the bars use."""
    end = start + length
    labels = [
        Markup('<text x="{:.1f}" y="15" text-anchor="middle">{}</text>').format(x, f"{local(hour):%H:%M}")
        for hour in _labelled(start, end)
        if _FIRST_LABEL <= (x := _x(hour, start, end)) <= WIDTH - _HALF_LABEL
    ]
    return Markup(
        '<svg class="bar axis" viewBox="0 0 {} {}" aria-hidden="true"><pattern id="hatch" width="7" '
        'height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M2 0V7"/></pattern>'
        '<text x="0" y="15">{}</text>{}</svg>'
    ).format(WIDTH, _AXIS, now, Markup("").join(labels))


def draw_bar(start: datetime, end: datetime, known_until: datetime, off: Sequence[Stretch]) -> Markup:
    """A line's hours from start to end; what comes after known_until is left blank."""
    known = _x(known_until, start, end)
    parts = [
        Markup('<rect class="lit" width="{:.1f}" height="{}"/>').format(known, _BAR),
        _box("open", known, WIDTH) if known < WIDTH else Markup(""),
    ]
    for stretch in off:
        x, right = _x(stretch.start, start, end), _x(stretch.end, start, end)
        parts += [_box(kind, x, right) for kind in (("dark", "hatched") if stretch.hatched else ("spared",))]
    parts += [
        Markup('<path d="M{:.1f} {}v5"/>').format(_x(hour, start, end), _BAR)
        for hour in _labelled(start, end)
    ]
    return Markup('<svg class="bar" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        WIDTH, _BAR + 6, Markup("").join(parts)
    )


def _box(kind: str, left: float, right: float) -> Markup:
    """Inside of the bar, and never too narrow to be seen."""
    return Markup('<rect class="{}" x="{:.1f}" y="1" width="{:.1f}" height="{}"/>').format(
        kind, left, max(right - left, 2.0), _BAR - 2
    )


def _labelled(start: datetime, end: datetime) -> list[datetime]:
    """The full hours of the village's clock that bear a label."""
    midnight = local(start).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (midnight + timedelta(hours=hour) for hour in range(0, 49, _LABEL_EVERY_H))
    return [hour for hour in hours if start <= hour <= end]


def _x(at: datetime, start: datetime, end: datetime) -> float:
    return WIDTH * min(max((at - start) / (end - start), 0.0), 1.0)
