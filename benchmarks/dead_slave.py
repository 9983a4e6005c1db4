"""One dead slave of nine on an RS485 line: what its neighbours notice, and how soon it is found again.

Run: python benchmarks/dead_slave.py [--device meter_school] [--seconds 60] [--rounds 5] [--json]
"""

from __future__ import annotations

import argparse
import time

from village_run import Json, VillageRun, finish, running_village

SETTLE_S = 8.0
FAST_POINTS = ("power_w", "irradiance_wm2")


def oldest_neighbour_s(run: VillageRun, dead: str, bus: str) -> float:
    """The age of the oldest fast reading among the other devices of the line, seen now [s]."""
    image = run.image()
    return max(
        device["points"][point]["age_s"]
        for device in image["devices"]
        if device["bus"] == bus and device["id"] != dead
        for point in FAST_POINTS
        if point in device["points"]
    )


def health(run: VillageRun, device_id: str, point: str = "power_w") -> str:
    """A device's health as the controller sees it."""
    device = next(device for device in run.image()["devices"] if device["id"] == device_id)
    return str(device["points"].get(point, {"health": "lost"})["health"])


def measure(dead: str, seconds: float, rounds: int) -> Json:
    """Silence the device, watch the others, let it return, wait for it."""
    ages: list[float] = []
    back: list[float] = []
    with running_village() as run:
        time.sleep(SETTLE_S)
        bus = next(device["bus"] for device in run.image()["devices"] if device["id"] == dead)
        for _ in range(rounds):
            run.control.fault("silent", device=dead)
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                ages.append(oldest_neighbour_s(run, dead, bus))
                time.sleep(0.2)
            if health(run, dead) != "lost":
                msg = f"{dead} should be lost after {seconds} s of silence"
                raise RuntimeError(msg)
            run.control.clear(device=dead)
            begun_s = time.monotonic()
            while health(run, dead) != "good":
                time.sleep(0.1)
            back.append(time.monotonic() - begun_s)
    return {
        "line": bus,
        "dead": dead,
        "rounds": rounds,
        "silent_s": seconds,
        "oldest_neighbour_reading_s": round(max(ages), 2),
        "back_after_s": [round(value, 2) for value in back],
        "back_after_s_max": round(max(back), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="meter_school")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    finish(measure(arguments.device, arguments.seconds, arguments.rounds), as_json=arguments.json)
