"""What the village's clock and calendar say of each step: quiet hours, windows, the monthly test. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from controller.planning.horizon import steps_of
from controller.planning.solution import PlanningError
from controller.settings.plant import FlexibleSettings, MonthlyTest, QuietHours
from forecasting.grid import DAY_S, HOUR_S, QUARTER_S, Bools, Floats, Grid, Ints, local_time

LEAST_STEP_S = 60
"""A shorter first step is joined to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps of a plan, [edges_s[i], edges_s[i + 1])."""

    edges_s: Ints
    """Unix seconds, shape (n + 1,)."""
    timezone: str

    @property
    def count(self) -> int:
        """Number of steps."""
        return int(self.edges_s.size - 1)

    @property
    def hours(self) -> Floats:
        """Length of each step [h], shape (n,)."""
        found: Floats = np.diff(self.edges_s) / HOUR_S
        return found

    @property
    def begin_s(self) -> int:
        """Start of the first step, Unix seconds."""
        return int(self.edges_s[0])

    @property
    def end_s(self) -> int:
        """End of the last step, Unix seconds."""
        return int(self.edges_s[-1])

    def share_of(self, from_s: float, to_s: float) -> Floats:
        """Which part of each step lies within a stretch of time, 0 to 1, shape (n,)."""
        inside = np.minimum(self.edges_s[1:], to_s) - np.maximum(self.edges_s[:-1], from_s)
        found: Floats = np.clip(inside, 0, None) / np.diff(self.edges_s)
        return found

    def means_of(self, grid: Grid) -> Floats:
        """The matrix, shape (grid.count, n), by which values on a grid become means in the steps."""
        ends = np.minimum(grid.starts_s[:, None] + grid.step_s, self.edges_s[None, 1:])
        shared_s = np.clip(ends - np.maximum(grid.starts_s[:, None], self.edges_s[None, :-1]), 0, None)
        found: Floats = shared_s / shared_s.sum(axis=0)
        return found

    def clock_s(self, at_s: float) -> int:
        """Seconds since local midnight of a moment: how reasons tell it."""
        return clock_s(at_s, self.timezone)


def steps_from(at_s: float, forecast: Grid, timezone: str) -> Steps:
    """The steps of a plan made at a moment, up to the end of the forecast.

    The first begins now and ends with the running quarter of an hour, or with the next where this one is
    nearly over. Raises PlanningError when the forecast begins later, or ends within the hour.
    """
    ends_s = forecast.end_s
    if not forecast.start_s <= at_s <= ends_s - HOUR_S:
        msg = f"the forecast of {forecast.start_s} to {ends_s} is not one of the hours from {at_s:.0f} on"
        raise PlanningError(msg)
    quarter_s = int(at_s) // QUARTER_S * QUARTER_S
    if quarter_s + QUARTER_S - at_s < LEAST_STEP_S:
        quarter_s += QUARTER_S
    hour = float(local_time(np.array([quarter_s]), timezone).hour[0])
    lengths_s = np.rint(steps_of(hour, (ends_s - quarter_s) / HOUR_S) * HOUR_S).astype(np.int64)
    edges_s = quarter_s + np.concatenate([[0], np.cumsum(lengths_s)])
    edges_s[0] = int(at_s)
    return Steps(edges_s, timezone)


def clock_s(at_s: float, timezone: str) -> int:
    """Seconds since local midnight."""
    return round(float(local_time(np.array([round(at_s)]), timezone).hour[0]) * HOUR_S)


def seconds_of(clock: str) -> int:
    """Seconds since midnight of a time of day such as "06:30"."""
    hours, minutes = clock.split(":")
    return int(hours) * HOUR_S + int(minutes) * 60


def quiet(steps: Steps, hours: QuietHours | None) -> Bools:
    """Steps that lie in the quiet hours for the greater part, shape (n,)."""
    if hours is None:
        return np.zeros(steps.count, dtype=np.bool_)
    grid = _quarters(steps)
    within = _between(grid, hours.begin, hours.end, steps.timezone) @ steps.means_of(grid)
    found: Bools = within > 0.5
    return found


def _quarters(steps: Steps) -> Grid:
    """The quarters of an hour that the plan touches."""
    start_s = steps.begin_s // QUARTER_S * QUARTER_S
    return Grid(start_s, QUARTER_S, -(-(steps.end_s - start_s) // QUARTER_S))


def _between(grid: Grid, begin: str, end: str, timezone: str) -> Bools:
    """Quarters between two times of day, shape (grid.count,); an end before the begin lies past midnight."""
    begin_h, end_h = seconds_of(begin) / HOUR_S, seconds_of(end) / HOUR_S
    hour = local_time(grid.centres_s, timezone).hour
    after, before = hour >= begin_h, hour < end_h
    found: Bools = (after & before) if begin_h < end_h else (after | before)
    return found


def midnights(steps: Steps) -> list[int]:
    """The starts of the local days that the plan touches, and of the day before, Unix seconds."""
    noon_s = midnight_s(steps.begin_s, steps.timezone) + DAY_S // 2
    days = (steps.end_s - steps.begin_s) // DAY_S + 2
    # By way of noon, so that a day with a changed clock is found as well.
    return [midnight_s(noon_s + number * DAY_S, steps.timezone) for number in range(-1, days)]


def midnight_s(at_s: int, timezone: str) -> int:
    """The start of the local day in which a moment lies, Unix seconds."""
    local = local_time(np.array([at_s]), timezone)
    return at_s - round(float(local.hour[0]) * HOUR_S)


def monthly_run(steps: Steps, test: MonthlyTest | None, longest_run_s: float) -> Bools:
    """Steps of the month's run under load, shape (n,); none where it ran for as long within a week before."""
    required = np.zeros(steps.count, dtype=np.bool_)
    if test is None or longest_run_s >= test.run_s:
        return required
    for midnight_s in midnights(steps):
        day = local_time(np.array([midnight_s + DAY_S // 2]), steps.timezone).dates[0].day
        from_s = midnight_s + seconds_of(test.begin)
        if day == test.day and from_s + test.run_s > steps.begin_s:
            required |= steps.share_of(from_s, from_s + test.run_s) > 0
    return required


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A day's window of a flexible load, as far as it lies in the plan."""

    day: int
    """Days since 1970-01-01 of the local date."""
    inside: Bools
    """Steps, shape (n,)."""
    energy_wh: float
    """What is still wanted in it."""


def windows(steps: Steps, flexible: FlexibleSettings, used_wh: float) -> list[Window]:
    """The windows of a flexible load; used_wh: what it has had of the first day's energy already.

    A window that the plan's end cuts in two wants its part; one that is nearly over what it can still take.
    """
    grid, means = _quarters(steps), steps.means_of(_quarters(steps))
    open_now = _between(grid, flexible.begin, flexible.end, steps.timezone)
    days = local_time(grid.centres_s, steps.timezone).day
    whole = (seconds_of(flexible.end) - seconds_of(flexible.begin)) / QUARTER_S
    found = []
    for day in np.unique(days[open_now]):
        today = open_now & (days == day)
        inside: Bools = today @ means > 0.5
        first = day == days[0]
        wanted_wh = flexible.energy_wh - used_wh if first else flexible.energy_wh * today.sum() / whole
        energy_wh = min(wanted_wh, flexible.power_w * float(steps.hours[inside].sum()))
        if energy_wh > 0:
            found.append(Window(int(day), inside, float(energy_wh)))
    return found
