"""What each day says of the level at which an array stands: the sign of a clear day, and ratios. Pure.

Logarithms throughout: a level of 0 is the plant as learned, log(0.5) half of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, Ints

HIGH_SUN = 0.2
"""Share of capacity under a clear sky above which a step counts."""
LOWEST = float(np.log(0.05))
"""Less than this share of what is expected is all the same: nothing."""
_AGREE = 0.05
_LEAST_KNOWN = 0.25
"""Of a day's sun, or it says nothing: arrays are often held back from noon on, when the battery is full."""
_ENOUGH_KNOWN = 0.5
"""Of a day's sun; with less the day is trusted less."""
_LEAST_H, _ENOUGH_H = 0.75, 2.0
"""The same in hours of full sun, for days of which little could be known."""
_FULL_WEIGHT = 0.8
"""Of capacity: from here on steps count alike."""
_CLEAR_WIDTH = 0.06
"""Clear days differ by haze and by what the model of the plane gets wrong."""
_TOP_FRAC = 0.2
_LEAST_CLOUDY_WEIGHT, _MOST_WEIGHT = 0.02, 0.95


@dataclass(frozen=True, slots=True, eq=False)
class DaySigns:
    """One signal of the level, day by day; all of shape (days,), NaN in `level` where a day says nothing."""

    level: Floats
    """Logarithm of what was given over what was expected."""
    trust: Floats
    """Chance that the level is the plant's and not that of clouds or of a fault in measuring."""
    width: float
    """Standard deviation of trusted levels."""
    top: Floats
    """Logarithm that the day's best steps reached: the plant can do at least this. -inf where unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Steps of a grid sorted into solar days: rows are days, columns the steps of a day."""

    grid: Grid
    first: int
    """Solar days since 1970 of the first row."""
    row: Ints
    column: Ints
    shape: tuple[int, int]
    longitude_deg: float

    def spread(self, values: Floats) -> Floats:
        """Values of shape (grid.count,) as (days, steps of a day), NaN where there is no step."""
        table = np.full(self.shape, np.nan)
        table[self.row, self.column] = values
        return table

    def starts_s(self) -> Ints:
        """Solar midnight at which each day starts, Unix seconds, shape (days,)."""
        return (self.first + np.arange(self.shape[0])) * DAY_S - _solar_offset_s(self.longitude_deg)


def solar_days(grid: Grid, longitude_deg: float) -> Days:
    """The steps of a grid by the days of the sun, which change at its midnight wherever the clock stands."""
    solar_s = grid.centres_s + _solar_offset_s(longitude_deg)
    day = solar_s // DAY_S
    first = int(day[0])
    steps = -(-DAY_S // grid.step_s)
    column = np.minimum((solar_s % DAY_S) // grid.step_s, steps - 1)
    return Days(grid, first, day - first, column, (int(day[-1]) - first + 1, steps), longitude_deg)


def clear_signs(days: Days, power: Floats, expected: Floats, capacity_w: float) -> DaySigns:
    """Levels by the sun alone: that on which most steps of a day agree, trusted as far as they do.

    power, expected (under a clear sky): [W], shape (n,). A clear day agrees on one ratio from morning to
    evening, whatever has failed; clouds do not.
    """
    ratio, weight, could = _ratios(days, power, expected, capacity_w)
    sunny = weight.any(axis=0)  # nights would make most of the pairs below
    if not sunny.any():
        nothing = np.full(len(ratio), np.nan)
        return DaySigns(nothing, np.zeros(len(ratio)), _CLEAR_WIDTH, np.full(len(ratio), -np.inf))
    ratio, weight = ratio[:, sunny], weight[:, sunny]
    apart = ratio[:, :, None] - ratio[:, None, :]
    near = np.where(np.isnan(apart), 0.0, np.exp(-0.5 * (apart / _AGREE) ** 2))
    total = np.maximum(np.maximum(weight.sum(axis=1), _ENOUGH_KNOWN * could), _steps(days, _ENOUGH_H))
    agreeing = np.einsum("dij,dj->di", near, weight) / total[:, None]
    agreeing[np.isnan(ratio)] = 0.0
    best = np.argmax(agreeing, axis=1)
    rows = np.arange(len(ratio))
    pull = near[rows, best] * weight
    level = (pull * np.nan_to_num(ratio)).sum(axis=1) / np.maximum(pull.sum(axis=1), 1e-9)
    share = agreeing[rows, best]
    trust = np.clip(1.6 * (share - 0.12), _LEAST_CLOUDY_WEIGHT, _MOST_WEIGHT)
    known = weight.any(axis=1)
    return DaySigns(np.where(known, level, np.nan), trust, _CLEAR_WIDTH, _tops(ratio))


def ratio_signs(days: Days, power: Floats, expected: Floats, capacity_w: float, width: float) -> DaySigns:
    """Levels against what an irradiance sensor or the neighbouring arrays say was there to be had.

    power, expected (by them): [W], shape (n,), NaN where unknown.
    """
    _, weight, _ = _ratios(days, power, expected, capacity_w)
    used = weight > 0.0
    given = np.where(used, days.spread(power), 0.0).sum(axis=1)
    could = np.where(used, days.spread(expected), 0.0).sum(axis=1)
    known = could > 0.0
    level = np.full(len(given), np.nan)
    level[known] = np.log(np.maximum(given[known] / could[known], np.exp(LOWEST)))
    return DaySigns(level, np.full(len(level), _MOST_WEIGHT), width, np.full(len(level), -np.inf))


def _ratios(days: Days, power: Floats, expected: Floats, capacity_w: float) -> tuple[Floats, Floats, Floats]:
    """Logarithms of power over expected and their weights, (days, steps); weights of whole days, (days,).

    Days of which too little is known have no weight.
    """
    high = expected > HIGH_SUN * capacity_w
    known = high & np.isfinite(power)
    ratio = np.full(power.shape, np.nan)
    ratio[known] = np.log(np.maximum(power[known] / expected[known], np.exp(LOWEST)))
    table = days.spread(ratio)
    asked = np.minimum(np.nan_to_num(days.spread(np.where(high, expected, 0.0))) / capacity_w, _FULL_WEIGHT)
    could: Floats = asked.sum(axis=1)
    weight = np.where(np.isfinite(table), asked, 0.0)
    weight[weight.sum(axis=1) < np.maximum(_LEAST_KNOWN * could, _steps(days, _LEAST_H))] = 0.0
    return np.where(weight > 0.0, table, np.nan), weight, could


def _tops(ratio: Floats) -> Floats:
    """What a fifth of each day's steps reached, at least two."""
    falling = -np.sort(np.where(np.isnan(ratio), np.inf, -ratio), axis=1)
    count = np.isfinite(ratio).sum(axis=1)
    rank = np.minimum(np.maximum((count * _TOP_FRAC).astype(np.int64), 2) - 1, ratio.shape[1] - 1)
    found: Floats = np.where(count > 1, falling[np.arange(len(ratio)), rank], -np.inf)
    return found


def _steps(days: Days, hours: float) -> float:
    return hours * HOUR_S / days.grid.step_s


def _solar_offset_s(longitude_deg: float) -> int:
    return int(longitude_deg / 15.0 * HOUR_S)
