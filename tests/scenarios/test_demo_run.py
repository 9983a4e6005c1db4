"""The whole thing: virtual village, controller and page over real Modbus, as `scripts/demo` starts them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from demo_run import (
    PATIENCE_S,
    RULES_ALONE,
    closed_states,
    contactors,
    demo,
    feeder_ids,
    image,
    page,
    wait_for,
)

from controller.telemetry.audit import verify
from controller.telemetry.reader import TelemetryReader
from simulation.control import ControlClient


def test_the_last_line_is_one_json_object_with_the_figures_of_the_run(tmp_path: Path) -> None:
    with demo(tmp_path, "--speed", "20", "--for", "100") as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    figures = json.loads(out.splitlines()[-1])
    assert figures["ticks"] >= 80
    assert set(figures["tick_lateness_ms"]) == {"p50", "p99"}
    assert all(bus["ok"] > 0 for bus in figures["requests"].values())
    assert figures["energy_wh"]["load_by_class"]["household"] > 0
    assert figures["energy_balance_error_pct"] < 0.5
    assert figures["blackouts"] == 0
    assert set(figures["rss_mb"]) == {"controller", "web", "village"}


def test_a_village_short_of_energy_takes_turns_and_says_why(tmp_path: Path) -> None:
    state = tmp_path / "state"
    options = ("--speed", "20", "--soc", "0.3", "--start", "20:00", "--clouds", "overcast")
    with demo(tmp_path, *options, changes=RULES_ALONE):
        off = wait_for(
            lambda: [feeder for feeder in image(state)["feeders"] if feeder["closed"] is False],
            "a feeder is off",
        )
        assert all(feeder["class"] != "critical" for feeder in off)
        assert all(feeder["reason"]["th"] and feeder["reason"]["en"] for feeder in off)
        # The contactor at the device is open, not only in the controller's mind.
        with ControlClient(state) as village:
            wait_for(lambda: not village.truth()["feeders"][off[0]["id"]]["closed"], "its contactor is open")
        assert off[0]["name"]["th"] in page(state, "/")
        assert off[0]["name"]["en"] in page(state, "/en")
        status = json.loads(page(state, "/api/status"))
        assert status["controller"]["running"] is True


def test_a_killed_controller_comes_back_and_contactors_stand_as_decided(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "10", "--soc", "0.3", "--start", "20:00", changes=RULES_ALONE):
        wait_for(
            lambda: any(feeder["closed"] is False for feeder in image(state)["feeders"]), "a feeder is off"
        )
        killed = image(state)["written"]["pid"]
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: image(state)["written"]["pid"] != killed, "a new controller ticks")
        wait_for(
            lambda: all(feeder["closed"] is not None for feeder in image(state)["feeders"]),
            "it knows them",
        )
        with ControlClient(state) as village:
            wait_for(
                lambda: (
                    contactors(village) == dict(zip(feeder_ids(state), closed_states(state), strict=True))
                ),
                "the contactors stand as decided",
            )
            standing = contactors(village)
        reader = TelemetryReader(state / "telemetry.db")
        for feeder, closed in standing.items():
            newest = reader.decisions(limit=1, subject=feeder)[0].record
            assert newest.action == "adopt" or (newest.action == "close") == closed, feeder
        assert verify(state / "telemetry.db").ok


def test_a_clean_stop_is_recorded_and_leaves_no_image(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "5"):
        wait_for(lambda: image(state)["tick"]["number"] > 5, "it ticks")
    assert not (state / "image.json").exists()
    newest = TelemetryReader(state / "telemetry.db").decisions(limit=1)[0].record
    assert (newest.subject, newest.action, newest.code) == ("site", "stop", "controller_stopped")
