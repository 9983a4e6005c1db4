"""Our own forecasters as contenders: the functions that run in operation, calibrated online as there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting.backtest.contender import Issued, Known
from forecasting.backtest.guarded import LoadGuard, PvGuard
from forecasting.backtest.online import OnlineCalibration
from forecasting.grid import Floats, Grid
from forecasting.load.forecaster import forecast_load
from forecasting.load.learning import LearnedLoad, learn_load
from forecasting.load.priors import LoadPrior
from forecasting.quantiles import LEVELS_ARRAY
from forecasting.records import LoadRecord, PvRecord, WeatherArchive
from forecasting.site import Place, PvSite
from forecasting.solar.clear_sky import ClearSky
from forecasting.solar.forecaster import LearnedPv, forecast_pv, learn_pv


class OurPv:
    """The whole PV forecast of the site, with the weather forecasts at hand or without any."""

    def __init__(self, name: str, site: PvSite, sky: ClearSky, *, with_weather: bool) -> None:
        self.name = name
        self.guard = PvGuard(sky)
        self._site = site
        self._ceiling_w = _limit_w(site)
        self._with_weather = with_weather
        self._calibration = OnlineCalibration()
        self._learned: LearnedPv | None = None

    def learn(self, known: Known[PvRecord]) -> None:
        """What runs every night."""
        believed = self.guard.learnable(self._seen(known))
        self._learned = learn_pv(self._site, believed.record, {}, believed.weather, known.at_s)

    def forecast(self, known: Known[PvRecord], grid: Grid) -> Issued:
        """What runs every quarter of an hour. Raises ValueError before anything was learned."""
        if self._learned is None:
            raise ValueError("a forecast before learning")
        recent = self.guard.recent(self._seen(known))
        made = forecast_pv(self._learned, self._site, recent.record, recent.weather, known.at_s, grid)
        total = self._calibration.calibrated(recent, made.total, self._ceiling_w)
        return Issued(made.mean_w, total.median_w, total.values_w)

    def _seen(self, known: Known[PvRecord]) -> Known[PvRecord]:
        return known if self._with_weather else replace(known, weather=WeatherArchive())


class OurLoad:
    """The forecast of one load."""

    def __init__(self, name: str, load: str, place: Place, prior: LoadPrior | None) -> None:
        self.name = name
        self.guard = LoadGuard(load)
        self._place = place
        self._prior = prior
        self._calibration = OnlineCalibration()
        self._learned: LearnedLoad | None = None

    def learn(self, known: Known[LoadRecord]) -> None:
        """What runs every night."""
        self._learned = learn_load(self.guard.learnable(known).record, self._place, self._prior, known.at_s)

    def forecast(self, known: Known[LoadRecord], grid: Grid) -> Issued:
        """What runs every quarter of an hour. Raises ValueError before anything was learned."""
        if self._learned is None:
            raise ValueError("a forecast before learning")
        recent = self.guard.recent(known)
        made = forecast_load(self._learned, recent.record, self._place, known.at_s, grid)
        total = self._calibration.calibrated(recent, made)
        return Issued(mean_of(total.values_w), total.median_w, total.values_w)


def _limit_w(site: PvSite) -> float | None:
    """What all inverters together can give; None where that of one is unknown."""
    limits = [array.ac_w for array in site.arrays if array.ac_w is not None]
    return sum(limits) if len(limits) == len(site.arrays) else None


def mean_of(values_w: Floats) -> Floats:
    """The mean of a distribution given by its quantiles at LEVELS, shape (7, n) to (n,).

    Each quantile stands for the probabilities half way to its neighbours, the outer ones for all beyond.
    """
    edges = np.concatenate(([0.0], (LEVELS_ARRAY[1:] + LEVELS_ARRAY[:-1]) / 2, [1.0]))
    mean_w: Floats = np.diff(edges) @ values_w
    return mean_w
