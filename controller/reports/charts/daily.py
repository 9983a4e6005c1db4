"""Charts with a column a day: energy by source, state of charge, outages by feeder. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from controller.reports.charts.canvas import (
    FOOT,
    LEFT,
    TOP,
    WIDTH,
    Canvas,
    day_marks,
    key,
    picture,
    scaled,
)
from controller.reports.figures.month import Floats

_BAR = 0.72
"""Of a day's width."""
_ROW = 24


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One part of each day's bar."""

    style: str
    """Class of the style sheet."""
    name: str
    values: Floats
    """Shape (days,), in the chart's unit; NaN where a day is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A feeder's row in the calendar of outages."""

    name: str
    hours: Floats
    """Hours off by day, shape (days,); NaN for days to come."""


def stacked_days(layers: Sequence[Layer], unit: str, title: str, unique: str) -> Markup:
    """A stacked bar a day; days of which nothing is known have none."""
    days = layers[0].values.size
    totals = np.nansum([layer.values for layer in layers], axis=0)
    canvas = scaled(150, float(totals.max(initial=0.0)), days)
    parts = [canvas.grid(unit), canvas.marks(day_marks(days))]
    base = np.zeros(days)
    for layer in layers:
        for day, value in enumerate(layer.values):
            if math.isfinite(value) and value > 0:
                parts.append(_bar(canvas, day, base[day], base[day] + value, layer.style))
                base[day] += value
    parts.append(key([(layer.style, layer.name) for layer in layers]))
    return picture(canvas.bottom + FOOT, title, parts, unique)


def soc_days(low: Floats, mean: Floats, high: Floats, reserve_frac: float, title: str, unique: str) -> Markup:
    """For each day a bar from the lowest to the highest SoC and its mean; the reserve as a line."""
    canvas = Canvas(130, 100.0, low.size)
    parts = [canvas.grid("%"), canvas.marks(day_marks(low.size))]
    for day, (least, middle, most) in enumerate(zip(low, mean, high, strict=True)):
        if not math.isfinite(middle):
            continue
        parts.append(_bar(canvas, day, 100 * least, 100 * most, "soc"))
        y, x = canvas.y(100 * middle), canvas.x(day)
        parts.append(
            Markup('<path class="mean" d="M{:.1f} {:.1f}h{:.1f}"/>').format(x + 2, y, canvas.step - 4)
        )
    reserve = canvas.y(100 * reserve_frac)
    parts.append(Markup('<path class="limit" d="M{} {:.1f}H{}"/>').format(LEFT, reserve, canvas.x(low.size)))
    return picture(canvas.bottom + FOOT, title, parts, unique)


def outage_calendar(rows: Sequence[Calendar], title: str, unique: str, name_width: int = 150) -> Markup:
    """A row a feeder, a field a day: the hours without power stand in it, and the darker the more."""
    days = rows[0].hours.size
    step = (WIDTH - name_width - 4) / days
    parts = [
        Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            name_width + step * place, TOP - 14, label
        )
        for place, label in day_marks(days)
    ]
    for number, row in enumerate(rows):
        y = TOP - 6 + number * _ROW
        parts.append(Markup('<text class="row" x="0" y="{}">{}</text>').format(y + 16, row.name))
        parts += [
            _field(name_width + step * day, y, step, float(hours)) for day, hours in enumerate(row.hours)
        ]
    return picture(TOP + len(rows) * _ROW, title, parts, unique)


def _bar(canvas: Canvas, day: int, low: float, high: float, style: str) -> Markup:
    top, bottom = canvas.y(high), canvas.y(low)
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        style,
        canvas.x(day + (1 - _BAR) / 2),
        top,
        canvas.step * _BAR,
        max(0.5, bottom - top),
    )


def _field(x: float, y: float, width: float, hours: float) -> Markup:
    if not math.isfinite(hours):
        return Markup('<rect class="later" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
            x, y, width - 1, _ROW - 4
        )
    shade = next(number for number, most in enumerate((0.05, 1.0, 3.0, 6.0, 99.0)) if hours < most)
    parts = [
        Markup('<rect class="off{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
            shade, x, y, width - 1, _ROW - 4
        )
    ]
    if shade:
        told = f"{hours:.0f}" if hours >= 1 else "<1"
        parts.append(
            Markup('<text class="in{}" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                shade, x + (width - 1) / 2, y + 14, told
            )
        )
    return Markup("").join(parts)
