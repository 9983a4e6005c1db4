"""The year as a picture: for each village and month what was missing and what was burnt, by policy."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from year_report import Outcome
from year_tally import households

from forecasting.grid import Floats

_WIDTH, _PANEL, _LEFT, _TOP, _BETWEEN = 720, 130, 60, 60, 56
_COLOURS = ("#767676", "#b3541e", "#1f6f8b", "#3a7d44", "#6a4c93")
_LEGEND = 130


def picture(outcomes: Sequence[Outcome]) -> str:
    """One panel a village: share of the households' energy unserved, day by day, a line a policy."""
    villages = list(dict.fromkeys(outcome.village for outcome in outcomes))
    policies = list(dict.fromkeys(outcome.policy for outcome in outcomes))
    height = _TOP + len(villages) * (_PANEL + _BETWEEN)
    parts = [_text(_LEFT, 20, "Households' energy unserved, % (mean of 7 days)", size=15)]
    for number, policy in enumerate(policies):
        x, colour = _LEFT + number * _LEGEND, _COLOURS[number % len(_COLOURS)]
        parts.append(f'<rect x="{x}" y="32" width="16" height="4" fill="{colour}"/>')
        parts.append(_text(x + 22, 39, policy))
    for row, village in enumerate(villages):
        top = _TOP + row * (_PANEL + _BETWEEN)
        mine = [outcome for outcome in outcomes if outcome.village == village]
        parts.append(_panel(top, village, mine, policies))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
        "<title>The village year</title><desc>Unserved energy of households by policy over the days of the "
        f'year</desc><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _panel(top: float, village: str, outcomes: Sequence[Outcome], policies: Sequence[str]) -> str:
    curves = {outcome.policy: _weekly_pct(outcome) for outcome in outcomes}
    highest = max(10.0, *(float(curve.max()) for curve in curves.values()))
    bottom = top + 22 + _PANEL
    parts = [_text(_LEFT, top + 14, village, size=13)]
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * _PANEL
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - 10}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{share * highest:.0f}", anchor="end"))
    for policy, curve in curves.items():
        xs = np.linspace(_LEFT, _WIDTH - 10, curve.size)
        points = " ".join(
            f"{x:.1f},{bottom - y / highest * _PANEL:.1f}" for x, y in zip(xs, curve, strict=True)
        )
        colour = _COLOURS[policies.index(policy) % len(_COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    days = next(iter(curves.values())).size
    parts.append(_text(_LEFT, bottom + 16, "day 1"))
    parts.append(_text(_WIDTH - 10, bottom + 16, f"day {days}", anchor="end"))
    return "".join(parts)


def _weekly_pct(outcome: Outcome) -> Floats:
    rows = households(outcome.config)
    wanted, unserved = (
        np.array([sum(getattr(day, name)[row] for row in rows) for day in outcome.tally.days])
        for name in ("wanted_wh", "unserved_wh")
    )
    span = np.ones(min(7, wanted.size))
    found: Floats = 100.0 * np.convolve(unserved, span, "same") / np.convolve(wanted, span, "same")
    return found


def _text(x: float, y: float, words: str, *, size: int = 11, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-family="sans-serif" '
        f'text-anchor="{anchor}">{html.escape(words)}</text>'
    )
