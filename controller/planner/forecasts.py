"""The planner of one site: learns each night, forecasts every quarter of an hour. Composes the models."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from controller.clock import clock_from
from controller.core.model import Reason
from controller.planner.document import Contents, LearnedFacts, document, watts
from controller.planner.findings import Inspected, array_findings, inspected
from controller.planner.hindsight import (
    KEPT_S,
    Issued,
    Measured,
    caught_up,
    fresh_calibrations,
    issued_forecasts,
    quality,
)
from controller.planner.history import History, SiteHistory
from controller.planner.learned import Expected, Learned
from controller.planner.plan_now import plan_now
from controller.planner.plan_past import with_past
from controller.planner.plans import Ahead, ahead_of, make_plan
from controller.planner.site import planned_site
from controller.planner.weather import weather_source
from controller.planning.solution import PlanningError
from controller.runtime.child_wire import Json
from controller.settings import Config
from controller.telemetry.schema import StorageError
from forecasting.calibration.conformal import calibrate
from forecasting.calibration.scenarios import Scenarios, sample_scenarios
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Grid
from forecasting.load.village import forecast_village, learn_village
from forecasting.looking_back import RECENT_S, WEATHER_USED_S
from forecasting.outlook import Battery, Outlook, look_ahead, next_sunrise_s
from forecasting.quantiles import LEVELS, QuantileForecast, tidy
from forecasting.records import WeatherArchive
from forecasting.sanity import inspect_archive, source_shifts_h
from forecasting.solar.clear_sky import clear_sky
from forecasting.solar.forecaster import PvForecast, forecast_pv, learn_pv
from forecasting.weather.source import WeatherSource, newest

_log = logging.getLogger(__name__)

HORIZON_STEPS = 2 * DAY_S // QUARTER_S
SCENARIOS = 200


def site_planner(setup: Json) -> SitePlanner:
    """The planner of the site that the controller hands over."""
    config = Config.model_validate_json(setup["config"])
    place, clock = planned_site(config).place, clock_from(setup["clock"])
    weather = weather_source(config, place, Path(setup["cache"]), clock)
    return SitePlanner(config, Path(setup["telemetry"]), weather)


class SitePlanner:
    """Holds what was learned from one job to the next; all else comes from the store and the weather."""

    def __init__(self, config: Config, telemetry: Path, weather: WeatherSource) -> None:
        self._site = planned_site(config)
        self._config = config
        self._telemetry = telemetry
        self._history = SiteHistory(self._site.core, telemetry)
        self._weather = weather
        self._learned: Learned | None = None
        self._calibrations = fresh_calibrations()
        self._calibrated_hour: int | None = None
        self._ahead: Ahead | None = None

    def learn(self, now_s: float) -> None:
        """Learn from all that was measured before a moment.

        Raises StorageError when that cannot be read and nothing was learned before; else the old stands.
        """
        try:
            past = self._history.read(now_s)
        except StorageError as error:
            if self._learned is None or self._learned.at_s is None:
                raise
            _log.warning("nothing new is learned: %s", error)
            return
        checked = self._inspected(past).history
        self._learned = None  # a site's old and new learning together take too much memory
        self._learned = self.learned(checked, int(now_s), now_s)
        self._calibrations = fresh_calibrations()
        self._calibrated_hour = None
        self._calibrate(checked, int(now_s), int(now_s) - KEPT_S)

    def forecast(self, now_s: float, soc_frac: float | None) -> Json:
        """The forecast of a moment, and what the models said before calibration."""
        issued_s, place = int(now_s), self._site.place
        checked = self._recent(now_s)
        if self._learned is None:
            self._learned = self.learned(checked.history, issued_s, None)
        weather, told = inspect_archive(
            self._recent_weather(issued_s), partial(clear_sky, place), self._learned.weather_late_h
        )
        self._calibrate(checked.history, issued_s, issued_s - RECENT_S)
        found = self.expected(self._learned, checked.history, weather, issued_s)
        scenarios = sample_scenarios(
            found.pv,
            found.load,
            self._calibrations.dependence,
            count=SCENARIOS,
            pv_ceiling_w=self._site.pv_limit_w,
        )
        self._ahead = ahead_of(scenarios, found.feeders)
        contents = Contents(
            pv=found.pv,
            load=found.load,
            arrays=found.arrays,
            feeders=found.feeders,
            weather=[(run.source, run.issued_s) for run in newest(weather)],
            weather_reason=next(iter((*self._weather.trouble(), *told)), None),
            outlook=self._outlook(scenarios, soc_frac),
            pv_quality=self._learned.pv_quality,
            load_quality=self._learned.load_quality,
            findings=(*self._learned.findings, *checked.findings, *told),
            learned=_facts(self._learned),
        )
        models = {"pv_w": watts(found.pv_model.values_w), "load_w": watts(found.load_model.values_w)}
        return {"document": document(self._site, contents), "models": models}

    def plan(self, told: Json) -> Json:
        """The plan of a moment from the last forecast, or why there is none; told: where things stand."""
        if self._ahead is None:
            return {"plan": None, "why_none": "nothing has been forecast yet"}
        now = with_past(plan_now(told), self._config, self._telemetry)
        try:
            made = make_plan(self._site, self._config, self._ahead.scenarios, self._ahead.feeders_w, now)
        except PlanningError as error:
            return {"plan": None, "why_none": str(error)}
        return {"plan": made.document}

    def _recent(self, now_s: float) -> Inspected:
        """The last days. A store that cannot be read stops no forecast: it is told, and nothing is known."""
        try:
            return self._inspected(self._history.read(now_s, RECENT_S))
        except StorageError as error:
            unreadable = Reason("history_unreadable", {"error": str(error)})
            return Inspected(self._history.unknown(now_s), (unreadable,))

    def _issued(self, kind: str, since_s: int, until_s: int) -> list[QuantileForecast]:
        """What was forecast; nothing from a store that cannot be read, which the history tells of."""
        try:
            return issued_forecasts(self._telemetry, kind, since_s, until_s)
        except StorageError:
            return []

    def _inspected(self, past: History) -> Inspected:
        return inspected(past, self._site, clear_sky(self._site.place, past.pv.grid))

    def expected(self, learned: Learned, past: History, weather: WeatherArchive, issued_s: int) -> Expected:
        """The forecasts of 48 h from the quarter of an hour of the issue, calibrated where they can be."""
        place = self._site.place
        grid = Grid(issued_s // QUARTER_S * QUARTER_S, QUARTER_S, HORIZON_STEPS)
        pv = (
            _no_pv(issued_s, grid)
            if learned.pv is None
            else forecast_pv(learned.pv, self._site.pv, past.pv, weather, issued_s, grid)
        )
        village = forecast_village(learned.village, past.feeders, place, issued_s, grid)
        calibrated = calibrate(self._calibrations.pv, pv.total, self._site.pv_limit_w)
        return Expected(
            pv=calibrated,
            load=calibrate(self._calibrations.load, village.total),
            arrays={
                array.id: _scaled(pv.arrays[array.id], pv.total, calibrated, array.ac_w)
                for array in self._site.core.pv
            },
            feeders=village.feeders,
            pv_model=pv.total,
            load_model=village.total,
        )

    def learned(self, past: History, until_s: int, at_s: float | None) -> Learned:
        """What a past teaches; at_s: what is told of when it was learned."""
        site, place = self._site, self._site.place
        runs, sky_on = self._weather.archive(), partial(clear_sky, place)
        late_h = source_shifts_h(runs, sky_on)
        weather, _ = inspect_archive(runs, sky_on, late_h)
        pv = learn_pv(site.pv, past.pv, past.arrays, weather, until_s) if site.pv.arrays else None
        since_s = until_s - KEPT_S
        scores = {
            kind: quality(self._issued(kind, since_s, until_s), measured, until_s)
            for kind, measured in _measured(past).items()
        }
        return Learned(
            at_s=at_s,
            days=past.days,
            pv=pv,
            village=learn_village(past.feeders, site.priors, place, until_s),
            weather_late_h=late_h,
            pv_quality=scores["pv"],
            load_quality=scores["load"],
            findings=() if pv is None else array_findings(pv.parts, site, until_s),
        )

    def _recent_weather(self, now_s: int) -> WeatherArchive:
        return self._weather.archive().known_at(now_s).since(now_s - WEATHER_USED_S)

    def _calibrate(self, past: History, now_s: int, since_s: int) -> None:
        """Once an hour: what became of what the models said, and of what was published."""
        if self._calibrated_hour == now_s // HOUR_S:
            return
        measured = _measured(past)
        models, published = (
            Issued(*(self._issued(kind, since_s, now_s) for kind in kinds))
            for kinds in (("pv_model", "load_model"), ("pv", "load"))
        )
        self._calibrations = caught_up(
            self._calibrations, models, published, measured["pv"], measured["load"], now_s
        )
        self._calibrated_hour = now_s // HOUR_S

    def _outlook(self, scenarios: Scenarios, soc_frac: float | None) -> Outlook | None:
        """What becomes of the battery until sunrise; None where the sun does not rise within a day."""
        core, place = self._site.core, self._site.place
        try:
            sunrise_s = next_sunrise_s(scenarios.issued_s, place)
        except ValueError:
            return None
        battery = Battery(
            core.battery.energy_wh,
            None if soc_frac is None else min(1.0, max(0.0, soc_frac)),
            core.battery.reserve_soc_frac,
            core.battery.inverter_w,
        )
        return look_ahead(
            scenarios,
            battery,
            sunrise_s=sunrise_s,
            timezone=place.timezone,
            has_genset=core.genset is not None,
        )


def _measured(past: History) -> Mapping[str, Measured]:
    """What forecasts of the totals are held against: only what sun and people alone decided."""
    grid = past.pv.grid
    return {"pv": Measured(grid, past.pv.offered_w), "load": Measured(grid, past.load.demand_w)}


def _no_pv(issued_s: int, grid: Grid) -> PvForecast:
    """What a site without panels gives."""
    nothing_w = np.zeros((len(LEVELS), grid.count))
    return PvForecast(QuantileForecast(issued_s, grid, nothing_w), nothing_w[0], {})


def _scaled(
    part: QuantileForecast, before: QuantileForecast, after: QuantileForecast, limit_w: float
) -> QuantileForecast:
    """An array's share of the total after calibration, within what its inverter can give."""
    ratio = np.divide(
        after.values_w, before.values_w, out=np.ones_like(after.values_w), where=before.values_w > 0
    )
    return replace(part, values_w=tidy(part.values_w * ratio, limit_w))


def _facts(learned: Learned) -> LearnedFacts:
    arrays = {
        array.id: {
            "capacity_w": round(array.dc_w),
            "tilt_deg": round(array.tilt_deg, 1),
            "azimuth_deg": round(array.azimuth_deg % 360.0, 1),
        }
        for array in (() if learned.pv is None else learned.pv.parts.arrays)
    }
    return LearnedFacts(learned.at_s, learned.days, arrays)
