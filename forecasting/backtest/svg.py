"""A little SVG: axes, lines, bands and text on a canvas as wide as a small phone. Pure."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import Floats

WIDTH = 360
LEFT, RIGHT = 40, 350
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def text(x: float, y: float, words: str, *, style: str = "", anchor: str = "start") -> str:
    """A line of text; style is a class of the report's style sheet."""
    named = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{html.escape(words)}</text>'


def picture(height: float, title: str, description: str, parts: Sequence[str]) -> str:
    """A drawing in a figure of its own, with words for those who cannot see it."""
    return (
        f'<g role="img"><title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="none"/>{"".join(parts)}</g>'
    )


def round_up(highest: float) -> float:
    """A round number at or above the highest value, for the top of an axis."""
    if not highest > 0:
        return 1.0
    magnitude: float = 10.0 ** math.floor(math.log10(highest))
    return next(nice * magnitude for nice in _NICE if nice * magnitude >= highest * (1 - 1e-9))


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values lie on the canvas: x between LEFT and RIGHT, y between top and bottom."""

    x_from: float
    x_to: float
    y_to: float
    """At the top; 0 is at the bottom."""
    top: float
    bottom: float

    def x(self, value: float) -> float:
        """Canvas x of a value."""
        return LEFT + (RIGHT - LEFT) * (value - self.x_from) / (self.x_to - self.x_from)

    def y(self, value: float) -> float:
        """Canvas y of a value."""
        return self.bottom - (self.bottom - self.top) * value / self.y_to

    def line(self, xs: Floats, ys: Floats, style: str) -> str:
        """A line through points, broken where one is missing."""
        drawn = "".join(f"M{self._points(xs[run], ys[run])}" for run in _runs(np.isfinite(ys)))
        return f'<path class="{style}" d="{drawn}"/>' if drawn else ""

    def band(self, xs: Floats, low: Floats, high: Floats, style: str) -> str:
        """The area between two lines, both known everywhere."""
        back = self._points(xs[::-1], low[::-1])
        return f'<path class="{style}" d="M{self._points(xs, high)}L{back}Z"/>'

    def levels(self, ticks: Sequence[tuple[float, str]]) -> str:
        """Horizontal rules with a label each."""
        return "".join(
            f'<path class="grid" d="M{LEFT} {self.y(value):.1f}H{RIGHT}"/>'
            + text(LEFT - 5, self.y(value) + 4, label, anchor="end")
            for value, label in ticks
        )

    def marks(self, ticks: Sequence[tuple[float, str]]) -> str:
        """Vertical rules with a label each."""
        return "".join(
            f'<path class="grid" d="M{self.x(value):.1f} {self.top:.1f}V{self.bottom:.1f}"/>'
            + text(self.x(value), self.bottom + 14, label, anchor="end" if value >= self.x_to else "middle")
            for value, label in ticks
        )

    def _points(self, xs: Floats, ys: Floats) -> str:
        points = [f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        # A value between two gaps still shows, as a dot.
        return "L".join(points if len(points) > 1 else points * 2)


def _runs(known: np.ndarray) -> Iterator[slice]:
    """The unbroken stretches of what is known."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return (slice(int(first), int(end)) for first, end in edges.reshape(-1, 2))
