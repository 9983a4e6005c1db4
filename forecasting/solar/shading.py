"""Trees, masts and ridges: what is missing where the sun stands, learned on clear days. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import HOUR_S, Floats, Ints
from forecasting.solar.clear_sky import Rays
from forecasting.solar.days import Days
from forecasting.solar.orientation import agreement

_AZIMUTHS, _ELEVATIONS = 24, 9
_AZIMUTH_DEG, _ELEVATION_DEG = 360.0 / _AZIMUTHS, 90.0 / _ELEVATIONS
_TRUSTED = 0.5
"""Days whose steps agree as little as this are cloudy: nothing about shade is learned from them."""
_PRIOR_H = 4.0
"""Hours of agreeing clear sun that outweigh the belief that nothing stands in the way."""
_LEAST_UNIT = 0.03
_RANGE = (0.05, 1.2)


@dataclass(frozen=True, slots=True, eq=False)
class ShadingMap:
    """What reaches an array, by where the sun stands: 1 all that its plane should get.

    It also holds what the model of the plane gets wrong, so that values a little above 1 occur.
    """

    factor: Floats
    """Shape (24 azimuths of 15 degrees from north, 9 elevations of 10 degrees), at the cells' centres."""

    def at(self, rays: Rays) -> Floats:
        """The factor at each step, shape (n,), linear between cells."""
        east = (rays.azimuth_deg / _AZIMUTH_DEG - 0.5) % _AZIMUTHS
        high = np.clip(rays.elevation_deg / _ELEVATION_DEG - 0.5, 0.0, _ELEVATIONS - 1.0)
        left, low = east.astype(np.int64), np.minimum(high.astype(np.int64), _ELEVATIONS - 2)
        along, up = east - left, high - low
        right = (left + 1) % _AZIMUTHS
        lower = (1.0 - along) * self.factor[left, low] + along * self.factor[right, low]
        upper = (1.0 - along) * self.factor[left, low + 1] + along * self.factor[right, low + 1]
        found: Floats = (1.0 - up) * lower + up * upper
        return found


NO_SHADING = ShadingMap(np.ones((_AZIMUTHS, _ELEVATIONS)))


def learn_shading(days: Days, power: Floats, expected: Floats, rays: Rays, trust: Floats) -> ShadingMap:
    """The map that clear days show.

    power, expected (under a clear sky, at the level of each day): [W], shape (n,). trust: of each day, shape
    (days,). A cell takes the ratio on which most of its moments agree, drawn to 1 while these are few, and
    then a share of its neighbours'.
    """
    capacity_w = float(expected.max(initial=0.0))
    usable = np.isfinite(power) & (power > 0.0) & (expected > _LEAST_UNIT * capacity_w)
    usable &= trust[days.row] > _TRUSTED
    steps = np.flatnonzero(usable)
    if steps.size == 0:
        return NO_SHADING
    cell = _cells(rays)[steps]
    loss = np.zeros(_AZIMUTHS * _ELEVATIONS)
    hours = np.zeros_like(loss)
    for one in np.unique(cell):
        there = steps[cell == one]
        ratio, share = agreement(power[there], expected[there][None, :] / capacity_w)
        hours[one] = share[0] * there.size * days.grid.step_s / HOUR_S
        loss[one] = np.log(np.clip(ratio[0] / capacity_w, *_RANGE))
    shape = (_AZIMUTHS, _ELEVATIONS)
    weighted, weight = _blurred((hours * loss).reshape(shape)), _blurred(hours.reshape(shape))
    return ShadingMap(np.exp(weighted / (weight + _PRIOR_H)))


def _cells(rays: Rays) -> Ints:
    east = (rays.azimuth_deg / _AZIMUTH_DEG).astype(np.int64) % _AZIMUTHS
    high = np.clip((rays.elevation_deg / _ELEVATION_DEG).astype(np.int64), 0, _ELEVATIONS - 1)
    found: Ints = east * _ELEVATIONS + high
    return found


def _blurred(table: Floats) -> Floats:
    """Each cell with a sixth of each of its neighbours; azimuths go round."""
    around = (np.roll(table, 1, axis=0) + np.roll(table, -1, axis=0)) / 6.0
    padded = np.pad(table, ((0, 0), (1, 1)))
    found: Floats = table + around + (padded[:, :-2] + padded[:, 2:]) / 6.0
    return found
