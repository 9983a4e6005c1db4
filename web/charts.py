"""Today's chart, and tomorrow's where there is a forecast, as an SVG of our own. Pure.

Three panels, panels' power, use and battery, over one time axis: measured up to now, then a fan that widens
with doubt. Drawn on a canvas as wide as a small phone's column, so that its letters stay readable there.
Colours come from the page's style sheet; measured and expected differ in shape too (bold line, bands with a
thin line), and gaps stay gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from controller.core.axis import axis_top

WIDTH = 340
_LEFT, _RIGHT = 34, 6
_FIRST_TOP = 44
_PANEL = 78
_BETWEEN = 32
_FOOT = 26

Values = Sequence[float | None]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fan:
    """What is expected in equal steps, as quantiles in the panel's unit."""

    start_h: float
    """Hours from the first midnight to the start of the first step."""
    step_h: float
    low: Sequence[float]
    """P05."""
    lower: Sequence[float]
    """P25."""
    median: Sequence[float]
    upper: Sequence[float]
    """P75."""
    high: Sequence[float]
    """P95."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over the axis."""

    kind: str
    """Style class: pv, load or soc."""
    label: str
    measured: Values
    """Equal steps from midnight on, magnitudes in the panel's unit; None where nothing is known."""
    fan: Fan | None = None
    full: float | None = None
    """Top of the scale; None: a round number above everything drawn."""
    level: float | None = None
    """A limit worth a line, such as the battery's reserve."""


@dataclass(frozen=True, slots=True)
class DayChart:
    """What the chart shows."""

    step_s: int
    """Of what was measured."""
    panels: Sequence[Panel]
    now_h: float
    """Hours since midnight."""
    days: Sequence[str]
    """The names of the days shown, one or two."""
    title: str
    desc: str

    @property
    def hours(self) -> int:
        """Length of the time axis."""
        return 24 * len(self.days)

    @property
    def height(self) -> int:
        """Of the canvas."""
        return _FIRST_TOP + len(self.panels) * (_PANEL + _BETWEEN) - _BETWEEN + _FOOT


def draw_days(chart: DayChart) -> Markup:
    """The chart as an accessible SVG element."""
    parts = [
        Markup(
            '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="chart-title chart-desc">'
            '<title id="chart-title">{}</title><desc id="chart-desc">{}</desc>'
        ).format(WIDTH, chart.height, chart.title, chart.desc)
    ]
    for number, panel in enumerate(chart.panels):
        parts.append(_Drawing(chart, panel, _FIRST_TOP + number * (_PANEL + _BETWEEN)).draw())
    parts += [_day_names(chart), _hours(chart), _now_mark(chart), Markup("</svg>")]
    return Markup("").join(parts)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One panel at its place on the canvas."""

    chart: DayChart
    panel: Panel
    top: int

    def draw(self) -> Markup:
        panel = self.panel
        full = panel.full or axis_top(self._highest())
        parts = [self._grid(full)]
        if panel.fan is not None:
            parts += [
                self._band("outer", panel.fan, panel.fan.low, panel.fan.high, full),
                self._band("inner", panel.fan, panel.fan.lower, panel.fan.upper, full),
                self._path("expected", self._fan_points(panel.fan, panel.fan.median, full)),
            ]
        if panel.level is not None:
            y = self._y(panel.level, full)
            parts.append(Markup('<path class="limit" d="M{} {:.1f}H{}"/>').format(_LEFT, y, WIDTH - _RIGHT))
        parts += [self._path("measured", run) for run in self._runs(full)]
        return Markup('<g class="{}">{}</g>').format(panel.kind, Markup("").join(parts))

    def _highest(self) -> float:
        known = [value for value in self.panel.measured if value is not None]
        return max((*known, *(self.panel.fan.high if self.panel.fan else ())), default=0.0)

    def _y(self, value: float, full: float) -> float:
        return self.top + _PANEL * (1 - min(max(value / full, 0.0), 1.0))

    def _grid(self, full: float) -> Markup:
        parts = [
            Markup('<text class="unit" x="{}" y="{}">{}</text>').format(_LEFT, self.top - 8, self.panel.label)
        ]
        for frac in (0.0, 0.5, 1.0):
            y = self.top + _PANEL * (1 - frac)
            parts += [
                Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y, WIDTH - _RIGHT),
                Markup('<text x="{}" y="{:.1f}" text-anchor="end">{:g}</text>').format(
                    _LEFT - 6, y + 5, full * frac
                ),
            ]
        for hour in _marks(self.chart.hours):
            x = _x(hour, self.chart.hours)
            parts.append(
                Markup('<path class="grid" d="M{:.1f} {}V{}"/>').format(x, self.top, self.top + _PANEL)
            )
        return Markup("").join(parts)

    def _runs(self, full: float) -> Iterator[list[Point]]:
        """The unbroken stretches of what was measured, each value in the middle of its step."""
        run: list[Point] = []
        for index, value in enumerate(self.panel.measured):
            if value is not None:
                hour = (index + 0.5) * self.chart.step_s / 3600
                run.append((_x(hour, self.chart.hours), self._y(value, full)))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _fan_points(self, fan: Fan, values: Sequence[float], full: float) -> list[Point]:
        """The fan's steps that begin after now and lie on the axis."""
        return [
            (_x(hour, self.chart.hours), self._y(value, full))
            for hour, value in zip(_middles(fan), values, strict=True)
            if self.chart.now_h <= hour <= self.chart.hours
        ]

    def _band(self, name: str, fan: Fan, low: Sequence[float], high: Sequence[float], full: float) -> Markup:
        below, above = self._fan_points(fan, low, full), self._fan_points(fan, high, full)
        if not below:
            return Markup("")
        outline = " ".join(f"{x:.1f} {y:.1f}" for x, y in (*above, *reversed(below)))
        return Markup('<path class="{}" d="M{}Z"/>').format(name, outline)

    def _path(self, name: str, points: Sequence[Point]) -> Markup:
        if not points:
            return Markup("")
        # a value between two gaps still shows, as a dot
        drawn = points if len(points) > 1 else [points[0], (points[0][0] + 0.5, points[0][1])]
        line = " ".join(f"{x:.1f} {y:.1f}" for x, y in drawn)
        return Markup('<path class="{}" d="M{}"/>').format(name, line)


def _middles(fan: Fan) -> list[float]:
    return [fan.start_h + (index + 0.5) * fan.step_h for index in range(len(fan.median))]


def _marks(hours: int) -> range:
    return range(0, hours + 1, hours // 4)


def _x(hour: float, hours: int) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(max(hour / hours, 0.0), 1.0)


def _day_names(chart: DayChart) -> Markup:
    parts = [
        Markup('<text class="day" x="{:.1f}" y="16" text-anchor="middle">{}</text>').format(
            _x(24 * index + 12, chart.hours), name
        )
        for index, name in enumerate(chart.days)
    ]
    return Markup("").join(parts)


def _hours(chart: DayChart) -> Markup:
    foot = chart.height - _FOOT
    parts = []
    for hour in _marks(chart.hours):
        anchor = "end" if hour == chart.hours else "middle"
        shown = 24 if hour == chart.hours else hour % 24
        parts.append(
            Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{:02}:00</text>').format(
                _x(hour, chart.hours), foot + 20, anchor, shown
            )
        )
    for midnight in range(24, chart.hours, 24):
        x = _x(midnight, chart.hours)
        parts.append(Markup('<path class="midnight" d="M{:.1f} 4V{}"/>').format(x, foot))
    return Markup("").join(parts)


def _now_mark(chart: DayChart) -> Markup:
    x = _x(chart.now_h, chart.hours)
    return Markup('<path class="now" d="M{:.1f} {}V{}"/>').format(x, _FIRST_TOP - 4, chart.height - _FOOT)
