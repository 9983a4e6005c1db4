"""A village with a plan: published, followed, and what it promised outlives planner and controller."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from demo_run import demo, image, wait_for
from test_forecast_run import planner_pid


def plan(state: Path) -> dict:
    return json.loads((state / "plan.json").read_text(encoding="utf-8"))


def announced(state: Path) -> dict:
    with closing(sqlite3.connect(f"file:{state / 'telemetry.db'}?mode=ro", uri=True)) as connection:
        (text,) = connection.execute("SELECT value FROM state WHERE key = 'announced'").fetchone()
    return json.loads(text)


def controller_pid(state: Path) -> int:
    return image(state)["written"]["pid"]


def test_a_plan_is_followed_and_its_promise_survives_planner_and_controller(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "60", "--start", "15:00", "--soc", "0.15"):
        first = wait_for(lambda: plan(state), "the first plan")
        assert set(first["wanted_w"]) == {feeder["id"] for feeder in image(state)["feeders"]}
        wait_for(lambda: image(state)["plan"]["in_force"], "the plan is followed")

        planner = wait_for(lambda: planner_pid(state), "the planner runs")
        os.kill(planner, signal.SIGKILL)
        assert plan(state)["issued_utc"] >= first["issued_utc"]
        again = wait_for(
            lambda: plan(state) if plan(state)["issued_utc"] > first["issued_utc"] else None,
            "another plan after the planner was killed",
        )

        promised = announced(state)
        assert promised["until_utc"] == again["announced_until_utc"]
        before = controller_pid(state)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: controller_pid(state) != before, "the controller is back")
        later = wait_for(
            lambda: plan(state) if plan(state)["issued_utc"] > again["issued_utc"] else None,
            "another plan after the controller was killed",
        )
        assert later["announced_until_utc"] >= promised["until_utc"]
        told = {
            (name, cut["to_utc"], cut["announced_utc"])
            for name, cuts in promised["cuts"].items()
            for cut in cuts
        }
        added = [
            cut
            for name, cuts in later["cuts"].items()
            for cut in cuts
            if (name, cut["to_utc"], cut["announced_utc"]) not in told
        ]
        assert all(cut["from_utc"] >= promised["until_utc"] for cut in added)
