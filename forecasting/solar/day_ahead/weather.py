"""What weather models foretell of a day, as a handful of numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Bools, Floats, Ints
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.site import Place
from forecasting.solar.geometry import extraterrestrial_wm2, year_angle
from forecasting.solar.solar_days import noon_s, solar_offset_s

SIGNALS = (
    "clearness of the day",
    "of the afternoon",
    "of the late afternoon",
    "humidity",
    "temperature",
    "warming",
    "cloud",
)
_DAYLIGHT = (6.0, 18.0)
_AFTERNOON = (12.0, 18.0)
_LATE = (14.0, 18.0)
_COVERED_FRAC = 0.8
_CLEAR_OVER_EXTRA = 0.70
"""A clear day's irradiance over that above the atmosphere, in the haze of the tropics."""
_CLEAREST = 1.05
_PARTS_PER_HOUR = 4
_MIDDAY_S = 5 * HOUR_S
"""A run covers a day when it has the hours around noon."""
EVENING_S = 18 * HOUR_S
"""Tomorrow is foretold in the evening: so long before its noon."""


@dataclass(frozen=True, slots=True)
class ModelRuns:
    """The runs of one weather model, oldest first."""

    runs: tuple[WeatherRun, ...]
    issued_s: Ints
    start_s: Ints
    end_s: Ints

    def newest_for(self, noon: int, after_s: float, by_s: float) -> WeatherRun | None:
        """The last run that covers a day, given its noon, of those issued after one moment and by another."""
        fit = (self.issued_s > after_s) & (self.issued_s <= by_s) & self._cover(noon)
        found = np.flatnonzero(fit)
        return self.runs[found[-1]] if found.size else None

    def for_lesson(self, noon: int, days_ahead: int) -> WeatherRun | None:
        """The run from which to learn a day: what could be had so many evenings before.

        Where a service has nothing by the evening, the first run thereafter, but not of the day itself.
        """
        evening = noon - EVENING_S - (days_ahead - 1) * DAY_S
        by_evening = self.newest_for(noon, evening - DAY_S, evening)
        if by_evening is not None:
            return by_evening
        late = (self.issued_s > evening) & (self.issued_s <= evening + DAY_S // 2) & self._cover(noon)
        found = np.flatnonzero(late)
        return self.runs[found[0]] if found.size else None

    def _cover(self, noon: int) -> Bools:
        cover: Bools = (self.start_s <= noon - _MIDDAY_S) & (self.end_s >= noon + _MIDDAY_S)
        return cover


def by_model(archive: WeatherArchive) -> dict[str, ModelRuns]:
    """The runs of each weather model."""
    grouped: dict[str, list[WeatherRun]] = {}
    for run in archive.runs:
        grouped.setdefault(run.source, []).append(run)
    return {
        source: ModelRuns(
            tuple(runs),
            np.array([run.issued_s for run in runs], dtype=np.int64),
            np.array([run.grid.start_s for run in runs], dtype=np.int64),
            np.array([run.grid.end_s for run in runs], dtype=np.int64),
        )
        for source, runs in sorted(grouped.items())
    }


def run_days_ahead(run: WeatherRun, noon: int) -> int:
    """How many evenings before a day a run could be had, at least 1: as for_lesson counts them."""
    return max(1, -(-(noon - EVENING_S - run.issued_s) // DAY_S))


def day_signals(run: WeatherRun, day: int, place: Place) -> Floats:
    """What a run foretells of a day: one number for each of SIGNALS, NaN where it does not say."""
    offset_s = solar_offset_s(place)
    grid = run.grid
    midnight = noon_s(day, offset_s) - DAY_S // 2
    part = slice(max(0, grid.position(midnight)), max(0, min(grid.count, grid.position(midnight + DAY_S))))
    hour = (grid.centres_s[part] - midnight) / HOUR_S
    extra = _mean_horizontal_wm2(place, noon_s(day, offset_s), grid.starts_s[part], grid.step_s)
    ghi, temp, light = run.ghi_wm2[part], run.temp_c[part], _within(hour, _DAYLIGHT)
    step_h = grid.step_s / HOUR_S
    clear = [_ratio(ghi, extra, hour, window, step_h) for window in (_DAYLIGHT, _AFTERNOON, _LATE)]
    return np.array(
        [
            *clear,
            _mean(run.humidity_frac[part][light]),
            _mean(temp[light]),
            _range(temp),
            _mean(run.cloud_frac[part][light]),
        ]
    )


def foretold_clearness(archive: WeatherArchive, days: Ints, issued_s: int, place: Place) -> Floats:
    """Irradiance over a clear day's, mean of the models' newest runs, shape (days,); NaN where none tells."""
    models = by_model(archive).values()
    found = np.full(days.size, np.nan)
    for row, day in enumerate(days.tolist()):
        noon = noon_s(day, solar_offset_s(place))
        runs = (model.newest_for(noon, -np.inf, issued_s) for model in models)
        told = np.array([day_signals(run, day, place)[0] for run in runs if run is not None])
        found[row] = _mean(told)
    clearness: Floats = np.minimum(_CLEAREST, found / _CLEAR_OVER_EXTRA)
    return clearness


def _within(hour: Floats, window: tuple[float, float]) -> Bools:
    inside: Bools = (hour >= window[0]) & (hour < window[1])
    return inside


def _ratio(ghi: Floats, extra: Floats, hour: Floats, window: tuple[float, float], step_h: float) -> float:
    """Irradiance over that above the atmosphere in some hours; NaN where too few are foretold, or no sun."""
    known = _within(hour, window) & np.isfinite(ghi)
    above = float(extra[known].sum())
    if above <= 0 or known.sum() * step_h < _COVERED_FRAC * (window[1] - window[0]):
        return float("nan")
    return float(ghi[known].sum()) / above


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _range(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.ptp(known)) if known.size > values.size / 2 else float("nan")


def _mean_horizontal_wm2(place: Place, noon: int, starts_s: Ints, step_s: int) -> Floats:
    """Extraterrestrial irradiance on the horizontal, means over a day's steps [W/m2].

    Declination of the day by Spencer 1971; without the equation of time, which moves the day by a quarter of
    an hour at most.
    """
    parts = max(1, step_s * _PARTS_PER_HOUR // HOUR_S)
    at_s = starts_s[:, None] + ((np.arange(parts) + 0.5) * step_s / parts).astype(np.int64)
    at_noon = np.array([noon])
    angle = year_angle(at_noon)
    declination = (
        0.006918 - 0.399912 * np.cos(angle) + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle) + 0.000907 * np.sin(2 * angle)
    )  # fmt: skip
    latitude = np.radians(place.latitude_deg)
    hour_angle = 2.0 * np.pi * (at_s % DAY_S) / DAY_S + np.radians(place.longitude_deg) - np.pi
    height = np.sin(latitude) * np.sin(declination)
    height = height + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    mean: Floats = extraterrestrial_wm2(at_noon) * np.maximum(height, 0.0).mean(axis=1)
    return mean
