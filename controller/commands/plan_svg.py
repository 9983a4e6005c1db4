"""The plan as a picture for a report or a wall: sun, use, battery, genset and who is off. Our own SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from xml.sax.saxutils import escape

from controller.commands.plan_table import Course

_WIDTH, _LEFT, _RIGHT = 960, 130, 16
_FONT = 'font-family="sans-serif" font-size="13"'
_POWER, _SOC, _ROW, _GAP = 200, 140, 22, 34
_SUN, _USE, _GENSET, _BAND, _MIDDLE, _OFF = "#e8a200", "#1f5fa8", "#8a2f2f", "#b9d7c0", "#1d7a3d", "#555"


def draw(course: Course) -> str:
    """A whole SVG document."""
    genset = course.document["genset"] is not None
    feeders = list(course.document["cuts"])
    height = 40 + _POWER + _GAP + _SOC + _GAP + _ROW * (len(feeders) + genset) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="20" font-size="16">Plan of {_at(course):%Y-%m-%d %H:%M}</text>',
        *_powers(course, 40),
        *_battery(course, 40 + _POWER + _GAP),
    ]
    top = 40 + _POWER + _GAP + _SOC + _GAP
    if genset:
        parts += _bars(course, top, "genset", _genset_runs(course), _GENSET)
        top += _ROW
    for name in feeders:
        cuts = [(begin, end) for feeder, begin, end in course.cuts() if feeder == name]
        parts += _bars(course, top, f"{course.feeders[name].name.en} off", cuts, _OFF)
        top += _ROW
    return "\n".join((*parts, *_hours(course, 40, top), "</svg>")) + "\n"


def _at(course: Course) -> datetime:
    return datetime.fromisoformat(course.document["issued_utc"]).astimezone(course.zone)


def _x(course: Course, at: datetime) -> float:
    edges = course.edges
    return _LEFT + (at - edges[0]) / (edges[-1] - edges[0]) * (_WIDTH - _LEFT - _RIGHT)


def _powers(course: Course, top: int) -> Iterator[str]:
    """Sun, use and genset as steps."""
    document = course.document
    full_w = max(1000.0, *document["pv_w"], *document["served_w"], *document["genset_w"])
    lines = (("sun", "pv_w", _SUN), ("use", "served_w", _USE), ("genset", "genset_w", _GENSET))
    yield f'<text x="4" y="{top + 14}">{full_w / 1000:.0f} kW</text>'
    for number, (name, key, colour) in enumerate(lines):
        points = " ".join(
            f"{_x(course, edge):.1f},{top + _POWER - power_w / full_w * _POWER:.1f}"
            for power_w, pair in zip(document[key], _steps(course), strict=True)
            for edge in pair
        )
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>'
        yield f'<text x="4" y="{top + 40 + 18 * number}" fill="{colour}">{name}</text>'


def _battery(course: Course, top: int) -> Iterator[str]:
    """SoC: the band from P10 to P90, and its middle."""
    soc = course.document["soc_frac"]

    def line(values: Sequence[float]) -> list[str]:
        return [
            f"{_x(course, edge):.1f},{top + _SOC - value * _SOC:.1f}"
            for edge, value in zip(course.edges, values, strict=True)
        ]

    width = _WIDTH - _LEFT - _RIGHT
    yield f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{_SOC}" fill="none" stroke="#ccc"/>'
    yield f'<polygon fill="{_BAND}" points="{" ".join(line(soc["p10"]) + line(soc["p90"])[::-1])}"/>'
    yield f'<polyline fill="none" stroke="{_MIDDLE}" stroke-width="2" points="{" ".join(line(soc["p50"]))}"/>'
    yield f'<text x="4" y="{top + 14}">100 %</text><text x="4" y="{top + _SOC // 2}">battery</text>'


def _bars(
    course: Course, top: int, name: str, times: Sequence[tuple[datetime, datetime]], colour: str
) -> Iterator[str]:
    yield f'<text x="4" y="{top + 15}">{escape(name)}</text>'
    for begin, end in times:
        left, right = _x(course, begin), _x(course, end)
        width, high = right - left, _ROW - 6
        yield f'<rect x="{left:.1f}" y="{top + 3}" width="{width:.1f}" height="{high}" fill="{colour}"/>'


def _genset_runs(course: Course) -> list[tuple[datetime, datetime]]:
    on = course.document["genset"]["on"]
    return [step for step, runs in zip(_steps(course), on, strict=True) if runs]


def _steps(course: Course) -> list[tuple[datetime, datetime]]:
    return list(pairwise(course.edges))


def _hours(course: Course, top: int, bottom: int) -> Iterator[str]:
    """A line and the time of day every six hours."""
    edges = course.edges
    at = edges[0].replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while at < edges[-1]:
        if at.hour % 6 == 0:
            x = _x(course, at)
            yield f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>'
            yield f'<text x="{x - 16:.1f}" y="{bottom + 18}">{at:%H:%M}</text>'
        at += timedelta(hours=1)
