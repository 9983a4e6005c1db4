"""Measured power laid out by local day and time of day: how the load models see the past. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, local_time

HOURS = 24
SLOTS = 288
"""Of five minutes: the finest that a shape within the day is told apart."""
HOURS_TO_SLOTS = SLOTS // HOURS
"""Slots in an hour."""
_SLOT_S = DAY_S // SLOTS


@dataclass(frozen=True, slots=True, eq=False)
class DayTable:
    """Power by local day and time of day [W], NaN where missing.

    The hour that a spring day lacks is missing; of the two that an autumn day has, the later counts.
    """

    first_day: int
    """Days since 1970-01-01."""
    values_w: Floats
    """Shape (days, steps a day)."""

    @property
    def end_day(self) -> int:
        """The day after the last."""
        return self.first_day + len(self.values_w)

    @property
    def hourly_w(self) -> Floats:
        """Means of the hours of which at least half is known, shape (days, 24)."""
        days, steps = self.values_w.shape
        return _means(self.values_w.reshape(days, HOURS, steps // HOURS), needed=0.5)

    @property
    def by_slot_w(self) -> Floats:
        """Mean power in slots of five minutes, shape (days, SLOTS)."""
        days, steps = self.values_w.shape
        if steps <= SLOTS:
            return np.repeat(self.values_w, SLOTS // steps, axis=1)
        return _means(self.values_w.reshape(days, SLOTS, steps // SLOTS), needed=0.5)

    def days(self, first_day: int, end_day: int) -> Floats:
        """Hourly means of days, missing where the table does not reach, shape (end_day - first_day, 24)."""
        found = np.full((end_day - first_day, HOURS), np.nan)
        low, high = max(first_day, self.first_day), min(end_day, self.end_day)
        if low < high:
            part = DayTable(low, self.values_w[low - self.first_day : high - self.first_day])
            found[low - first_day : high - first_day] = part.hourly_w
        return found


def empty_table(day: int) -> DayTable:
    """Nothing measured before a day."""
    return DayTable(day, np.empty((0, HOURS)))


def lay_out(grid: Grid, values_w: Floats, timezone: str) -> DayTable:
    """Lay out values on a grid.

    Args:
        grid: steps that divide an hour into equal parts, of a minute and more.
        values_w: shape (grid.count,), NaN where missing.
        timezone: name in the IANA database.

    Raises ValueError for other steps.
    """
    check_step(grid.step_s)
    local = local_time(grid.centres_s, timezone)
    first = int(local.day[0])
    steps = DAY_S // grid.step_s
    table = np.full((int(local.day[-1]) - first + 1, steps), np.nan)
    step = (local.hour * HOUR_S / grid.step_s + 1e-6).astype(np.int64)  # a middle may lie on an edge
    table[local.day - first, np.minimum(step, steps - 1)] = values_w
    return DayTable(first, table)


def check_step(step_s: int) -> None:
    """Raises ValueError for a step that is not five minutes, or divides neither an hour nor into slots."""
    if step_s > HOUR_S or HOUR_S % step_s or (step_s % _SLOT_S and _SLOT_S % step_s):
        msg = f"loads are forecast in steps that divide an hour and fit five minutes, not {step_s} s"
        raise ValueError(msg)


def _means(parts: Floats, needed: float) -> Floats:
    """Means over the last axis where at least the needed share of it is known, NaN elsewhere."""
    known = np.isfinite(parts)
    count = known.sum(axis=-1)
    total = np.where(known, parts, 0.0).sum(axis=-1)
    return np.where(count >= needed * parts.shape[-1], total / np.maximum(count, 1), np.nan)
