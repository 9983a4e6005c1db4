"""The signals from which experts learn, and the same at the moment of a forecast. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, Floats, Ints
from forecasting.records import PvRecord, WeatherArchive, WeatherRun
from forecasting.site import Place
from forecasting.solar.day_ahead.weather import SIGNALS, ModelRuns, by_model, day_signals
from forecasting.solar.geometry import year_angle
from forecasting.solar.solar_days import SolarDays, noon_s, solar_days, solar_offset_s

_RECENT_DAYS = 10
_HALF_LIFE_DAYS = 3.0
_MEASURED_FRAC = 0.5


def past_signals(days: SolarDays, days_ahead: int) -> Floats:
    """What the season and the last day tell, shape (days, 3), as known so many evenings before."""
    last = np.full(days.numbers.size, np.nan)
    last[days_ahead:] = days.mean[:-days_ahead]
    return np.column_stack([_season(days.numbers), last])


def lesson_signals(days: SolarDays, before: Floats, runs: ModelRuns, place: Place, days_ahead: int) -> Floats:
    """Past signals, SIGNALS of one weather model and how wrong it lately was, shape (days, 3 + 7 + 1).

    Rows of days of which the model had told nothing so many evenings before are NaN.
    """
    told = _told(days.numbers, runs, place, days_ahead)
    missed = days.mean - told[:, 0]
    lately = [_recent(missed[: max(0, row - days_ahead + 1)]) for row in range(len(told))]
    lessons = np.column_stack([before, told, lately])
    lessons[~np.isfinite(told).any(axis=1)] = np.nan
    return lessons


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What is known at the moment of a forecast."""

    place: Place
    days: SolarDays | None
    """The last days; None where nothing was measured."""
    last_clearness: float
    """Of the 24 hours before the moment; NaN where too little of them was measured."""
    models: dict[str, ModelRuns]
    issued_s: int
    missed: dict[tuple[str, int], Floats]
    """By weather model and evenings ahead: measured less foretold clearness of the last days, NaN unknown."""

    @classmethod
    def until(
        cls,
        record: PvRecord | None,
        clear_w: Floats,
        weather: WeatherArchive,
        issued_s: int,
        place: Place,
        most_ahead: int,
    ) -> Past:
        """What a record (clear_w: clear-sky power on its grid [W]) and a weather archive tell by then."""
        models = by_model(weather)
        recent = None if record is None else record.since(issued_s - (_RECENT_DAYS + 1) * DAY_S)
        if recent is None:
            return cls(place, None, float("nan"), models, issued_s, {})
        clear = clear_w[-recent.grid.count :]
        days = solar_days(recent, clear, solar_offset_s(place))
        missed = {
            (source, ahead): days.mean - _told(days.numbers, runs, place, ahead)[:, 0]
            for source, runs in models.items()
            for ahead in range(1, most_ahead + 1)
        }
        steps = DAY_S // recent.grid.step_s
        last = _clearness(recent.offered_w[-steps:], clear[-steps:])
        return cls(place, days, last, models, issued_s, missed)

    def signals(self, day: int) -> Floats:
        """As past_signals gives for a day to come, shape (3,)."""
        return np.append(_season(np.array([day]))[0], self.last_clearness)

    def newest_run(self, source: str, day: int) -> WeatherRun | None:
        """The last run of a weather model that covers a day; None where there is none."""
        runs = self.models.get(source)
        noon = noon_s(day, solar_offset_s(self.place))
        return None if runs is None else runs.newest_for(noon, -np.inf, self.issued_s)

    def run_signals(self, run: WeatherRun, day: int, learned_ahead: int) -> Floats:
        """As lesson_signals gives for a day to come, shape (3 + 7 + 1,)."""
        missed = self.missed.get((run.source, learned_ahead), np.empty(0))
        return np.concatenate([self.signals(day), day_signals(run, day, self.place), [_recent(missed)]])


def _season(days: Ints) -> Floats:
    angle = year_angle(days * DAY_S)
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _told(days: Ints, runs: ModelRuns, place: Place, days_ahead: int) -> Floats:
    """SIGNALS of each day as told so many evenings before, shape (days, len(SIGNALS)); NaN where untold."""
    told = np.full((days.size, len(SIGNALS)), np.nan)
    for row, day in enumerate(days.tolist()):
        run = runs.for_lesson(noon_s(day, solar_offset_s(place)), days_ahead)
        if run is not None:
            told[row] = day_signals(run, day, place)
    return told


def _recent(values: Floats) -> float:
    """Mean of the last days, the older the less they count; NaN where none is known."""
    values = values[-_RECENT_DAYS:]
    weight = 0.5 ** (np.arange(values.size)[::-1] / _HALF_LIFE_DAYS) * np.isfinite(values)
    return float(np.nansum(values * weight) / weight.sum()) if weight.sum() > 0 else float("nan")


def _clearness(power_w: Floats, clear_w: Floats) -> float:
    known = np.isfinite(power_w)
    measured = clear_w[known].sum()
    if measured <= 0 or measured < _MEASURED_FRAC * clear_w.sum():
        return float("nan")
    return float(power_w[known].sum() / measured)
