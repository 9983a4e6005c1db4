"""Who runs the village in the trial: nobody, the plain rules, or the rules under a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from controller.core.decide import decide
from controller.core.model import Decision, Memory, Plan
from controller.planner.plan_now import AnnouncedCut, PlanNow
from controller.planner.plans import make_plan
from controller.planner.site import PlannedSite, planned_site
from controller.runtime.child_wire import Json
from controller.runtime.plan_document import UnusablePlanError, outline
from controller.settings import Config
from forecasting.calibration.scenarios import Scenarios
from forecasting.grid import QUARTER_S, Floats, Grid
from simulation.direct import DirectVillage
from simulation.physics.village import Village

_QUARTERS = 192
_SUN_SHARES, _CHANCES = (1.0, 0.7, 0.4), (0.4, 0.35, 0.25)
"""Of a clear day: what the plan thinks may come. It knows neither the clouds nor the faults of the trial."""


class Policy(Protocol):
    """Looks at the village once a second and moves what it can."""

    name: str

    def tick(self, village: DirectVillage, number: int) -> Decision | None:
        """One second's control; None where nobody decides."""
        ...


class NoController:
    """Feeders are never opened; a relay of the inverters starts the genset, as in many a village."""

    name = "no controller"

    def tick(self, village: DirectVillage, number: int) -> Decision | None:
        """Start the genset below config.yaml's threshold, stop it above the other."""
        del number
        genset, spec, soc_frac = village.village.genset, village.site.genset, village.village.storage.soc_frac
        if genset is not None and spec is not None:
            if soc_frac < spec.start_below_soc_frac:
                genset.telemetry_start(on=True)
            elif soc_frac >= spec.stop_above_soc_frac:
                genset.telemetry_start(on=False)
        return None


class Rules:
    """The controller without a plan."""

    name = "rules"

    def __init__(self) -> None:
        self.memory = Memory()
        self.plan: Plan | None = None

    def tick(self, village: DirectVillage, number: int) -> Decision | None:
        """Decide as in operation."""
        decision = decide(village.image(number), village.site, self.memory, self.plan)
        self.memory = decision.memory
        village.apply(decision)
        return decision


class RulesUnderAPlan(Rules):
    """The controller with a plan made anew every quarter of an hour, from a plain forecast."""

    name = "rules and plan"

    def __init__(self, config: Config, demand_w: Mapping[str, Floats]) -> None:
        """demand_w: what each feeder usually wants by quarter of an hour, shape (192,) [W]."""
        super().__init__()
        self.planner_lives = True
        self.document: Json | None = None
        self.plans = 0
        self._site: PlannedSite = planned_site(config)
        self._config, self._demand_w = config, demand_w
        self._announced: dict[str, tuple[AnnouncedCut, ...]] = {}
        self._promised_s: float | None = None
        self._quarter = -1

    def tick(self, village: DirectVillage, number: int) -> Decision | None:
        """Plan when a quarter of an hour is over, then decide."""
        quarter = int(village.village.now_s // QUARTER_S)
        if self.planner_lives and quarter > self._quarter and number > 1:
            self._quarter = quarter
            self._replan(village)
        return super().tick(village, number)

    def take(self, document: Json, village: DirectVillage) -> bool:
        """Follow a plan document, if it is one. Whether it was taken."""
        try:
            found = outline(document, self._site.core)
        except UnusablePlanError:
            return False
        self.plan = found.on_clock(village.monotonic_s - village.utc.timestamp())
        self._promised_s = found.announced_until_s
        return True

    def _replan(self, village: DirectVillage) -> None:
        now_s, genset = village.utc.timestamp(), village.village.genset
        now = PlanNow(
            at_s=now_s,
            soc_frac=village.village.storage.soc_frac,
            memory=self.memory,
            announced=self._announced,
            promised_until_s=self._promised_s,
            fuel_frac=None if genset is None else genset.fuel_frac,
        )
        scenarios = self._scenarios(int(now_s // QUARTER_S) * QUARTER_S)
        planned = make_plan(self._site, self._config, scenarios, self._demand_w, now)
        self.plans += 1
        self.document = planned.document
        if self.take(planned.document, village):
            self._announced = {name: cuts for name, cuts in planned.cuts.items() if cuts}

    def _scenarios(self, start_s: int) -> Scenarios:
        total_w = np.sum(list(self._demand_w.values()), axis=0)
        clear_w = np.array([self._clear_w(start_s + QUARTER_S * step) for step in range(_QUARTERS)])
        return Scenarios(
            issued_s=start_s,
            grid=Grid(start_s, QUARTER_S, _QUARTERS),
            pv_w=np.outer(_SUN_SHARES, clear_w),
            load_w=np.tile(total_w, (len(_SUN_SHARES), 1)),
            weights=np.array(_CHANCES),
        )

    def _clear_w(self, at_s: float) -> float:
        """A clear day from six to half past six, as somebody would draw it [W]."""
        hour = (at_s / 3600.0 + 7.0) % 24.0
        return 0.85 * self._site.pv_limit_w * max(0.0, math.sin(math.pi * (hour - 6.0) / 12.5))


def usual_demand(village: Village) -> dict[str, Floats]:
    """What each feeder wants by quarter of an hour, if nobody is cut [W]; uses the village up."""
    demand_w = {feeder: np.zeros(_QUARTERS) for feeder in village.feeders}
    for quarter in range(_QUARTERS):
        village.sky.move_to(quarter * QUARTER_S)
        for feeder, line in village.feeders.items():
            line.draw(quarter * QUARTER_S, 1.0, alive=False)
            demand_w[feeder][quarter] = line.demand_w
    return demand_w
