"""The planner as a child process: started by its name, asked one thing at a time, killed when it misbehaves.

It is never imported: its libraries would take more memory than the whole controller.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from controller.runtime.planner_wire import (
    HEADER_BYTES,
    Json,
    WireError,
    body_length,
    packed,
    unpacked,
)

_log = logging.getLogger(__name__)

MEMORY_LIMIT_BYTES = 250_000_000
WATCH_EVERY_S = 1.0
"""Host seconds between two looks at its memory."""
MAX_LOG_LINES = 100
"""Of one life of the child: a library that repeats itself must not fill the journal."""
_FRUGAL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
"""Linear algebra on one core only: the others belong to the controller and the page. And the C library gives
large arrays back once they are not needed, or a night's learning would stand in memory all day."""


class PlannerFailedError(Exception):
    """The child did not do its job; it has to be killed. The text says what happened."""


class PlannerProcess:
    """One life of the child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked = 0
        self._listening = asyncio.create_task(self._forward_log(), name="planner log")

    @classmethod
    async def start(cls, command: Sequence[str], setup: Json) -> PlannerProcess:
        """Start a child and hand it what it needs for all of its life. Raises PlannerFailedError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **_FRUGAL},
            )
        except OSError as error:
            msg = f"it could not be started: {error}"
            raise PlannerFailedError(msg) from error
        child = cls(process)
        await child._send(setup)
        return child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ask(self, request: Mapping[str, object], limit_s: float) -> Json:
        """Its answer to a request, within limit_s host seconds. Raises PlannerFailedError."""
        self._asked += 1
        answering = asyncio.create_task(self._answer(request), name="planner answer")
        watching = asyncio.create_task(self._watch_memory(), name="planner memory")
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            msg = f"no answer within {limit_s:g} s"
            raise PlannerFailedError(msg) from None
        finally:
            pending = [task for task in (answering, watching) if not task.done()]
            for task in pending:
                task.cancel()
            if pending:
                await asyncio.wait(pending)
        if answering in pending:
            watching.result()  # raises what it saw
        return answering.result()

    async def _answer(self, request: Mapping[str, object]) -> Json:
        number = self._asked
        await self._send({**request, "number": number})
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            header = await stdout.readexactly(HEADER_BYTES)
            answer = unpacked(await stdout.readexactly(body_length(header)))
        except asyncio.IncompleteReadError as error:
            status = await self._exit_status()
            msg = f"it ended (exit status {status}) instead of answering"
            raise PlannerFailedError(msg) from error
        except WireError as error:
            msg = f"its answer cannot be read: {error}"
            raise PlannerFailedError(msg) from error
        if answer.get("number") != number:
            msg = f"it answered request {answer.get('number')!r} when asked {number}"
            raise PlannerFailedError(msg)
        return answer

    async def _send(self, message: Json) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it was started with a pipe
        try:
            stdin.write(packed(message))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            msg = f"it ended (exit status {await self._exit_status()}) before it could be asked"
            raise PlannerFailedError(msg) from error

    async def _exit_status(self) -> int | None:
        """How it ended; None when only its pipe is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                return await self._process.wait()
        return None

    async def _watch_memory(self) -> None:
        """Return never; raise PlannerFailedError once it takes too much."""
        while True:
            rss = resident_bytes(self.pid)
            if rss is not None and rss > MEMORY_LIMIT_BYTES:
                msg = f"it took {rss / 1e6:.0f} MB of memory, {MEMORY_LIMIT_BYTES / 1e6:.0f} are allowed"
                raise PlannerFailedError(msg)
            await asyncio.sleep(WATCH_EVERY_S)

    async def _forward_log(self) -> None:
        """What it complains of goes into our log, so far as it does not flood it."""
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101 - it was started with a pipe
        lines, rest = 0, b""
        while chunk := await stderr.read(4096):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole[: max(0, MAX_LOG_LINES - lines)]:
                _log.warning("planner: %s", line.decode(errors="replace"))
            lines += len(whole)
            rest = rest[-4096:]

    async def kill(self) -> None:
        """End it, whatever it does; harmless when it has ended."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._listening


def resident_bytes(pid: int) -> int | None:
    """Resident memory of a process; None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
