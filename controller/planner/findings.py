"""What the guards and the learning found, as technicians are told it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from controller.core.model import Reason
from controller.planner.history import History
from controller.planner.site import PlannedSite
from forecasting.grid import DAY_S, Floats, local_time
from forecasting.records import PvRecord
from forecasting.sanity import Sky, inspect_load, inspect_pv
from forecasting.solar.changes import ArrayChange
from forecasting.solar.learned import LearnedArray, LearnedSite

TOLD_FOR_S = 30 * DAY_S
"""A gain is news for so long; a loss is told at least so long, and then until it is made good or accepted."""
_AS_BEFORE_FRAC = 0.90
"""What gives so much of what it gave before has lost nothing."""
_ACCEPTED_FRAC = 0.75
"""Who writes down what is left gets so much of it: heat, cables and inverters take their share."""
_SMOKE_FRAC = 0.70
"""Smoke leaves more of a clear sky than this."""
_ALIKE, _AT_ONCE_S = 0.5, 5 * DAY_S
"""Of a step: arrays that moved half as far within so many days moved together."""
SOILING_S = 120 * DAY_S
"""A dry season: older cleanliness is no measure of dust."""
SOILED_FRAC = 0.10
_OF_THE_SENSOR = frozenset({"irradiance_sensor_dead", "irradiance_sensor_dirty"})


@dataclass(frozen=True, slots=True, eq=False)
class Inspected:
    """A history as far as it can be believed."""

    history: History
    findings: tuple[Reason, ...]


def inspected(history: History, site: PlannedSite, sky: Sky) -> Inspected:
    """The history without what cannot be, and what that was. sky: on the history's grid."""
    arrays: dict[str, PvRecord] = {}
    found: list[Reason] = []
    for array in site.core.pv:
        arrays[array.id], reasons = inspect_pv(history.arrays[array.id], sky, array.ac_w, name=array.id)
        found += reasons
    feeders = {}
    for name, record in history.feeders.items():
        feeders[name], reasons = inspect_load(record, name=name)
        found += reasons
    # Each part has been told of by its own name; of the sums only the cleaned values are of interest.
    pv, _ = inspect_pv(history.pv, sky, site.pv_limit_w or None)
    pv = replace(pv, power_w=_sum(arrays, pv))
    load, _ = inspect_load(history.load)
    return Inspected(History(pv, arrays, load, feeders), _once(found))


def _sum(arrays: Mapping[str, PvRecord], total: PvRecord) -> Floats:
    if not arrays:
        return total.power_w
    found: Floats = np.sum([record.power_w for record in arrays.values()], axis=0)
    return found


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """All arrays share one irradiance sensor: what is wrong with it is told once."""
    told: dict[tuple[str, object], Reason] = {}
    for reason in reasons:
        of_sensor = reason.code in _OF_THE_SENSOR or reason.params.get("point") == "ghi_wm2"
        told.setdefault((reason.code, "sensor" if of_sensor else reason.params.get("name")), reason)
    return tuple(told.values())


def array_findings(parts: LearnedSite, site: PlannedSite, now_s: int) -> tuple[Reason, ...]:
    """What the arrays have lost or regained, and what dust has taken little by little."""
    steps = (
        reason
        for array in parts.arrays
        for reason in _steps(array, _own_changes(array, parts.arrays), site, now_s)
    )
    soiled = (_soiled(array, now_s) for array in parts.arrays)
    return (*steps, *(reason for reason in soiled if reason is not None))


def _own_changes(array: LearnedArray, arrays: Sequence[LearnedArray]) -> list[ArrayChange]:
    """The steps that are the array's own: a small one that all arrays took at once is haze or smoke."""
    others = [other for other in arrays if other is not array and other.level.size]
    return [
        change
        for change in array.changes
        if not others
        or abs(math.log(change.factor)) > -math.log(_SMOKE_FRAC)
        or any(_moved(other, change.at_s) / math.log(change.factor) < _ALIKE for other in others)
    ]


def _moved(array: LearnedArray, at_s: int) -> float:
    """Logarithm of what an array gave some days after a moment over what it gave some days before."""
    days = np.searchsorted(array.day_starts_s, (at_s - _AT_ONCE_S, at_s + _AT_ONCE_S), side="right") - 1
    before, after = array.level[np.maximum(days, 0)].tolist()
    return math.log(after / before)


def _steps(
    array: LearnedArray, changes: Sequence[ArrayChange], site: PlannedSite, now_s: int
) -> list[Reason]:
    """The steps of one array that are news, the latest first.

    A loss is told while it lasts. Who will not repair it writes what the array still gives into config.yaml.
    A gain is a repair only where something was missing: else dust was washed off, or modules were added.
    """
    nameplate_w = next(written.dc_w for written in site.pv.arrays if written.id == array.id)
    accepted = nameplate_w is not None and array.dc_w >= _ACCEPTED_FRAC * nameplate_w
    told: list[Reason] = []
    whole_frac = 1.0  # of what it gave before the losses so far
    for position, change in enumerate(changes):
        new = now_s - change.at_s <= TOLD_FOR_S
        about = {"array": change.array_id, "date": _date(change.at_s, site)}
        left_frac = _left_frac(array, changes[position:])
        if change.factor >= 1:
            if new and whole_frac < _AS_BEFORE_FRAC:
                gained_frac = round(change.factor - 1, 2)
                told.append(Reason("pv_array_recovered", {**about, "gained_frac": gained_frac}))
        elif left_frac < _AS_BEFORE_FRAC and (new or not accepted):
            # Where a part came back since, only the rest is missing.
            lost_frac = round(1 - max(change.factor, left_frac), 2)
            told.append(Reason("pv_array_lost", {**about, "lost_frac": lost_frac}))
        whole_frac = min(1.0, whole_frac * change.factor)
    return told[::-1]


def _left_frac(array: LearnedArray, since: Sequence[ArrayChange]) -> float:
    """What it gives of what it gave before some steps: losses are made good at once or by and by."""
    before = array.level[array.day_starts_s < since[0].at_s]
    by_steps = math.prod(change.factor for change in since)
    return max(by_steps, 1.0 / float(before[-1])) if before.size else by_steps


def _date(at_s: int, site: PlannedSite) -> str:
    # Half a day on: a change is known to the day, and a day by the sun begins before midnight here or there.
    day: date = local_time(np.array([at_s + DAY_S // 2]), site.place.timezone).dates[0]
    return day.isoformat()


def _soiled(array: LearnedArray, now_s: int) -> Reason | None:
    """A slow loss since the last step: what it gave at its best in these months, over what it gives today."""
    since_s = max((now_s - SOILING_S, *(change.at_s for change in array.changes)))
    levels = array.level[array.day_starts_s >= since_s]
    if levels.size == 0 or levels.max() * (1 - SOILED_FRAC) < 1:
        return None
    return Reason("pv_array_soiled", {"array": array.id, "lost_frac": round(1 - 1 / float(levels.max()), 2)})
