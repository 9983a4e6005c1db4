"""Sun that was not used because panels were held back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.core.model import PvInverter, Site
from controller.reports.figures.month import QUARTER_H, Bools, Floats
from controller.reports.figures.series import Columns, magnitude

_FREE_FRAC = 0.995
"""A quarter of an hour with a lower mean limit was limited for some of the time."""
_FULL_FRAC = 0.005
"""So little below the highest SoC, chargers without a limit of ours begin to hold back."""
_RAISED_HZ = 50.15
"""Grid-forming inverters raise the frequency, 50.2 Hz and more, to make PV inverters hold back."""
_BRIGHT_WM2 = 150.0
_LEAST_FREE = 20
"""Fewer free bright quarters teach nothing about what an array gives."""


@dataclass(frozen=True, slots=True)
class UnusedSun:
    """What the panels could have given and did not."""

    held_back_h: float
    """Time in daylight in which at least one array was held back [h]."""
    wh: float | None
    """Estimated energy [Wh]; None without an irradiance sensor, or where it could not be estimated."""
    typical_error_frac: float | None
    """Half the central two thirds of how free quarters scatter around the estimate, as a part of it."""


def unused_sun(columns: Columns, site: Site) -> UnusedSun:
    """Sun unused while a limit was in force, the battery was full or the frequency was raised.

    In quarters without any of these an array gives a certain power for each W/m2 of the sensor (the median
    over bright ones); what that says of the held-back quarters, less what was measured there, is what was not
    used. An array's rated power caps it. Whole quarters only: what limits shorter than that cost is not seen.
    """
    sensor = site.irradiance_sensor
    ghi_wm2 = columns.mean(sensor, "irradiance_wm2") if sensor else np.full(columns.steps.count, np.nan)
    any_held = np.zeros(columns.steps.count, dtype=bool)
    estimates, errors = list[float | None](), list[float]()
    for array in site.pv:
        power_w, held = (
            magnitude(-columns.mean(array.id, array.power_point)),
            _held_back(array, columns, site),
        )
        any_held |= held & (_bright(ghi_wm2) | (power_w > 0.01 * array.ac_w))
        found = _estimate(power_w, held, ghi_wm2, array.ac_w)
        estimates.append(None if found is None else found[0])
        errors.extend([] if found is None else [found[1]])
    known = [each for each in estimates if each is not None]
    complete = bool(known) and len(known) == len(estimates)
    return UnusedSun(
        held_back_h=float(any_held.sum()) * QUARTER_H,
        wh=sum(known) if complete else None,
        typical_error_frac=max(errors) if complete else None,
    )


def _held_back(array: PvInverter, columns: Columns, site: Site) -> Bools:
    full = columns.mean("site", "soc_frac") >= site.protection.soc_max_frac - _FULL_FRAC
    limited: Bools = (columns.mean(array.id, "limit_frac") < _FREE_FRAC) if array.limitable else full
    raised: Bools = columns.mean(site.battery.id, "frequency_hz") >= _RAISED_HZ
    return limited | raised


def _bright(ghi_wm2: Floats) -> Bools:
    bright: Bools = ghi_wm2 > _BRIGHT_WM2
    return bright


def _estimate(power_w: Floats, held: Bools, ghi_wm2: Floats, ac_w: float) -> tuple[float, float] | None:
    """Energy unused [Wh] and the usual relative error; None where too little is known."""
    known = np.isfinite(power_w) & np.isfinite(ghi_wm2)
    free = known & ~held & _bright(ghi_wm2)
    if free.sum() < _LEAST_FREE:
        return None
    per_wm2 = power_w[free] / ghi_wm2[free]
    usual = float(np.median(per_wm2))
    if usual <= 0:
        return None
    low, high = np.quantile(per_wm2, (1 / 6, 5 / 6))
    lost_w = np.minimum(usual * ghi_wm2, ac_w) - power_w
    return float(magnitude(lost_w[known & held]).sum()) * QUARTER_H, float(high - low) / 2 / usual
