"""Plans for microgrids other than a village, step by step: ask for each step, get its setpoints. Pure.

For benchmarks and for sites that are not rationed by turns: sun, one battery, gensets, a grid with prices and
outages, demand that costs when it is not met. Any units do, as long as powers, energies and prices share
them: W, Wh and a price for each Wh, or kW, kWh and a price for each kWh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from controller.planning.problem import (
    Bools,
    Floats,
    Generator,
    GridSupply,
    LoadClass,
    Present,
    Problem,
    Storage,
)
from controller.planning.solution import Solution
from controller.planning.solver import solve
from controller.planning.stored_energy import Market, StoredEnergy

Indices = npt.NDArray[np.int64]
LOAD = "load"
"""The one class of demand."""
WORTH_NODES = 21
WORTH_DAYS = 2
"""How often the last day that is known repeats itself, in judging what energy is worth at its end."""


@dataclass(frozen=True, slots=True)
class Microgrid:
    """What a site has, and what things cost there."""

    unserved_price_per_wh: float
    storage: Storage | None = None
    generators: tuple[Generator, ...] = ()
    """Their `allowed` and `required` are not used."""
    import_w: float = 0.0
    export_w: float = 0.0
    """The most that the grid gives and takes while it is up; 0: there is none."""
    curtailment_price_per_wh: float = 0.0
    """Of sun that is not used."""
    dumped_price_per_wh: float = 0.0
    """Of a generator's power that nobody takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is known or expected of the coming steps, this one first; all arrays of the shape (n,)."""

    pv_w: Floats
    load_w: Floats
    import_price_per_wh: Floats | None = None
    export_price_per_wh: Floats | None = None
    """None: 0 for all steps."""
    grid_up: Bools | None = None
    """Steps without an outage; None: all."""
    last: bool | None = None
    """Nothing comes after these steps, or nothing that counts: energy left is worth nothing. None: so it is
    when they are fewer than the planner usually plans."""

    def __post_init__(self) -> None:
        """Raises ValueError for arrays of different lengths."""
        arrays = (self.load_w, self.import_price_per_wh, self.export_price_per_wh, self.grid_up)
        if any(values is not None and values.shape != self.pv_w.shape for values in arrays):
            raise ValueError("the arrays of an outlook differ in length")


@dataclass(frozen=True, slots=True)
class Setpoints:
    """What to do in this step; all magnitudes.

    pv + discharge + generators + import + unserved = load + charge + export + dumped.
    """

    charge_w: float
    discharge_w: float
    """Never both."""
    import_w: float
    export_w: float
    pv_w: float
    """Sun used."""
    unserved_w: float
    dumped_w: float
    generator_w: Mapping[str, float] = field(default_factory=dict)
    """0: off, else between its least and its rated power."""


class MicrogridPlanner:
    """Plans anew for each step and gives the first one.

    The first `planned_steps` are planned exactly, generators being on or off. What is known of the time after
    them, and then the last day again and again, says what energy is worth at their end.
    """

    def __init__(
        self, microgrid: Microgrid, *, step_h: float = 1.0, planned_steps: int = 24, gap_frac: float = 1e-6
    ) -> None:
        """gap_frac: how far from the best a plan may be."""
        self._microgrid = microgrid
        self._step_h = step_h
        self._planned_steps = planned_steps
        self._gap_frac = gap_frac

    def decide(self, present: Present, outlook: Outlook) -> Setpoints:
        """Setpoints for the first of the coming steps."""
        problem = self.problem(present, outlook)
        return _first_step(problem, solve(problem, gap_frac=self._gap_frac))

    def problem(self, present: Present, outlook: Outlook) -> Problem:
        """What is solved for it."""
        site, count = self._microgrid, min(self._planned_steps, outlook.pv_w.size)
        grid = _grid(site, outlook)
        storage, last = site.storage, outlook.last
        if last is None:
            last = outlook.pv_w.size < self._planned_steps
        if storage is not None and not (last and count == outlook.pv_w.size):
            after = _steps_after(outlook, count, round(24 / self._step_h), last=last)
            storage = replace(storage, end_prices=self._end_prices(storage, grid, outlook, after))
        return Problem(
            step_h=np.full(count, self._step_h),
            weights=np.ones(1),
            pv_w=outlook.pv_w[np.newaxis, :count],
            loads=(
                LoadClass(LOAD, outlook.load_w[np.newaxis, :count], ((1.0, site.unserved_price_per_wh),)),
            ),
            storage=storage,
            generators=site.generators,
            grid=GridSupply(
                grid.import_w[:count],
                grid.export_w[:count],
                grid.import_price_per_wh[:count],
                grid.export_price_per_wh[:count],
            ),
            present=present,
            early_frac=0.0,
            committed_h=np.inf,
            curtailment_price_per_wh=site.curtailment_price_per_wh,
            dumped_price_per_wh=site.dumped_price_per_wh,
        )

    def _end_prices(
        self, storage: Storage, grid: GridSupply, outlook: Outlook, after: Indices
    ) -> tuple[tuple[float, float], ...]:
        """What energy is worth at the end of the planned steps: (energy, price) pieces from empty upwards.

        After what is known the last day repeats itself, without its outages: plans see real ones in time.
        Gensets are offers without a least load there, so that no Wh is worth more than the one below it.
        """
        known = np.arange(after.size) < outlook.pv_w.size - after[0]
        offers_w = [np.where(known, grid.import_w[after], self._microgrid.import_w)]
        prices = [grid.import_price_per_wh[after]]
        for one in self._microgrid.generators:
            offers_w.append(np.full(after.size, one.rated_w))
            prices.append(np.full(after.size, one.price_per_wh + one.price_per_h / one.rated_w))
        market = Market(
            np.array(offers_w),
            np.array(prices),
            self._microgrid.unserved_price_per_wh,
            np.where(known, grid.export_w[after], self._microgrid.export_w),
            grid.export_price_per_wh[after],
        )
        energy = StoredEnergy(storage, market, self._step_h, WORTH_NODES)
        net_w = (outlook.load_w - outlook.pv_w)[np.newaxis, after]
        cost = energy.costs(net_w, np.ones(1), np.zeros(WORTH_NODES))[0]
        widths = np.diff(energy.energy_wh)
        worth = np.minimum.accumulate(np.maximum(-np.diff(cost) / widths, 0.0))
        widths[0] += energy.energy_wh[0]
        return tuple(zip(widths.tolist(), worth.tolist(), strict=True))


def storage_at_cells(
    energy_wh: float,
    charge_w: float,
    discharge_w: float,
    *,
    efficiency: float,
    wear_price_per_wh: float = 0.0,
    soc_min_frac: float = 0.0,
    soc_max_frac: float = 1.0,
) -> Storage:
    """A battery whose limits and wear are given for its cells, both ways, not for the bus.

    efficiency: of charging, and once more of discharging.
    """
    return Storage(
        energy_wh,
        charge_w / efficiency,
        discharge_w * efficiency,
        efficiency,
        efficiency,
        soc_min_frac=soc_min_frac,
        soc_max_frac=soc_max_frac,
        wear_price_per_wh=wear_price_per_wh / efficiency,
        charge_wear_price_per_wh=wear_price_per_wh * efficiency,
    )


def _grid(site: Microgrid, outlook: Outlook) -> GridSupply:
    up = np.ones(outlook.pv_w.shape) if outlook.grid_up is None else outlook.grid_up.astype(np.float64)
    free = np.zeros(outlook.pv_w.shape)
    return GridSupply(
        site.import_w * up,
        site.export_w * up,
        free if outlook.import_price_per_wh is None else outlook.import_price_per_wh,
        free if outlook.export_price_per_wh is None else outlook.export_price_per_wh,
    )


def _steps_after(outlook: Outlook, count: int, day: int, *, last: bool) -> Indices:
    """Numbers of known steps that stand for what comes after the planned ones."""
    known = np.arange(count, outlook.pv_w.size)
    if last:
        return known
    last_day = np.arange(max(0, outlook.pv_w.size - day), outlook.pv_w.size)
    return np.concatenate([known, np.tile(last_day, WORTH_DAYS)])


def _first_step(problem: Problem, solution: Solution) -> Setpoints:
    """Of a solution the first step, with what the solver rounded put right: limits kept, powers balanced."""
    planned = {name: float(getattr(solution, name)[0, 0]) for name in ("pv_w", "import_w", "export_w")}
    generator_w = {one.id: _generator_w(one, solution) for one in problem.generators}
    charge_w, discharge_w = _battery_w(problem, solution)
    sun_w = float(problem.pv_w[0, 0])
    # Where energy left is worth nothing courses tie: sun that nobody takes still goes before the battery.
    instead_w = min(discharge_w, max(sun_w - planned["pv_w"], 0.0))
    discharge_w -= instead_w
    planned["pv_w"] += instead_w
    most_import_w, most_export_w = (0.0, 0.0)
    if problem.grid is not None:
        most_import_w, most_export_w = float(problem.grid.import_w[0]), float(problem.grid.export_w[0])
    export_w = min(planned["export_w"], most_export_w)
    load_w = float(problem.loads[0].demand_w[0, 0])
    need_w = load_w + charge_w + export_w - discharge_w - sum(generator_w.values())
    unserved_w = min(float(solution.unserved_w[LOAD][0, 0]), max(need_w, 0.0))
    pv_w = min(planned["pv_w"], max(need_w - unserved_w, 0.0), sun_w)
    import_w = min(planned["import_w"], max(need_w - unserved_w - pv_w, 0.0), most_import_w)
    lack_w = max(need_w - unserved_w - pv_w - import_w, 0.0)  # from here on rounding alone
    more_pv_w = min(lack_w, sun_w - pv_w)
    more_import_w = min(lack_w - more_pv_w, most_import_w - import_w)
    return Setpoints(
        charge_w=charge_w,
        discharge_w=discharge_w,
        import_w=import_w + more_import_w,
        export_w=export_w,
        pv_w=pv_w + more_pv_w,
        unserved_w=unserved_w + lack_w - more_pv_w - more_import_w,
        dumped_w=max(-need_w, 0.0),
        generator_w=generator_w,
    )


def _generator_w(generator: Generator, solution: Solution) -> float:
    if not solution.generator_on[generator.id][0, 0]:
        return 0.0
    return min(max(float(solution.generator_w[generator.id][0, 0]), generator.least_w), generator.rated_w)


def _battery_w(problem: Problem, solution: Solution) -> tuple[float, float]:
    """Charging and discharging within what the battery can do; never both."""
    storage = problem.storage
    if storage is None:
        return 0.0, 0.0
    stored_wh = storage.energy_wh * problem.present.soc_frac
    room_wh = max(storage.energy_wh * storage.soc_max_frac - stored_wh, 0.0)
    left_wh = max(stored_wh - storage.energy_wh * storage.soc_min_frac, 0.0)
    step_h = float(problem.step_h[0])
    net_w = float(solution.charge_w[0, 0] - solution.discharge_w[0, 0])
    most_w = min(storage.charge_w, room_wh / storage.charge_efficiency / step_h)
    least_w = -min(storage.discharge_w, left_wh * storage.discharge_efficiency / step_h)
    net_w = min(max(net_w, least_w), most_w)
    return max(net_w, 0.0), max(-net_w, 0.0)
