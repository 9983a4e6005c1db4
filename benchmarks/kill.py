"""Kills the controller or the page at random, again and again, and looks whether anything is lost.

The battery's charge is swung across the thresholds meanwhile, so that feeders are switched all the time.
After each kill the contactors as they really stand are compared with the last decisions that name them; in
the end the hash chain and the database are checked. Run: python benchmarks/kill.py [--kills 50] [--json]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import tempfile
import time
from pathlib import Path

from village_run import Json, VillageRun, config_with_sharing, finish, running_village

from controller.telemetry.audit import verify
from controller.telemetry.reader import TelemetryReader

SETTLE_S = 20.0
LIVELY = {"min_on_s": 1, "min_off_s": 1, "turn_s": 10, "stagger_s": 1}
"""Turns so short that something is switched every few seconds."""


def unexplained_contactors(run: VillageRun, contactors: dict[str, bool]) -> list[str]:
    """Feeders whose contactor stands as no logged decision says; the last two count, one may be under way."""
    reader = TelemetryReader(run.folder / "telemetry.db")
    wrong = []
    for feeder, closed in contactors.items():
        said = [
            decision.record.action
            for decision in reader.decisions(limit=6, subject=feeder)
            if decision.record.action in {"open", "close", "adopt"}
        ]
        states = {"open": False, "close": True}
        recent = [states.get(action) for action in said[:2]]
        # `adopt` takes over what is found; before the first decision feeders stand as they were built.
        if said and None not in recent and closed not in recent:
            wrong.append(feeder)
    return wrong


def wait_until_back(run: VillageRun, victim: str, old_pid: int) -> float:
    """Seconds until the victim lives again with another process id (and, for the controller, ticks)."""
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < SETTLE_S:
        time.sleep(0.1)
        try:
            pid = run.pid_of("controller", victim)
        except LookupError:
            continue
        if pid == old_pid:
            continue
        if victim == "web":
            return time.monotonic() - begun_s
        image = run.image()
        if image["written"]["pid"] == pid and all(
            feeder["closed"] is not None for feeder in image["feeders"]
        ):
            return time.monotonic() - begun_s
    msg = f"{victim} did not come back within {SETTLE_S} s"
    raise RuntimeError(msg)


def measure(kills: int, seed: int) -> Json:
    """Kill, look, repeat."""
    chance = random.Random(seed)
    unexplained: list[str] = []
    back_s: dict[str, list[float]] = {"run": [], "web": []}
    switched = 0
    with (
        tempfile.TemporaryDirectory() as name,
        running_village(config_with_sharing(Path(name), **LIVELY)) as run,
    ):
        time.sleep(5)
        for _ in range(kills):
            run.control.set_soc(round(chance.uniform(0.1, 0.7), 3))
            time.sleep(chance.uniform(0.5, 5))
            victim = chance.choice(["run", "run", "web"])
            pid = run.pid_of("controller", victim)
            os.kill(pid, signal.SIGKILL)
            contactors = {name: feeder["closed"] for name, feeder in run.truth()["feeders"].items()}
            unexplained += unexplained_contactors(run, contactors)
            back_s[victim].append(wait_until_back(run, victim, pid))
        time.sleep(3)
        audit = verify(run.folder / "telemetry.db")
        with sqlite3.connect(f"file:{run.folder / 'telemetry.db'}?mode=ro", uri=True) as database:
            intact = database.execute("PRAGMA integrity_check").fetchone()[0]
            switched = database.execute(
                "SELECT count(*) FROM decision WHERE action IN ('open', 'close')"
            ).fetchone()[0]
    return {
        "kills": kills,
        "controller_kills": len(back_s["run"]),
        "web_kills": len(back_s["web"]),
        "feeder_switchings_logged": switched,
        "database": intact,
        "hash_chain_whole": audit.ok,
        "decisions": audit.count,
        "unexplained_contactors": unexplained,
        "controller_back_s_max": round(max(back_s["run"], default=0), 2),
        "web_back_s_max": round(max(back_s["web"], default=0), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    finish(measure(arguments.kills, arguments.seed), as_json=arguments.json)
