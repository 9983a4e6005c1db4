"""`python -m controller.planner` as the controller starts it."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from planner_village import ISSUED_S, default_config

from controller.planner.process import serve
from controller.runtime.child_process import ChildFailedError
from controller.runtime.child_wire import HEADER_BYTES, body_length, packed, unpacked
from controller.runtime.forecast_document import outline
from controller.runtime.planner_process import PlannerProcess

COMMAND = (sys.executable, "-m", "controller.planner")
PATIENCE_S = 60.0


def setup(folder: Path) -> dict:
    return {
        "config": default_config().model_dump_json(),
        "telemetry": str(folder / "telemetry.db"),
        "cache": str(folder / "planner"),
        "clock": None,
    }


async def test_it_learns_and_forecasts_over_the_pipe(tmp_path: Path) -> None:
    child = await PlannerProcess.start(COMMAND, setup(tmp_path))
    try:
        about = {"now_s": float(ISSUED_S), "soc_frac": 0.5}
        assert await child.ask({"job": "learn", **about}, PATIENCE_S) == {"number": 1}
        answer = await child.ask({"job": "forecast", **about}, PATIENCE_S)
        assert outline(answer["document"], answer["models"]).issued_s == ISSUED_S
        assert os.getpriority(os.PRIO_PROCESS, child.pid) > 0
        with pytest.raises(ChildFailedError, match="ended"):
            await child.ask({"job": "juggle", **about}, PATIENCE_S)
    finally:
        await child.kill()


def test_it_ends_when_the_controller_is_gone() -> None:
    child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(PATIENCE_S) == 0


class FakePlanner:
    """Prints, as libraries do, and counts."""

    def __init__(self, config: dict) -> None:
        self.config = config
        self.learned = 0

    def learn(self, now_s: float) -> None:
        self.learned += 1

    def forecast(self, now_s: float, soc_frac: float | None) -> dict:
        return {"document": {"learned": self.learned, "now_s": now_s, "soc_frac": soc_frac, **self.config}}


def conversation(*messages: dict) -> list[dict]:
    """What a planner answers; the end of the messages ends it."""
    answers, ended = io.BytesIO(), threading.Event()
    requests = io.BytesIO(b"".join(packed(message) for message in messages))

    def leave(status: int) -> None:
        assert status == 0
        ended.set()

    serving = threading.Thread(target=serve, args=(requests, answers, FakePlanner, leave), daemon=True)
    serving.start()
    assert ended.wait(PATIENCE_S)
    expected = len(messages) - 1
    found: list[dict] = []
    while len(found) < expected:
        raw, found = io.BytesIO(answers.getvalue()), []
        while header := raw.read(HEADER_BYTES):
            found.append(unpacked(raw.read(body_length(header))))
    return found


def test_jobs_are_done_in_turn_by_one_planner() -> None:
    learn = {"number": 1, "job": "learn", "now_s": 1.0, "soc_frac": None}
    forecast = {"number": 2, "job": "forecast", "now_s": 2.0, "soc_frac": 0.4}
    assert conversation({"site": "village"}, learn, forecast) == [
        {"number": 1},
        {"number": 2, "document": {"learned": 1, "now_s": 2.0, "soc_frac": 0.4, "site": "village"}},
    ]


async def test_what_a_library_prints_does_not_reach_the_answers(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from controller.planner.process import own_stdout, serve\n"
        "class Chatty:\n"
        "    def learn(self, now_s): print('progress: 50 %')\n"
        "answers = own_stdout()\n"
        "serve(sys.stdin.buffer, answers, lambda setup: Chatty())\n"
    )
    child = await PlannerProcess.start([sys.executable, "-c", program], {})
    try:
        assert await child.ask({"job": "learn", "now_s": 1.0}, PATIENCE_S) == {"number": 1}
        await asyncio.sleep(0)
    finally:
        await child.kill()
