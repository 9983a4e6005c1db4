"""The virtual village as a process: serves it, keeps its physics at the present, tells its state."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulation.control import serve_control
from simulation.host import VillageHost
from simulation.live import LiveVillage
from simulation.servers import VillageServers
from simulation.truth import summary

ADDRESSES_NAME = "addresses.json"
SUMMARY_NAME = "village.json"
_SUMMARY_PERIOD_S = 0.5
_STEP_REAL_TIME_S, _STEP_FAST_S = 0.050, 0.020
"""Host seconds between two advances of the physics: on a clock as fast as the host's, and on a faster one."""


async def run_village(host: VillageHost, state: Path, *, seed: int) -> None:
    """Serve the village until SIGTERM or SIGINT, or until the parent process is gone.

    Writes addresses.json into the directory `state` once all buses are bound (it is gone when the village
    is), and village.json every half second and at the end.
    """
    _forget_addresses(state)
    servers = VillageServers(host, seed)
    stop = _stop_signal()
    control = await serve_control(state, host.handle)
    try:
        host.live.advance()
        write_json(state / ADDRESSES_NAME, await servers.open())
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(servers.run_lines()),
                group.create_task(_keep_up(host)),
                group.create_task(_tell(host.live, state)),
            ]
            await _stopped(stop)
            for task in tasks:
                task.cancel()
    finally:
        _forget_addresses(state)
        control.close()
        servers.close()
        host.live.advance()
        write_json(state / SUMMARY_NAME, summary(host.live))


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace a file at once: a reader sees the old or the new one, whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(document))
    draft.replace(path)


def _forget_addresses(state: Path) -> None:
    (state / ADDRESSES_NAME).unlink(missing_ok=True)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _stopped(stop: asyncio.Event) -> None:
    """Wait for the signal, or for the parent to be gone: nobody would stop an orphan."""
    parent = os.getppid()
    while os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.5)
            return


async def _keep_up(host: VillageHost) -> None:
    step_s = _STEP_FAST_S if host.live.clock.speed > 1 else _STEP_REAL_TIME_S
    while True:
        host.live.advance()
        host.faults.expire()
        await asyncio.sleep(step_s)


async def _tell(live: LiveVillage, state: Path) -> None:
    while True:
        write_json(state / SUMMARY_NAME, summary(live))
        await asyncio.sleep(_SUMMARY_PERIOD_S)
