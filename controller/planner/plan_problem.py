"""From the site, what may come and where things stand to the problem that the solver is asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from controller.core.model import PriorityClass
from controller.planner.grid import expected_away_h, grid_supply
from controller.planner.plan_calendar import Steps, Window, monthly_run, quiet, windows
from controller.planner.plan_now import PlanNow
from controller.planner.plan_prices import (
    KILO,
    QUIET_THB_PER_H,
    RESERVE_THB_PER_KWH_H,
    SPILL_THB_PER_KWH,
    end_prices,
    idle_l_per_h,
    replacement_thb_per_wh,
    unserved_prices,
)
from controller.planning.problem import (
    FlexibleLoad,
    Generator,
    GridSupply,
    LoadClass,
    Present,
    Problem,
    Storage,
)
from controller.settings import Config, GridSettings
from controller.settings.plant import GensetSettings
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import HOUR_S, Floats

EFFICIENCY = 0.96
"""Each way through inverter and battery at the usual part load; what they draw at rest comes on top."""
STANDING_FRAC = 0.005
"""What grid-forming inverters draw themselves, of their rated power: as data sheets have it."""
CHARGE_FRAC = 0.85
"""Chargers are smaller than the inverters in most makes."""
PEAK_FRAC = 0.85
"""Of the inverters' power that is planned with: a quarter of an hour's mean hides its peaks."""
FLOOR_MARGIN_FRAC = 0.01
"""Above the SoC at which protection is so near that plans are not followed any more (core.standing)."""


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What may come, brought to the steps of the plan."""

    pv_w: Floats
    load_w: Floats
    """Shape (paths, n)."""
    weights: Floats
    """Probabilities, shape (paths,)."""
    shares: Mapping[str, Floats]
    """Expected part of each feeder in the load, shape (n,)."""
    windows: Mapping[str, tuple[Window, ...]]
    """Of feeders with a flexible load, by feeder."""

    @property
    def wanted_w(self) -> Mapping[str, Floats]:
        """What each feeder is expected to draw if it is on, shape (n,); without flexible loads."""
        mean_w = self.weights @ self.load_w
        return {name: share * mean_w for name, share in self.shares.items() if name not in self.windows}


def expectation(
    config: Config, steps: Steps, scenarios: Scenarios, feeders_w: Mapping[str, Floats], now: PlanNow
) -> Expectation:
    """What may come in the steps; feeders_w: expected of each feeder, shape (scenarios.grid.count,) [W]."""
    means = steps.means_of(scenarios.grid)
    by_feeder = {name: power_w @ means for name, power_w in feeders_w.items()}
    total_w = np.sum(list(by_feeder.values()), axis=0)
    even = np.full_like(total_w, 1.0 / len(by_feeder))
    return Expectation(
        pv_w=scenarios.pv_w @ means,
        load_w=scenarios.load_w @ means,
        weights=scenarios.weights,
        shares={
            name: np.divide(power_w, total_w, out=even.copy(), where=total_w > 0)
            for name, power_w in by_feeder.items()
        },
        windows={
            name: tuple(windows(steps, feeder.flexible, now.used_wh.get(name, 0.0)))
            for name, feeder in config.feeders.items()
            if feeder.flexible is not None
        },
    )


def problem_of(
    config: Config,
    steps: Steps,
    expected: Expectation,
    scenarios: Scenarios,
    now: PlanNow,
) -> Problem:
    """The problem of a village; scenarios: the same as in `expected`, on their own grid."""
    genset = config.genset if now.genset_barred_h is not None else None
    grid = None if config.grid is None else _grid(config.grid, steps, now)
    worth = end_prices(scenarios, config, replacement_of(config, genset, grid), EFFICIENCY)
    return Problem(
        step_h=steps.hours,
        weights=expected.weights,
        pv_w=expected.pv_w,
        loads=_loads(config, expected),
        storage=_storage(config, worth),
        generators=() if genset is None else (_generator(genset, steps, now),),
        grid=grid,
        flexible=_flexible(config, expected),
        present=_present(config, now),
        curtailment_price_per_wh=SPILL_THB_PER_KWH / KILO,
        announced_h=config.planning.announced_h,
        promised_h=(now.open_from_s - steps.begin_s) / HOUR_S,
        announced_cut_w=announced_cut_w(config, steps, expected, now),
    )


def replacement_of(config: Config, genset: GensetSettings | None, grid: GridSupply | None) -> float:
    """The cheapest way to replace energy of the battery with what there is, per Wh on the AC side."""
    live = np.empty(0) if grid is None else grid.import_price_per_wh[grid.import_w > 0]
    price = float(np.mean(live)) if live.size else None
    return replacement_thb_per_wh(config, with_genset=genset is not None, grid_thb_per_wh=price)


def _grid(settings: GridSettings, steps: Steps, now: PlanNow) -> GridSupply:
    edges = [datetime.fromtimestamp(int(edge_s), UTC) for edge_s in steps.edges_s]
    away_h = 0.0 if now.grid_lost_s is None else expected_away_h(now.grid_lost_s)
    return grid_supply(settings, ZoneInfo(steps.timezone), edges, away_h=away_h)


def announced_cut_w(config: Config, steps: Steps, expected: Expectation, now: PlanNow) -> dict[str, Floats]:
    """What has been announced as cut already, by class, shape (n,) [W]."""
    wanted_w = expected.wanted_w
    found: dict[str, Floats] = {}
    for name, cuts in now.announced.items():
        if name not in wanted_w:
            continue
        off = np.sum([steps.share_of(cut.from_s, cut.to_s) for cut in cuts], axis=0)
        priority = config.feeders[name].priority.value
        found[priority] = found.get(priority, np.zeros(steps.count)) + off * wanted_w[name]
    return found


def _loads(config: Config, expected: Expectation) -> tuple[LoadClass, ...]:
    loads = []
    for priority in PriorityClass:
        share = [
            expected.shares[name]
            for name, feeder in config.feeders.items()
            if feeder.priority is priority and name not in expected.windows
        ]
        if share:
            demand_w = expected.load_w * np.sum(share, axis=0)
            at_will = priority is not PriorityClass.CRITICAL
            loads.append(LoadClass(priority.value, demand_w, unserved_prices(config, priority), at_will))
    return tuple(loads)


def _storage(config: Config, worth: tuple[tuple[float, float], ...]) -> Storage:
    battery, limits, hysteresis = config.battery, config.protection, config.sharing.hysteresis_soc_frac
    return Storage(
        energy_wh=battery.energy_wh,
        charge_w=CHARGE_FRAC * battery.inverter_w,
        discharge_w=PEAK_FRAC * min(battery.inverter_w, limits.overload_w),
        charge_efficiency=EFFICIENCY,
        discharge_efficiency=EFFICIENCY,
        soc_min_frac=min(battery.reserve_soc_frac, limits.soc_min_frac + hysteresis + FLOOR_MARGIN_FRAC),
        soc_max_frac=limits.soc_max_frac,
        reserve_soc_frac=battery.reserve_soc_frac,
        reserve_price_per_wh_h=RESERVE_THB_PER_KWH_H / KILO,
        wear_price_per_wh=config.planning.battery_wear_thb_per_kwh / KILO,
        end_prices=worth,
        standing_w=STANDING_FRAC * battery.inverter_w,
    )


def _generator(genset: GensetSettings, steps: Steps, now: PlanNow) -> Generator:
    """The genset as it may run; after a failure its rest alone bars it, not the quiet hours."""
    barred_h = now.genset_barred_h or 0.0
    failed = steps.share_of(now.at_s, now.at_s + barred_h * HOUR_S) > 0
    silent = quiet(steps, genset.quiet_hours)
    return Generator(
        id=genset.device,
        rated_w=genset.rated_w,
        least_w=genset.min_load_frac * genset.rated_w,
        price_per_h=idle_l_per_h(genset) * genset.fuel_thb_per_l,
        price_per_wh=genset.l_per_kwh * genset.fuel_thb_per_l / KILO,
        start_price=genset.start_thb,
        min_run_h=genset.min_run_s / HOUR_S,
        min_rest_h=genset.min_rest_s / HOUR_S,
        warm_up_h=genset.warm_up_s / HOUR_S,
        fuel_per_h=idle_l_per_h(genset),
        fuel_per_wh=genset.l_per_kwh / KILO,
        allowed=~failed if barred_h > 0 else ~silent,
        required=monthly_run(steps, genset.monthly_test, now.longest_run_s) & ~failed,
        disallowed_price_per_h=0.0 if barred_h > 0 else QUIET_THB_PER_H,
    )


def _flexible(config: Config, expected: Expectation) -> tuple[FlexibleLoad, ...]:
    price = config.planning.unserved_thb_per_kwh.flexible / KILO
    return tuple(
        FlexibleLoad(flexible_id(name, window), flexible.power_w, window.energy_wh, window.inside, price)
        for name, day_windows in expected.windows.items()
        if (flexible := config.feeders[name].flexible) is not None
        for window in day_windows
    )


def flexible_id(feeder: str, window: Window) -> str:
    """The name of a feeder's flexible load of one day within the problem."""
    return f"{feeder} {window.day}"


def _present(config: Config, now: PlanNow) -> Present:
    genset = config.genset
    if genset is None:
        return Present(soc_frac=now.soc_frac)
    fuel_l = {}
    if genset.tank_l is not None and now.fuel_frac is not None:
        fuel_l[genset.device] = genset.tank_l * now.fuel_frac
    return Present(
        soc_frac=now.soc_frac,
        generator_on={genset.device: now.genset_on},
        generator_since_h={genset.device: now.genset_since_h},
        fuel_l=fuel_l,
    )
