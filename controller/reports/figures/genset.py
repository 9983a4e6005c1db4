"""The genset's hours, starts and fuel, and what the village saved against living on diesel alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from controller.reports.figures.month import QUARTER_H, Floats, Steps

DIESEL_KG_PER_L = 0.84
"""Usual density of diesel at 15 degrees Celsius."""
DIESEL_MJ_PER_KG = 43.0
"""Net calorific value of gas/diesel oil: 2006 IPCC Guidelines, volume 2, table 1.2 (43.0 TJ/Gg)."""
DIESEL_CO2_KG_PER_GJ = 74.1
"""Stationary combustion of gas/diesel oil: 2006 IPCC Guidelines, volume 2, table 2.2 (74,100 kg/TJ)."""
CO2_KG_PER_L = DIESEL_KG_PER_L * DIESEL_MJ_PER_KG / 1000 * DIESEL_CO2_KG_PER_GJ
"""Some 2.68 kg of CO2 for each litre of diesel."""
_RUNNING_FRAC = 0.005
"""Of its rated power: less is the meter's noise."""
_REFILL_FRAC = 0.05
"""A tank that gains so much within a quarter of an hour was filled."""


@dataclass(frozen=True, slots=True)
class FuelCurve:
    """Diesel over load: idle_l_per_h + l_per_kwh * kW."""

    idle_l_per_h: float
    l_per_kwh: float
    rated_w: float

    @property
    def full_load_l_per_kwh(self) -> float:
        """What a kWh takes at rated power, the least that this machine can do [l/kWh]."""
        return self.l_per_kwh + self.idle_l_per_h / (self.rated_w / 1000)


USUAL_CURVE = FuelCurve(0.08 * 20, 0.22, 20_000.0)
"""A diesel genset of a village's size, as config.yaml takes it unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Run:
    """The genset was asked to run; Unix seconds, as far as they lie in the month."""

    start_s: float
    end_s: float
    began_before: bool = False


@dataclass(frozen=True, slots=True)
class GensetFigures:
    """What the genset did."""

    hours: float | None
    """Running [h]; None where neither its hour meter nor its power nor the log tells."""
    hours_from: str
    """counter: the engine's own hour meter; log: from start to stop; power: quarters with power."""
    starts: int
    """Times it was asked to start."""
    wh: float | None
    litres: float | None
    """By the fuel curve; None where hours or energy are not known."""
    tank_litres: float | None
    """By the tank's level, refills counted; None without a gauge or a known tank."""
    cost_thb: float | None
    """Of the fuel."""


@dataclass(frozen=True, slots=True)
class Savings:
    """Against a village that lives on diesel alone; only what is left after the diesel that was burnt."""

    diesel_l: float
    co2_kg: float
    thb: float | None
    """None where the price of fuel is not known."""
    l_per_kwh: float
    """What a kWh from the genset alone would have taken."""


def genset_runs(switchings: Iterable[tuple[float, bool]], steps: Steps) -> list[Run]:
    """Runs asked for within a month, from (Unix seconds, start or stop) up to its end, oldest first."""
    runs, since_s = list[Run](), None
    for told_s, starts in (*switchings, (float(steps.end_s), False)):
        at_s = min(told_s, float(steps.end_s))
        if starts:
            since_s = at_s if since_s is None else since_s
        elif since_s is not None:
            if at_s > max(since_s, steps.start_s):
                runs.append(Run(max(since_s, float(steps.start_s)), at_s, since_s < steps.start_s))
            since_s = None
    return runs


def genset_figures(
    power_w: Floats,
    engine_run_s: Floats,
    fuel_frac: Floats,
    runs: Iterable[Run],
    curve: FuelCurve,
    *,
    tank_l: float | None,
    thb_per_l: float,
) -> GensetFigures:
    """Hours, starts, energy and fuel of a month.

    power_w: what it gave, >= 0, quarter-hour means, as are its hour meter [s] and its tank's level. Hours are
    those of the engine's own meter if it has one; else from start to stop in the log, or the quarters with
    power where the log knows of less than half (somebody started it by hand). Fuel is by the fuel curve.
    """
    runs = list(runs)
    wh = float(np.nansum(power_w)) * QUARTER_H if np.isfinite(power_w).any() else None
    hours, source = _hours(power_w, engine_run_s, runs, curve)
    litres = None if hours is None or wh is None else curve.idle_l_per_h * hours + curve.l_per_kwh * wh / 1000
    tank = _from_tank(fuel_frac, tank_l)
    return GensetFigures(
        hours=hours,
        hours_from=source,
        starts=sum(not run.began_before for run in runs),
        wh=wh,
        litres=litres,
        tank_litres=tank,
        cost_thb=None if litres is None else litres * thb_per_l,
    )


def _hours(
    power_w: Floats, engine_run_s: Floats, runs: list[Run], curve: FuelCurve
) -> tuple[float | None, str]:
    counted = engine_run_s[np.isfinite(engine_run_s)]
    if counted.size >= 2:
        return float(np.maximum(np.diff(counted), 0.0).sum()) / 3600, "counter"
    logged_h = sum(run.end_s - run.start_s for run in runs) / 3600
    if not np.isfinite(power_w).any():
        return (logged_h, "log") if runs else (None, "log")
    powered_h = float((power_w > _RUNNING_FRAC * curve.rated_w).sum()) * QUARTER_H
    # a run that begins within a quarter lights up all of it: the log is finer, unless it knows of no such run
    return (logged_h, "log") if logged_h >= powered_h / 2 else (powered_h, "power")


def _from_tank(fuel_frac: Floats, tank_l: float | None) -> float | None:
    levels = fuel_frac[np.isfinite(fuel_frac)]
    if tank_l is None or levels.size < 2:
        return None
    steps = np.diff(levels)
    refilled = float(steps[steps > _REFILL_FRAC].sum())
    return max(0.0, float(levels[0] - levels[-1]) + refilled) * tank_l


def savings(
    load_wh: float, grid_wh: float, burnt_l: float, curve: FuelCurve | None, thb_per_l: float | None
) -> Savings:
    """Diesel and CO2 that the village did not need [l, kg].

    What the feeders drew, less what the public grid gave, would have taken diesel at the least that the
    genset can do (its rated power throughout); the diesel that was burnt is taken off. So this is a lower
    bound: a genset that alone follows a village's load runs far below its rated power.
    """
    curve = curve or USUAL_CURVE
    alone_l = max(0.0, load_wh - grid_wh) / 1000 * curve.full_load_l_per_kwh
    diesel_l = max(0.0, alone_l - burnt_l)
    return Savings(
        diesel_l=diesel_l,
        co2_kg=diesel_l * CO2_KG_PER_L,
        thb=None if thb_per_l is None else diesel_l * thb_per_l,
        l_per_kwh=curve.full_load_l_per_kwh,
    )
