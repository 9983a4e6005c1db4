"""The battery's health, as far as a month of data tells. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from controller.reports.figures.month import QUARTER_H, Bools, Floats, Steps

LEAST_SWING_FRAC = 0.3
"""SoC must fall by so much for a discharge to tell the capacity."""
LEAST_SWINGS = 3
_SOC_ERROR_FRAC = 0.01
"""How finely a gauge tells SoC at either end of a swing."""
_KNOWN_FRAC = 0.9
"""Of the month must be known for an efficiency."""
_RISE_FRAC = 0.02
"""A rise of so much ends a discharge."""
_FULL_FRAC = 0.02
"""So little below the highest SoC that is allowed, or of the whole, it was full."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Usable capacity from 0 to 1 SoC, as counted out of the battery [Wh]."""

    wh: float
    error_wh: float
    """Two standard errors: from how the discharges scatter and how finely SoC is told."""
    swings: int
    """Discharges that it rests on."""
    ah: float | None = None
    """Likewise in ampere-hours; None where the current was not measured."""


@dataclass(frozen=True, slots=True)
class BatteryFigures:
    """What became of the battery."""

    capacity: Capacity | None
    """None: fewer than three discharges of 30 % or more were measured without a gap."""
    swings: int
    """How many there were."""
    efficiency_frac: float | None
    """Energy out, by energy in less what stayed in, at the battery's terminals; None where not known."""
    efficiency_error_frac: float | None
    """From how finely SoC is told at both ends of what was measured without a gap."""
    cycles: float | None
    """Energy out by the nameplate's energy: equivalent full cycles."""
    deepest_frac: float | None
    highest_frac: float | None
    full_days: int
    measured_days: int
    """Days on which SoC was measured at all."""
    mean_c: float | None
    hottest_c: float | None
    soh_frac: float | None
    """As the battery's own management tells it, at the month's end."""
    by_day_low: Floats
    """SoC by local day, shape (days,), NaN where it was not measured."""
    by_day_mean: Floats
    by_day_high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class BatterySeries:
    """What is known of a battery, quarter-hour series, NaN where missing."""

    power_w: Floats
    """Charging > 0."""
    current_a: Floats
    """Charging > 0."""
    soc_frac: Floats
    soc_low_frac: Floats
    soc_high_frac: Floats
    temperature_c: Floats
    temperature_high_c: Floats
    soh_frac: Floats


def battery_figures(
    series: BatterySeries, steps: Steps, *, nameplate_wh: float, soc_max_frac: float
) -> BatteryFigures:
    """Capacity, efficiency and use of a battery over a month.

    Capacity: for each discharge of 30 % SoC or more without a gap, the energy counted out divided by the fall
    of SoC; the mean over discharges. Only as good as SoC: a gauge that merely counts from the nameplate's
    capacity gives that back. Efficiency: energy out / (energy in less the energy by which SoC rose), at the
    terminals, summed over all that was measured without a gap, where that is nine tenths of the month.
    """
    falls = discharges(series.soc_frac, np.isfinite(series.power_w))
    capacity = _capacity(series, falls)
    power_w = series.power_w
    out_wh = float(np.maximum(-power_w[np.isfinite(power_w)], 0.0).sum()) * QUARTER_H
    known = np.isfinite(power_w) & np.isfinite(series.soc_frac)
    efficiency = _efficiency(series, known, nameplate_wh if capacity is None else capacity.wh)
    by_day = _by_day(series, steps)
    full = min(soc_max_frac, 1.0) - _FULL_FRAC
    return BatteryFigures(
        capacity=capacity,
        swings=len(falls),
        efficiency_frac=None if efficiency is None else efficiency[0],
        efficiency_error_frac=None if efficiency is None else efficiency[1],
        cycles=out_wh / nameplate_wh if np.isfinite(power_w).any() else None,
        deepest_frac=_least(series.soc_low_frac),
        highest_frac=_most(series.soc_high_frac),
        full_days=int((by_day[2] >= full).sum()),
        measured_days=int(np.isfinite(by_day[1]).sum()),
        mean_c=_mean(series.temperature_c),
        hottest_c=_most(series.temperature_high_c),
        soh_frac=_last(series.soh_frac),
        by_day_low=by_day[0],
        by_day_mean=by_day[1],
        by_day_high=by_day[2],
    )


def discharges(soc_frac: Floats, known: Bools) -> list[tuple[int, int]]:
    """Falls of SoC by 30 % or more, as (quarter of the top, of the bottom), none with a gap inside."""
    found = list[tuple[int, int]]()
    top = bottom = -1
    for index, (soc, good) in enumerate(zip(soc_frac, known, strict=True)):
        usable = bool(good) and math.isfinite(soc)
        ended = bottom >= 0 and (not usable or soc > soc_frac[bottom] + _RISE_FRAC)
        if ended:
            if soc_frac[top] - soc_frac[bottom] >= LEAST_SWING_FRAC:
                found.append((top, bottom))
            top = bottom = -1
        if not usable:
            continue
        if top < 0 or (soc >= soc_frac[top]):
            top = bottom = index
        elif soc < soc_frac[bottom]:
            bottom = index
    if bottom >= 0 and soc_frac[top] - soc_frac[bottom] >= LEAST_SWING_FRAC:
        found.append((top, bottom))
    return found


def _capacity(series: BatterySeries, falls: list[tuple[int, int]]) -> Capacity | None:
    if len(falls) < LEAST_SWINGS:
        return None
    depths = np.array([series.soc_frac[top] - series.soc_frac[bottom] for top, bottom in falls])
    wh = np.array([_out(series.power_w, *fall) for fall in falls]) / depths
    # the two ends' errors are independent of one another and of the other discharges'
    reading = float(np.mean(wh)) * math.sqrt(2) * _SOC_ERROR_FRAC * math.sqrt(float(np.sum(depths**-2)))
    error = math.hypot(float(np.std(wh, ddof=1)) / math.sqrt(len(falls)), reading / len(falls))
    ah = np.array([_out(series.current_a, *fall) for fall in falls]) / depths
    return Capacity(
        wh=float(np.mean(wh)),
        error_wh=2 * error,
        swings=len(falls),
        ah=float(np.mean(ah)) if np.isfinite(ah).all() else None,
    )


def _out(rate: Floats, top: int, bottom: int) -> float:
    """What flowed out from the middle of one quarter to that of another: SoC is a mean of its quarter too."""
    part = -rate[top : bottom + 1]
    return float(part.sum() - (part[0] + part[-1]) / 2) * QUARTER_H


def _efficiency(series: BatterySeries, known: Bools, capacity_wh: float) -> tuple[float, float] | None:
    """The efficiency and its error; what a gap took in or gave is on neither side of the balance."""
    if known.size == 0 or known.mean() < _KNOWN_FRAC:
        return None
    in_wh = out_wh = stored_wh = 0.0
    runs = _runs(known)
    for first, last in runs:
        power_w, soc = series.power_w[first:last], series.soc_frac[first:last]
        weights = np.ones(power_w.size)
        weights[[0, -1]] = 0.5  # from the middle of one quarter to that of another, as SoC is told
        in_wh += float((weights * np.maximum(power_w, 0.0)).sum()) * QUARTER_H
        out_wh += float((weights * np.maximum(-power_w, 0.0)).sum()) * QUARTER_H
        stored_wh += float(soc[-1] - soc[0]) * capacity_wh
    gone_in_wh = in_wh - stored_wh
    if gone_in_wh <= 0 or out_wh < capacity_wh:
        return None
    found = out_wh / gone_in_wh
    error = found * math.sqrt(2 * len(runs)) * _SOC_ERROR_FRAC * capacity_wh / gone_in_wh
    return (found, error) if found <= 1.0 + 2 * error else None


def _runs(known: Bools) -> list[tuple[int, int]]:
    """The unbroken stretches of at least two quarters, as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(int(first), int(last)) for first, last in pairs if last - first >= 2]


def _by_day(series: BatterySeries, steps: Steps) -> tuple[Floats, Floats, Floats]:
    low, mean, high = (np.full(steps.days, np.nan) for _ in range(3))
    for day in range(steps.days):
        here = (steps.day == day) & np.isfinite(series.soc_frac)
        if here.any():
            low[day], high[day] = series.soc_low_frac[here].min(), series.soc_high_frac[here].max()
            mean[day] = series.soc_frac[here].mean()
    return low, mean, high


def _least(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else None


def _most(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else None


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _last(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else None
