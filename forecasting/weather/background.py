"""Any fetch as a source that never makes anybody wait: a daemon thread does the waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.core.model import Reason
from controller.core.reasons import render
from forecasting.grid import DAY_S, HOUR_S
from forecasting.records import WeatherArchive, WeatherRun
from forecasting.weather.cache import WeatherCache
from forecasting.weather.errors import WeatherError, WeatherRefusedError, told
from forecasting.weather.schedule import Schedule
from forecasting.weather.source import Fetch, newest

_log = logging.getLogger(__name__)

_LOOK_S = 30.0
"""Seconds of the host between two looks at the schedule: a simulated clock may run faster."""
_STALE_S = 12 * HOUR_S
_HANGS_S = 300.0
"""A fetch that takes longer hangs where no time limit reaches: in the look-up of a name."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known; replaced as a whole, so that readers need no lock."""

    archive: WeatherArchive
    failure: Reason | None = None
    damaged: Reason | None = None
    unwritable: Reason | None = None
    asking_since_s: float | None = None


class BackgroundWeather:
    """Weather from a fetch, kept in memory and (with a cache) on disk, refreshed by the clock.

    `start` begins the refreshing; without it `refresh_if_due` may be called by hand. The one thread that
    refreshes is the only writer.
    """

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        *,
        monotonic: Callable[[], float],
        utc_now_s: Callable[[], int],
        cache: WeatherCache | None = None,
        schedule: Schedule | None = None,
        keep_s: int = 90 * DAY_S,
    ) -> None:
        self.name = name
        self._fetch = fetch
        self._monotonic = monotonic
        self._utc_now_s = utc_now_s
        self._cache = cache
        self._schedule = schedule or Schedule()
        self._keep_s = keep_s
        self._state = _State(WeatherArchive())
        self._stop = threading.Event()
        self._load()

    def latest(self) -> tuple[WeatherRun, ...]:
        """The newest run of each model."""
        return newest(self._state.archive)

    def archive(self) -> WeatherArchive:
        """All runs kept."""
        return self._state.archive

    def trouble(self) -> tuple[Reason, ...]:
        """Failure of the last attempt, stale weather, a damaged or unwritable cache."""
        state = self._state
        found = [state.failure, self._hanging(state), self._stale(state), state.damaged, state.unwritable]
        return tuple(reason for reason in found if reason is not None)

    def start(self) -> None:
        """Begin to refresh in the background."""
        threading.Thread(target=self._run, name=f"weather {self.name}", daemon=True).start()

    def close(self) -> None:
        """Ask the thread to end; a fetch that hangs dies with the process."""
        self._stop.set()

    def refresh_if_due(self) -> None:
        """Fetch when it is time. Waits as long as the fetch does."""
        if self._monotonic() < self._schedule.due_s:
            return
        self._state = replace(self._state, asking_since_s=self._monotonic())
        try:
            runs = self._fetch()
        except WeatherError as err:
            self._note_failure(err)
        else:
            self._keep(runs)
        finally:
            self._state = replace(self._state, asking_since_s=None)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.refresh_if_due()
            self._stop.wait(_LOOK_S)

    def _load(self) -> None:
        """Begin with what is on disk; what is fresh there is not asked for again at once."""
        if self._cache is None:
            return
        try:
            loaded = self._cache.load()
        except OSError as err:
            self._state = replace(self._state, unwritable=_unwritable(err))
            return
        damaged = (
            Reason("weather_cache_damaged", {"count": len(loaded.damaged), "file": loaded.damaged[-1]})
            if loaded.damaged
            else None
        )
        self._state = replace(self._state, archive=loaded.archive, damaged=damaged)
        if loaded.archive.runs:
            age_s = self._utc_now_s() - loaded.archive.runs[-1].issued_s
            if 0 <= age_s < self._schedule.period_s:
                self._schedule.due_s = self._monotonic() + self._schedule.period_s - age_s

    def _keep(self, runs: tuple[WeatherRun, ...]) -> None:
        if self._schedule.failures:
            _log.info("weather from %s is back", self.name)
        self._schedule.succeeded(self._monotonic())
        now_s = self._utc_now_s()
        kept = [run for run in self._state.archive.runs if run.issued_s > now_s - self._keep_s]
        fresh = {(run.source, run.issued_s): run for run in (*kept, *runs)}
        archive = WeatherArchive(tuple(sorted(fresh.values(), key=lambda run: run.issued_s)))
        self._state = replace(self._state, archive=archive, failure=None)
        if self._cache is not None:
            self._store(self._cache, runs)

    def _store(self, cache: WeatherCache, runs: tuple[WeatherRun, ...]) -> None:
        try:
            cache.store(runs)
        except OSError as err:
            reason = _unwritable(err)
            if self._state.unwritable is None:
                _log.warning("%s", render(reason).en)
            self._state = replace(self._state, unwritable=reason)
        else:
            self._state = replace(self._state, unwritable=None)

    def _note_failure(self, err: WeatherError) -> None:
        """The first in a row is a warning, the others are quiet."""
        reason = told(err, self.name)
        _log.log(logging.DEBUG if self._schedule.failures else logging.WARNING, "%s", render(reason).en)
        if isinstance(err, WeatherRefusedError):
            self._schedule.refused(self._monotonic())
        else:
            self._schedule.failed(self._monotonic())
        self._state = replace(self._state, failure=reason)

    def _hanging(self, state: _State) -> Reason | None:
        since_s = state.asking_since_s
        if since_s is None or self._monotonic() - since_s < _HANGS_S:
            return None
        return Reason("weather_unreachable", {"source": self.name, "error": "the look-up of its name hangs"})

    def _stale(self, state: _State) -> Reason | None:
        """Weather that is old, or fresh but of days gone by; what never came is told by the failure."""
        runs = newest(state.archive)
        if not runs:
            return None
        now_s = self._utc_now_s()
        since_issue_s = now_s - max(run.issued_s for run in runs)
        since_end_s = now_s - max(run.grid.end_s for run in runs)
        if since_issue_s <= _STALE_S and since_end_s < 0:
            return None
        return Reason("weather_stale", {"source": self.name, "age_s": max(since_issue_s, since_end_s)})


def _unwritable(err: OSError) -> Reason:
    return Reason("weather_cache_unwritable", {"error": err.strerror or type(err).__name__})
