"""The plan in force: on the run's own clock, published, and what it promised outlives it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from core_world import World, make_site
from planned_village import ISSUED, plan_document

from controller.core.memory import from_json
from controller.core.model import Event, Reason
from controller.core.reasons import render
from controller.runtime.child_process import ChildFailedError
from controller.runtime.plan_keeper import PlanKeeper
from controller.runtime.published import PublishedFile
from controller.telemetry.schema import StorageError


class Time:
    """A clock moved by hand; UTC may step."""

    speed = 1.0

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.step_s = 0.0
        self.is_synchronised = True

    def monotonic(self) -> float:
        return self.now_s

    def utc_now(self) -> datetime:
        return ISSUED + timedelta(seconds=self.now_s - 1000.0 + self.step_s)

    def synchronised(self) -> bool:
        return self.is_synchronised


class House:
    """Everything around the keeper."""

    def __init__(self, folder: Path, announced: dict[str, Any] | None = None) -> None:
        self.clock = Time()
        self.path = folder / "plan.json"
        self.kept: list[dict[str, Any]] = []
        self.refuses = False
        self.world = World()
        file = PublishedFile(self.path, "boot", self.clock.monotonic)
        self.keeper = PlanKeeper(make_site(), self.clock, file, self, announced)

    async def keep_announced(self, announced) -> None:
        if self.refuses:
            raise StorageError("the card is full")
        self.kept.append(json.loads(json.dumps(announced)))

    async def publish(self, answer: dict[str, Any]) -> None:
        await self.keeper.publish(answer, self.on_thread)

    async def on_thread(self, work: Callable[..., Any], *args: object) -> Any:
        return work(*args)

    def tick(self, **changes: Any) -> None:
        decision = replace(self.world.step(), **changes)
        self.keeper.tell(self.world.image(), decision)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_plan_is_in_force_from_its_receipt_on_the_runs_own_clock(house: House) -> None:
    house.clock.now_s += 3.0
    await house.publish({"plan": plan_document()})
    plan = house.keeper.current()
    assert plan is not None
    assert plan.made_s == pytest.approx(1000.0)
    assert json.loads(house.path.read_text(encoding="utf-8"))["issued_utc"] == ISSUED.isoformat()


async def test_a_step_of_the_wall_clock_moves_no_cut_that_is_already_in_force(house: House) -> None:
    await house.publish({"plan": plan_document()})
    before = house.keeper.current()
    house.clock.step_s = 3600.0
    assert house.keeper.current() is before


async def test_what_was_announced_is_handed_to_the_next_planner_and_survives_a_restart(
    house: House, tmp_path: Path
) -> None:
    document = plan_document()
    await house.publish({"plan": document})
    again = House(tmp_path, announced=house.kept[-1])
    again.tick()
    told = again.keeper.situation()
    assert told is not None
    assert {name: [cut["from_utc"] for cut in cuts] for name, cuts in told["announced"].items()} == {
        name: [cut["from_utc"] for cut in cuts] for name, cuts in document["cuts"].items()
    }
    assert told["announced"]["houses_a"][0]["reason"] == document["cuts"]["houses_a"][0]["reason"]
    assert told["promised_until_utc"] == document["announced_until_utc"]


def after_restart(folder: Path, *, now_s: float, synchronised: bool = True) -> House:
    """Another run, now_s on the clock on which the plan was issued at 1000 s."""
    again = House(folder)
    again.clock.now_s, again.clock.is_synchronised = now_s, synchronised
    again.keeper.resume()
    return again


async def test_after_a_restart_the_plan_that_was_left_is_in_force_at_once(
    house: House, tmp_path: Path
) -> None:
    await house.publish({"plan": plan_document()})
    again = after_restart(tmp_path, now_s=1000.0 + 2 * 3600)
    assert again.keeper.current() == house.keeper.current()
    again.tick()
    told = again.keeper.situation()
    assert told is not None
    assert set(told["announced"]) == {"houses_a", "houses_b"}


async def test_a_plan_too_old_or_from_the_future_or_without_a_clock_is_not_taken_up_again(
    house: House, tmp_path: Path
) -> None:
    await house.publish({"plan": plan_document()})
    assert after_restart(tmp_path, now_s=1000.0 + 3 * 3600).keeper.current() is None
    assert after_restart(tmp_path, now_s=900.0).keeper.current() is None
    assert after_restart(tmp_path, now_s=1060.0, synchronised=False).keeper.current() is None
    assert after_restart(tmp_path, now_s=1060.0).keeper.current() is not None


async def test_a_file_that_is_no_plan_of_this_site_is_told_and_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({**plan_document(), "wanted_w": {}}), encoding="utf-8")
    assert after_restart(tmp_path, now_s=1060.0).keeper.current() is None
    assert "names other feeders" in caplog.text


async def test_a_cut_beyond_what_is_announced_is_no_promise(house: House) -> None:
    document = plan_document()
    document["announced_until_utc"] = (ISSUED + timedelta(hours=7)).isoformat()
    await house.publish({"plan": document})
    assert set(house.kept[-1]["cuts"]) == {"houses_a"}


async def test_a_plan_that_broke_promises_no_longer_that_nothing_is_added(house: House) -> None:
    await house.publish({"plan": plan_document()})
    house.tick()
    broken = Reason("plan_broken", {"soc_frac": 0.3, "expected_frac": 0.5})
    house.tick(events=(Event("site", "plan", broken),))
    told = house.keeper.situation()
    assert told is not None
    assert told["promised_until_utc"] is None
    assert set(told["announced"]) == {"houses_a", "houses_b"}


async def test_the_planner_is_told_the_cores_memory(house: House) -> None:
    assert house.keeper.situation() is None
    house.tick()
    told = house.keeper.situation()
    assert told is not None
    assert from_json(told["memory"]).feeders.keys() == house.world.memory.feeders.keys()
    assert told["fuel_frac"] is None


async def test_no_plan_found_leaves_the_last_and_is_an_alarm_when_it_goes_on(house: House) -> None:
    await house.publish({"plan": plan_document()})
    before = house.keeper.current()
    for _ in range(3):
        await house.publish({"plan": None, "why_none": "HiGHS: Time limit reached"})
    assert house.keeper.current() is before
    (alarm,) = house.keeper.alarms()
    assert "3 times in a row" in render(alarm).en
    await house.publish({"plan": plan_document()})
    assert house.keeper.alarms() == ()


@pytest.mark.parametrize("answer", [{}, {"plan": None}, {"plan": "tomorrow"}, {"plan": {"format": 1}}])
async def test_an_answer_that_is_no_plan_is_a_failure_of_the_planner(
    house: House, answer: dict[str, Any]
) -> None:
    with pytest.raises(ChildFailedError):
        await house.publish(answer)
    assert house.keeper.current() is None
    assert not house.path.exists()


async def test_a_disk_that_refuses_is_told_once_and_the_plan_is_in_force(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.refuses = True
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await house.publish({"plan": plan_document()})
    assert len(caplog.records) == 1
    assert house.keeper.current() is not None


async def test_when_its_horizon_is_over_a_plan_is_taken_away(house: House) -> None:
    await house.publish({"plan": plan_document()})
    plan = house.keeper.current()
    assert plan is not None
    house.clock.now_s = plan.edges_s[-1] - 1
    house.keeper.forget_what_is_over()
    assert house.path.exists()
    house.clock.now_s += 1
    house.keeper.forget_what_is_over()
    assert house.keeper.current() is None
    assert not house.path.exists()
