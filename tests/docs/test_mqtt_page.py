"""docs/mqtt.md tells of every topic, and of none that does not exist."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from mqtt_village import CONFIG, image_of

from controller.outside.mqtt.energy import sources_of
from controller.outside.mqtt.orders import MAX_AHEAD, signature
from controller.outside.mqtt.state import state_of
from controller.settings import GridSettings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "mqtt.md").read_text(encoding="utf-8")
GRID = {
    "sound": True,
    "connected": False,
    "power_w": 0.0,
    "voltage_v": 230.0,
    "frequency_hz": 50.0,
}


def parts() -> set[str]:
    """Of every topic of state, with <id> for the id of a feeder or an array."""
    image = image_of(CONFIG)
    image["supply"] = {"state": "islanded", "reason": None, "grid": GRID, "refusals": []}
    config = CONFIG.model_copy(update={"grid": GridSettings(device="battery", import_w=1000.0)})
    told = {*state_of(image, None, None), *(source.part for source in sources_of(config))}
    return {re.sub(r"^(feeder|pv)/\w+/", r"\1/<id>/", part) for part in told}


def test_every_topic_is_documented_and_no_other() -> None:
    table = PAGE.split("| below `state/` | what |", 1)[1].split("\n\n", 1)[0]
    documented = {
        name for row in table.splitlines() for name in re.findall(r"`([^`{]+/[^`]+)`", row.split(" | ")[0])
    }
    assert documented == parts()


def test_the_example_signs_as_the_controller_wants_it() -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    known: dict = {}
    exec(compile(block.group(1), "docs/mqtt.md", "exec"), known)
    order = {"id": "9f1c2a", "who": "สมชาย", "params": {"for_s": 1800}}
    assert signature(order, "key") in known["signed"](order, "key")


def test_the_page_knows_how_long_an_order_may_hold() -> None:
    assert f"at most {MAX_AHEAD.total_seconds() / 60:.0f} minutes ahead" in PAGE


@pytest.mark.parametrize("name", re.findall(r"`(benchmarks/\w+\.py)`", PAGE))
def test_every_benchmark_that_the_page_names_is_there(name: str) -> None:
    assert (ROOT / name).exists()
