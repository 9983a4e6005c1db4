"""tawan order: what is asked reaches the box, and what became of it is said in both languages."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

import controller.commands.asking as module
from controller.cli import app
from controller.clock import SystemClock
from controller.core.model import Answer, Reason
from controller.requests.box import RequestBox, Waiting
from controller.telemetry.store import TelemetryStore


@contextmanager
def controller(folder: Path, outcome: str, reason: Reason) -> Iterator[list[Waiting]]:
    """Stands in for one that answers whatever is asked."""
    asked: list[Waiting] = []

    async def answer() -> None:
        store = TelemetryStore(folder / "telemetry.db", boot_id="boot", clock=SystemClock())
        await store.open()
        await store.append_decisions([], {}, [Answer(asked[0].number, asked[0].request.id, outcome, reason)])
        await store.close()

    def serve() -> None:
        box = RequestBox(folder / "requests.db")
        give_up_s = time.monotonic() + 10
        while not asked and time.monotonic() < give_up_s:
            asked.extend(box.read_after(0))
            time.sleep(0.02)
        asyncio.run(answer())

    thread = threading.Thread(target=serve)
    thread.start()
    yield asked
    thread.join()


def order(config: Path, *words: str):
    return CliRunner().invoke(app, ["order", *words, "--config", str(config)])


def test_an_order_that_is_taken_says_how_the_line_stands_now(config: Path, tmp_path: Path) -> None:
    with controller(tmp_path, "done", Reason("feeder_ordered_off", {"left_s": 7200.0})) as asked:
        result = order(config, "houses_a", "off", "--for", "2h")
    assert result.exit_code == 0
    assert result.output.startswith("Taken. Off because a technician ordered it")
    assert "ช่างสั่งดับไฟสายนี้" in result.output
    assert asked[0].request.kind == "feeder"
    assert asked[0].request.params == {"feeder": "houses_a", "state": "open", "for_s": 7200.0}
    assert asked[0].request.who


def test_a_refusal_is_said_and_shows_in_the_exit_status(config: Path, tmp_path: Path) -> None:
    with controller(tmp_path, "refused", Reason("request_too_late")) as asked:
        result = order(config, "genset", "run", "--for", "45min")
    assert result.exit_code == 1
    assert result.output.startswith("Refused. The request came too late")
    assert asked[0].request.params == {"state": "run", "for_s": 2700.0}


def test_without_a_controller_nobody_is_kept_waiting_for_ever(config: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    result = order(config, "houses_a", "auto")
    assert result.exit_code == 2
    assert "is the controller running?" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("houses_a", "maybe"), "use on, off, auto"),
        (("genset", "sideways"), "use run, on, rest, off, auto"),
        (("houses_a", "off", "--for", "a while"), "is not a length of time such as 45min or 2h"),
    ],
)
def test_words_that_mean_nothing_are_told_with_those_that_do(config: Path, words: tuple, says: str) -> None:
    result = order(config, *words)
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())
