"""The planner process may crash, hang, babble or grow: it is noticed and ended each time."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

import controller.runtime.child_process as module
from controller.runtime.child_process import ChildFailedError, resident_bytes
from controller.runtime.child_wire import (
    HEADER_BYTES,
    MAX_BYTES,
    WireError,
    body_length,
    packed,
    unpacked,
)
from controller.runtime.planner_process import PlannerProcess

PATIENCE_S = 20.0
EAR = """
import json, os, sys, time
def hear():
    length = sys.stdin.buffer.read(4)
    return json.loads(sys.stdin.buffer.read(int.from_bytes(length, "big"))) if length else sys.exit(0)
def say(message):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(len(body).to_bytes(4, "big") + body)
    sys.stdout.buffer.flush()
setup = hear()
"""


@asynccontextmanager
async def child(program: str):
    """A child that runs a few lines of Python after it has heard its setup."""
    process = await PlannerProcess.start([sys.executable, "-c", EAR + program], {"site": "ban-wang-won"})
    try:
        yield process
    finally:
        await process.kill()


async def test_it_answers_what_it_is_asked_and_knows_its_setup() -> None:
    echo = "while True:\n    asked = hear(); say({'number': asked['number'], 'heard': asked['job'], **setup})"
    async with child(echo) as process:
        for number, job in enumerate(("learn", "forecast"), start=1):
            answer = await process.ask({"job": job}, PATIENCE_S)
            assert answer == {"number": number, "heard": job, "site": "ban-wang-won"}


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("hear(); sys.exit(3)", r"ended \(exit status 3\)"),
        ("import no_such_library", r"ended \(exit status 1\)"),
        ("hear(); print('progress: 10 %'); sys.stdout.flush(); time.sleep(60)", "garbage"),
        (
            "hear(); sys.stdout.buffer.write(b'\\0\\0\\0\\x03{x}'); sys.stdout.flush(); time.sleep(60)",
            "not JSON",
        ),
        ("hear(); say([1]); time.sleep(60)", "an object is expected"),
        ("hear(); say({'number': 7}); time.sleep(60)", "answered request 7 when asked 1"),
        ("hear(); sys.stdout.buffer.write(b'\\0\\0'); sys.exit(0)", "ended"),
        ("hear(); say({'number': 1, 'share': float('nan')}); time.sleep(60)", "NaN is no JSON"),
    ],
)
async def test_whatever_it_does_instead_of_answering_is_named(program: str, says: str) -> None:
    async with child(program) as process:
        with pytest.raises(ChildFailedError, match=says):
            await process.ask({"job": "forecast"}, PATIENCE_S)


async def test_a_late_answer_is_not_waited_for() -> None:
    async with child("hear(); time.sleep(60)") as process:
        with pytest.raises(ChildFailedError, match=r"no answer within 0\.2 s"):
            await process.ask({"job": "forecast"}, 0.2)
        pid = process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_one_that_takes_too_much_memory_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH_EVERY_S", 0.05)
    async with child("hear(); hoard = bytearray(os.urandom(1)) * 300_000_000; time.sleep(60)") as process:
        with pytest.raises(ChildFailedError, match="250 are allowed"):
            await process.ask({"job": "learn"}, PATIENCE_S)


async def test_a_child_that_has_died_meanwhile_is_noticed_at_the_next_question() -> None:
    async with child("sys.exit(5)") as process:
        await process._process.wait()
        with pytest.raises(ChildFailedError, match="exit status 5"):
            await process.ask({"job": "forecast"}, PATIENCE_S)


async def test_a_command_that_is_not_there() -> None:
    with pytest.raises(ChildFailedError, match="could not be started"):
        await PlannerProcess.start(["/no/such/python"], {})


async def test_what_it_complains_of_is_logged_but_never_without_end(caplog: pytest.LogCaptureFixture) -> None:
    complain = "hear(); sys.stderr.write('the sun is late\\n' * 5000); sys.stderr.flush(); say({'number': 1})"
    with caplog.at_level(logging.WARNING):
        async with child(complain) as process:
            await process.ask({"job": "forecast"}, PATIENCE_S)
    told = [record.getMessage() for record in caplog.records if "the sun is late" in record.getMessage()]
    assert told[0] == "planner: the sun is late"
    assert len(told) == module.MAX_LOG_LINES


async def test_a_question_that_is_given_up_leaves_no_task_behind() -> None:
    async with child("hear(); time.sleep(60)") as process:
        asking = asyncio.create_task(process.ask({"job": "forecast"}, PATIENCE_S))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not names & {"planner answer", "planner memory"}


def test_the_memory_of_a_process_that_is_gone_is_not_known() -> None:
    assert resident_bytes(2**22 + 1) is None
    assert (resident_bytes(os.getpid()) or 0) > 10_000_000


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), _json))
def test_a_message_arrives_as_it_was_sent(message: dict) -> None:
    wire = packed(message)
    assert body_length(wire[:HEADER_BYTES]) == len(wire) - HEADER_BYTES
    assert unpacked(wire[HEADER_BYTES:]) == message


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        message = unpacked(raw)
    except WireError:
        return
    assert isinstance(message, dict)


def test_a_message_too_long_to_be_one_is_not_read() -> None:
    with pytest.raises(WireError, match="garbage"):
        body_length((MAX_BYTES + 1).to_bytes(HEADER_BYTES, "big"))
