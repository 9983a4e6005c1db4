"""Where panels look and how much they give, found in what they gave under a clear sky. Pure.

On clear moments power over clear-sky power is one number all day and all year, if the plane is right; clouds
scatter it below, and now and then above. So the plane is right for which most moments agree on one ratio: the
highest peak of the ratios' density (the mode, not a mean or an envelope: neither cloudy afternoons nor cloud
enhancement pull at it). A peak far below what was often given is haze or cloud: moments above a peak speak
against it. Haghdadi et al. (2017) seek the same with envelopes, Meng et al. (2020) with clear periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from forecasting.grid import Floats
from forecasting.solar.arrays import DEFAULT_TILT_DEG, Panels, power_in_air_w
from forecasting.solar.clear_sky import Rays

_BIN = 0.01
"""Of the logarithm of the ratio."""
_WIDTH = 0.05
"""Clear moments agree that well: haze comes and goes."""
_ENHANCED = 14
"""Bins above the clear ratio (15 %) that only the edges of clouds bring."""
_AGAINST = 0.5
"""How much a moment above weighs against one that agrees."""
_LOWEST_UNIT = 0.03
"""Below this share of capacity the sun is too low to tell."""
_FULL_WEIGHT = 0.8
"""Of capacity: from here on moments count alike."""
_SPACING = 0.12
_STEEPEST = 0.92
"""Sine of the steepest tilt tried: 67 degrees."""
_REFINEMENTS = (0.06, 0.03, 0.015)
_BLOCK = 24
"""Planes compared at once: all of them would take tens of megabytes."""
_MAX_SAMPLES = 6000


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What is believed of a plane before looking: the horizontal part of its normal, and how firmly."""

    east: float
    north: float
    clear_days: float
    """So many clear days outweigh a difference of one in the normal's square."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane and the effective capacity that fit best."""

    dc_w: float
    tilt_deg: float
    azimuth_deg: float
    clear_days: float
    """Days' worth of moments that agree on it: how sure it is."""


def plane_prior(tilt_deg: float | None, azimuth_deg: float | None, latitude_deg: float) -> Prior:
    """The nameplate's plane; an unknown one is rather flat, as roofs and frames in the tropics are."""
    slope = np.sin(np.radians(DEFAULT_TILT_DEG if tilt_deg is None else tilt_deg))
    if azimuth_deg is None:
        return Prior(0.0, float(-np.sign(latitude_deg) * slope), clear_days=5.0)
    azimuth = np.radians(azimuth_deg)
    clear_days = 5.0 if tilt_deg is None else 20.0
    return Prior(float(slope * np.sin(azimuth)), float(slope * np.cos(azimuth)), clear_days)


def find_plane(power: Floats, rays: Rays, temp_c: Floats, prior: Prior, days: float) -> Plane | None:
    """The plane on whose power most moments agree; None when nothing can be compared.

    power: [W], NaN where it tells nothing. rays: of the clear sky, or with the irradiance that was measured.
    temp_c: of the air. All of shape (n,), over so many days.
    """
    usable = np.flatnonzero(np.isfinite(power) & (power > 0.0) & (rays.ghi_wm2 > 0.0))
    if usable.size == 0:
        return None
    chosen = usable[:: -(-usable.size // _MAX_SAMPLES)]
    moments = _Moments(power[chosen], rays.pick(chosen), temp_c[chosen], prior, days)
    ticks = np.arange(-_STEEPEST, _STEEPEST + _SPACING / 2, _SPACING)
    best = moments.best(ticks, ticks)
    for step in _REFINEMENTS:
        near = step * np.arange(-1.0, 2.0)
        best = moments.best(best.east + near, best.north + near)
    return Plane(
        best.dc_w,
        tilt_deg=float(np.degrees(np.arcsin(np.hypot(best.east, best.north)))),
        azimuth_deg=float(np.degrees(np.arctan2(best.east, best.north)) % 360.0),
        clear_days=best.clear_days,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    east: float
    north: float
    dc_w: float
    clear_days: float


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """What was measured, to be compared with candidate planes."""

    power: Floats
    rays: Rays
    temp_c: Floats
    prior: Prior
    days: float

    def best(self, east: Floats, north: Floats) -> _Candidate:
        """The best plane of a mesh of normals' horizontal parts."""
        mesh = [part.ravel() for part in np.meshgrid(east, north)]
        slope = np.hypot(*mesh)
        mesh = [part[slope < _STEEPEST] for part in mesh]
        slope = slope[slope < _STEEPEST]
        planes = np.stack([np.degrees(np.arcsin(slope)), np.degrees(np.arctan2(*mesh))])
        blocks = np.array_split(planes, -(-slope.size // _BLOCK), axis=1)
        dc_w, agreeing = np.concatenate([self._agreement(*block) for block in blocks], axis=1)
        clear_days = agreeing * self.days
        away = (mesh[0] - self.prior.east) ** 2 + (mesh[1] - self.prior.north) ** 2
        top = int(np.argmax(clear_days - self.prior.clear_days * away))
        return _Candidate(float(mesh[0][top]), float(mesh[1][top]), float(dc_w[top]), float(clear_days[top]))

    def _agreement(self, tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Floats, Floats]:
        """Capacity and share of agreeing moments of each plane, both of shape (planes,)."""
        ones = np.ones_like(tilt_deg)
        panels = Panels(ones, tilt_deg, azimuth_deg, np.inf * ones)
        return agreement(self.power, power_in_air_w(panels, self.rays, self.temp_c))


def agreement(power: Floats, unit: Floats) -> tuple[Floats, Floats]:
    """The ratio on which most of power / unit agree, and the share that does, both (candidates,).

    power: shape (n,). unit: power of a plant of 1 W, shape (candidates, n). Moments count by their power.
    """
    weight = np.where(unit > _LOWEST_UNIT, np.minimum(unit, _FULL_WEIGHT), 0.0)
    ratio = np.log(power / np.maximum(unit, _LOWEST_UNIT))
    lowest = (
        float(np.floor(ratio.min() / _BIN)) * _BIN
    )  # so the bins are the same whatever is compared at once
    bins = ((ratio - lowest) / _BIN).astype(np.int64)
    count = int(bins.max()) + 1
    rows = np.arange(len(unit))[:, None] * count
    density = np.bincount((rows + bins).ravel(), weight.ravel(), minlength=len(unit) * count)
    kernel = np.exp(-0.5 * (np.arange(-3 * _WIDTH, 3 * _WIDTH + _BIN / 2, _BIN) / _WIDTH) ** 2)
    density = density.reshape(len(unit), count)
    total = np.maximum(weight.sum(axis=1), _LOWEST_UNIT)
    agreeing = _smoothed(np.asarray(density, dtype=np.float64), kernel) / total[:, None]
    above = 1.0 - np.minimum(np.cumsum(density, axis=1) / total[:, None], 1.0)
    beyond = np.minimum(np.arange(count) + _ENHANCED, count - 1)
    top = np.argmax(agreeing - _AGAINST * above[:, beyond], axis=1)
    return np.exp(lowest + (top + 0.5) * _BIN), agreeing[np.arange(len(unit)), top]


def _smoothed(density: Floats, kernel: Floats) -> Floats:
    """Rows of shape (m, n) folded with a kernel of odd length about its middle; shape (m, n).

    By hand, as scipy.signal would bring scipy.stats and 20 MB with it.
    """
    count = density.shape[1]
    length = next_fast_len(count + kernel.size - 1, real=True)
    whole = irfft(rfft(density, length, axis=1) * rfft(kernel, length), length, axis=1)
    first = (kernel.size - 1) // 2
    found: Floats = whole[:, first : first + count]
    return found
