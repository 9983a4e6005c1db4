"""Charts of the average day and of shares by feeder. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from controller.reports.charts.canvas import FOOT, WIDTH, Canvas, hour_marks, key, picture, scaled
from controller.reports.figures.month import Floats

_ROW = 24


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A line through the day."""

    style: str
    name: str
    values: Floats
    """Equal steps from midnight to midnight, in the chart's unit; NaN where nothing is known."""


@dataclass(frozen=True, slots=True)
class Share:
    """One bar from 0 to 1."""

    name: str
    frac: float
    told: str
    """What stands behind the bar."""


def average_day(curves: Sequence[Curve], unit: str, title: str, unique: str) -> Markup:
    """Lines over the hours of a day; they differ in style as well as in shade."""
    highest = float(np.nanmax([np.nanmax(curve.values, initial=0.0) for curve in curves]))
    canvas = scaled(150, highest, curves[0].values.size)
    parts = [canvas.grid(unit), canvas.marks(hour_marks(canvas.columns))]
    parts += [_line(canvas, curve, run) for curve in curves for run in _runs(curve.values)]
    parts.append(key([(f"{curve.style} patch", curve.name) for curve in curves]))
    return picture(canvas.bottom + FOOT, title, parts, unique)


def share_bars(shares: Sequence[Share], title: str, unique: str, name_width: int = 150) -> Markup:
    """A bar a feeder from nothing to all that was wanted."""
    whole = WIDTH - name_width - 90
    parts = list[Markup]()
    for number, share in enumerate(shares):
        y = 4 + number * _ROW
        parts.append(
            Markup(
                '<text class="row" x="0" y="{}">{}</text>'
                '<rect class="whole" x="{}" y="{}" width="{}" height="16"/>'
                '<rect class="share" x="{}" y="{}" width="{:.1f}" height="16"/>'
                '<text x="{:.1f}" y="{}">{}</text>'
            ).format(
                y + 13,
                share.name,
                name_width,
                y,
                whole,
                name_width,
                y,
                whole * min(max(share.frac, 0.0), 1.0),
                name_width + whole + 8,
                y + 13,
                share.told,
            )
        )
    return picture(8 + len(shares) * _ROW, title, parts, unique)


def _runs(values: Floats) -> list[list[int]]:
    """The unbroken stretches of what is known."""
    runs, run = list[list[int]](), list[int]()
    for place, value in enumerate(values):
        if math.isfinite(value):
            run.append(place)
        elif run:
            runs.append(run)
            run = []
    return [*runs, run] if run else runs


def _line(canvas: Canvas, curve: Curve, run: Sequence[int]) -> Markup:
    points = " ".join(f"{canvas.x(place + 0.5):.1f} {canvas.y(curve.values[place]):.1f}" for place in run)
    return Markup('<path class="{} line" d="M{}"/>').format(curve.style, points)
