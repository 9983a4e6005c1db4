"""Who was without power, for how long and why, from the decision log. Pure.

Duration and frequency of interruptions follow IEEE Std 1366 (SAIDI, SAIFI, CAIDI; interruptions longer than
five minutes), with households as customers, for a month in place of a year. Lines whose use can wait are not
counted there: the pump that waits for the sun is no outage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np

from controller.core.model import Feeder, PriorityClass, Site
from controller.reports.figures.month import QUARTER_S, Floats, Steps

SUSTAINED_S = 300.0
"""Shorter interruptions are momentary ones (IEEE Std 1366)."""
_LATE_S = 300.0
"""Feeders are connected one by one: so much later than announced still keeps the promise."""
_DAY_S = 86_400.0


class Cause(StrEnum):
    """Why a feeder was off, in groups that people tell apart."""

    TURN_ANNOUNCED = "turn_announced"
    """Energy was short; people were told hours ahead."""
    TURN = "turn"
    """Energy was short, by the rules' thresholds, without notice."""
    HOURS = "hours"
    """Use that can wait, moved into better hours."""
    BATTERY = "battery"
    """Protection of the battery."""
    OVERLOAD = "overload"
    """More was drawn than can be carried, or a fault on the line."""
    BLACKOUT = "blackout"
    """The inverters stopped."""
    GRID = "grid"
    """The public grid failed or was about to."""
    PERSON = "person"
    """Somebody asked for it."""
    OTHER = "other"


_CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "turn_announced": Cause.TURN_ANNOUNCED,
        "turn_of_all_announced": Cause.TURN_ANNOUNCED,
        "waits_for_its_hours": Cause.HOURS,
        "class_off": Cause.TURN,
        "class_rationed": Cause.TURN,
        "making_room": Cause.TURN,
        "battery_empty": Cause.BATTERY,
        "battery_cell_low": Cause.BATTERY,
        "battery_hot": Cause.BATTERY,
        "battery_drained": Cause.BATTERY,
        "battery_unseen": Cause.BATTERY,
        "overload_shed": Cause.OVERLOAD,
        "overload_alarm_shed": Cause.OVERLOAD,
        "overload_hold": Cause.OVERLOAD,
        "frequency_shed": Cause.OVERLOAD,
        "feeder_suspect": Cause.OVERLOAD,
        "no_headroom": Cause.OVERLOAD,
        "blackout": Cause.BLACKOUT,
        "bus_uncertain": Cause.BLACKOUT,
        "bus_settling": Cause.BLACKOUT,
        "grid_lost_shed": Cause.GRID,
        "import_shed": Cause.GRID,
        "outage_ahead": Cause.GRID,
        "feeder_ordered_off": Cause.PERSON,
    }
)


def cause_of(code: str) -> Cause:
    """The group of a reason's code; one that this version does not know is OTHER."""
    return _CAUSES.get(code, Cause.OTHER)


@dataclass(frozen=True, slots=True)
class Switching:
    """A feeder that was switched, or found, on or off."""

    at_s: float
    """Unix seconds."""
    feeder: str
    closed: bool
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time that a feeder was off, as far as it lies in the month."""

    feeder: str
    start_s: float
    """Unix seconds."""
    end_s: float
    cause: Cause
    code: str
    params: Mapping[str, Any]
    began_before: bool = False
    """It lasted when the month began."""
    lasts: bool = False
    """It lasts still where the month, or what is known of it, ends."""

    @property
    def length_s(self) -> float:
        """How long it lasted within the month [s]."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Totals:
    """Outages of some kind, summed up."""

    count: int
    """Outages of single feeders."""
    feeder_h: float
    household_h: float
    """Hours times households."""


@dataclass(frozen=True, slots=True)
class Promises:
    """Announced turns to be off, and whether light came back by the time that had been told."""

    announced: int
    in_time: int
    """Back by the announced end, five minutes of connecting one by one allowed."""
    longer: int
    """Off beyond it: a further turn followed, or something else kept them off."""


@dataclass(frozen=True, slots=True, eq=False)
class OutageFigures:
    """The month's outages."""

    outages: Sequence[Outage]
    """In order of their beginning, momentary ones included."""
    causes: Mapping[Cause, Totals]
    feeders: Mapping[str, Totals]
    """By feeder, without waiting for better hours."""
    saidi_h: float
    """Hours without power of an average household."""
    saifi: float
    """Interruptions of more than five minutes of an average household."""
    caidi_h: float | None
    """Mean length of such an interruption; None without one."""
    momentary: int
    longest: Outage | None
    """Of those that count in SAIDI."""
    promises: Promises
    by_day_h: Mapping[str, Floats]
    """Hours without power of each feeder by local day, shape (days,), without waiting for better hours."""
    logged: bool
    """Whether the log holds anything of the feeders for this month or before."""


def find_outages(switchings: Iterable[Switching], site: Site, steps: Steps) -> list[Outage]:
    """The outages of a month, from what was logged of feeders up to its end, oldest first.

    Of the time before the month at least the last entry of each feeder is needed. A feeder found on after a
    restart ends an outage then, for all that is known. An outage keeps the reason with which it began.
    """
    known, since = {feeder.id for feeder in site.feeders}, dict[str, Switching]()
    found = list[Outage]()
    for each in switchings:
        if each.feeder not in known or each.at_s >= steps.end_s:
            continue
        if not each.closed:
            since.setdefault(each.feeder, each)
        elif each.feeder in since:
            _add(found, since.pop(each.feeder), each.at_s, steps, lasts=False)
    for opened in since.values():
        _add(found, opened, float(steps.end_s), steps, lasts=True)
    return sorted(found, key=lambda outage: (outage.start_s, outage.feeder))


def _add(found: list[Outage], opened: Switching, end_s: float, steps: Steps, *, lasts: bool) -> None:
    start_s = max(opened.at_s, float(steps.start_s))
    if end_s > start_s:
        before = opened.at_s < steps.start_s
        cause = cause_of(opened.code)
        found.append(Outage(opened.feeder, start_s, end_s, cause, opened.code, opened.params, before, lasts))


def outage_figures(switchings: Sequence[Switching], site: Site, steps: Steps) -> OutageFigures:
    """Outages of a month, summed up by cause, feeder and day; how, the module says."""
    feeders = {feeder.id: feeder for feeder in site.feeders}
    outages = find_outages(switchings, site, steps)
    real = [outage for outage in outages if outage.cause is not Cause.HOURS]
    counted = [outage for outage in real if feeders[outage.feeder].priority is not PriorityClass.FLEXIBLE]
    sustained = [outage for outage in counted if outage.length_s > SUSTAINED_S]
    households = sum(
        feeder.households for feeder in site.feeders if feeder.priority is not PriorityClass.FLEXIBLE
    )
    lost_h = _totals(sustained, feeders).household_h
    hits = sum(feeders[outage.feeder].households for outage in sustained if not outage.began_before)
    return OutageFigures(
        outages=outages,
        causes={
            cause: _totals([outage for outage in outages if outage.cause is cause], feeders)
            for cause in Cause
            if any(outage.cause is cause for outage in outages)
        },
        feeders={
            name: _totals([outage for outage in real if outage.feeder == name], feeders) for name in feeders
        },
        saidi_h=lost_h / households if households else 0.0,
        saifi=hits / households if households else 0.0,
        caidi_h=lost_h / hits if hits else None,
        momentary=len(counted) - len(sustained),
        longest=max(sustained, key=lambda outage: outage.length_s, default=None),
        promises=_promises(outages, steps),
        by_day_h={name: _by_day_h(real, name, steps) for name in feeders},
        logged=any(each.feeder in feeders for each in switchings),
    )


def off_frac(outages: Iterable[Outage], feeder: str, steps: Steps) -> Floats:
    """The part of each quarter in which a feeder was off, 0 to 1, shape (count,)."""
    edges_s = steps.start_s + QUARTER_S * np.arange(steps.count + 1, dtype=np.float64)
    found = np.zeros(steps.count)
    for outage in outages:
        if outage.feeder == feeder:
            found += np.diff(np.clip(edges_s, outage.start_s, outage.end_s)) / QUARTER_S
    return np.clip(found, 0.0, 1.0)


def _by_day_h(outages: Iterable[Outage], feeder: str, steps: Steps) -> Floats:
    off_h = off_frac(outages, feeder, steps) * QUARTER_S / 3600
    return np.bincount(steps.day, weights=off_h, minlength=steps.days).astype(np.float64)


def _totals(outages: Sequence[Outage], feeders: Mapping[str, Feeder]) -> Totals:
    hours = [outage.length_s / 3600 for outage in outages]
    weights = [feeders[outage.feeder].households for outage in outages]
    return Totals(len(outages), sum(hours), sum(h * n for h, n in zip(hours, weights, strict=True)))


def _promises(outages: Iterable[Outage], steps: Steps) -> Promises:
    told = [
        outage
        for outage in outages
        if outage.cause is Cause.TURN_ANNOUNCED and not outage.began_before and not outage.lasts
    ]
    in_time = sum(1 for outage in told if outage.end_s <= _announced_end_s(outage, steps) + _LATE_S)
    return Promises(len(told), in_time, len(told) - in_time)


def _announced_end_s(outage: Outage, steps: Steps) -> float:
    """The first moment after its beginning at which the clock shows the announced end."""
    end = outage.params.get("end")
    if not isinstance(end, int | float):
        return outage.end_s
    began = steps.local(outage.start_s)
    since_midnight_s = began.hour * 3600 + began.minute * 60 + began.second
    return outage.start_s + (float(end) - since_midnight_s) % _DAY_S
