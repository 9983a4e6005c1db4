"""Today's chart as an SVG of our own: panels and use above, battery below, one time axis. Pure.

Drawn on a canvas as wide as a small phone's column, so that its letters stay readable there. Colours come
from the page's style sheet; series differ in shape too (filled, bold, dashed), and gaps stay gaps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 340
HEIGHT = 286
_LEFT, _RIGHT = 34, 6
_POWER_TOP, _POWER_BOTTOM = 24, 156
_SOC_TOP, _SOC_BOTTOM = 186, 250
_DAY_H = 24
_HOUR_MARKS = (0, 6, 12, 18, 24)
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)

Values = Sequence[float | None]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DayChart:
    """What the chart shows: equal steps from midnight on, None where nothing is known."""

    step_s: int
    pv_w: Values
    """Magnitudes >= 0 [W]."""
    load_w: Values
    """Magnitudes >= 0 [W]."""
    soc_frac: Values
    now_h: float
    """Hours since midnight."""
    title: str
    desc: str
    kw: str
    """The unit's name."""


def draw_day(chart: DayChart) -> Markup:
    """The chart as an accessible SVG element."""
    top_w = _axis_top(
        max((value for value in (*chart.pv_w, *chart.load_w) if value is not None), default=0.0)
    )
    parts = [
        Markup(
            '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="chart-title chart-desc">'
            '<title id="chart-title">{}</title><desc id="chart-desc">{}</desc>'
        ).format(WIDTH, HEIGHT, chart.title, chart.desc),
        _hour_grid(),
        _level_grid(
            [(0.0, "0"), (0.5, _number(top_w / 2)), (1.0, _number(top_w))], _POWER_TOP, _POWER_BOTTOM
        ),
        _level_grid([(0.0, "0"), (0.5, "50"), (1.0, "100")], _SOC_TOP, _SOC_BOTTOM),
        _unit(chart.kw, _POWER_TOP),
        _unit("%", _SOC_TOP),
    ]
    scaled_pv = _scaled(chart.pv_w, top_w)
    scaled_load = _scaled(chart.load_w, top_w)
    parts += [_area("pv", run) for run in _runs(scaled_pv, chart.step_s, _POWER_TOP, _POWER_BOTTOM)]
    parts += [_line("load", run) for run in _runs(scaled_load, chart.step_s, _POWER_TOP, _POWER_BOTTOM)]
    parts += [_line("soc", run) for run in _runs(chart.soc_frac, chart.step_s, _SOC_TOP, _SOC_BOTTOM)]
    parts += [_now_mark(chart.now_h), Markup("</svg>")]
    return Markup("").join(parts)


def _axis_top(highest_w: float) -> float:
    """A round number of watts at or above the highest value; at least 1 kW."""
    highest_kw = max(highest_w / 1000, 1.0)
    magnitude = 10.0 ** math.floor(math.log10(highest_kw))
    return next(nice * magnitude for nice in _NICE if nice * magnitude >= highest_kw) * 1000


def _scaled(values: Values, top: float) -> list[float | None]:
    return [None if value is None else value / top for value in values]


def _number(power_w: float) -> str:
    return f"{power_w / 1000:g}"


def _x(hour: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * hour / _DAY_H


def _y(frac: float, top: int, bottom: int) -> float:
    return bottom - (bottom - top) * min(max(frac, 0.0), 1.0)


def _runs(values: Values, step_s: int, top: int, bottom: int) -> Iterator[list[Point]]:
    """The unbroken stretches of a series as canvas points, each value in the middle of its step."""
    run: list[Point] = []
    for index, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((_x((index + 0.5) * step_s / 3600), _y(value, top, bottom)))
    if run:
        yield run


def _path(points: Sequence[Point]) -> str:
    first, *rest = points
    x, y = first
    # a value between two gaps still shows, as a dot
    drawn = rest or [(x + 0.5, y)]
    return f"M{x:.1f} {y:.1f}L" + " ".join(f"{x:.1f} {y:.1f}" for x, y in drawn)


def _line(name: str, points: Sequence[Point]) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(name, _path(points))


def _area(name: str, points: Sequence[Point]) -> Markup:
    outline = f"{_path(points)}V{_POWER_BOTTOM}H{points[0][0]:.1f}Z"
    return Markup('<path class="{}" d="{}"/>').format(name, outline)


def _hour_grid() -> Markup:
    parts = []
    for hour in _HOUR_MARKS:
        x = _x(hour)
        anchor = "end" if hour == _DAY_H else "middle"
        parts.append(
            f'<path class="grid" d="M{x:.1f} {_POWER_TOP}V{_POWER_BOTTOM}M{x:.1f} {_SOC_TOP}V{_SOC_BOTTOM}"/>'
            f'<text x="{x:.1f}" y="{_SOC_BOTTOM + 22}" text-anchor="{anchor}">{hour:02}:00</text>'
        )
    return Markup("".join(parts))  # noqa: S704 - numbers only


def _level_grid(levels: Sequence[tuple[float, str]], top: int, bottom: int) -> Markup:
    parts = []
    for frac, label in levels:
        y = _y(frac, top, bottom)
        parts.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 5:.1f}" text-anchor="end">{escape(label)}</text>'
        )
    return Markup("".join(parts))  # noqa: S704 - numbers and an escaped label


def _unit(name: str, top: int) -> Markup:
    return Markup('<text class="unit" x="{}" y="{}">{}</text>').format(_LEFT, top - 9, name)


def _now_mark(hour: float) -> Markup:
    x = _x(min(max(hour, 0.0), _DAY_H))
    return Markup('<path class="now" d="M{:.1f} {}V{}"/>').format(x, _POWER_TOP, _SOC_BOTTOM)
