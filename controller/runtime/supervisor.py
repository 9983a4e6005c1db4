"""Runs everything of the controller as one group, and stops it cleanly.

A defect in any part ends the group: the devices are released, the process exits with a failure and the
service manager starts it again. Half a controller never goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any

_log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]


async def supervise(
    jobs: Mapping[str, Job], *, stop: asyncio.Event, release: Callable[[], Awaitable[None]]
) -> None:
    """Run the jobs until `stop` is set, then cancel them; `release` runs in every case, bus jobs still alive.

    Jobs whose name begins with "line " serve the buses: they are stopped last, since release needs them.
    Raises ExceptionGroup with the defect of a job that failed.
    """
    lines = {name: job for name, job in jobs.items() if name.startswith("line ")}
    others = {name: job for name, job in jobs.items() if name not in lines}
    async with asyncio.TaskGroup() as outer:
        serving = [outer.create_task(job(), name=name) for name, job in lines.items()]
        try:
            await _until(stop, others)
        finally:
            _log.info("releasing the devices")
            await release()
            for task in serving:
                task.cancel()


async def _until(stop: asyncio.Event, jobs: Mapping[str, Job]) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(job(), name=name) for name, job in jobs.items()]
        await stop.wait()
        for task in tasks:
            task.cancel()


@contextlib.contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """While inside, SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
