"""Each service lives by itself: what fails is started again, and the others never notice."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import controller.outside.process as module
from controller.clock import SystemClock
from controller.config_file import load_config
from controller.core.model import Reason
from controller.outside.notebook import Notebook
from controller.outside.process import Service, Setup, run
from controller.runtime.child_wire import packed
from controller.runtime.outside_keeper import OutsideProcess
from controller.settings.influx import InfluxSettings
from controller.settings.outside import services_wanted

CONFIG = load_config(Path(__file__).parents[2] / "config.yaml")


class Steady:
    """Serves for ever, and takes leave."""

    name = "steady"

    def __init__(self) -> None:
        self.begun = 0
        self.left = False

    async def run(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True

    def status(self) -> dict:
        return {"ok": True, "detail": None}

    def alarms(self) -> Sequence[Reason]:
        return (Reason("storage_failed", {"error": "the card is full"}),)


class Failing(Steady):
    """Has a defect, and another one."""

    name = "failing"

    async def run(self) -> None:
        self.begun += 1
        raise ZeroDivisionError("a defect")

    def status(self) -> dict:
        raise LookupError("no status")


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    storage = CONFIG.storage.model_copy(
        update={"image": tmp_path / "image.json", "telemetry": tmp_path / "telemetry.db"}
    )
    return Setup(CONFIG.model_copy(update={"storage": storage}), SystemClock())


async def running(setup: Setup, services: list[Service], monkeypatch: pytest.MonkeyPatch, reached) -> dict:
    """What is published once that has come; then the controller closes the pipe."""
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.005)
    monkeypatch.setattr(module, "MAX_BACKOFF_S", 0.005)
    hears, speaks = os.pipe()
    notebook = Notebook(setup.notebook)
    with os.fdopen(hears, "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        serving = asyncio.create_task(run(setup, services, notebook))
        published = setup.image.with_name("outside.json")
        async with asyncio.timeout(20.0):
            while not (published.exists() and reached()):  # noqa: ASYNC110 - a file tells nobody that it came
                await asyncio.sleep(0.005)
            document = json.loads(published.read_text("utf-8"))
            os.close(speaks)
            await serving
    assert not published.exists()
    notebook.close()
    return document


async def test_one_that_fails_is_started_again_and_the_other_serves_on(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady, failing = Steady(), Failing()
    document = await running(setup, [failing, steady], monkeypatch, lambda: failing.begun > 2)
    assert steady.begun == 1
    assert steady.left
    assert document["pid"] == os.getpid()
    assert document["notebook"] is None
    assert document["services"]["steady"] == {"ok": True, "detail": None}
    assert not document["services"]["failing"]["ok"]
    assert "no status" in document["services"]["failing"]["detail"]


async def test_what_services_ask_help_for_is_published(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    document = await running(setup, [Steady()], monkeypatch, lambda: True)
    assert document["alarms"] == [{"code": "storage_failed", "params": {"error": "the card is full"}}]
    assert document["written"]["monotonic_s"] > 0.0


async def test_a_status_that_is_no_json_stops_nothing(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Steady()
    later = {"asked": 0}

    def status() -> dict:
        later["asked"] += 1
        return {"ok": True, "detail": float("nan") if later["asked"] == 2 else None}

    monkeypatch.setattr(steady, "status", status)
    await running(setup, [steady], monkeypatch, lambda: later["asked"] > 4)
    assert steady.begun == 1


def test_nothing_is_wanted_where_config_yaml_asks_for_nothing() -> None:
    assert services_wanted(CONFIG) == ()
    influx = InfluxSettings(url="http://10.0.0.9", org="a", bucket="b")
    assert services_wanted(CONFIG.model_copy(update={"influx": influx})) == ("influx",)


async def test_the_process_ends_when_the_controller_is_gone(setup: Setup) -> None:
    told = packed({"config": setup.config.model_dump_json(), "clock": None})
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "controller.outside", stdin=asyncio.subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.write(told)
    child.stdin.close()
    async with asyncio.timeout(30.0):
        assert await child.wait() == 0


async def test_it_runs_on_with_less_right_to_time_and_memory_than_the_controller(setup: Setup) -> None:
    child = await OutsideProcess.start(
        (sys.executable, "-m", "controller.outside"),
        {"config": setup.config.model_dump_json(), "clock": None},
    )
    try:
        async with asyncio.timeout(30.0):
            while not setup.image.with_name("outside.json").exists():  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.02)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
        assert oom_score(child.pid) == 400
    finally:
        await child.leave()


def oom_score(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text(encoding="ascii"))
