"""The planner may fail as it likes: control goes on, the last forecast stands, and a technician is told."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from core_world import World, make_site
from planned_village import plan_document
from test_forecast_document import DOCUMENT, LOST

import controller.runtime.planner_service as module
from controller.core.reasons import render
from controller.runtime.child_process import ChildFailedError
from controller.runtime.image_document import said
from controller.runtime.plan_keeper import PlanKeeper
from controller.runtime.planner_service import PlannerService
from controller.runtime.published import PublishedFile
from controller.telemetry.schema import StorageError

NOON = datetime(2026, 4, 1, 5, 2, tzinfo=UTC)


class Time:
    """A clock moved by hand; the host's goes along."""

    speed = 1.0

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self.is_synchronised = True

    def monotonic(self) -> float:
        return self.elapsed_s

    def utc_now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed_s)

    def synchronised(self) -> bool:
        return self.is_synchronised


class FakeChild:
    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.alive = True

    async def ask(self, request, limit_s):
        self.plant.asked.append(dict(request))
        return self.plant.answer(request)

    async def kill(self) -> None:
        self.alive = False


class Plant:
    """Everything around the service: children, store, clock."""

    def __init__(self, folder: Path, plans: Callable[[Plant], PlanKeeper] | None = None) -> None:
        self.clock = Time()
        self.path = folder / "forecast.json"
        self.children: list[FakeChild] = []
        self.asked: list[dict] = []
        self.kept: list = []
        self.announced: list = []
        self.refuses = False
        self.answer: Callable[[dict], dict] = self.good
        self.service = PlannerService(
            ["planner"],
            {"site": "ban-wang-won"},
            self.clock,
            ZoneInfo("Asia/Bangkok"),
            PublishedFile(self.path, "boot", self.clock.monotonic),
            self,
            plans=plans and plans(self),
            start=self.start,
            host_monotonic_s=self.clock.monotonic,
            look_every_s=0.001,
        )

    async def start(self, command, setup) -> FakeChild:
        assert (command, setup) == (("planner",), {"site": "ban-wang-won"})
        self.children.append(FakeChild(self))
        return self.children[-1]

    def good(self, request: dict) -> dict:
        if request["job"] == "learn":
            return {}
        if request["job"] == "plan":
            return {"plan": plan_document(datetime.fromtimestamp(request["now_s"], UTC))}
        document = copy.deepcopy(DOCUMENT)
        start_s = request["now_s"] // 900 * 900
        document["issued_utc"] = datetime.fromtimestamp(request["now_s"], UTC).isoformat()
        document["grid"]["start_utc"] = datetime.fromtimestamp(start_s, UTC).isoformat()
        return {"document": document, "models": {"pv_w": document["pv_w"], "load_w": document["load_w"]}}

    async def keep_announced(self, announced) -> None:
        self.announced.append(announced)

    async def keep_forecasts(self, forecasts) -> None:
        if self.refuses:
            raise StorageError("the card is full")
        self.kept += forecasts

    @property
    def jobs(self) -> list[str]:
        return [request["job"] for request in self.asked]

    def written(self) -> dict:
        return json.loads(self.path.read_text(encoding="utf-8"))

    async def looks(self, times: int = 30) -> None:
        for _ in range(times):
            await asyncio.sleep(0.001)
        for _ in range(3):  # threads that write
            await asyncio.sleep(0.01)

    async def later(self, seconds: float) -> None:
        self.clock.elapsed_s += seconds
        await self.looks()


@asynccontextmanager
async def running(plant: Plant):
    task = asyncio.create_task(plant.service.run())
    await plant.looks()
    try:
        yield plant
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert not any(child.alive for child in plant.children)


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    monkeypatch.setattr(module, "MAX_BACKOFF_S", 0.001)
    return Plant(tmp_path)


async def test_soon_after_the_start_there_is_a_forecast(plant: Plant) -> None:
    async with running(plant):
        assert plant.jobs == ["learn", "forecast"]
        assert plant.written()["pv_w"] == DOCUMENT["pv_w"]
        assert plant.service.latest is not None


async def test_it_is_told_the_time_and_the_state_of_charge(plant: Plant) -> None:
    world = World(soc=0.61)
    plant.service.tell(world.image(), world.run(2))
    async with running(plant):
        assert plant.asked[1] == {"job": "forecast", "now_s": NOON.timestamp(), "soc_frac": 0.61}


async def test_a_state_of_charge_lost_for_some_minutes_stands_and_its_return_is_good_for_a_forecast(
    plant: Plant,
) -> None:
    world, lost = World(soc=0.61), World(soc=None)
    plant.service.tell(world.image(), world.run(2))
    async with running(plant):
        plant.service.tell(lost.image(), lost.run(2))
        await plant.later(900)
        await plant.later(900)
        assert [request["soc_frac"] for request in plant.asked[1:]] == [0.61, None, None]
        plant.service.tell(world.image(), world.run(2))
        await plant.later(10)
        assert plant.asked[-1]["soc_frac"] == 0.61
        assert len(plant.asked) == 5
        await plant.later(10)
        assert len(plant.asked) == 5


async def test_every_quarter_of_an_hour_there_is_a_new_one_and_one_an_hour_is_kept(plant: Plant) -> None:
    async with running(plant):
        for _ in range(8):
            await plant.later(900)
        assert plant.jobs == ["learn", *["forecast"] * 9]
        assert [(one.kind, one.issued_s % 3600) for one in plant.kept] == [
            (kind, 120) for _ in range(3) for kind in ("pv", "load", "pv_model", "load_model")
        ]
        assert len(plant.children) == 1


async def test_in_another_mode_there_is_a_new_forecast_at_once(plant: Plant) -> None:
    world = World()
    plant.service.tell(world.image(), world.run(5))
    async with running(plant):
        plant.service.tell(world.image(), world.run(5))
        await plant.later(60)
        assert plant.jobs == ["learn", "forecast"]
        world.extra |= {"inverter_state": 0.0, "frequency_hz": 0.0}
        plant.service.tell(world.image(), world.run(30))
        await plant.looks()
        assert plant.jobs == ["learn", "forecast", "forecast"]


async def test_while_the_clock_is_not_right_nothing_is_asked(plant: Plant) -> None:
    plant.clock.is_synchronised = False
    async with running(plant):
        assert plant.asked == []
        plant.clock.is_synchronised = True
        await plant.looks()
        assert plant.jobs == ["learn", "forecast"]


async def test_after_a_failure_the_last_forecast_stands_and_a_new_child_is_started(plant: Plant) -> None:
    def fails(request: dict) -> dict:
        raise ChildFailedError("no answer within 60 s")

    async with running(plant):
        first = plant.written()["issued_utc"]
        plant.answer = fails
        await plant.later(900)
        assert plant.written()["issued_utc"] == first
        assert not plant.children[0].alive
        plant.answer = plant.good
        await plant.later(7200)
        assert plant.written()["issued_utc"] > first
        assert plant.service.alarms() == ()


async def test_a_planner_that_keeps_failing_is_an_alarm(plant: Plant) -> None:
    def fails(request: dict) -> dict:
        raise ChildFailedError("it ended (exit status 1) instead of answering")

    plant.answer = fails
    async with running(plant):
        await plant.looks(100)
        (alarm,) = plant.service.alarms()
        assert "times in a row" in render(alarm).en
        assert len(plant.children) >= 3


async def test_half_an_array_lost_is_an_alarm_until_a_planner_that_learned_finds_it_whole(
    plant: Plant,
) -> None:
    findings, learned_utc = [said(LOST)], "2026-04-01T04:00:00+00:00"

    def finds(request: dict) -> dict:
        answer = plant.good(request)
        if "document" in answer:
            answer["document"] |= {"findings": findings, "learned": {"at_utc": learned_utc}}
        return answer

    plant.answer = finds
    async with running(plant):
        (alarm,) = plant.service.alarms()
        assert "since 29 Mar it gives 50 % less" in render(alarm).en
        findings, learned_utc = [], None
        await plant.later(900)
        assert plant.service.alarms() == (alarm,)
        learned_utc = "2026-04-02T02:10:00+00:00"
        await plant.later(900)
        assert plant.service.alarms() == ()


async def test_it_forecasts_without_having_learned_when_learning_fails(plant: Plant) -> None:
    def cannot_learn(request: dict) -> dict:
        if request["job"] == "learn":
            raise ChildFailedError("it took 300 MB of memory")
        return plant.good(request)

    plant.answer = cannot_learn
    async with running(plant):
        assert plant.jobs == ["learn", "forecast"]
        assert plant.path.exists()


@pytest.mark.parametrize("answer", [{}, {"document": None}, {"document": {"format": 1}}])
async def test_an_answer_without_a_usable_forecast_is_a_failure(plant: Plant, answer: dict) -> None:
    plant.answer = lambda request: answer if request["job"] == "forecast" else {}
    async with running(plant):
        assert not plant.path.exists()
        assert not plant.children[0].alive


async def test_a_disk_that_refuses_is_told_once_and_the_forecast_is_published(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    plant.refuses = True
    with caplog.at_level(logging.ERROR):
        async with running(plant):
            for _ in range(3):
                await plant.later(3600)
            assert plant.service.latest is not None
            assert plant.path.exists()
    assert len(caplog.records) == 1


async def test_what_cannot_be_written_as_json_is_a_failure_of_the_planner_alone(plant: Plant) -> None:
    def endless(request: dict) -> dict:
        answer = plant.good(request)
        if "document" in answer:
            answer["document"]["quality"] = float("inf")
        return answer

    plant.answer = endless
    async with running(plant):
        assert not plant.path.exists()
        assert plant.service.latest is None
        plant.answer = plant.good
        await plant.later(7200)
        assert plant.path.exists()


async def test_a_forecast_that_cannot_be_taken_away_stops_nobody(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read_only(_file: PublishedFile) -> None:
        raise OSError("read-only file system")

    def silent(request: dict) -> dict:
        raise ChildFailedError("no answer within 60 s")

    async with running(plant):
        monkeypatch.setattr(PublishedFile, "remove", read_only)
        plant.answer = silent
        await plant.later(1680)
        assert plant.service.latest is None
        plant.answer = plant.good
        await plant.later(7200)
        assert plant.service.latest is not None
    assert "could not be taken away" in caplog.text


async def test_when_its_horizon_is_over_a_forecast_is_taken_away(plant: Plant) -> None:
    def silent(request: dict) -> dict:
        raise ChildFailedError("no answer within 60 s")

    async with running(plant):
        plant.answer = silent
        await plant.later(1679)  # the horizon of the fake ends 28 minutes after it was issued
        assert plant.path.exists()
        await plant.later(1)
        assert not plant.path.exists()
        assert plant.service.latest is None


def planning(plant: Plant) -> PlanKeeper:
    file = PublishedFile(plant.path.with_name("plan.json"), "boot", plant.clock.monotonic)
    return PlanKeeper(make_site(), plant.clock, file, plant, None)


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    monkeypatch.setattr(module, "MAX_BACKOFF_S", 0.001)
    plant = Plant(tmp_path, planning)
    world = World(soc=0.61)
    plant.service.tell(world.image(), world.run(2))
    return plant


async def test_after_each_forecast_there_is_a_plan_made_from_where_things_stand(planned: Plant) -> None:
    async with running(planned):
        assert planned.jobs == ["learn", "forecast", "plan"]
        request = planned.asked[-1]
        assert request["soc_frac"] == 0.61
        assert request["memory"]["genset"]["phase"] == "stopped"
        assert (request["announced"], request["promised_until_utc"]) == ({}, None)
        planned.clock.elapsed_s += 899
        world = World(soc=0.6)
        planned.service.tell(world.image(), world.run(2))
        await planned.later(1)
        assert planned.jobs[3:] == ["forecast", "plan"]
        assert set(planned.asked[-1]["announced"]) == {"houses_a", "houses_b"}
        assert len(planned.announced) == 2


async def test_without_a_known_state_of_charge_nothing_is_planned(tmp_path: Path) -> None:
    plant = Plant(tmp_path, planning)
    async with running(plant):
        assert plant.jobs == ["learn", "forecast"]


async def test_while_the_clock_is_not_right_no_new_plan_is_made_and_the_last_stands(planned: Plant) -> None:
    async with running(planned):
        planned.clock.is_synchronised = False
        await planned.later(900)
        assert planned.jobs == ["learn", "forecast", "plan"]
        assert planned.path.with_name("plan.json").exists()


async def test_a_change_of_state_brings_a_plan_from_the_last_forecast(planned: Plant) -> None:
    world = World(soc=0.61)
    planned.service.tell(world.image(), world.run(2))
    async with running(planned):
        await planned.later(150)
        world.genset_mode = 2.0
        planned.service.tell(world.image(), world.run(5))
        await planned.looks()
        assert planned.jobs == ["learn", "forecast", "plan", "plan"]


@pytest.mark.parametrize("answer", [{}, {"plan": {"format": 1}}])
async def test_a_planner_that_talks_nonsense_of_plans_is_started_anew(planned: Plant, answer: dict) -> None:
    good = planned.answer
    planned.answer = lambda request: answer if request["job"] == "plan" else good(request)
    async with running(planned):
        assert not planned.children[0].alive
        assert planned.path.exists()
        assert not planned.path.with_name("plan.json").exists()


async def test_a_planner_that_dies_of_every_plan_is_an_alarm_though_its_forecasts_are_good(
    planned: Plant,
) -> None:
    good = planned.answer

    def dies_of_plans(request: dict) -> dict:
        if request["job"] == "plan":
            raise ChildFailedError("it ended (exit status 1) instead of answering")
        return good(request)

    planned.answer = dies_of_plans
    async with running(planned):
        for _ in range(4):
            planned.clock.elapsed_s += 3600
            world = World(soc=0.6)
            planned.service.tell(world.image(), world.run(2))
            await planned.looks()
        assert planned.written()["pv_w"] == DOCUMENT["pv_w"]
        assert "planning_failing" in [alarm.code for alarm in planned.service.alarms()]
