"""The controller with a planner: plans as in operation, made from whatever foresight it is given."""

from __future__ import annotations

import time
from collections.abc import Mapping

from year_foresight import Foresight
from year_policies import restarted
from year_promises import Promises
from year_tally import Tally

from controller.core.decide import decide
from controller.core.model import Decision, Memory, Plan
from controller.planner.plan_now import AnnouncedCut, PlanNow
from controller.planner.plans import Planned, make_plan
from controller.planner.site import PlannedSite
from controller.planning.solution import PlanningError
from controller.runtime.plan_document import outline
from controller.runtime.plan_triggers import PlanTriggers, broken
from controller.settings import Config
from simulation.direct import DirectVillage

Announced = Mapping[str, tuple[AnnouncedCut, ...]]


class Planning:
    """Plans every so often, and before its time when the plan's corridor is left or the state changes."""

    def __init__(
        self, site: PlannedSite, config: Config, foresight: Foresight, tally: Tally, replan_s: float
    ) -> None:
        self._site, self._config, self._foresight = site, config, foresight
        self._tally, self._replan_s = tally, replan_s
        self._memory = Memory()
        self._announced: Announced = {}
        self._promised_s: float | None = None
        self._fresh()

    def begin(self, direct: DirectVillage) -> None:
        """Go on as after a restart of the controller; what was announced for other days is void."""
        del direct
        self._memory = restarted(self._memory)
        self._announced, self._promised_s = {}, None
        self._fresh()

    def step(self, direct: DirectVillage, tick: int) -> None:
        """Plan when it is time, decide as in operation, and watch over what was promised."""
        now_s, unix_s = direct.monotonic_s, direct.utc.timestamp()
        soc_frac = direct.village.storage.soc_frac
        due = self._planned_s is None or now_s - self._planned_s >= self._replan_s
        if self._heard is not None and (due or self._triggers.ripe(now_s)):
            self._replan(direct, unix_s, soc_frac)
            self._planned_s = now_s
        decision = decide(direct.image(tick), direct.site, self._memory, self._plan)
        self._memory, self._heard = decision.memory, decision
        self._triggers.look(decision, self._plan, None, now_s, unix_s)
        if broken(decision):
            self._promised_s = None
        self._promises.look(decision, unix_s)
        direct.apply(decision)

    def _fresh(self) -> None:
        """As at the start of a run."""
        self._plan: Plan | None = None
        self._planned_s: float | None = None
        self._heard: Decision | None = None
        self._triggers = PlanTriggers()
        self._promises = Promises(self._site.core, self._tally.turns)

    def _replan(self, direct: DirectVillage, unix_s: float, soc_frac: float) -> None:
        begun_s = time.perf_counter()
        genset = direct.village.genset
        now = PlanNow(
            at_s=unix_s,
            soc_frac=soc_frac,
            memory=self._memory,
            announced=self._announced,
            promised_until_s=self._promised_s,
            fuel_frac=None if genset is None else genset.fuel_frac,
        )
        ahead = self._foresight.ahead(int(unix_s))
        try:
            planned = make_plan(self._site, self._config, ahead.scenarios, ahead.feeders_w, now)
        except PlanningError:
            self._tally.plans_failed += 1
        else:
            self._follow(planned, direct.monotonic_s - unix_s)
        self._tally.plans += 1
        self._tally.plan_s += time.perf_counter() - begun_s

    def _follow(self, planned: Planned, ahead_s: float) -> None:
        """Put a plan in force and keep what it promises, as the controller does with plan.json."""
        found = outline(planned.document, self._site.core)
        self._plan = found.on_clock(ahead_s)
        self._promised_s = found.announced_until_s
        kept = {
            name: tuple(cut for cut in cuts if cut.from_s < found.announced_until_s)
            for name, cuts in planned.cuts.items()
        }
        self._announced = {name: cuts for name, cuts in kept.items() if cuts}
        self._promises.tell(self._announced)
