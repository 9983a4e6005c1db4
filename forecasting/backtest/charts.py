"""The pictures of a report: fans of single days, reliability, error by lead time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.backtest.labels import lead_label, percent, watts
from forecasting.backtest.leaderboard import Leaderboard, Row
from forecasting.backtest.lookup import at_starts
from forecasting.backtest.svg import LEFT, RIGHT, Axes, picture, round_up, text
from forecasting.backtest.walk import Fan, Walked
from forecasting.calibration.scores import pinball_losses_w
from forecasting.grid import HOUR_S, Floats
from forecasting.quantiles import LEVELS, LEVELS_ARRAY

FAN_HEIGHT = 178
RELIABILITY_HEIGHT = 250
LEAD_HEIGHT = 190
_MARK_EVERY_H = 6
_KEY_ROW = 15


def typical_fans(walked: Walked, name: str) -> tuple[tuple[str, Fan], ...]:
    """The days that a contender foretold best, middling and worst, by pinball loss; fewer if there are."""
    scored = [(_loss_w(walked, fan), number, fan) for number, fan in enumerate(walked.outcomes[name].fans)]
    ranked = sorted((loss_w, number, fan) for loss_w, number, fan in scored if np.isfinite(loss_w))
    if len(ranked) < 3:
        return tuple(("A day", fan) for _, _, fan in ranked)
    places = (("Best day", 0), ("Usual day", len(ranked) // 2), ("Worst day", len(ranked) - 1))
    return tuple((title, ranked[place][2]) for title, place in places)


def draw_fan(title: str, fan: Fan, walked: Walked, timezone: str) -> str:
    """A whole forecast as bands, and what was measured as a line."""
    observed_w = _observed_w(walked, fan)
    hours = (fan.grid.starts_s + fan.grid.step_s / 2 - fan.grid.start_s) / HOUR_S
    highest = max(float(fan.values_w.max()), float(np.nanmax(observed_w, initial=0.0)))
    axes = Axes(0.0, fan.grid.count * fan.grid.step_s / HOUR_S, round_up(highest), 36, FAN_HEIGHT - 26)
    issued = datetime.fromtimestamp(fan.issued_s, UTC).astimezone(ZoneInfo(timezone))
    words = f"{title}: issued {issued:%d %b %Y, %H:%M}"
    parts = [
        text(LEFT, 14, words, style="head"),
        text(LEFT, 29, _unit(axes.y_to), style="note"),
        axes.levels(_power_ticks(axes.y_to)),
        axes.marks(_hour_ticks(fan, timezone)),
    ]
    pairs = (("p90", 0.05, 0.95), ("p80", 0.10, 0.90), ("p50", 0.25, 0.75))
    values = {level: fan.values_w[LEVELS.index(level)] for level in LEVELS}
    parts += [axes.band(hours, values[low], values[high], style) for style, low, high in pairs]
    parts += [axes.line(hours, values[0.5], "median"), axes.line(hours, observed_w, "seen")]
    return picture(FAN_HEIGHT, words, f"Bands of 50, 80 and 90 %, median and measured power. {words}.", parts)


def draw_reliability(rows: Sequence[Row]) -> str:
    """How often what was measured lay below each quantile, against how often it should; one line a row."""
    axes = Axes(0.0, 1.0, 1.0, 30, RELIABILITY_HEIGHT - 40)
    ticks = [(share, f"{100 * share:.0f}") for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    parts = [
        text(LEFT, 14, "Reliability", style="head"),
        text(RIGHT, 14, "measured below it, in %", style="note", anchor="end"),
        axes.levels(ticks),
        axes.marks(ticks),
        text(
            RIGHT,
            RELIABILITY_HEIGHT - 8,
            "quantile, in %; on the diagonal is honest",
            style="note",
            anchor="end",
        ),
        axes.line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "ideal"),
    ]
    told = []
    for number, row in enumerate(rows):
        shares = None if row.quantiles is None else row.quantiles.observed_frac
        if shares is None:
            continue
        parts.append(axes.line(LEVELS_ARRAY, shares, f"s{number}"))
        parts.append(_key(number, row.name, 44 + _KEY_ROW * number))
        told.append(f"{row.name}: " + ", ".join(percent(float(share), digits=0) for share in shares))
    return picture(
        RELIABILITY_HEIGHT, "Reliability", f"Measured below P05 to P95, in %. {'; '.join(told)}.", parts
    )


def draw_leads(board: Leaderboard) -> str:
    """RMSE of each contender by lead time, from the issue to the end of the step."""
    names = [row.name for row in board.rows]
    table = np.array([[_rmse_w(lead.rows, name) for lead in board.leads] for name in names])
    places = np.arange(len(board.leads), dtype=np.float64)
    height = LEAD_HEIGHT + _KEY_ROW * ((len(names) + 1) // 2)
    axes = Axes(
        -0.3, max(len(board.leads) - 0.7, 0.7), round_up(float(np.nanmax(table))), 36, LEAD_HEIGHT - 30
    )
    every = -(-len(board.leads) // 8)
    ticks = [
        (float(place), lead_label(lead.to_s, lead.to_s).replace(" ", ""))
        for place, lead in zip(places, board.leads, strict=True)
        if int(place) % every == 0
    ]
    parts = [
        text(LEFT, 14, "Error by lead time (RMSE)", style="head"),
        text(LEFT, 29, _unit(axes.y_to), style="note"),
        axes.levels(_power_ticks(axes.y_to)),
        axes.marks(ticks),
    ]
    for number, name in enumerate(names):
        parts.append(axes.line(places, table[number], f"s{number}"))
        column, line = number % 2, number // 2
        parts.append(_key(number, name, LEAD_HEIGHT + 4 + _KEY_ROW * line, LEFT + 160 * column))
    told = "; ".join(
        f"{name}: {watts(float(row[0]))} to {watts(float(row[-1]))} W"
        for name, row in zip(names, table, strict=True)
    )
    return picture(height, "Error by lead time", f"RMSE at the first and the last lead. {told}.", parts)


def leads_height(board: Leaderboard) -> int:
    """How high `draw_leads` draws."""
    return LEAD_HEIGHT + _KEY_ROW * ((len(board.rows) + 1) // 2)


def _observed_w(walked: Walked, fan: Fan) -> Floats:
    known = walked.measured
    return at_starts(known.record.grid, known.usable_w, fan.grid.starts_s)


def _loss_w(walked: Walked, fan: Fan) -> float:
    """Mean pinball loss of a day, NaN where too little of it was measured to be judged."""
    observed_w = _observed_w(walked, fan)
    known = np.isfinite(observed_w) & np.isfinite(fan.values_w).all(axis=0)
    if 2 * known.sum() < fan.grid.count:
        return float("nan")
    return float(pinball_losses_w(fan.values_w[:, known], observed_w[known]).mean())


def _rmse_w(rows: Sequence[Row], name: str) -> float:
    return next((row.mean.rmse_w for row in rows if row.name == name), float("nan"))


def _hour_ticks(fan: Fan, timezone: str) -> list[tuple[float, str]]:
    """Marks at the local hours 0, 6, 12, 18."""
    zone, found = ZoneInfo(timezone), []
    hours = fan.grid.count * fan.grid.step_s // HOUR_S
    every = _MARK_EVERY_H if hours > 2 * _MARK_EVERY_H else 1
    for hour in range(hours + 1):
        local = datetime.fromtimestamp(fan.grid.start_s + hour * HOUR_S, UTC).astimezone(zone)
        if local.hour % every == 0:
            found.append((hour - local.minute / 60, f"{local.hour:02}:00"))
    return [tick for tick in found if tick[0] >= 0]


def _power_ticks(top_w: float) -> list[tuple[float, str]]:
    return [(share * top_w, f"{share * top_w / _scale(top_w):g}") for share in (0.0, 0.5, 1.0)]


def _scale(top_w: float) -> float:
    return 1000.0 if top_w >= 1000 else 1.0


def _unit(top_w: float) -> str:
    return "kW" if top_w >= 1000 else "W"


def _key(number: int, name: str, y: float, x: float = LEFT + 12) -> str:
    """A piece of a contender's line, and its name."""
    return f'<path class="s{number}" d="M{x:.0f} {y - 4:.0f}h22"/>' + text(x + 28, y, name)
