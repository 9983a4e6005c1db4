"""What a load's past tells: how its days go on, its shape within the hour, how far it strays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, local_time
from forecasting.load.calendar import day_kinds
from forecasting.load.day_table import HOURS, DayTable, empty_table, lay_out
from forecasting.load.demand import plausible_w, teachable_w
from forecasting.load.detail import shape_within_hours, within_steps
from forecasting.load.experts import Expected, Followed, begin, follow
from forecasting.load.priors import LoadPrior
from forecasting.load.scale import LogScale
from forecasting.load.spread import Spread, spread_of
from forecasting.records import LoadRecord
from forecasting.site import Place

MEMORY_DAYS = 400
"""Older measurements are not looked at."""
_PRIOR_DAYS = 1.0
"""So many measured days weigh as much as the prior when the scale of a load is told."""
_SCALE_DAYS = 28
_SPREAD_DAYS = 150
_LEAST_W = 1.0
_ABOVE_EVER = 1.25
_CEILING_DAYS = 14
"""With fewer days measured, what was never seen may come yet."""


@dataclass(frozen=True, slots=True, eq=False)
class LearnedLoad:
    """All that a forecast needs of a load's past; numbers only."""

    followed: Followed
    """Up to the local day in which the learning ended, of which nothing is taken in yet."""
    within_hour: Floats
    """Power in slots of five minutes as a multiple of the hour's mean, shape (288,)."""
    spread: Spread
    ceiling_w: float
    """No quantile lies above it."""
    prior: LoadPrior | None


def learn_load(
    record: LoadRecord | None, place: Place, prior: LoadPrior | None, until_s: float
) -> LearnedLoad:
    """Learn a load from what was measured before a moment.

    Args:
        record: its past; None, or all of it missing, for a new feeder.
        place: whose clock and holidays count.
        prior: what feeders of its class draw; may be None once there is a history.
        until_s: Unix seconds; nothing after it is looked at.

    Raises ValueError when there is neither history nor prior, or for steps that check_step refuses.
    """
    today = local_day(until_s, place)
    table = table_between(record, place, int(until_s) - MEMORY_DAYS * DAY_S, until_s)
    first_day = min(table.first_day, today)
    days_w = table.days(first_day, today)
    scale = _scale(table.hourly_w, prior)
    kinds = day_kinds(np.arange(first_day, today), place.country)
    followed, walked = follow(begin(first_day, scale, prior), kinds.tolist(), days_w)
    within_hour = shape_within_hours(table.by_slot_w)
    spread = _spread(table, scale, walked, within_hour)
    return LearnedLoad(followed, within_hour, spread, _ceiling_w(table.values_w, prior), prior)


def local_day(at_s: float, place: Place) -> int:
    """The local date of a moment, in days since 1970-01-01."""
    return int(local_time(np.array([int(at_s)]), place.timezone).day[0])


def table_between(record: LoadRecord | None, place: Place, from_s: int, until_s: float) -> DayTable:
    """Teachable demand of the steps between two moments by local day; of no days when there is none."""
    known = None if record is None else record.before(until_s)
    recent = None if known is None else known.since(from_s)
    if recent is None:
        return empty_table(local_day(until_s, place))
    return lay_out(recent.grid, teachable_w(recent), place.timezone)


def _scale(hourly_w: Floats, prior: LoadPrior | None) -> LogScale:
    """The typical load: of the newest weeks in use, and of the prior while little is measured.

    Days without any use (a school's holidays) say nothing of its size.
    """
    known = np.isfinite(hourly_w)
    if prior is None and not known.any():
        raise ValueError("a load without a history needs a prior")
    used = hourly_w[(hourly_w > 0).any(axis=1)]
    days_w = np.nanmean(used[-_SCALE_DAYS:], axis=1) if len(used) else np.array([_LEAST_W])
    measured_w = max(float(np.median(days_w)), _LEAST_W)  # the median: a meter may give a wild value
    if prior is None:
        return LogScale(measured_w)
    days = np.isfinite(used).sum() / HOURS
    share = days / (days + _PRIOR_DAYS)
    return LogScale(measured_w**share * max(prior.mean_w, _LEAST_W) ** (1.0 - share))


def _ceiling_w(measured_w: Floats, prior: LoadPrior | None) -> float:
    """The most that is believed: somewhat more than ever measured; at first, what the feeder is built for."""
    sound_w = plausible_w(measured_w)
    known_w = sound_w[np.isfinite(sound_w)]
    most_w = _ABOVE_EVER * float(known_w.max()) if known_w.size else 0.0
    if known_w.size >= _CEILING_DAYS * measured_w.shape[1]:
        return max(most_w, _LEAST_W)
    return max(most_w, np.inf if prior is None else prior.most_w)


def _spread(table: DayTable, scale: LogScale, walked: Sequence[Expected], within_hour: Floats) -> Spread:
    """Spread of the errors that the walk made, hour by hour and in the record's own steps."""
    table = DayTable(table.first_day, table.values_w[: len(walked)])  # without today
    walked = walked[: len(table.values_w)]
    if not walked:
        nothing = np.empty((0, HOURS))
        return spread_of(nothing, nothing, HOUR_S)
    point_w = np.stack([expected.point_w for expected in walked])
    sd = np.stack([expected.sd for expected in walked])
    hourly = (scale.of(table.hourly_w) - scale.of(point_w)) / sd
    steps = table.values_w.shape[1]
    factor = within_steps(within_hour, np.arange(steps) * HOURS / steps, DAY_S // steps)
    fine_w = np.repeat(point_w, steps // HOURS, axis=1) * factor
    fine_errors = scale.of(table.values_w) - scale.of(fine_w)
    fine = fine_errors / np.repeat(sd, steps // HOURS, axis=1)
    return spread_of(hourly[-_SPREAD_DAYS:], fine[-_SPREAD_DAYS:], DAY_S // steps)
