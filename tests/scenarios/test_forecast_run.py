"""A village with a planner: a forecast soon after the start, and again after the planner was killed."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from demo_run import demo, image, wait_for


def forecast(state: Path) -> dict:
    return json.loads((state / "forecast.json").read_text(encoding="utf-8"))


def planner_pid(state: Path) -> int | None:
    """The planner's process id: the child of the demo's controller, which has the site's config."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
            ours = str(state) in (Path("/proc") / parent / "cmdline").read_bytes().decode()
        except (OSError, IndexError):
            continue
        if "controller.planner" in words and ours:
            return int(entry.name)
    return None


def test_the_planner_may_be_killed_and_the_village_has_its_forecast_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "60", "--start", "09:00"):
        first = wait_for(lambda: forecast(state), "the first forecast")
        assert len(first["pv_w"][0]) == first["grid"]["count"] == 192
        assert set(first["feeders"]) == {feeder["id"] for feeder in image(state)["feeders"]}
        assert first["outlook"]["reason"]["th"]
        ticks = image(state)["tick"]["number"]
        pid = wait_for(lambda: planner_pid(state), "the planner runs")
        os.kill(pid, signal.SIGKILL)
        again = wait_for(
            lambda: forecast(state) if forecast(state)["issued_utc"] > first["issued_utc"] else None,
            "another forecast after the planner was killed",
        )
        assert planner_pid(state) != pid
        assert again["learned"]["at_utc"] > first["learned"]["at_utc"]
        assert image(state)["tick"]["number"] > ticks
    wait_for(lambda: planner_pid(state) is None, "the planner ended with the controller")
