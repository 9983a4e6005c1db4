"""Kills the store's writer at random, again and again, cuts its power, and looks whether anything is lost.

Kill: SIGKILL at a random moment of a real writer under full load, with real fsync. Power cut: all that the
writer asked of the disk is recorded (strace), and of that a disk is made as it may be after a cut at a random
moment: what was written after a file's last fsync is there, lost, or there in part, in sectors of 512 bytes
and in any order. After each the store is opened and compared with what had been acknowledged.
Run: python benchmarks/crash.py [--kills 200] [--cuts 400] [--series 300] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from crash_village import FIRST_PERIOD, Findings, examine, next_start
from power_cut import acknowledged_before, cut_points, disk_after, recorded

WRITER = Path(__file__).with_name("crash_village.py")
Json = dict[str, Any]


def killed_writer(path: Path, first: int, series: int, periods: int, wait_s: float) -> list[int]:
    """Periods that a writer acknowledged before it was killed, wait_s after so many of them."""
    command = [sys.executable, str(WRITER), str(path), str(first), str(series)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(periods)]
        select.select([], [], [], wait_s)
        writer.kill()
        lines += writer.stdout.readlines()
    return [int(line) for line in lines if line.endswith(b"\n")]


def kill(path: Path, kills: int, series: int, chance: random.Random, most_periods: int = 500) -> Findings:
    """Kill, look, repeat; one in ten dies while it starts or opens the store."""
    found, last = Findings(), FIRST_PERIOD
    for _ in range(kills):
        first = next_start(last, chance.random(), chance.randrange(1, 40))
        opening = chance.random() < 0.1
        periods = 0 if opening else chance.randrange(2, most_periods)
        wait_s = chance.uniform(0.15, 0.8) if opening else chance.uniform(0.0, 0.02)
        acknowledged = killed_writer(path, first, series, periods, wait_s)
        examine(path, acknowledged, series, found)
        last = acknowledged[-1] + 1 if acknowledged else first
    return found


def cut(folder: Path, cuts: int, series: int, periods: int, chance: random.Random) -> Findings:
    """Record one run over the end of a day, then cut its power at many moments."""
    found = Findings()
    first = next_start(FIRST_PERIOD, 1.0, periods // 2)
    store = folder / "recorded" / "telemetry.db"
    store.parent.mkdir()
    command = [sys.executable, str(WRITER), str(store), str(first), str(series), str(periods)]
    trace = recorded(command, folder / "trace.txt", store.parent)
    for number, moment in enumerate(cut_points(trace, cuts, chance)):
        after = folder / f"after-{number}"
        disk_after(trace, moment, chance).put(after)
        examine(after / store.name, acknowledged_before(trace, moment), series, found)
        shutil.rmtree(after)
    return found


def measure(kills: int, cuts: int, series: int, folder: Path | None, seed: int) -> Json:
    """Both, as a table."""
    table: Json = {"series": series, "seed": seed}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        for what, times in (("kill -9", kills), ("power cut", cuts)):
            place, chance, begun_s = Path(name) / what.replace(" ", ""), random.Random(seed), time.monotonic()
            place.mkdir()
            found = (
                kill(place / "telemetry.db", times, series, chance)
                if what == "kill -9"
                else cut(place, times, series, 150, chance)
            )
            table[what] = {
                "times": found.checks,
                "wrong": found.wrong[:10],
                "periods_compared": found.periods,
                "values_compared": found.periods * series,
                "most_lost_s_of_closed_periods": found.most_lost_s,
                "worst_energy_error_frac": found.worst_energy_frac,
                "took_s": round(time.monotonic() - begun_s),
            }
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=400)
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="On the disk to be tried; a temporary folder otherwise.")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    print(json.dumps(measure(told.kills, told.cuts, told.series, told.folder, told.seed), indent=2))
