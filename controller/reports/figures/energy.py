"""Where the month's energy came from and where it went. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from controller.core.model import PriorityClass, Site
from controller.reports.figures.month import QUARTER_H, SLOTS, Floats
from controller.reports.figures.series import Columns, Flow, by_slot, flow, magnitude

_OPEN_FRAC = 1e-6
_DARK_FRAC = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class Metered:
    """By a meter's own counter, which counts on while nobody listens."""

    wh: float
    known_frac: float
    """The part of the month up to now whose energy is in it."""


@dataclass(frozen=True, slots=True, eq=False)
class FeederEnergy:
    """What one feeder used."""

    flow: Flow
    per_household_day_wh: float | None
    """Mean of a household and a measured day; None when less than a day was measured."""
    metered: Metered | None = None
    """None where the meter's counter tells nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class EnergyFigures:
    """The month's energies, all >= 0."""

    sun: Flow
    genset: Flow | None
    """None: the village has no genset."""
    grid_in: Flow | None
    """Drawn from the public grid; None: the village has none."""
    grid_out: Flow | None
    load: Flow
    """What all feeders drew together."""
    battery_in: Flow
    battery_out: Flow
    losses_wh: float | None
    """In inverters and wires: what the sources gave less what went into feeders, grid and battery, over the
    quarters in which all of these are known; None when these are less than nine tenths of the month."""
    sun_share_frac: float | None
    """Of what sun, genset and grid gave."""
    feeders: Mapping[str, FeederEnergy]
    classes: Mapping[PriorityClass, float | None]
    """Energy by priority class [Wh]; None where a feeder of it has no measurement."""
    profile_load_w: Floats
    """The average day: means by the quarter of the local day, shape (96,), NaN where nothing is known."""
    profile_sun_w: Floats
    profile_soc_frac: Floats


def feeder_power_w(columns: Columns, feeder: str) -> Floats:
    """Power of a feeder [W, >= 0], shape (count,).

    A feeder that was open, or a village that was dark, throughout a quarter drew nothing: that is known even
    though meters that live on the bus are silent then. Any other gap stays a gap (NaN).
    """
    power_w = magnitude(columns.mean(feeder, "power_w"))
    off = (columns.mean(feeder, "closed") <= _OPEN_FRAC) | (columns.mean("site", "blackout") >= _DARK_FRAC)
    return np.where(off & ~np.isfinite(power_w), 0.0, power_w)


def energy_figures(
    columns: Columns, site: Site, metered: Mapping[str, Metered] = MappingProxyType({})
) -> EnergyFigures:
    """Energies of a month, from quarter-hour means; in and out are told apart by each quarter's sign.

    metered: what feeders drew by their meters' counters, where these are known.
    """
    steps = columns.steps
    sun_w, battery_w = magnitude(-columns.mean("site", "pv_w")), columns.mean("site", "battery_w")
    genset_w = magnitude(-columns.mean("site", "genset_w")) if site.genset else None
    grid_w = columns.mean("site", "grid_w") if site.grid else None
    feeders_w = {feeder.id: feeder_power_w(columns, feeder.id) for feeder in site.feeders}
    load_w = _load_w(columns, feeders_w)
    sources_w = [
        sun_w,
        *([genset_w] if genset_w is not None else []),
        *([grid_w] if grid_w is not None else []),
    ]
    return EnergyFigures(
        sun=flow(sun_w, steps),
        genset=None if genset_w is None else flow(genset_w, steps),
        grid_in=None if grid_w is None else flow(magnitude(grid_w), steps),
        grid_out=None if grid_w is None else flow(magnitude(-grid_w), steps),
        load=flow(load_w, steps),
        battery_in=flow(magnitude(battery_w), steps),
        battery_out=flow(magnitude(-battery_w), steps),
        losses_wh=_losses_wh(np.sum(sources_w, axis=0) - load_w - battery_w),
        sun_share_frac=_sun_share(sun_w, genset_w, grid_w),
        feeders={
            feeder.id: _feeder_energy(
                flow(feeders_w[feeder.id], steps), feeder.households, metered.get(feeder.id)
            )
            for feeder in site.feeders
        },
        classes=_classes(site, {name: flow(power_w, steps) for name, power_w in feeders_w.items()}),
        profile_load_w=by_slot(load_w, steps, SLOTS),
        profile_sun_w=by_slot(sun_w, steps, SLOTS),
        profile_soc_frac=by_slot(columns.mean("site", "soc_frac"), steps, SLOTS),
    )


def _load_w(columns: Columns, feeders_w: Mapping[str, Floats]) -> Floats:
    """All feeders together: their sum, or the controller's own where a feeder alone is missing."""
    total_w = np.sum(list(feeders_w.values()), axis=0) if feeders_w else np.zeros(columns.steps.count)
    return np.where(np.isfinite(total_w), total_w, magnitude(columns.mean("site", "load_w")))


def _losses_wh(balance_w: Floats) -> float | None:
    known = np.isfinite(balance_w)
    if balance_w.size == 0 or known.mean() < 0.9:
        return None
    return max(0.0, float(balance_w[known].sum()) * QUARTER_H)


def _sun_share(sun_w: Floats, genset_w: Floats | None, grid_w: Floats | None) -> float | None:
    """Over the quarters in which all sources are known; None where they gave nothing."""
    others = [each for each in (genset_w, None if grid_w is None else magnitude(grid_w)) if each is not None]
    total_w = np.sum([sun_w, *others], axis=0)
    known = np.isfinite(total_w)
    whole = float(total_w[known].sum())
    return float(sun_w[known].sum()) / whole if whole > 0 else None


def _feeder_energy(used: Flow, households: int, metered: Metered | None) -> FeederEnergy:
    per_day_wh = used.wh_per_day
    return FeederEnergy(used, None if per_day_wh is None else per_day_wh / households, metered)


def _classes(site: Site, flows: Mapping[str, Flow]) -> dict[PriorityClass, float | None]:
    found = dict[PriorityClass, float | None]()
    for priority in PriorityClass:
        mine = [flows[feeder.id].wh for feeder in site.feeders if feeder.priority is priority]
        if mine:
            known = [wh for wh in mine if wh is not None]
            found[priority] = sum(known) if len(known) == len(mine) else None
    return found
