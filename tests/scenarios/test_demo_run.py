"""The whole thing: virtual village, controller and page over real Modbus, as `scripts/demo` starts them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.telemetry.audit import verify
from controller.telemetry.reader import TelemetryReader
from simulation.control import ControlClient

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A demo of the default village with short least times, so that no story takes long."""
    config = folder / "site.yaml"
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    config.write_text(
        text.replace("min_on_s: 900", "min_on_s: 10").replace("min_off_s: 600", "min_off_s: 10")
    )
    process = subprocess.Popen(
        [
            sys.executable, "-m", "controller", "demo", "--headless", "--json",
            "--config", str(config), "--state", str(folder / "state"), *options,
        ],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for(what, reason: str):
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        try:
            if found := what():
                return found
        except (OSError, ValueError, LookupError):
            pass
        time.sleep(0.1)
    pytest.fail(f"not within {PATIENCE_S} s: {reason}")


def image(folder: Path) -> dict:
    return json.loads((folder / "image.json").read_text(encoding="utf-8"))


def closed_states(folder: Path) -> list[bool | None]:
    return [feeder["closed"] for feeder in image(folder)["feeders"]]


def feeder_ids(folder: Path) -> list[str]:
    return [feeder["id"] for feeder in image(folder)["feeders"]]


def contactors(village: ControlClient) -> dict[str, bool]:
    return {name: feeder["closed"] for name, feeder in village.truth()["feeders"].items()}


def page(folder: Path, path: str) -> str:
    port = re.search(r"web:\n(?:.*\n)*?\s+port: (\d+)", (folder / "config.yaml").read_text())[1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


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
    with demo(tmp_path, "--speed", "20", "--soc", "0.3", "--start", "20:00", "--clouds", "overcast"):
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
    with demo(tmp_path, "--speed", "10", "--soc", "0.3", "--start", "20:00"):
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
