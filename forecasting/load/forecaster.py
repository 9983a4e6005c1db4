"""Forecast of one load: learned from its past each night, made anew every quarter of an hour. Pure.

Hourly means of the local days are followed by several simple models (`experts`); the shape within the hour
and the spread around the expectation come from the walk through the past. Temperature is not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.grid import DAY_S, HOUR_S, Floats, Grid, Ints, local_time
from forecasting.load.calendar import day_kinds
from forecasting.load.day_table import HOURS, check_step
from forecasting.load.detail import within_steps
from forecasting.load.experts import Expected, Followed, follow
from forecasting.load.learning import LearnedLoad, local_day, table_between
from forecasting.quantiles import QuantileForecast, tidy
from forecasting.records import LoadRecord
from forecasting.site import Place


def forecast_load(
    learned: LearnedLoad, record: LoadRecord | None, place: Place, issued_s: int, grid: Grid
) -> QuantileForecast:
    """Forecast a load on a grid.

    Args:
        learned: by learn_load, not later than the issue.
        record: what was measured since; what is older does no harm. None when nothing was.
        place: as it was learned.
        issued_s: Unix seconds; nothing of the record after it is looked at.
        grid: steps of a quarter of an hour to an hour, beginning on the day of the issue or later.

    Raises ValueError when it was learned on a day after the issue, for a grid that begins on a day before it,
    or for steps that check_step refuses.
    """
    check_step(grid.step_s)
    local = local_time(grid.centres_s, place.timezone)
    first_day, today = learned.followed.day, local_day(issued_s, place)
    if not first_day <= today <= int(local.day[0]):
        raise ValueError("a load is learned, then forecast, and the forecast begins no day before its issue")
    kinds = day_kinds(np.arange(first_day, int(local.day[-1]) + 1), place.country).tolist()
    newer = table_between(record, place, (first_day - 1) * DAY_S, issued_s)
    days_w = newer.days(first_day, today + 1)
    followed, _ = follow(learned.followed, kinds[: today - first_day], days_w[:-1])
    ahead = _look_ahead(followed, kinds[today - first_day :], days_w[-1])
    values_w = _quantiles_w(learned, ahead, local.day - today, local.hour, grid.step_s)
    return QuantileForecast(issued_s, grid, values_w)


def _look_ahead(followed: Followed, kinds: Sequence[int], today_w: Floats) -> list[Expected]:
    """What is expected of today, some hours of which were seen, and of the days after; one for each kind."""
    expected, seen_w = followed.expect(kinds[0]), today_w
    followed = followed.observe(kinds[0], today_w)
    ahead = [followed.expect_after(kinds[0], expected)]
    for kind in kinds[1:]:
        followed = followed.next_day(expected, seen_w)
        expected, seen_w = followed.expect(kind), np.full(HOURS, np.nan)
        ahead.append(expected)
    return ahead


def _quantiles_w(
    learned: LearnedLoad, ahead: Sequence[Expected], days: Ints, hours: Floats, step_s: int
) -> Floats:
    """Quantiles [W], shape (7, n), of steps with their day after today and the local hour of their middle."""
    hour = hours.astype(np.int64)
    scale = learned.followed.scale
    factor = within_steps(learned.within_hour, hours - 0.5 * step_s / HOUR_S, step_s)
    point_w = np.stack([expected.point_w for expected in ahead])[days, hour] * factor
    sd = np.stack([expected.sd for expected in ahead])[days, hour]
    strayed = learned.spread.at(step_s)[:, hour] * sd
    return tidy(scale.watts(scale.of(point_w) + strayed), learned.ceiling_w)
