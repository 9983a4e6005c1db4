"""The report of a trial: one SVG of our own, light, without scripts, for phones and for print. Pure."""

from __future__ import annotations

import html
from collections.abc import Sequence

from forecasting.backtest.charts import (
    FAN_HEIGHT,
    RELIABILITY_HEIGHT,
    draw_fan,
    draw_leads,
    draw_reliability,
    leads_height,
    typical_fans,
)
from forecasting.backtest.labels import percent, watts
from forecasting.backtest.leaderboard import Row
from forecasting.backtest.plan import TrialOptions
from forecasting.backtest.svg import LEFT, RIGHT, WIDTH, picture, text
from forecasting.backtest.trial import Result
from forecasting.grid import local_time

_ROW = 17
_COLUMNS = (("RMSE W", 196), ("WAPE %", 246), ("pinball", 296), ("P10–P90", 350))
_STYLE = """
svg{background:#fffdf8;font-family:system-ui,sans-serif;color:#222}
text{font-size:11px;fill:#444}.head{font-size:13px;font-weight:600;fill:#222}.title{font-size:16px;font-weight:700;
fill:#222}.note{fill:#666}.ours{font-weight:700;fill:#222}path{fill:none;stroke-linejoin:round}
.grid{stroke:#e4dfd4}.p90{fill:#fdeec4}.p80{fill:#fbdc8e}.p50{fill:#f5c04a}
.median{stroke:#9a5b00;stroke-width:1.6}.seen{stroke:#1d3557;stroke-width:1.8;stroke-dasharray:5 2}
.ideal{stroke:#999;stroke-dasharray:2 3}
.s0{stroke:#b35900;stroke-width:2.4}.s1{stroke:#1d3557;stroke-width:1.6}.s2{stroke:#2a7f62;stroke-width:1.6;
stroke-dasharray:6 3}.s3{stroke:#7b2d8b;stroke-width:1.6;stroke-dasharray:2 2}
.s4{stroke:#666;stroke-width:1.6;stroke-dasharray:8 3 2 3}
.s5{stroke:#c1121f;stroke-width:1.4;stroke-dasharray:4 4}
.s6{stroke:#00798c;stroke-width:1.4;stroke-dasharray:1 3}
"""


def draw_report(results: Sequence[Result], options: TrialOptions, file: str) -> str:
    """The whole report as an SVG document."""
    title = "How good were the forecasts?"
    parts = [(64.0, _title(title, options, file))]
    for result in results:
        parts += _trial(result)
    drawn, y = [], 8.0
    for height, part in parts:
        drawn.append(f'<g transform="translate(0 {y:.0f})">{part}</g>')
        y += height
    described = f"Walk-forward trial on {file}: leaderboard, single days, reliability and error by lead time."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" role="img" '
        f'aria-labelledby="title desc"><title id="title">{title}</title>'
        f'<desc id="desc">{html.escape(described)}</desc><style>{_STYLE}</style>{"".join(drawn)}</svg>\n'
    )


def _title(title: str, options: TrialOptions, file: str) -> str:
    how = (
        f"The next day, foretold at {options.issue:%H:%M}"
        if options.every_s is None
        else f"The next hours, foretold every {options.every_s // 60} min"
    )
    lines = (text(10, 34, how, style="note"), text(10, 49, file, style="note"))
    return text(10, 16, title, style="title") + "".join(lines)


def _trial(result: Result) -> list[tuple[float, str]]:
    """Height and drawing of each part of a trial."""
    board, ours = result.board, result.ours[0]
    parts = [_leaderboard(result)]
    parts += [
        (FAN_HEIGHT + 6.0, draw_fan(title, fan, result.walked, result.timezone))
        for title, fan in typical_fans(result.walked, ours)
    ]
    parts.append((18.0, _fan_key()))
    shown = [row for row in board.rows if row.name == ours or row.name == "climatology"]
    parts.append((RELIABILITY_HEIGHT + 6.0, draw_reliability(shown)))
    parts.append((leads_height(board) + 14.0, draw_leads(board)))
    return parts


def _leaderboard(result: Result) -> tuple[float, str]:
    """The leaderboard as text."""
    walked, rows = result.walked, result.board.rows
    first, last = local_time(walked.start_s[[0, -1]], result.timezone).dates
    when = f"{first:%d %b %Y} to {last:%d %b %Y}, {result.board.measured} steps"
    parts = [text(10, 16, result.name, style="head"), text(RIGHT, 16, when, style="note", anchor="end")]
    parts += [text(x, 34, name, style="note", anchor="end") for name, x in _COLUMNS]
    for number, row in enumerate(rows):
        style = "ours" if row.name in result.ours else ""
        y = 34 + _ROW * (number + 1)
        parts.append(text(10, y, row.name, style=style))
        cells = zip(_COLUMNS, _cells(row), strict=True)
        parts += [text(x, y, cell, style=style, anchor="end") for (_, x), cell in cells]
    height = 34 + _ROW * len(rows) + 20
    best = min(rows, key=lambda row: row.mean.rmse_w)
    return height, picture(height, f"Leaderboard: {result.name}", f"Least RMSE: {best.name}.", parts)


def _cells(row: Row) -> tuple[str, str, str, str]:
    quantiles = row.quantiles
    return (
        watts(row.mean.rmse_w),
        percent(row.median.wape_frac, digits=1),
        "–" if quantiles is None else watts(quantiles.pinball_w),
        "–" if quantiles is None else percent(quantiles.coverage_frac, digits=0),
    )


def _fan_key() -> str:
    """What bands and lines mean."""
    return (
        f'<path class="median" d="M{LEFT} 0h18"/>{text(LEFT + 22, 4, "median")}'
        f'<path class="seen" d="M{LEFT + 76} 0h18"/>{text(LEFT + 98, 4, "measured")}'
        + "".join(
            f'<rect x="{x}" y="-5" width="14" height="10" class="{style}"/>{text(x + 18, 4, share)}'
            for x, style, share in ((205, "p50", "50 %"), (254, "p80", "80 %"), (303, "p90", "90 %"))
        )
    )
