"""Forecasts of all feeders of a village and of their sum. Pure.

The sum is forecast as a load of its own: its quantiles are no sums of quantiles, as not every feeder has its
high day at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.grid import DAY_S, Grid
from forecasting.load.demand import teachable_w
from forecasting.load.forecaster import forecast_load
from forecasting.load.learning import LearnedLoad, learn_load
from forecasting.load.priors import LoadPrior, sum_of
from forecasting.load.unserved import estimate_where
from forecasting.quantiles import QuantileForecast
from forecasting.records import LoadRecord, missing
from forecasting.site import Place

_MEASURED_SHARE = 0.7
"""Of a total with cut feeders or silent meters: with less of it measured it teaches nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class LearnedVillage:
    """All that the forecasts of a village's loads need."""

    feeders: Mapping[str, LearnedLoad]
    total: LearnedLoad


@dataclass(frozen=True, slots=True, eq=False)
class VillageForecast:
    """What the feeders will want, and the village."""

    feeders: Mapping[str, QuantileForecast]
    total: QuantileForecast
    """Of the sum of the feeders: its quantiles lie closer together than the sums of theirs."""


def learn_village(
    records: Mapping[str, LoadRecord], priors: Mapping[str, LoadPrior], place: Place, until_s: float
) -> LearnedVillage:
    """Learn all feeders and their sum.

    Args:
        records: by feeder, all on the same grid; a new feeder may have none.
        priors: by feeder, at least one; their keys are the feeders of the village.
        place: whose clock and holidays count.
        until_s: Unix seconds; nothing after it is looked at.

    Raises ValueError for records on different grids, of feeders without a prior, and for no feeder.
    """
    feeders = {name: learn_load(records.get(name), place, prior, until_s) for name, prior in priors.items()}
    known = _between(records, None, until_s)
    total = learn_load(total_record(feeders, known, place), place, sum_of(tuple(priors.values())), until_s)
    return LearnedVillage(feeders, total)


def forecast_village(
    learned: LearnedVillage, records: Mapping[str, LoadRecord], place: Place, issued_s: int, grid: Grid
) -> VillageForecast:
    """Forecast all feeders and their sum; arguments and errors as for forecast_load and learn_village."""
    known = _between(records, (learned.total.followed.day - 1) * DAY_S, issued_s)
    total = total_record(learned.feeders, known, place)
    return VillageForecast(
        {
            name: forecast_load(feeder, known.get(name), place, issued_s, grid)
            for name, feeder in learned.feeders.items()
        },
        forecast_load(learned.total, total, place, issued_s, grid),
    )


def total_record(
    feeders: Mapping[str, LearnedLoad], records: Mapping[str, LoadRecord], place: Place
) -> LoadRecord | None:
    """Demand of the village: measured, and estimated where feeders were cut or their meters silent.

    Steps in which less than _MEASURED_SHARE of it was measured are missing. None without any record. Raises
    ValueError for records on different grids and of unknown feeders.
    """
    if not records.keys() <= feeders.keys():
        raise ValueError("a record of a feeder that was not learned")
    grids = {record.grid for record in records.values()}
    if len(grids) > 1:
        raise ValueError("a village's feeders are added step by step: their records need the same grid")
    if not grids:
        return None
    (grid,) = grids
    nothing_cut = np.zeros(grid.count, dtype=np.bool_)
    silent = LoadRecord(grid, missing(grid), nothing_cut, missing(grid))
    total_w, measured_w = np.zeros(grid.count), np.zeros(grid.count)
    for name, feeder in feeders.items():
        record = records.get(name, silent)
        teachable = teachable_w(record)
        unknown = np.isnan(teachable)
        total_w += np.where(unknown, estimate_where(feeder, record, place, unknown), teachable)
        measured_w += np.where(unknown, 0.0, teachable)
    enough = measured_w >= _MEASURED_SHARE * total_w
    return LoadRecord(grid, np.where(enough, total_w, np.nan), nothing_cut, missing(grid))


def _between(records: Mapping[str, LoadRecord], from_s: int | None, until_s: float) -> dict[str, LoadRecord]:
    """The part of each record between two moments, where there is one."""
    known = {name: record.before(until_s) for name, record in records.items()}
    return {
        name: part
        for name, record in known.items()
        if record is not None and (part := record if from_s is None else record.since(from_s)) is not None
    }
