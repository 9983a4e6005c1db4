"""Numbers and lead times as people read them in tables and reports."""

from __future__ import annotations

from forecasting.grid import HOUR_S

_NONE = "–"


def watts(power_w: float) -> str:
    """A power to three or four figures, without its unit."""
    return (
        f"{power_w:.0f}"
        if abs(power_w) >= 100
        else f"{power_w:.1f}"
        if abs(power_w) >= 10
        else f"{power_w:.2f}"
    )


def percent(share: float | None, *, digits: int) -> str:
    """A share in per cent, without the sign; a dash where there is none."""
    return _NONE if share is None else f"{100 * share:.{digits}f}"


def lead_label(from_s: int, to_s: int) -> str:
    """A lead time, or a span of them."""
    if from_s == to_s:
        return _hours(to_s)
    first, unit = _hours(from_s).split()
    return f"{first}–{_hours(to_s)}" if _hours(to_s).endswith(unit) else f"{first} {unit}–{_hours(to_s)}"


def _hours(lead_s: int) -> str:
    return f"{lead_s // 60} min" if lead_s < HOUR_S else f"{lead_s / HOUR_S:g} h"
