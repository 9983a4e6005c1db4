"""What all charts of the report share: the canvas, the scale, days along the axis. Pure.

Shades differ in lightness and most also in hatching, so that they are told apart in black and white; the
style sheet of the report holds the colours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from controller.core.axis import axis_top

WIDTH = 700
LEFT, RIGHT = 46, 20
TOP, FOOT = 34, 26
_TICKS = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A panel with a value axis from 0 to `full`."""

    height: int
    """Of the panel."""
    full: float
    """Top of the scale."""
    columns: int
    """Days or hours along the axis."""

    @property
    def bottom(self) -> float:
        """Where zero lies."""
        return TOP + self.height

    @property
    def step(self) -> float:
        """Width of a column."""
        return (WIDTH - LEFT - RIGHT) / self.columns

    def x(self, column: float) -> float:
        """Left edge of a column."""
        return LEFT + self.step * column

    def y(self, value: float) -> float:
        """Height of a value, kept within the panel."""
        return self.bottom - self.height * min(max(value / self.full, 0.0), 1.0)

    def grid(self, unit: str) -> Markup:
        """Lines of the scale with their figures, and the unit above."""
        parts = [Markup('<text class="unit" x="{}" y="{}">{}</text>').format(LEFT, TOP - 10, unit)]
        for frac in _TICKS:
            y = self.bottom - self.height * frac
            parts += [
                Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(LEFT, y, WIDTH - RIGHT),
                Markup('<text x="{}" y="{:.1f}" text-anchor="end">{:,g}</text>').format(
                    LEFT - 6, y + 4, self.full * frac
                ),
            ]
        return Markup("").join(parts)

    def marks(self, labels: Sequence[tuple[float, str]]) -> Markup:
        """Words below the axis, centred at places counted in columns."""
        return Markup("").join(
            Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
                self.x(place), self.bottom + 18, label
            )
            for place, label in labels
        )


def scaled(height: int, highest: float, columns: int) -> Canvas:
    """A canvas whose scale ends at a round number above the highest value."""
    return Canvas(height, axis_top(highest), columns)


def day_marks(days: int) -> list[tuple[float, str]]:
    """The days of the month, every second one, in the middle of their columns."""
    return [(day + 0.5, str(day + 1)) for day in range(0, days, 2)]


def hour_marks(columns: int) -> list[tuple[float, str]]:
    """Every third hour of a day that is as wide as the axis."""
    return [(hour / 24 * columns, f"{hour:02}:00") for hour in range(0, 25, 3)]


def letters(text: str) -> int:
    """How many letters stand side by side: Thai vowels and tone marks above and below take no room."""
    return sum(unicodedata.category(sign) != "Mn" for sign in text)


def key(entries: Sequence[tuple[str, str]], y: float = 14) -> Markup:
    """The legend: a patch of each style class and its name, from the right-hand end of the panel's head."""
    parts, x = list[Markup](), float(WIDTH - RIGHT)
    for style, name in reversed(entries):
        x -= 7.6 * letters(name) + 30
        parts.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="{}" width="12" height="12"/><text x="{:.1f}" y="{}">{}</text>'
            ).format(style, x, y - 10, x + 16, y, name)
        )
    return Markup("").join(parts)


def picture(height: float, title: str, parts: Sequence[Markup], unique: str) -> Markup:
    """The SVG element with its accessible name; `unique` is an id of its own within the report."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {:.0f}" role="img" aria-labelledby="{}">'
        '<title id="{}">{}</title>{}</svg>'
    ).format(WIDTH, height, unique, unique, title, Markup("").join(parts))
