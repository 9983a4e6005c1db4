"""A fixed 100-minute trial of the default village: no controller, the plain rules, the rules under a plan.

Sun, a cloud front, an overload, a trip, a lost line, a genset that does not start, a frozen gauge, a
blackout, a dead planner, hostile requests: docs/trial.md. Exit status 1 when what must hold does not.
Run: python benchmarks/trial.py [--json], or with --live over Modbus, in processes, with the page.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from trial_hostile import broken
from trial_live import run_live
from trial_policies import NoController, Policy, Rules, RulesUnderAPlan, usual_demand
from trial_score import Bookkeeper, Tally
from trial_script import (
    MINUTE_S,
    MINUTES,
    PHASES,
    START,
    Broken,
    Charge,
    Event,
    HostileRequests,
    Load,
    Panel,
    Phase,
    PlannerDies,
    sun_csv,
)
from village_run import finish

from controller.config_file import load_config
from controller.core.decide import decide
from controller.core.memory import from_json, to_json
from controller.core.model import PriorityClass
from controller.settings import Config
from simulation.direct import DirectVillage
from simulation.faults import Fault
from simulation.physics.village import Village

ROOT = Path(__file__).resolve().parent.parent
DAY = datetime(2026, 3, 10, tzinfo=UTC)
LOCAL = timedelta(hours=7)
GARBAGE = 400
"""Documents of each kind."""


@dataclass(slots=True)
class Result:
    """What became of the village under one controller."""

    policy: str
    phases: list[tuple[str, Tally]] = field(default_factory=list)
    total: Tally = field(default_factory=Tally)
    garbage: dict[str, int] = field(default_factory=dict)
    """Documents and memories that were refused, and that were taken and survived."""
    took_s: float = 0.0

    @property
    def failures(self) -> list[str]:
        """What must hold and does not."""
        strain = {name: value for name, value in asdict(self.total.strain).items() if value}
        found = [f"{name}: {value:g} beyond the limits" for name, value in strain.items()]
        if self.total.critical_out_s:
            found.append(f"critical feeders were out for {self.total.critical_out_s:g} s besides blackouts")
        return found


class Trial:
    """One controller's hundred minutes."""

    def __init__(self, config: Config, village: DirectVillage, policy: Policy) -> None:
        self._config, self._village, self._policy = config, village, policy
        self._book = Bookkeeper(village)
        self._chance = random.Random(1)
        self.result = Result(policy.name)

    def run(self) -> Result:
        """All phases, a second at a time."""
        begun_s = time.perf_counter()
        for phase, until_min in zip(PHASES, [*(p.from_min for p in PHASES[1:]), MINUTES], strict=True):
            self._run_phase(phase, until_min * MINUTE_S)
            tally = self._book.close()
            self.result.phases.append((phase.name, tally))
            self.result.total.add(tally)
        self.result.took_s = time.perf_counter() - begun_s
        return self.result

    def _run_phase(self, phase: Phase, until_s: float) -> None:
        events = sorted(phase.events, key=lambda event: event[0])
        while self._now_s < until_s - 1e-6:
            while events and events[0][0] * MINUTE_S <= self._now_s + 1e-6:
                self._happen(events.pop(0)[1])
            self._village.advance(1.0)
            self._book.step(1.0)
            self._policy.tick(self._village, round(self._now_s))

    @property
    def _now_s(self) -> float:
        return self._village.village.now_s

    def _happen(self, event: Event) -> None:
        physics = self._village.village
        match event:
            case Load(feeder, watts, for_s):
                physics.add_load(feeder, watts, for_s)
            case Broken(kind, target, for_s):
                self._village.inject(Fault(kind, target, self._now_s + for_s))
            case Charge(soc_frac):
                physics.set_soc(soc_frac)
            case Panel(mode):
                if physics.genset is not None:
                    physics.genset.set_mode(mode)
            case PlannerDies():
                if isinstance(self._policy, RulesUnderAPlan):
                    self._policy.planner_lives = False
            case HostileRequests():
                self._harass()

    def _harass(self) -> None:
        """Hand broken documents to whoever reads them: they are refused, or what they say does no harm."""
        policy, counts = self._policy, self.result.garbage
        if isinstance(policy, Rules):
            for memory in broken(dict(to_json(policy.memory)), self._chance, GARBAGE):
                try:
                    known = from_json(memory)
                except ValueError:
                    counts["memories refused"] = counts.get("memories refused", 0) + 1
                    continue
                decide(self._village.image(0), self._village.site, known, policy.plan)
                counts["memories borne"] = counts.get("memories borne", 0) + 1
        if isinstance(policy, RulesUnderAPlan) and policy.document is not None:
            for document in broken(dict(policy.document), self._chance, GARBAGE):
                what = "plans taken" if policy.take(document, self._village) else "plans refused"
                counts[what] = counts.get(what, 0) + 1
                decide(self._village.image(0), self._village.site, policy.memory, policy.plan)


def village_of_the_trial(config: Config, sun: Path) -> DirectVillage:
    """The default village at the trial's first minute."""
    hours, minutes = (int(part) for part in START.split(":"))
    start = DAY + timedelta(hours=hours, minutes=minutes) - LOCAL
    village = Village(config, start_utc=start, seed=1, soc_frac=0.955, irradiance_csv=sun)
    return DirectVillage(config, village, start_utc=start)


def run_trials(config: Config) -> list[Result]:
    """The same hundred minutes under each controller."""
    with tempfile.TemporaryDirectory() as name:
        sun = sun_csv(Path(name))
        demand_w = usual_demand(village_of_the_trial(config, sun).village)
        policies: tuple[Policy, ...] = (NoController(), Rules(), RulesUnderAPlan(config, demand_w))
        return [Trial(config, village_of_the_trial(config, sun), policy).run() for policy in policies]


COLUMNS = (
    "score", "cost THB", "critical out s", "dark s", "back after s", *(each.value for each in PriorityClass),
    "diesel l", "starts", "moves", "beyond limits",
)  # fmt: skip


def row(tally: Tally, config: Config) -> list[str]:
    """A tally's cells: energies that people went without in kWh."""
    unserved = [f"{tally.unserved_wh.get(each, 0.0) / 1000.0:.2f}" for each in PriorityClass]
    return [
        f"{tally.score(config):.1f}", f"{tally.cost_thb(config):.0f}", f"{tally.critical_out_s:.0f}",
        f"{tally.dark_s:.0f}", f"{tally.recovery_s:.0f}", *unserved, f"{tally.diesel_l:.1f}",
        str(tally.genset_starts), str(tally.switchings), f"{tally.strain.total():g}",
    ]  # fmt: skip


def print_tables(results: Sequence[Result], config: Config) -> None:
    """A table for each phase, and one of the totals."""
    names = [name for name, _ in results[0].phases]
    for index, name in enumerate(names):
        _print_table(name, [(each.policy, row(each.phases[index][1], config)) for each in results])
    _print_table("all 100 minutes", [(each.policy, row(each.total, config)) for each in results])
    for each in results:
        if each.garbage:
            print(f"{each.policy}: " + ", ".join(f"{count} {what}" for what, count in each.garbage.items()))


def _print_table(title: str, rows: Sequence[tuple[str, list[str]]]) -> None:
    widths = [max(len(head), *(len(cells[at]) for _, cells in rows)) for at, head in enumerate(COLUMNS)]
    print(
        f"\n{title:22}" + "  ".join(f"{head:>{width}}" for head, width in zip(COLUMNS, widths, strict=True))
    )
    for name, cells in rows:
        print(f"  {name:20}" + "  ".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True)))


def as_json(results: Sequence[Result], config: Config) -> dict[str, Any]:
    """The figures for machines."""
    return {
        each.policy: {
            "phases": {
                name: dict(zip(COLUMNS, row(tally, config), strict=True)) for name, tally in each.phases
            },
            "total": dict(zip(COLUMNS, row(each.total, config), strict=True)),
            "garbage": each.garbage,
            "failures": each.failures,
            "took_s": round(each.took_s, 2),
        }
        for each in results
    }


def live(speed: float, *, as_json: bool) -> int:
    """The trial on the real thing; the exit status."""
    result = run_live(ROOT / "config.yaml", speed)
    finish(result, as_json=as_json)
    return 1 if result["failures"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--live", action="store_true", help="the real processes, over Modbus")
    parser.add_argument("--speed", type=float, default=10.0, help="of the live trial")
    arguments = parser.parse_args()
    if arguments.live:
        return live(arguments.speed, as_json=arguments.json)
    config = load_config(ROOT / "config.yaml")
    results = run_trials(config)
    if arguments.json:
        print(json.dumps(as_json(results, config)))
    else:
        print_tables(results, config)
    failures = [(each.policy, text) for each in results[1:] for text in each.failures]
    sys.stdout.flush()
    for policy, text in failures:
        print(f"DOES NOT HOLD under {policy}: {text}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
