"""How clear the sky over a site is by hour and season: what stands without any weather service. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from forecasting.grid import DAY_S, Floats, Grid, Ints
from forecasting.quantiles import LEVELS, LEVELS_ARRAY, weighted_quantiles
from forecasting.site import Place
from forecasting.solar.geometry import year_angle
from forecasting.solar.solar_days import HOURS, SolarDays, solar_offset_s, solar_time

THAI_CLEARNESS = (0.82, 0.84, 0.86, 0.84, 0.74, 0.68, 0.67, 0.66, 0.67, 0.65, 0.70, 0.79)
"""Mean by month at 12.4 N: daily horizontal irradiation of 4.9, 5.4, 6.0, 6.0, 5.3, 4.9, 4.9, 4.9, 4.9, 4.4,
4.4 and 4.7 kWh/m2, as solar atlases have it, over that of a clear sky (Ineichen and Perez 2002)."""
ELSEWHERE_CLEARNESS = 0.72
"""All year, where we know nothing."""
_THAI_LATITUDES_DEG = (5.0, 21.0)
_THAI_LONGITUDES_DEG = (97.0, 106.0)
_BRIGHTEST = 1.1
_CONCENTRATION = 3.0
"""Of the Beta distribution of an hour's clearness: a standard deviation of 0.2 to 0.25, as in the tropics."""
_PRIOR_DAYS = 10.0
"""What the prior counts for, in days of measurements."""
_SEASONS = 24
_SEASON_RAD = 2.0 * np.pi * 20.0 / 365.25
"""Standard deviation of the kernel by season: twenty days."""
_OTHER_SEASONS = 0.03
"""What a day of quite another season counts for: it still tells about the site."""
_NEXT_HOUR = 0.5
_PRIOR_VALUES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Climatology:
    """Clearness by season and hour of the sun, smooth in both."""

    offset_s: int
    """Of solar time."""
    hours: Ints
    """For which values stand, rising by one; those at the ends hold beyond. Shape (h,)."""
    mean: Floats
    """Shape (seasons, h); the seasons are equal parts of the year, the values stand at their middles."""
    quantiles: Floats
    """Shape (len(LEVELS), seasons, h)."""

    def at(self, grid: Grid) -> tuple[Floats, Floats]:
        """Mean, shape (n,), and quantiles, shape (len(LEVELS), n), of the clearness in a grid's steps."""
        moments = solar_time(grid, self.offset_s)
        days, row = np.unique(moments.day, return_inverse=True)
        place = year_angle(days * DAY_S) / (2.0 * np.pi) * _SEASONS - 0.5
        low, share = np.floor(place).astype(np.int64), (place % 1.0)[:, None]
        both = np.concatenate([self.mean[None], self.quantiles])
        daily = both[:, low % _SEASONS] * (1.0 - share) + both[:, (low + 1) % _SEASONS] * share
        found = moments.along(self.hours, daily, row)
        return found[0], found[1:]


def learn_climatology(days: SolarDays | None, place: Place) -> Climatology:
    """From what was measured so far, and from what is known of the country; None: nothing measured yet."""
    middles = (np.arange(_SEASONS) + 0.5) / _SEASONS * 2.0 * np.pi
    prior = _prior(place, middles)
    hours = np.arange(HOURS) if days is None else days.sunny_hours()
    if days is None or not hours.size:
        return Climatology(
            solar_offset_s(place),
            np.array([HOURS // 2]),
            prior.mean(axis=0)[:, None],
            np.quantile(prior, LEVELS, axis=0)[:, :, None],
        )
    mean, quantiles = np.empty((_SEASONS, hours.size)), np.empty((len(LEVELS), _SEASONS, hours.size))
    near = _nearness(middles, days.numbers)
    for column, hour in enumerate(hours):
        row, values, hourly = _around(days, int(hour))
        for season in range(_SEASONS):
            pool = np.concatenate([prior[:, season], values])
            weight = np.concatenate(
                [np.full(len(prior), _PRIOR_DAYS / len(prior)), hourly * near[season, row]]
            )
            mean[season, column] = np.average(pool, weights=weight)
            quantiles[:, season, column] = weighted_quantiles(pool, weight, LEVELS_ARRAY)
    return Climatology(solar_offset_s(place), hours, mean, quantiles)


def _prior(place: Place, season_rad: Floats) -> Floats:
    """Equally likely values of an hour's clearness, shape (values, seasons): a Beta distribution."""
    thai = (
        _THAI_LATITUDES_DEG[0] <= place.latitude_deg <= _THAI_LATITUDES_DEG[1]
        and _THAI_LONGITUDES_DEG[0] <= place.longitude_deg <= _THAI_LONGITUDES_DEG[1]
    )
    months_rad = (np.arange(12) + 0.5) / 12 * 2.0 * np.pi
    monthly = THAI_CLEARNESS if thai else (ELSEWHERE_CLEARNESS,) * 12
    mean = np.interp(season_rad, months_rad, monthly, period=2.0 * np.pi) / _BRIGHTEST
    levels = (np.arange(_PRIOR_VALUES) + 0.5) / _PRIOR_VALUES
    found: Floats = _BRIGHTEST * betaincinv(
        _CONCENTRATION * mean, _CONCENTRATION * (1.0 - mean), levels[:, None]
    )
    return found


def _nearness(season_rad: Floats, days: Ints) -> Floats:
    """What a day counts for in a season, shape (seasons, days)."""
    apart = year_angle(days * DAY_S)[None, :] - season_rad[:, None]
    apart = (apart + np.pi) % (2.0 * np.pi) - np.pi
    near: Floats = np.maximum(np.exp(-0.5 * (apart / _SEASON_RAD) ** 2), _OTHER_SEASONS)
    return near


def _around(days: SolarDays, hour: int) -> tuple[Ints, Floats, Floats]:
    """What was measured at an hour and, for less, at those next to it: row of the day, value, weight."""
    hours = np.array([other for other in (hour - 1, hour, hour + 1) if 0 <= other < HOURS])
    values = days.steps[:, hours]
    known = np.isfinite(values)
    row, column, _ = np.nonzero(known)
    weight = np.where(hours == hour, 1.0, _NEXT_HOUR)[column] / (1.0 + 2.0 * _NEXT_HOUR)
    return row, values[known], weight / values.shape[2]
