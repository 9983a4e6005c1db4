"""All figures of a month together, and what months are compared by. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from controller.core.model import Site
from controller.reports.figures.alarms import AlarmFigures, Raised, alarm_figures
from controller.reports.figures.battery import BatteryFigures, BatterySeries, battery_figures
from controller.reports.figures.completeness import Completeness, completeness
from controller.reports.figures.energy import EnergyFigures, Metered, energy_figures
from controller.reports.figures.genset import (
    FuelCurve,
    GensetFigures,
    Savings,
    genset_figures,
    genset_runs,
    savings,
)
from controller.reports.figures.month import Floats, Steps
from controller.reports.figures.outages import OutageFigures, Switching, outage_figures
from controller.reports.figures.series import Columns, Flow, magnitude
from controller.reports.figures.shares import ShareFigures, share_figures
from controller.reports.figures.skill import Foretold, SkillFigures, skill_figures
from controller.reports.figures.unused_sun import UnusedSun, unused_sun

_HELD_FRAC = 0.995


@dataclass(frozen=True, slots=True)
class Fuel:
    """What config.yaml says of the genset's diesel."""

    curve: FuelCurve
    tank_l: float | None
    thb_per_l: float


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """All that the store holds of a month."""

    columns: Columns
    switchings: Sequence[Switching]
    """Of feeders, in order of time, up to the month's end; of the time before at least each one's last."""
    genset_switchings: Sequence[tuple[float, bool]]
    """(Unix seconds, start or stop), likewise."""
    alarms: Sequence[Raised] = ()
    forecasts: Mapping[str, Sequence[Foretold]] | None = None
    """By pv and load; None where they were not read."""
    metered: Mapping[str, Metered] = field(default_factory=dict)
    """What feeders drew by their meters' counters, where these are known."""


@dataclass(frozen=True, slots=True, eq=False)
class MonthFigures:
    """All figures of a month."""

    steps: Steps
    energy: EnergyFigures
    unused_sun: UnusedSun
    outages: OutageFigures
    shares: ShareFigures
    genset: GensetFigures | None
    savings: Savings | None
    """None where what the feeders drew is not known at all."""
    battery: BatteryFigures
    skill: Mapping[str, SkillFigures]
    """By pv and load."""
    alarms: AlarmFigures
    completeness: Completeness


@dataclass(frozen=True, slots=True)
class Overview:
    """What months are compared by; energies of a mean measured day, since months differ in length."""

    load_wh_per_day: float | None
    sun_wh_per_day: float | None
    genset_wh_per_day: float | None
    sun_share_frac: float | None
    diesel_l: float | None
    saidi_h: float | None
    """None where the log holds nothing of that time."""
    known_frac: float


def month_figures(material: Material, site: Site, fuel: Fuel | None) -> MonthFigures:
    """Everything that the report tells of a month."""
    columns = material.columns
    energy = energy_figures(columns, site, material.metered)
    outages = outage_figures(material.switchings, site, columns.steps)
    genset = _genset(material, site, fuel)
    return MonthFigures(
        steps=columns.steps,
        energy=energy,
        unused_sun=unused_sun(columns, site),
        outages=outages,
        shares=share_figures(columns, outages.outages, site),
        genset=genset,
        savings=_savings(energy, genset, fuel),
        battery=battery_figures(
            battery_series(columns, site),
            columns.steps,
            nameplate_wh=site.battery.energy_wh,
            soc_max_frac=site.protection.soc_max_frac,
        ),
        skill=_skill(material, site),
        alarms=alarm_figures(material.alarms, columns.steps),
        completeness=completeness(columns, site),
    )


def overview(material: Material, site: Site, fuel: Fuel | None) -> Overview | None:
    """A month in a few figures; None when nothing was measured in it."""
    energy = energy_figures(material.columns, site)
    if energy.load.wh is None and energy.sun.wh is None:
        return None
    outages = outage_figures(material.switchings, site, material.columns.steps)
    return overview_of(energy, outages, _genset(material, site, fuel))


def overview_of(energy: EnergyFigures, outages: OutageFigures, genset: GensetFigures | None) -> Overview:
    """The same from figures that are known already."""
    return Overview(
        load_wh_per_day=energy.load.wh_per_day,
        sun_wh_per_day=energy.sun.wh_per_day,
        genset_wh_per_day=energy.genset.wh_per_day if energy.genset else None,
        sun_share_frac=energy.sun_share_frac,
        diesel_l=genset.litres if genset else None,
        saidi_h=outages.saidi_h if outages.logged else None,
        known_frac=min(energy.load.known_frac, energy.sun.known_frac),
    )


def battery_series(columns: Columns, site: Site) -> BatterySeries:
    """What is known of the battery: as its own management tells it, else as its inverter does."""

    def own(point: str) -> Floats:
        found = (
            columns.mean(site.battery.bms, point)
            if site.battery.bms
            else np.full(columns.steps.count, np.nan)
        )
        return np.where(np.isfinite(found), found, columns.mean(site.battery.id, point))

    def own_high(point: str) -> Floats:
        found = columns.of(site.battery.bms or site.battery.id, point).high
        return np.where(np.isfinite(found), found, own(point))

    soc = columns.of("site", "soc_frac")
    return BatterySeries(
        power_w=columns.mean("site", "battery_w"),
        current_a=own("battery_current_a"),
        soc_frac=soc.mean,
        soc_low_frac=soc.low,
        soc_high_frac=soc.high,
        temperature_c=own("battery_temperature_c"),
        temperature_high_c=own_high("battery_temperature_c"),
        soh_frac=own("battery_soh_frac"),
    )


def _genset(material: Material, site: Site, fuel: Fuel | None) -> GensetFigures | None:
    if site.genset is None or fuel is None:
        return None
    columns, genset = material.columns, site.genset.id
    return genset_figures(
        magnitude(-columns.mean("site", "genset_w")),
        columns.mean(genset, "engine_run_s"),
        columns.mean(genset, "fuel_frac"),
        genset_runs(material.genset_switchings, columns.steps),
        fuel.curve,
        tank_l=fuel.tank_l,
        thb_per_l=fuel.thb_per_l,
    )


def _savings(energy: EnergyFigures, genset: GensetFigures | None, fuel: Fuel | None) -> Savings | None:
    if energy.load.wh is None or (genset is not None and genset.litres is None):
        return None
    burnt_l = 0.0 if genset is None or genset.litres is None else genset.litres
    return savings(
        energy.load.wh,
        _wh(energy.grid_in),
        burnt_l,
        None if fuel is None else fuel.curve,
        None if fuel is None else fuel.thb_per_l,
    )


def _wh(flow: Flow | None) -> float:
    return 0.0 if flow is None or flow.wh is None else flow.wh


def _skill(material: Material, site: Site) -> dict[str, SkillFigures]:
    columns = material.columns
    held = [columns.mean(pv.id, "limit_frac") < _HELD_FRAC for pv in site.pv if pv.limitable]
    off = [columns.mean(feeder.id, "closed") < 1.0 for feeder in site.feeders]
    nobody = np.zeros(columns.steps.count, dtype=bool)
    measured = {
        "pv": np.where(np.any([nobody, *held], axis=0), np.nan, magnitude(-columns.mean("site", "pv_w"))),
        "load": np.where(np.any([nobody, *off], axis=0), np.nan, magnitude(columns.mean("site", "load_w"))),
    }
    forecasts = material.forecasts or {}
    return {
        kind: skill_figures(forecasts.get(kind, ()), came_w, columns.steps)
        for kind, came_w in measured.items()
    }
