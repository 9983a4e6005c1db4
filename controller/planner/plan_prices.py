"""What energy is worth to the village: light by class, diesel, and what is left in the battery. Pure.

All prices are THB per Wh.
"""

from __future__ import annotations

import numpy as np

from controller.core.model import PriorityClass
from controller.settings import Config
from controller.settings.plant import GensetSettings
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import DAY_S, HOUR_S, Floats

KILO = 1000.0
TIERS = ((0.3, 1.0), (0.4, 1.3), (0.3, 1.8))
"""Parts of a class's demand and by how much dearer each is than its price: a little less light for many hours
is better than darkness for a few. The dearest stays well below the next class."""
RESERVE_THB_PER_KWH_H = 0.3
"""For each kWh below the reserve and hour: a night of it is worth some diesel, but nobody's light, even where
scarcity lasts for days."""
QUIET_THB_PER_H = 100.0
"""What the village's sleep is worth: some kWh of light, and no pump."""
SPILL_THB_PER_KWH = 0.01
"""So that sun is used where it makes no difference otherwise."""
_USUAL_LOAD_FRAC = 0.75
"""Of its rated power, at which a genset that charges a battery runs."""
_TOMORROW = 0.9
"""Energy kept for the day after the plan against energy used within it: much may change until then."""
_LEAST_WORTH = 0.02
"""Of its highest price, that energy is worth even in a battery full enough: clouds are never known."""
_PIECES = 12


def idle_l_per_h(genset: GensetSettings) -> float:
    """Fuel without load [l/h]."""
    return 0.08 * genset.rated_w / KILO if genset.idle_l_per_h is None else genset.idle_l_per_h


def genset_thb_per_wh(genset: GensetSettings) -> float:
    """What energy from the genset costs while it charges a battery."""
    hourly = genset.l_per_kwh + idle_l_per_h(genset) / (_USUAL_LOAD_FRAC * genset.rated_w / KILO)
    return hourly * genset.fuel_thb_per_l / KILO


def unserved_prices(config: Config, priority: PriorityClass) -> tuple[tuple[float, float], ...]:
    """(part of the demand, price) of what a class goes without, the first missed first."""
    price: float = getattr(config.planning.unserved_thb_per_kwh, priority.value) / KILO
    return tuple((part, price * dearer) for part, dearer in TIERS)


def replacement_thb_per_wh(config: Config, *, with_genset: bool, grid_thb_per_wh: float | None) -> float:
    """The cheapest way to replace energy of the battery, on the AC side."""
    ways = [config.planning.unserved_thb_per_kwh.household / KILO]
    if with_genset and config.genset is not None:
        ways.append(genset_thb_per_wh(config.genset))
    if grid_thb_per_wh is not None:
        ways.append(grid_thb_per_wh)
    return min(ways)


def end_prices(
    scenarios: Scenarios, config: Config, replacement: float, discharge_efficiency: float
) -> tuple[tuple[float, float], ...]:
    """What energy is worth that is left in the battery when the plan ends: (Wh, price) from empty upwards.

    As in the newsvendor's problem: each Wh is worth its replacement times the chance that it is needed before
    the sun suffices again. The day after the plan is taken to be like its last one, and what it needs is not
    known better than to the reserve.
    """
    battery, worth = config.battery, _TOMORROW * replacement * discharge_efficiency
    floor_wh = config.protection.soc_min_frac * battery.energy_wh
    unsure_wh = max(1.0, battery.reserve_soc_frac * battery.energy_wh - floor_wh)
    needs_wh = floor_wh + _night_wh(scenarios) / discharge_efficiency
    edges_wh = np.linspace(0.0, battery.energy_wh, _PIECES + 1)
    middles_wh = (edges_wh[1:] + edges_wh[:-1]) / 2
    missing = np.clip(1.0 - (middles_wh - needs_wh[:, np.newaxis]) / unsure_wh, 0.0, 1.0)
    chance = np.maximum(_LEAST_WORTH, scenarios.weights @ missing)
    return tuple(zip(np.diff(edges_wh).tolist(), (worth * chance).tolist(), strict=True))


def _night_wh(scenarios: Scenarios) -> Floats:
    """What each path would need of the battery if its last day came again, AC side, shape (paths,)."""
    steps = min(scenarios.grid.count, DAY_S // scenarios.grid.step_s)
    short_w = (scenarios.load_w - scenarios.pv_w)[:, -steps:]
    needed_wh = np.cumsum(short_w, axis=1) * scenarios.grid.step_s / HOUR_S
    found: Floats = np.maximum(needed_wh.max(axis=1), 0.0)
    return found
