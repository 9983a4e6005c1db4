"""The worst evening, over real Modbus: an overload that nobody can shed, a dark village, and light again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo_run import RULES_ALONE, closed_states, contactors, demo, image, page, wait_for

from controller.telemetry.reader import TelemetryReader
from simulation.control import ControlClient


def test_a_blackout_opens_every_feeder_and_light_returns_the_clinic_first(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(tmp_path, "--speed", "10", "--soc", "0.8", "--start", "19:00"):
        wait_for(lambda: all(closed_states(state)), "everybody has power")
        with ControlClient(state) as village:
            village.fault("stuck_contactor", feeder="houses_a")
            village.load("houses_a", watts=60_000, for_s=30)
            wait_for(lambda: not village.truth()["storage"]["alive"], "the inverters have tripped")
            wait_for(lambda: image(state)["mode"]["code"] == "blackout", "the controller sees the blackout")
            status = json.loads(page(state, "/api/status"))
            assert status["mode"]["reason"]["th"].startswith("ไฟดับทั้งหมู่บ้าน")
            village.clear()
            wait_for(lambda: not any(contactors(village).values()), "every feeder is open for the restart")
            wait_for(lambda: village.truth()["storage"]["alive"], "the inverters are back")
            wait_for(lambda: all(contactors(village).values()), "everybody has power again")
            assert village.truth()["blackouts"] == 1
        decisions = TelemetryReader(state / "telemetry.db").decisions(limit=200)
        closed = [entry.record.subject for entry in reversed(decisions) if entry.record.action == "close"]
        assert closed[0] == "clinic"


def test_the_genset_carries_the_village_when_the_battery_is_low_and_stops_when_it_is_not(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    # A plan may want a longer run than the rules: here the rules are told of.
    with demo(tmp_path, "--speed", "30", "--soc", "0.21", "--start", "21:00", changes=RULES_ALONE):
        wait_for(lambda: image(state), "the controller ticks")
        with ControlClient(state) as village:
            wait_for(lambda: village.truth()["genset"]["power_w"] < -5000, "the genset is on load")
            wait_for(lambda: _gives_power(image(state)), "the controller knows that it runs")
            village.set_soc(0.6)
            wait_for(lambda: village.truth()["genset"]["engine_speed_rpm"] == 0, "it has stopped")


def _gives_power(seen: dict[str, Any]) -> bool:
    """Phase and power come with different readings: in the first ticks of a run the power may be older."""
    power_w = seen["summary"]["genset_w"]
    return seen["genset"]["phase"] == "running" and power_w is not None and power_w < 0
