"""The guards of operation inside the walk: ours are handed what can be believed of what was known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from controller.core.model import Reason
from forecasting.backtest.contender import AnyKnown, Known
from forecasting.grid import DAY_S
from forecasting.records import LoadRecord, PvRecord, WeatherArchive
from forecasting.sanity import inspect_archive, inspect_load, inspect_pv
from forecasting.site import Place
from forecasting.solar.clear_sky import clear_sky

_RECENT_S = 14 * DAY_S
"""What a forecast looks back on; learning looks back on all there is."""
_RECENT_RUNS_S = 30 * DAY_S
"""A run alone cannot prove that its hours are shifted; those of a month can."""


@dataclass(slots=True)
class Guards:
    """Looks what was known over, and remembers what was wrong with it."""

    place: Place
    findings: dict[str, Reason] = field(default_factory=dict)
    """The latest of each code."""

    def pv(self, known: Known[PvRecord]) -> Known[PvRecord]:
        """What can be believed of measured PV and of weather runs."""
        record, told = inspect_pv(known.record, clear_sky(self.place, known.record.grid), None)
        weather, told_of_runs = inspect_archive(known.weather, partial(clear_sky, self.place))
        self._note(told + told_of_runs)
        return replace(known, record=record, weather=weather)

    def load(self, known: Known[LoadRecord]) -> Known[LoadRecord]:
        """What can be believed of a measured load."""
        record, told = inspect_load(known.record)
        self._note(told)
        return replace(known, record=record)

    def _note(self, told: tuple[Reason, ...]) -> None:
        self.findings.update({reason.code: reason for reason in told})


def recent_weather(known: AnyKnown) -> WeatherArchive:
    """The runs of the last weeks."""
    since_s = known.at_s - _RECENT_RUNS_S
    return WeatherArchive(tuple(run for run in known.weather.runs if run.issued_s >= since_s))


def recent_pv(known: Known[PvRecord]) -> Known[PvRecord]:
    """The last weeks of what was known."""
    record = known.record.since(known.at_s - _RECENT_S) or known.record
    return replace(known, record=record, weather=recent_weather(known))


def recent_load(known: Known[LoadRecord]) -> Known[LoadRecord]:
    """The last weeks of what was known."""
    return replace(known, record=known.record.since(known.at_s - _RECENT_S) or known.record)
