"""When the planner has something to do. Pure: it is told the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

QUARTER_S = 900
AFTER_QUARTER_S = 75.0
"""So long after a quarter of an hour its last samples are on the disk."""
LEARN_AT = timedelta(hours=2, minutes=10)
"""Local time of day: few are awake, the sun has set everywhere in the village."""
FORECAST_REST_S = 5.0
PLAN_REST_S = 5.0
LEARN_REST_S = 600.0
LEARN_SHARE = 0.05
"""Of a core at most, whatever the speed of the clock."""


class Job(StrEnum):
    """What the planner can be asked for."""

    LEARN = "learn"
    FORECAST = "forecast"
    PLAN = "plan"


FAILED_REST_S = {Job.FORECAST: 0.0, Job.LEARN: 3600.0, Job.PLAN: 600.0}
"""Host seconds until the same is tried again after a failure; the restart itself backs off as well."""


@dataclass(slots=True)
class Agenda:
    """Forecasts every quarter of an hour, a plan after each, learning every night; all soon after a start.

    The wall clock may step either way: what counts is that quarter or night are other ones than the last.
    Rests are counted on the host's clock, so that a demo faster than life does not spend its core on them.
    """

    zone: ZoneInfo
    with_plans: bool = True
    _plan_wanted: bool = False
    _quarter: int | None = None
    _night: date | None = None
    _rest_until_s: dict[Job, float] = field(default_factory=dict)
    _barred_until_s: dict[Job, float] = field(default_factory=dict)

    def due(self, at_utc: datetime, host_s: float) -> Job | None:
        """What is to be done now, if anything; learning goes first."""
        if self._night != self._night_of(at_utc) and self._may(Job.LEARN, host_s):
            return Job.LEARN
        if self._quarter != _quarter_of(at_utc) and self._may(Job.FORECAST, host_s):
            return Job.FORECAST
        if self._plan_wanted and self._may(Job.PLAN, host_s):
            return Job.PLAN
        return None

    def done(self, job: Job, at_utc: datetime, host_s: float, took_s: float) -> None:
        """A job that was begun at at_utc has been done, and took so many host seconds."""
        if job is Job.LEARN:
            self._night = self._night_of(at_utc)
            self._quarter = None  # what was learned shows at once
            self._rest_until_s[job] = host_s + max(LEARN_REST_S, took_s / LEARN_SHARE)
        elif job is Job.FORECAST:
            self._quarter = _quarter_of(at_utc)
            self._plan_wanted = self.with_plans
            self._rest_until_s[job] = host_s + FORECAST_REST_S
        else:
            self._plan_wanted = False
            self._rest_until_s[job] = host_s + PLAN_REST_S

    def failed(self, job: Job, host_s: float) -> None:
        """A job came to nothing: the child that had learned is gone, the next one begins anew."""
        self._barred_until_s[job] = host_s + FAILED_REST_S[job]
        self._rest_until_s.clear()
        self._night = self._quarter = None
        self._plan_wanted = False

    def want_forecast(self) -> None:
        """Somebody asks for a forecast before its time."""
        self._quarter = None

    def want_plan(self) -> None:
        """Likewise for a plan, from the last forecast."""
        self._plan_wanted = self.with_plans and self._quarter is not None

    def _may(self, job: Job, host_s: float) -> bool:
        return host_s >= max(self._rest_until_s.get(job, 0.0), self._barred_until_s.get(job, 0.0))

    def _night_of(self, at_utc: datetime) -> date:
        return (at_utc.astimezone(self.zone) - LEARN_AT).date()


def _quarter_of(at_utc: datetime) -> int:
    return int((at_utc.timestamp() - AFTER_QUARTER_S) // QUARTER_S)
