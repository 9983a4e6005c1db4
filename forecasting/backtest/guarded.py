"""The guards of operation inside the walk: ours are handed what can be believed of what was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from controller.core.model import Reason
from forecasting.backtest.contender import Known
from forecasting.grid import Floats, Grid
from forecasting.looking_back import RECENT_S, WEATHER_USED_S
from forecasting.records import LoadRecord, PvRecord
from forecasting.sanity import (
    SkyPart,
    inspect_archive,
    inspect_load,
    inspect_pv,
    part_of,
    source_shifts_h,
)
from forecasting.solar.clear_sky import ClearSky

_FAR_BEYOND = 10.0
"""Of the most that was ever believed; a week in the wrong unit is half of the last weeks."""


@dataclass(slots=True)
class PvGuard:
    """Looks measured PV and weather runs over, and remembers what was wrong with them."""

    sky: ClearSky
    """Over all of the trial, in its step."""
    findings: dict[str, Reason] = field(default_factory=dict)
    """The latest of each code."""
    most_w: float = np.inf
    """More than this is not believed of the last weeks."""
    weather_late_h: Mapping[str, int] = field(default_factory=dict)
    """By how many whole hours weather sources are late, as all their runs together prove."""

    def learnable(self, known: Known[PvRecord]) -> Known[PvRecord]:
        """What can be believed of all that was known; remembers the most of it, and how late runs are."""
        self.weather_late_h = source_shifts_h(known.weather, self._part)
        believed = self.believed(known)
        self.most_w = _most_w(believed.record.power_w)
        return believed

    def believed(self, known: Known[PvRecord]) -> Known[PvRecord]:
        """What can be believed of all that was known."""
        record, told = inspect_pv(known.record, self._part(known.record.grid), None)
        weather, told_of_runs = inspect_archive(known.weather, self._part, self.weather_late_h)
        self.findings.update({reason.code: reason for reason in told + told_of_runs})
        return replace(known, record=record, weather=weather)

    def recent(self, known: Known[PvRecord]) -> Known[PvRecord]:
        """What can be believed of the last weeks."""
        record = known.record.since(known.at_s - RECENT_S) or known.record
        record = replace(record, power_w=_below(record.power_w, self.most_w))
        weather = known.weather.since(known.at_s - WEATHER_USED_S)
        return self.believed(replace(known, record=record, weather=weather))

    def _part(self, grid: Grid) -> SkyPart:
        return part_of(self.sky, grid)


@dataclass(slots=True)
class LoadGuard:
    """Looks a measured load over, and remembers what was wrong with it."""

    name: str
    findings: dict[str, Reason] = field(default_factory=dict)
    """The latest of each code."""
    most_w: float = np.inf
    """More than this is not believed of the last weeks."""

    def learnable(self, known: Known[LoadRecord]) -> Known[LoadRecord]:
        """What can be believed of all that was known; remembers what the feeder can draw."""
        believed = self.believed(known)
        self.most_w = _most_w(believed.record.power_w)
        return believed

    def believed(self, known: Known[LoadRecord]) -> Known[LoadRecord]:
        """What can be believed of all that was known."""
        record, told = inspect_load(known.record, name=self.name)
        self.findings.update({reason.code: reason for reason in told})
        return replace(known, record=record)

    def recent(self, known: Known[LoadRecord]) -> Known[LoadRecord]:
        """What can be believed of the last weeks."""
        record = known.record.since(known.at_s - RECENT_S) or known.record
        record = replace(record, power_w=_below(record.power_w, self.most_w))
        return self.believed(replace(known, record=record))


def _most_w(power_w: Floats) -> float:
    highest_w = float(np.nanmax(power_w, initial=0.0))
    return _FAR_BEYOND * highest_w if highest_w > 0 else np.inf


def _below(power_w: Floats, most_w: float) -> Floats:
    return np.where(power_w > most_w, np.nan, power_w)
