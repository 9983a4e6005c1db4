"""The memory survives a restart, of this version or an older one, and is never repaired in silence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from core_world import World

from controller.core.memory import from_json, to_json
from controller.core.model import Memory


def busy_memory() -> Memory:
    """A memory with something in every corner."""
    world = World(soc=0.30)
    world.run(1200)
    world.lost = {"meter_school"}
    world.extra = {"overload_alarm": 2.0, "battery_temperature_c": 55.0}
    world.run(60)
    return world.memory


def test_what_is_written_is_read_back() -> None:
    memory = busy_memory()
    assert memory.alarms
    again = from_json(json.loads(json.dumps(to_json(memory))))
    assert to_json(again) == to_json(memory)
    assert again.alarms == memory.alarms


def test_instants_and_sightings_of_one_run_are_not_kept() -> None:
    again = from_json(to_json(busy_memory()))
    assert again.monotonic_s is None
    assert not any(feeder.adopted for feeder in again.feeders.values())


def test_missing_and_unknown_keys_of_other_versions_do_no_harm() -> None:
    assert from_json({}) == Memory()
    memory = from_json({"feeders": {"clinic": {"hold_s": 5}}, "from_the_future": 1})
    assert memory.feeders["clinic"].hold_s == 5.0


@pytest.mark.parametrize(
    "data",
    [
        {"format": 2},
        {"feeders": []},
        {"feeders": {"clinic": 1}},
        {"feeders": {"clinic": {"closed": 1}}},
        {"feeders": {"clinic": {"hold_s": "5"}}},
        {"feeders": {"clinic": {"hold_s": True}}},
        {"feeders": {"clinic": {"hold_s": float("nan")}}},
        {"guards": {"soc_low": 1.5}},
        {"mode": "normal"},
        {"alarms": {"x": {"subject": "site"}}},
    ],
)
def test_a_wrong_type_is_an_error(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="memory"):
        from_json(data)


def test_a_default_memory_is_written_in_full() -> None:
    assert from_json(to_json(Memory())) == replace(Memory(), monotonic_s=None)
