"""A village on the public grid, over real Modbus: the grid goes, the village goes on and joins it again."""

from __future__ import annotations

from pathlib import Path

from demo_run import demo, feeder_ids, image, wait_for

from controller.telemetry.reader import TelemetryReader
from simulation.control import ControlClient

GRID = "irradiance_sensor: sun\ngrid: {device: battery, import_w: 20000, stable_s: 30}\n"


def test_a_village_loses_the_grid_goes_on_alone_and_joins_it_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    changes = {"irradiance_sensor: sun\n": GRID}
    with demo(tmp_path, "--speed", "10", "--soc", "0.35", "--start", "20:00", changes=changes):
        wait_for(lambda: image(state)["supply"]["state"] == "grid_tied", "the village is on the grid")
        everyone = len(feeder_ids(state))
        wait_for(
            lambda: sum(feeder["closed"] for feeder in image(state)["feeders"]) == everyone,
            "nobody is rationed on the grid, though the battery is low",
        )
        assert image(state)["summary"]["grid_w"] > 0
        with ControlClient(state) as village:
            village.take_grid_away()
            wait_for(lambda: image(state)["supply"]["state"] == "islanded", "the controller sees the island")
            supply = image(state)["supply"]
            assert supply["reason"]["code"] == "supply_grid_lost"
            assert supply["grid"]["connected"] is False
            wait_for(lambda: image(state)["summary"]["battery_w"] < 0, "the battery carries the village")
            assert village.truth()["storage"]["alive"]
            village.give_grid_back()
            wait_for(lambda: image(state)["supply"]["state"] == "grid_tied", "it is joined again")
            assert village.truth()["blackouts"] == 0
            assert village.truth()["energy_balance_error_pct"] < 0.1
    decisions = TelemetryReader(state / "telemetry.db").decisions(limit=300)
    supplied = [entry.record.code for entry in reversed(decisions) if entry.record.action == "supply"]
    assert supplied == ["supply_grid_lost", "supply_grid_tied"]
