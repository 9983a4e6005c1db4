"""What the clouds leave of a clear sky: day types by the local monsoon calendar, changes within minutes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class DayType(StrEnum):
    """How a day is as a whole."""

    CLOUDLESS = "cloudless"
    """The clear-sky model itself; only by request."""
    FAIR = "fair"
    MIXED = "mixed"
    OVERCAST = "overcast"


_TARGET_KWH_M2 = (5.05, 5.55, 6.0, 6.05, 5.3, 5.0, 4.9, 4.9, 4.8, 4.45, 4.45, 4.7)
"""Mean daily horizontal irradiation by month: March and April bright, October and November wettest."""
_MIXED_PROBABILITY = 0.40
_PERSISTENCE = 0.45
"""Chance that a day takes after the one before."""

# Share of the regimes (clear, partly, overcast) in the hours of a day.
_REGIMES: dict[DayType, tuple[float, float, float]] = {
    DayType.FAIR: (0.80, 0.20, 0.0),
    DayType.MIXED: (0.30, 0.50, 0.20),
    DayType.OVERCAST: (0.0, 0.12, 0.88),
}
_MEAN_CLEARNESS = {DayType.FAIR: 0.95, DayType.MIXED: 0.76, DayType.OVERCAST: 0.34}
"""What the regimes above come to."""
_REGIME_S = 1500.0
_EDGE_S = 40.0
"""A cloud's edge takes about this long to cross the array."""


def day_type(day: date, clear_kwh_m2: float, seed: int) -> DayType:
    """The type of a day, drawn so that a month's mean meets its target; the same for the same seed.

    clear_kwh_m2: horizontal irradiation of that day under a clear sky.
    """
    ordinal = day.toordinal()
    while np.random.default_rng([seed, 11, ordinal]).random() < _PERSISTENCE:
        ordinal -= 1
    fair, mixed, overcast = (
        _MEAN_CLEARNESS[kind] for kind in (DayType.FAIR, DayType.MIXED, DayType.OVERCAST)
    )
    wanted = _TARGET_KWH_M2[day.month - 1] / clear_kwh_m2
    bright = (1.0 - _MIXED_PROBABILITY) * fair + _MIXED_PROBABILITY * mixed
    p_overcast = min(0.55, max(0.02, (bright - wanted) / (fair - overcast)))
    draw = np.random.default_rng([seed, 12, ordinal]).random()
    if draw < p_overcast:
        return DayType.OVERCAST
    return DayType.MIXED if draw < p_overcast + _MIXED_PROBABILITY else DayType.FAIR


def clearness(kind: DayType, seconds: Array, rng: np.random.Generator) -> Array:
    """Global irradiance as a fraction of the clear sky's at each of `seconds` (evenly spaced, from 0)."""
    if kind is DayType.CLOUDLESS:
        return np.ones_like(seconds)
    ends: list[float] = []
    values: list[float] = []
    passed_s, end_s = 0.0, float(seconds[-1])
    while passed_s <= end_s:
        regime = int(rng.choice(3, p=_REGIMES[kind]))
        regime_end_s = passed_s + float(rng.exponential(_REGIME_S))
        while passed_s < regime_end_s:
            duration_s, value = _spell(regime, len(values), rng)
            passed_s = min(passed_s + duration_s, regime_end_s)
            ends.append(passed_s)
            values.append(value)
    spells = np.asarray(values)[
        np.searchsorted(np.asarray(ends), seconds, side="right").clip(max=len(values) - 1)
    ]
    width = max(1, round(_EDGE_S / float(seconds[1] - seconds[0])))
    padded = np.pad(spells, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, np.full(width, 1.0 / width), mode="valid")


def _spell(regime: int, count: int, rng: np.random.Generator) -> tuple[float, float]:
    """Duration [s] and clearness of one stretch of sky within a regime."""
    if regime == 0:
        return float(rng.exponential(600.0)), float(rng.uniform(0.96, 1.02))
    if regime == 2:
        return float(rng.exponential(480.0)), float(rng.uniform(0.15, 0.42))
    if count % 2:
        return float(rng.exponential(200.0)), float(rng.uniform(0.30, 0.70))
    return float(rng.exponential(260.0)), float(rng.uniform(0.96, 1.08))
