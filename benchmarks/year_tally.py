"""What a policy made of its days: kept day by day, summed up at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from controller.core.model import PriorityClass
from controller.core.sharing.fairness import jain_index
from controller.settings import Config, GensetSettings
from forecasting.grid import Floats
from simulation.physics.genset import TANK_L
from simulation.physics.village import Village

WINDOW_DAYS = 30
_LOW_FUEL_FRAC, _FULL_FUEL_FRAC = 0.30, 0.80


@dataclass(slots=True)
class Day:
    """One day; sequences in the order of config.yaml's feeders."""

    wanted_wh: list[float]
    unserved_wh: list[float]
    unserved_s: list[float]
    switchings: list[int]


@dataclass(slots=True)
class Turns:
    """Feeder-quarters of announced cuts and what became of them."""

    announced: int = 0
    """Told as off."""
    came: int = 0
    """Of those: off as told."""
    lifted: int = 0
    """Of those: on after all."""
    surprises: int = 0
    """Off by turns or by the rules without having been told."""
    protection: int = 0
    """Off by protection without having been told."""


@dataclass(slots=True)
class Tally:
    """Energies [Wh] are magnitudes."""

    days: list[Day] = field(default_factory=list)
    litres: float = 0.0
    genset_starts: int = 0
    genset_wh: float = 0.0
    genset_s: float = 0.0
    battery_out_wh: float = 0.0
    pv_wh: float = 0.0
    pv_offered_wh: float = 0.0
    critical_out_s: float = 0.0
    """In which any critical feeder had no power."""
    blackout_s: float = 0.0
    stored_wh: float = 0.0
    """What the battery holds more at the end than at the start."""
    plans: int = 0
    plans_failed: int = 0
    plan_s: float = 0.0
    """Host seconds spent on plans and their forecasts."""
    turns: Turns = field(default_factory=Turns)
    host_s: float = 0.0


class Bookkeeper:
    """Looks at the physics, not at what the controller believes, once in every control step."""

    def __init__(self, config: Config, village: Village, tally: Tally) -> None:
        self._config, self._village, self._tally = config, village, tally
        self._critical = [
            line for line in village.feeders.values() if line.priority is PriorityClass.CRITICAL
        ]
        self._lines = list(village.feeders.values())
        self._energised = [line.contactor.energised for line in self._lines]
        self._switched = [0] * len(self._lines)
        self._sums = self._read()
        genset = village.genset
        self._fuel_frac = 0.0 if genset is None else genset.fuel_frac
        self._starts = 0 if genset is None else genset.starts
        self._stored_wh = village.storage.battery.stored_wh

    def step(self, dt_s: float) -> None:
        """Book the control step that has just passed."""
        village, tally = self._village, self._tally
        if not village.storage.alive:
            tally.blackout_s += dt_s
        if any(not line.powered for line in self._critical):
            tally.critical_out_s += dt_s
        for row, line in enumerate(self._lines):
            if line.contactor.energised is not self._energised[row]:
                self._energised[row] = line.contactor.energised
                self._switched[row] += 1
        if village.genset is not None:
            tally.genset_s += dt_s if village.genset.running else 0.0
            self._refuel()

    def end_of_day(self) -> None:
        """Close the day's page."""
        before, now = self._sums, self._read()
        wanted, unserved, without = (now[row] - before[row] for row in range(3))
        self._tally.days.append(Day(wanted.tolist(), unserved.tolist(), without.tolist(), self._switched))
        self._sums, self._switched = now, [0] * len(self._lines)

    def end(self, pv_offered_wh: float) -> None:
        """Close the book of one stretch of days."""
        village, tally = self._village, self._tally
        ledger = village.ledger
        tally.pv_wh += ledger.pv
        tally.pv_offered_wh += pv_offered_wh
        tally.battery_out_wh += ledger.battery_out
        tally.genset_wh += ledger.genset
        tally.stored_wh += village.storage.battery.stored_wh - self._stored_wh
        if village.genset is not None:
            tally.genset_starts += village.genset.starts - self._starts
            tally.litres += (self._fuel_frac - village.genset.fuel_frac) * TANK_L

    def _refuel(self) -> None:
        """Somebody fetches diesel before the tank is empty; what was burnt is remembered."""
        genset = self._village.genset
        if genset is not None and genset.fuel_frac < _LOW_FUEL_FRAC:
            self._fuel_frac += _FULL_FUEL_FRAC - genset.fuel_frac
            genset.fuel_frac = _FULL_FUEL_FRAC

    def _read(self) -> Floats:
        rows = [(line.wanted_wh, line.unserved_wh, line.unserved_s) for line in self._lines]
        return np.array(rows).T


def households(config: Config) -> list[int]:
    """Rows of the household feeders."""
    return [
        row
        for row, feeder in enumerate(config.feeders.values())
        if feeder.priority is PriorityClass.HOUSEHOLD
    ]


def by_class(config: Config, tally: Tally) -> dict[PriorityClass, tuple[float, float]]:
    """Wanted and unserved energy of each class [Wh]."""
    found = dict.fromkeys(PriorityClass, (0.0, 0.0))
    for day in tally.days:
        for feeder, wanted, unserved in zip(
            config.feeders.values(), day.wanted_wh, day.unserved_wh, strict=True
        ):
            before = found[feeder.priority]
            found[feeder.priority] = (before[0] + wanted, before[1] + unserved)
    return found


@dataclass(frozen=True, slots=True)
class Fairness:
    """Of household feeders, over windows of 30 days with cuts (or all days, where there are fewer)."""

    worst_spread_frac: float
    """Largest difference of the served share between two feeders, in any window."""
    mean_spread_frac: float
    jain: float | None
    """Index of the served shares in the worst window, a household a share: 1 is equal."""


def fairness(config: Config, tally: Tally) -> Fairness | None:
    """How evenly cuts fell; None without cuts or with a single household feeder."""
    rows = households(config)
    if len(rows) < 2:
        return None
    wanted = np.array([[day.wanted_wh[row] for row in rows] for day in tally.days])
    unserved = np.array([[day.unserved_wh[row] for row in rows] for day in tally.days])
    span = min(WINDOW_DAYS, len(tally.days))
    shares = [
        unserved[first : first + span].sum(axis=0) / wanted[first : first + span].sum(axis=0)
        for first in range(len(tally.days) - span + 1)
    ]
    cut = [share for share in shares if share.any()]
    if not cut:
        return None
    spreads = [float(np.ptp(share)) for share in cut]
    served = 1.0 - cut[int(np.argmax(spreads))]
    weights = [list(config.feeders.values())[row].households for row in rows]
    jain = jain_index(zip(served.tolist(), weights, strict=True))
    return Fairness(max(spreads), float(np.mean(spreads)), jain)


def cost_thb(config: Config, tally: Tally) -> float:
    """Diesel, starts, wear and unserved energy at config.yaml's prices.

    What the battery holds more than at the start is worth the diesel that it saves.
    """
    prices, genset = config.planning.unserved_thb_per_kwh, config.genset
    unserved = sum(
        wh / 1000.0 * getattr(prices, priority.value) for priority, (_, wh) in by_class(config, tally).items()
    )
    wear = tally.battery_out_wh / 1000.0 * config.planning.battery_wear_thb_per_kwh
    if genset is None:
        return unserved + wear
    diesel = tally.litres * genset.fuel_thb_per_l + tally.genset_starts * genset.start_thb
    return unserved + wear + diesel - tally.stored_wh / 1000.0 * stored_thb_per_kwh(genset)


def stored_thb_per_kwh(genset: GensetSettings) -> float:
    """What a kWh in the battery saves of diesel, at full load of the genset."""
    idle_l_per_kwh = 0.08 if genset.idle_l_per_h is None else genset.idle_l_per_h / (genset.rated_w / 1000.0)
    return (genset.l_per_kwh + idle_l_per_kwh) * genset.fuel_thb_per_l
