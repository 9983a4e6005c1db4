"""The trial on the real thing: Modbus, controller, planner and page, while strangers hammer the page."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from trial_attack import Attack
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
    PlannerDies,
    sun_csv,
)
from village_run import Json, VillageRun, running_village

from simulation.faults import FaultKind

LEAST_TICKS_FRAC = 0.9
"""Of the seconds that passed: control kept its pace."""
BLACKOUT_OVER_S = 60.0
"""So long after the bus is back the clinic must have power: twice that without field buses."""
_LOOK_EVERY_S = 0.1
_FEEDERS = "feeders"


@dataclass(slots=True)
class Seen:
    """What the village's own truth told; seconds are simulated."""

    dark_s: float = 0.0
    critical_out_s: float = 0.0
    critical_out_at_min: list[float] = field(default_factory=list)
    """When the critical feeders went out besides blackouts."""
    planners_killed: int = 0
    _waited: bool = False
    _alive_s: float = BLACKOUT_OVER_S
    _now_s: float | None = None
    critical: tuple[str, ...] = field(default=("clinic",))

    def look(self, truth: Json) -> None:
        """Note what has passed since the last look."""
        before_s, self._now_s = self._now_s, truth["now_s"]
        if before_s is None:
            return
        dt_s = truth["now_s"] - before_s
        alive = truth["storage"]["alive"]
        self._alive_s = self._alive_s + dt_s if alive else 0.0
        self.dark_s += 0.0 if alive else dt_s
        waits = not all(truth[_FEEDERS][name]["closed"] for name in self.critical)
        waits = waits and self._alive_s >= BLACKOUT_OVER_S
        if waits and not self._waited:
            self.critical_out_at_min.append(round(truth["now_s"] / MINUTE_S, 1))
        self.critical_out_s += dt_s if waits else 0.0
        self._waited = waits


def run_live(config: Path, speed: float) -> Json:
    """All phases at so many times the pace of life; the figures, `failures` among them."""
    seen = Seen()
    with tempfile.TemporaryDirectory() as name:
        options = ("--irradiance-csv", str(sun_csv(Path(name))), "--start", START, "--soc", "0.955")
        with running_village(config, speed=speed, options=options) as run:
            attack = Attack(run.port())
            begun = run.truth()["now_s"]
            ticks_before = run.image()["tick"]
            with attack.running():
                _play(run, seen, begun)
            truth, image = run.truth(), run.image()
    passed_s = truth["now_s"] - begun
    ticks = image["tick"]["number"] - ticks_before["number"]
    result: Json = {
        "minutes": round(passed_s / MINUTE_S, 1),
        "ticks": ticks,
        "ticks_frac": round(ticks / passed_s, 3),
        "tick_lateness_ms": image["tick"]["lateness_ms"],
        "critical_out_s": round(seen.critical_out_s, 1),
        "critical_out_at_min": seen.critical_out_at_min,
        "dark_s": round(seen.dark_s, 1),
        "blackouts": truth["blackouts"],
        "unserved_kwh": {
            each: round(wh / 1000.0, 2) for each, wh in truth["energy_wh"]["unserved_by_class"].items()
        },
        "planners_killed": seen.planners_killed,
        "hostile": dict(attack.seen),
    }
    result["failures"] = _failures(result)
    return result


def _play(run: VillageRun, seen: Seen, begun_s: float) -> None:
    events = sorted((event for phase in PHASES for event in phase.events), key=lambda event: event[0])
    planner_dead = False
    while True:
        truth = run.truth()
        seen.look(truth)
        minute = (truth["now_s"] - begun_s) / MINUTE_S
        if minute >= MINUTES:
            return
        while events and events[0][0] <= minute:
            event = events.pop(0)[1]
            planner_dead = planner_dead or isinstance(event, PlannerDies)
            _happen(run, event)
        if planner_dead:
            seen.planners_killed += _kill_planner(run)
        time.sleep(_LOOK_EVERY_S)


def _happen(run: VillageRun, event: Event) -> None:
    """Through the village's back door."""
    match event:
        case Load(feeder, watts, for_s):
            run.control.load(feeder, watts, for_s)
        case Broken(kind, target, for_s):
            where = "line" if kind is FaultKind.LOST_LINE else "device"
            run.control.fault(kind, **{where: target}, for_s=for_s)
        case Charge(soc_frac):
            run.control.set_soc(soc_frac)
        case Panel(mode):
            run.control.turn_panel("auto" if mode else "stop")
        case PlannerDies() | HostileRequests():
            pass  # the planner is killed from then on; the page has been under attack all the time


def _kill_planner(run: VillageRun) -> int:
    """Kill the controller's planner wherever it shows again; how many that were."""
    controller = run.pid_of("controller", "run")
    try:
        children = Path(f"/proc/{controller}/task/{controller}/children").read_text().split()
    except OSError:
        return 0
    for child in children:
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"controller.planner" in words:
            os.kill(int(child), signal.SIGKILL)
            return 1
    return 0


def _failures(result: Json) -> list[str]:
    found = []
    if result["critical_out_s"]:
        found.append(f"the clinic was out for {result['critical_out_s']} s besides blackouts")
    if result["ticks_frac"] < LEAST_TICKS_FRAC:
        found.append(f"only {result['ticks_frac']:.0%} of the ticks were on time")
    return found
