"""What a plan of the year is told of the coming two days: all of it, or what the forecasts make of the past.

The forecasts are those of operation, learned from the last 60 days of what sun and people offered and
wanted, measured in full: the holes that cuts and a full battery leave in a real past are a matter of the
forecasts' own tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from year_truth import Truth
from year_villages import HISTORY_DAYS

from controller.planner.hindsight import Issued, Measured, caught_up, fresh_calibrations
from controller.planner.plans import Ahead, ahead_of
from controller.planner.site import PlannedSite
from forecasting.calibration.conformal import calibrate
from forecasting.calibration.scenarios import Scenarios, sample_scenarios
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Floats, Grid
from forecasting.load.village import LearnedVillage, forecast_village, learn_village
from forecasting.looking_back import RECENT_S, WEATHER_USED_S
from forecasting.quantiles import QuantileForecast
from forecasting.records import LoadRecord, PvRecord, WeatherArchive, missing
from forecasting.solar.forecaster import LearnedPv, forecast_pv, learn_pv

HORIZON_S = 2 * DAY_S
SCENARIOS = 200
REHEARSED_DAYS = 21
_KEPT_EVERY_S = 6 * HOUR_S
"""So often a forecast is kept to learn from what became of it."""
_LEARNED_EVERY_S = 7 * DAY_S


class Foresight(Protocol):
    """What may come, as seen at some moment."""

    def ahead(self, at_s: int) -> Ahead:
        """The coming 48 h from the quarter of an hour of a moment, Unix seconds."""
        ...


class Perfect:
    """What will come: the only scenario."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def ahead(self, at_s: int) -> Ahead:
        """The truth itself, as means over quarters of an hour."""
        begin_s = at_s // QUARTER_S * QUARTER_S
        coming = self._truth.between(begin_s, begin_s + HORIZON_S)
        load_w = np.sum(list(coming.demand_w.values()), axis=0)
        scenarios = Scenarios(at_s, coming.grid, coming.total_pv_w[None], load_w[None], np.ones(1))
        return Ahead(scenarios, coming.demand_w)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What was measured, as the forecasts take it."""

    pv: PvRecord
    arrays: Mapping[str, PvRecord]
    feeders: Mapping[str, LoadRecord]


@dataclass(frozen=True, slots=True, eq=False)
class _Learned:
    pv: LearnedPv
    village: LearnedVillage


class Forecasts:
    """The forecasts of operation; learned anew each week.

    Calibration begins with the three weeks before the first, and then learns from what was forecast.
    """

    def __init__(
        self,
        site: PlannedSite,
        truth: Truth,
        weather: WeatherArchive,
        *,
        rehearsed_days: int = REHEARSED_DAYS,
    ) -> None:
        self._site, self._truth, self._weather = site, truth, weather
        self._rehearsed_s = rehearsed_days * DAY_S
        self._learned: _Learned | None = None
        self._learned_s = 0
        self._calibrations = fresh_calibrations()
        self._kept_s: int | None = None
        self._models: list[tuple[QuantileForecast, QuantileForecast]] = []
        self._published: list[tuple[QuantileForecast, QuantileForecast]] = []
        """PV and load, oldest first."""

    def ahead(self, at_s: int) -> Ahead:
        """A handful of the paths that may come."""
        learned = self._learned
        if learned is None or not self._learned_s <= at_s < self._learned_s + _LEARNED_EVERY_S:
            if learned is None:
                self._rehearse(at_s)
            self._catch_up(at_s)
            learned = self._learn(at_s)
            self._learned, self._learned_s = learned, at_s
        pv, load, feeders = self._issue(learned, at_s)
        scenarios = sample_scenarios(
            pv,
            load,
            self._calibrations.dependence,
            count=SCENARIOS,
            seed=at_s // QUARTER_S,
            pv_ceiling_w=self._site.pv_limit_w,
        )
        return ahead_of(scenarios, feeders)

    def _rehearse(self, at_s: int) -> None:
        """Forecast the last weeks from what was learned before them, so that calibration knows something."""
        begin_s = at_s - self._rehearsed_s
        learned = self._learn(begin_s)
        for issued_s in range(begin_s, at_s, _KEPT_EVERY_S):
            if (issued_s - begin_s) % DAY_S == 0:
                self._catch_up(issued_s)
            self._issue(learned, issued_s)

    def _issue(
        self, learned: _Learned, at_s: int
    ) -> tuple[QuantileForecast, QuantileForecast, Mapping[str, QuantileForecast]]:
        """PV, load and the feeders as published; some are kept to learn from."""
        past = self._past(at_s, RECENT_S)
        grid = Grid(at_s // QUARTER_S * QUARTER_S, QUARTER_S, HORIZON_S // QUARTER_S)
        runs = self._weather.known_at(at_s).since(at_s - WEATHER_USED_S)
        sun = forecast_pv(learned.pv, self._site.pv, past.pv, runs, at_s, grid).total
        village = forecast_village(learned.village, past.feeders, self._site.place, at_s, grid)
        pv = calibrate(self._calibrations.pv, sun, self._site.pv_limit_w)
        load = calibrate(self._calibrations.load, village.total)
        if self._kept_s is None or at_s >= self._kept_s + _KEPT_EVERY_S:
            self._kept_s = at_s
            self._models.append((sun, village.total))
            self._published.append((pv, load))
        return pv, load, village.feeders

    def _catch_up(self, at_s: int) -> None:
        """Learn from what was forecast and has come since."""
        if not self._models:
            return
        past = self._past(at_s, REHEARSED_DAYS * DAY_S)
        self._calibrations = caught_up(
            self._calibrations,
            Issued(*(list(kind) for kind in zip(*self._models, strict=True))),
            Issued(*(list(kind) for kind in zip(*self._published, strict=True))),
            Measured(past.pv.grid, past.pv.offered_w),
            Measured(past.pv.grid, np.sum([one.power_w for one in past.feeders.values()], axis=0)),
            at_s,
        )
        self._published = [kept for kept in self._published if kept[0].grid.end_s > at_s]
        self._models = [kept for kept in self._models if kept[0].grid.end_s > at_s]

    def _learn(self, at_s: int) -> _Learned:
        past = self._past(at_s, HISTORY_DAYS * DAY_S)
        return _Learned(
            learn_pv(self._site.pv, past.pv, past.arrays, self._weather.known_at(at_s), at_s),
            learn_village(past.feeders, self._site.priors, self._site.place, at_s),
        )

    def _past(self, at_s: int, reach_s: int) -> _Past:
        """What was measured in the quarters of an hour that ended by a moment."""
        end_s = at_s // QUARTER_S * QUARTER_S
        begin_s = max(self._truth.grid.start_s, end_s - reach_s)
        part = self._truth.between(begin_s, end_s)
        nothing = np.zeros(part.grid.count, dtype=np.bool_)

        def record(power_w: Floats) -> PvRecord:
            return PvRecord(part.grid, power_w, nothing, part.plane_wm2, part.temp_c)

        return _Past(
            record(part.total_pv_w),
            {name: record(power_w) for name, power_w in part.pv_w.items()},
            {
                name: LoadRecord(part.grid, power_w, nothing, missing(part.grid))
                for name, power_w in part.demand_w.items()
            },
        )
