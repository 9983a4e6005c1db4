"""Keeps the outside process alive, and takes up what it has to tell: control needs none of it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from controller.core.model import Reason
from controller.core.reasons import render
from controller.runtime.child_process import ChildFailedError, ChildProcess
from controller.runtime.child_wire import Json
from controller.runtime.published import PublishedFile

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
SILENT_S = 60.0
"""So long it may publish nothing, also while it starts; then it hangs."""
WELL_AFTER_S = 60.0
"""A life of so long was no failure, whatever ends it."""
GRACE_S = 2.0
"""So long it may take leave of brokers when the controller stops."""
MAX_BACKOFF_S = 60.0
ALARM_AFTER_FAILURES = 3


class OutsideProcess(ChildProcess):
    """One life of the outside process."""

    name = "outside"
    memory_limit_bytes = 150_000_000
    environment: Mapping[str, str] = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    """It does no algebra; and each thread's own heap would keep what another could use."""

    async def leave(self) -> None:
        """Have it end by itself, and end it when it does not."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it was started with a pipe
        stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self.ended()
        await self.kill()


class Child(Protocol):
    """One life of a child (OutsideProcess)."""

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit status."""
        ...

    async def watch_memory(self) -> None:
        """Return never; raise ChildFailedError once it takes too much."""
        ...

    async def leave(self) -> None:
        """End it, kindly at first."""
        ...


class Starter(Protocol):
    """Starts a child."""

    async def __call__(self, command: Sequence[str], setup: Json) -> Child:
        """A child that has been handed its setup. Raises ChildFailedError."""
        ...


class OutsideKeeper:
    """Starts the outside process of one site again and again."""

    def __init__(
        self,
        command: Sequence[str],
        setup: Json,
        services: Sequence[str],
        file: PublishedFile,
        *,
        start: Starter = OutsideProcess.start,
        host_monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """services: what config.yaml asks for. file: outside.json, written by the child, only read here."""
        self._command = tuple(command)
        self._setup = setup
        self._services = tuple(services)
        self._file = file
        self._start = start
        self._host_s = host_monotonic_s
        self._sleep = sleep
        self._failures = 0
        self._error = ""
        self._told: tuple[Reason, ...] = ()

    def alarms(self) -> tuple[Reason, ...]:
        """What a technician should know of: that it fails, and what its services ask help for."""
        if self._failures < ALARM_AFTER_FAILURES:
            return self._told
        failing = Reason("outside_failing", {"failures": self._failures, "error": self._error})
        return (failing, *self._told)

    async def run(self) -> None:
        """Serve for ever; cancel to stop. Returns at once where nothing outside is asked for."""
        with suppress(OSError):  # what an earlier run left says nothing of this one
            self._file.remove()
        while self._services:
            try:
                await self._life()
            except ChildFailedError as error:
                self._failures += 1
                self._error = str(error)
                _log.warning("the outside process failed, it is started again: %s", error)
            longest_s = min(MAX_BACKOFF_S, 2.0 ** min(self._failures, 10))
            await self._sleep(random.uniform(0.5, 1.0) * longest_s)  # noqa: S311 - jitter

    async def _life(self) -> None:
        """One child from its start to its end. Raises ChildFailedError with what ended it."""
        child = await self._start(self._command, self._setup)
        watches = [
            asyncio.create_task(child.watch_memory(), name="outside memory"),
            asyncio.create_task(self._watch_end(child), name="outside end"),
            asyncio.create_task(self._watch_file(child.pid), name="outside file"),
        ]
        try:
            done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
            for watch in done:
                watch.result()  # raises what it saw
        finally:
            for watch in watches:
                watch.cancel()
            self._told = ()
            await child.leave()

    async def _watch_end(self, child: Child) -> None:
        msg = f"it ended (exit status {await child.ended()})"
        raise ChildFailedError(msg)

    async def _watch_file(self, pid: int) -> None:
        """Take up what it publishes. Raises ChildFailedError when it has been silent for too long."""
        began_s = heard_s = self._host_s()
        while True:
            await self._sleep(LOOK_EVERY_S)
            document = self._file.read() or {}
            if document.get("pid") == pid:
                heard_s = max(heard_s, _written_s(document))
                self._told = _reasons(document.get("alarms"))
            now_s = self._host_s()
            if now_s - heard_s > SILENT_S:
                msg = f"it has published nothing for {now_s - heard_s:.0f} s"
                raise ChildFailedError(msg)
            if now_s - began_s > WELL_AFTER_S:
                self._failures = 0


def _written_s(document: Mapping[str, Any]) -> float:
    """When it was written, seconds of the host's monotonic clock; 0 when it does not say."""
    written = document.get("written")
    at_s = written.get("monotonic_s") if isinstance(written, dict) else None
    return float(at_s) if isinstance(at_s, int | float) else 0.0


def _reasons(told: object) -> tuple[Reason, ...]:
    """The reasons among what it told: another program's word is not believed unchecked."""
    found = []
    for each in told if isinstance(told, list) else ():
        try:
            code, params = each["code"], dict(each["params"])
            reason = Reason(code, params)
            render(reason)
        except (KeyError, TypeError, ValueError, AttributeError):
            _log.debug("not a reason of the catalogue: %r", each)
            continue
        found.append(reason)
    return tuple(found)
