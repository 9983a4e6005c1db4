"""What people would have drawn while cut off: estimated, and kept apart from what was measured. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting.grid import HOUR_S, Bools, Floats, local_time
from forecasting.load.calendar import day_kinds
from forecasting.load.day_table import lay_out
from forecasting.load.demand import teachable_w
from forecasting.load.detail import within_steps
from forecasting.load.learning import LearnedLoad
from forecasting.records import LoadRecord
from forecasting.site import Place


def estimate_unserved(learned: LearnedLoad, record: LoadRecord, place: Place) -> Floats:
    """Demand of the steps not served [W], NaN where served; shape (record.grid.count,).

    It rests on the hours that were served, of the same day on both sides of the cut, and of other days. The
    rush after a cut (cold-load pickup) is in neither.
    """
    return estimate_where(learned, record, place, record.unserved)


def estimate_where(learned: LearnedLoad, record: LoadRecord, place: Place, wanted: Bools) -> Floats:
    """The same for any steps; wanted and result have shape (record.grid.count,)."""
    estimates_w = np.full(record.grid.count, np.nan)
    if not wanted.any():
        return estimates_w
    table = lay_out(record.grid, teachable_w(record), place.timezone)
    kinds = day_kinds(np.arange(table.first_day, table.end_day), place.country)
    followed = replace(learned.followed, day=table.first_day)
    days_w = []
    for kind, seen_w in zip(kinds.tolist(), table.hourly_w, strict=True):
        before = followed.expect(kind)
        followed = followed.observe(kind, seen_w)
        days_w.append(followed.expect_after(kind, before).point_w)
        followed = followed.next_day(before, seen_w)
    local = local_time(record.grid.centres_s, place.timezone)
    step_s = record.grid.step_s
    factor = within_steps(learned.within_hour, local.hour - 0.5 * step_s / HOUR_S, step_s)
    hourly_w = np.stack(days_w)[local.day - table.first_day, local.hour.astype(np.int64)]
    estimates_w[wanted] = (hourly_w * factor)[wanted]
    return estimates_w
