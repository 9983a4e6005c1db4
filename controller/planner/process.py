"""The planner's end of the pipe: one request after another, and the end when the controller is gone."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import BinaryIO, Protocol

from controller.runtime.child_wire import HEADER_BYTES, Json, WireError, body_length, packed, unpacked

_log = logging.getLogger(__name__)


class Planner(Protocol):
    """Does the jobs of one site (controller.planner.forecasts)."""

    def learn(self, now_s: float) -> None:
        """Learn from all that was measured before a moment."""
        ...

    def forecast(self, now_s: float, soc_frac: float | None) -> Json:
        """The answer: `document`, the forecast of a moment, and what else the controller is to keep."""
        ...

    def plan(self, told: Json) -> Json:
        """The answer: `plan`, or None and `why_none`; told: where things stand."""
        ...


def own_stdout() -> BinaryIO:
    """Keep stdout for answers alone: whatever a library prints goes to the log instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def prepare() -> None:
    """Warnings and worse go to stderr, which the controller forwards."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(capture=True)


def serve(
    requests: BinaryIO,
    answers: BinaryIO,
    make_planner: Callable[[Json], Planner],
    leave: Callable[[int], object] = os._exit,
) -> None:
    """Make a planner of the first message, then answer requests; returns never, `leave` ends the process.

    A defect ends it too, with its traceback on stderr: the controller starts another. Requests are read on a
    thread of their own, so that the process ends at once when the controller does, whatever it is doing.
    """
    heard: queue.SimpleQueue[Json] = queue.SimpleQueue()
    listening = threading.Thread(target=_listen, args=(requests, heard, leave), daemon=True)
    listening.start()
    planner = make_planner(heard.get())
    while True:
        request = heard.get()
        answer = {"number": request["number"], **_answer(planner, request)}
        answers.write(packed(answer))
        answers.flush()


def _answer(planner: Planner, request: Json) -> Json:
    """What a job gives. Raises ValueError for one that is not known."""
    match request["job"]:
        case "learn":
            planner.learn(request["now_s"])
            return {}
        case "forecast":
            return planner.forecast(request["now_s"], request["soc_frac"])
        case "plan":
            return planner.plan(request)
        case other:
            msg = f"there is no job {other!r}"
            raise ValueError(msg)


def _listen(requests: BinaryIO, heard: queue.SimpleQueue[Json], leave: Callable[[int], object]) -> None:
    try:
        while header := requests.read(HEADER_BYTES):
            heard.put(unpacked(requests.read(body_length(header))))
    except WireError:
        _log.exception("the controller cannot be understood")
        leave(1)
    leave(0)
