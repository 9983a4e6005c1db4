"""From overload visible at the device to the feeder's contactor open at the device.

Each trial starts a fresh controller (one that has just seen an overload is more careful), waits for
a random part of a second, lets people on one feeder switch on far too much, and takes both instants from the
village itself: when the alarm first stood in the inverter's register, and when a contactor moved.
Run: python benchmarks/overload.py [--trials 200] [--json]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from village_run import Json, VillageRun, config_with_sharing, finish, percentile, running_village

OVERLOAD_W = 24000
LASTS_S = 2.0
GIVE_UP_S = 10.0
START_TIMEOUT_S = 120.0
QUICK = {"min_on_s": 0, "min_off_s": 0, "stagger_s": 0, "houses_rated_w": 2500}
"""What was shed in one trial is connected again at once for the next."""


def fresh_controller(run: VillageRun) -> None:
    """Kill the controller, forget what it remembered, wait until it knows its devices again."""
    pid = run.pid_of("controller", "run")
    os.kill(pid, signal.SIGKILL)
    for suffix in ("", "-wal", "-shm"):
        (run.folder / f"telemetry.db{suffix}").unlink(missing_ok=True)
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        time.sleep(0.1)
        image = run.image()
        closed = [feeder["closed"] for feeder in image["feeders"]]
        known = image["summary"]["load_w"] is not None and image["summary"]["inverter_w"] is not None
        if image["written"]["pid"] != pid and known and all(closed):
            return
    msg = f"the controller did not connect all feeders within {START_TIMEOUT_S} s: {image['feeders']}"
    raise RuntimeError(msg)


def trial(run: VillageRun, chance: random.Random) -> float:
    """Seconds from the alarm in the register to the first contactor open."""
    fresh_controller(run)
    time.sleep(chance.uniform(0, 1))
    begun_s = time.monotonic()
    run.control.load("houses_a", OVERLOAD_W, LASTS_S)
    visible_s: float | None = None
    while time.monotonic() - begun_s < GIVE_UP_S:
        time.sleep(0.01)
        truth = run.truth()
        alarm = truth["alarms"]["overload_alarm"]
        if visible_s is None and alarm["value"] >= 1:
            visible_s = alarm["changed_s"]
        opened = [
            feeder["moved_s"]
            for feeder in truth["feeders"].values()
            if not feeder["closed"] and feeder["moved_s"] > begun_s
        ]
        if opened and visible_s is not None:
            return float(min(opened) - visible_s)
    msg = "no feeder was opened"
    raise RuntimeError(msg)


def village_of_trials(trials: int, seed: int) -> tuple[list[float], int]:
    """Trials one after the other in a village of their own [s], and how often it went dark."""
    chance = random.Random(seed)
    took_s: list[float] = []
    with (
        tempfile.TemporaryDirectory() as name,
        running_village(config_with_sharing(Path(name), **QUICK), options=("--soc", "0.8")) as run,
    ):
        for _ in range(trials):
            took_s.append(trial(run, chance))
            time.sleep(LASTS_S)
        return took_s, int(run.truth()["blackouts"])


def measure(trials: int, villages: int, seed: int) -> Json:
    """Run the trials, in several villages side by side."""
    shares = [trials // villages + (index < trials % villages) for index in range(villages)]
    with ThreadPoolExecutor(villages) as pool:
        runs = list(pool.map(village_of_trials, shares, range(seed, seed + villages)))
    took_s = [value for took, _ in runs for value in took]
    return {
        "trials": len(took_s),
        "villages_side_by_side": villages,
        "blackouts": sum(blackouts for _, blackouts in runs),
        "overload_to_open_s": {
            "p50": round(percentile(took_s, 50), 3),
            "p99": round(percentile(took_s, 99), 3),
            "max": round(max(took_s), 3),
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--villages", type=int, default=3, help="run side by side")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    finish(measure(arguments.trials, arguments.villages, arguments.seed), as_json=arguments.json)
