"""A day-ahead weather model for the simulated sky, as wrong as a real one.

Calibrated on raw WRF against a pyranometer in Bangkok (2017 to mid 2018, hours 7 to 16): clearness of a day
foretold and measured correlate by 0.5, the model is 0.2 too bright and too smooth, its hourly error has a
standard deviation of 0.3 and a correlation of 0.6 from hour to hour; raw irradiance misses by about 20 % of
1000 W/m2. Each evening a run for the three days that follow; further days are foretold a little worse.
"""

from __future__ import annotations

import numpy as np
from year_truth import Truth

from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid, utc_offset_s
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky

SOURCE = "simulated_nwp"
ISSUED_HOUR, DAYS = 18, 3
"""Local hour at which a run can be had, and for how many days."""
_TOO_BRIGHT = 0.18
_SEEN = 0.42
"""Of what makes a day differ from the usual, that the model sees."""
_DAY_NOISE, _HOUR_NOISE = 0.14, 0.12
_HOUR_MEMORY, _SHARED = 0.75, 0.7
"""Of the noise from hour to hour; and of a day's noise that all runs share."""
_FADING = 0.85
"""For each day further ahead."""
_CLEAREST = 1.10
_DARK_WM2 = 5.0
_LEVEL = 21
"""Days over which the usual clearness is taken."""


def weather_archive(truth: Truth, place: Place, seed: int) -> WeatherArchive:
    """All runs that could be had while the truth lasted, each for the days after its evening."""
    hourly = Grid(truth.grid.start_s, HOUR_S, truth.grid.count * QUARTER_S // HOUR_S)
    days = hourly.count // 24
    clear = clear_sky(place, hourly).ghi_wm2.reshape(days, 24)
    ghi, temp_c = (values.reshape(days, 24, -1).mean(axis=2) for values in (truth.ghi_wm2, truth.temp_c))
    sums = clear.sum(axis=1)
    clearness = ghi.sum(axis=1) / sums
    first_day = hourly.start_s // DAY_S
    common = np.array(
        [np.random.default_rng([seed, 31, first_day + day]).normal(0.0, _DAY_NOISE) for day in range(days)]
    )
    runs = []
    for day in range(days - 1):
        ahead = np.arange(day + 1, min(days, day + 1 + DAYS))
        rng = np.random.default_rng([seed, 32, first_day + day])
        usual = clearness[max(0, day - _LEVEL) : day + 1].mean()
        foretold = _foretold(ghi[ahead], clear[ahead], clearness[ahead], usual, common[ahead], rng)
        runs.append(_run(truth, place, day, foretold * clear[ahead], foretold, temp_c[ahead], rng))
    return WeatherArchive(tuple(runs))


def _foretold(
    ghi: Floats, clear: Floats, clearness: Floats, usual: float, common: Floats, rng: np.random.Generator
) -> Floats:
    """Clearness as a run foretells it, shape (days, 24)."""
    count = len(clearness)
    seen = _SEEN * _FADING ** np.arange(count)
    own = rng.normal(0.0, _DAY_NOISE, count)
    noise = np.sqrt(_SHARED) * common + np.sqrt(1.0 - _SHARED) * own
    of_day = usual + seen * (clearness - usual) + noise + _TOO_BRIGHT
    hourly = np.divide(ghi, clear, out=np.tile(clearness[:, None], 24), where=clear > _DARK_WM2)
    kernel = np.full(5, 0.2)
    shape = np.stack([np.convolve(day, kernel, mode="same") for day in hourly - clearness[:, None]])
    wander = np.zeros(count * 24)
    steps = rng.normal(0.0, _HOUR_NOISE * np.sqrt(1.0 - _HOUR_MEMORY**2), wander.size)
    for hour in range(1, wander.size):
        wander[hour] = _HOUR_MEMORY * wander[hour - 1] + steps[hour]
    told: Floats = of_day[:, None] + seen[:, None] * shape + wander.reshape(count, 24)
    return np.clip(told, 0.05, _CLEAREST)


def _run(
    truth: Truth, place: Place, day: int, ghi: Floats, foretold: Floats, temp_c: Floats,
    rng: np.random.Generator,
) -> WeatherRun:  # fmt: skip
    start_s = truth.grid.start_s + (day + 1) * DAY_S
    offset_s = int(utc_offset_s(np.array([start_s]), place.timezone)[0])
    midnight_s = (start_s + offset_s) // DAY_S * DAY_S - offset_s
    issued_s = midnight_s - DAY_S + ISSUED_HOUR * HOUR_S
    cloud = np.clip(1.0 - foretold.ravel(), 0.0, 1.0)
    return WeatherRun(
        source=SOURCE,
        issued_s=issued_s,
        grid=Grid(start_s, HOUR_S, ghi.size),
        ghi_wm2=ghi.ravel(),
        temp_c=temp_c.ravel() + rng.normal(0.0, 1.0),
        humidity_frac=np.clip(0.65 + 0.3 * cloud + rng.normal(0.0, 0.05), 0.0, 1.0),
        cloud_frac=cloud,
    )
