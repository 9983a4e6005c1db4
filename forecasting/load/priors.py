"""What a feeder of a kind is expected to draw before anything of it was measured. Pure.

Rounded assumptions, leaning on: for houses, tiers 3 to 4 of the World Bank's Multi-tier Framework (Bhatia and
Angelou 2015: more than 1.0 and 3.4 kWh a household and day), that is television, fan, rice cooker and a
refrigerator; their evening peak as in the village load models of RAMP (Lombardi et al. 2019). For clinics,
WHO and World Bank 2015, "Access to modern energy services for health facilities": cold chain day and night,
lamps and equipment in consulting hours. Schools: hours of teaching. Street lights: from dusk to dawn, near
the equator twelve hours. Pumps: two runs a day fill a tank, most of what an hour brings is chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecasting.grid import Floats
from forecasting.load.calendar import DayKind

FeederKind = Literal["clinic", "school", "street_lights", "water_pump", "houses"]
_COMMON = 0.5
"""Correlation of the errors that priors of one village make."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadPrior:
    """What is believed of a load without a measurement.

    Raises ValueError for powers that are negative, not finite, or of another shape, and for no doubt.
    """

    typical_w: Floats
    """Median by DayKind and local hour, shape (4, 24) [W]."""
    doubt: float
    """How far feeders of the class differ from it: 1 means by a factor of two, as houses of villages do."""
    most_w: float = math.inf
    """What the feeder is built for."""

    def __post_init__(self) -> None:
        if self.typical_w.shape != (len(DayKind), 24):
            msg = f"a prior has 24 hours for each of {len(DayKind)} kinds of day, not {self.typical_w.shape}"
            raise ValueError(msg)
        if not (np.all(np.isfinite(self.typical_w)) and np.all(self.typical_w >= 0)):
            raise ValueError("a prior's powers are finite magnitudes")
        if self.most_w < float(self.typical_w.max()):
            raise ValueError("a prior's powers lie above what the feeder is built for")
        if not self.doubt > 0:
            raise ValueError("a prior without doubt would never learn")

    @property
    def mean_w(self) -> float:
        """Mean over the days of a week [W]."""
        days = np.bincount([DayKind.WEEKDAY] * 5 + [DayKind.SATURDAY, DayKind.REST], minlength=len(DayKind))
        return float(days @ self.typical_w.mean(axis=1) / days.sum())


@dataclass(frozen=True, slots=True)
class _Class:
    """Shape by hour on a weekday, and what the other kinds of day are of it."""

    weekday: tuple[float, ...]
    """For houses in watts a household, else as a share of the rated power."""
    day_frac: tuple[float, float, float]
    """By day (7 to 17 h) on Saturday, days of rest, festival, against a weekday."""
    evening_frac: tuple[float, float, float]
    """The same for the other hours."""
    doubt: float


_HOUSES = _Class(
    weekday=(
        *(62, 58, 55, 55, 62, 95, 115, 95, 75, 72, 75, 85),
        *(88, 82, 78, 78, 88, 115, 175, 205, 190, 155, 110, 78),
    ),
    day_frac=(1.1, 1.15, 1.3),
    evening_frac=(1.0, 1.0, 1.2),
    doubt=0.9,
)
_CLINIC = _Class(
    weekday=(
        *(0.05, 0.05, 0.05, 0.05, 0.05, 0.06, 0.08, 0.14, 0.26, 0.30, 0.30, 0.28),
        *(0.24, 0.28, 0.30, 0.27, 0.20, 0.12, 0.12, 0.12, 0.11, 0.09, 0.06, 0.05),
    ),
    day_frac=(0.6, 0.45, 0.4),
    evening_frac=(1.0, 1.0, 1.0),
    doubt=1.0,
)
_SCHOOL = _Class(
    weekday=(
        *(0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.05, 0.12, 0.30, 0.38, 0.40, 0.38),
        *(0.32, 0.38, 0.38, 0.30, 0.12, 0.05, 0.04, 0.04, 0.03, 0.03, 0.03, 0.03),
    ),
    day_frac=(0.2, 0.15, 0.12),
    evening_frac=(0.9, 0.9, 0.9),
    doubt=1.0,
)
_STREET_LIGHTS = _Class(
    weekday=(
        *(0.5, 0.5, 0.5, 0.5, 0.5, 0.48, 0.12, 0.0, 0.0, 0.0, 0.0, 0.0),
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.38, 0.5, 0.5, 0.5, 0.5, 0.5),
    ),
    day_frac=(1.0, 1.0, 1.0),
    evening_frac=(1.0, 1.0, 1.0),
    doubt=0.6,
)
_WATER_PUMP = _Class(
    weekday=(
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.08, 0.22, 0.24, 0.22, 0.14),
        *(0.10, 0.18, 0.20, 0.18, 0.12, 0.06, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0),
    ),
    day_frac=(1.0, 1.0, 1.1),
    evening_frac=(1.0, 1.0, 1.0),
    doubt=1.3,
)
_CLASSES: Mapping[FeederKind, _Class] = {
    "clinic": _CLINIC,
    "school": _SCHOOL,
    "street_lights": _STREET_LIGHTS,
    "water_pump": _WATER_PUMP,
    "houses": _HOUSES,
}


def class_prior(kind: FeederKind, households: int, rated_w: float) -> LoadPrior:
    """What a new feeder is expected to draw.

    Args:
        kind: what hangs on it.
        households: how many; houses are counted by it, the other kinds by their rated power.
        rated_w: what the feeder is built for [W]; no hour is expected above it.

    Raises ValueError for no households or no rated power.
    """
    if households < 1 or not rated_w > 0:
        raise ValueError("a feeder has households and a rated power")
    found = _CLASSES[kind]
    weekday_w = np.array(found.weekday) * (households if kind == "houses" else rated_w)
    by_day = (np.arange(24) >= 7) & (np.arange(24) < 17)
    typical_w = [weekday_w] + [
        weekday_w * np.where(by_day, day, evening)
        for day, evening in zip(found.day_frac, found.evening_frac, strict=True)
    ]
    return LoadPrior(np.minimum(np.stack(typical_w), rated_w), found.doubt, rated_w)


def sum_of(priors: Sequence[LoadPrior]) -> LoadPrior:
    """Prior of the sum of loads, at least one: their errors cancel in part. Raises ValueError for none."""
    if not priors:
        raise ValueError("a sum of no loads has no prior")
    means_w = np.array([prior.mean_w for prior in priors])
    doubts = np.array([prior.doubt for prior in priors])
    together = np.sqrt((1.0 + _COMMON * (len(priors) - 1)) / len(priors))
    return LoadPrior(
        np.sum([prior.typical_w for prior in priors], axis=0),
        float(np.average(doubts, weights=means_w) * together),
        math.fsum(prior.most_w for prior in priors),
    )
