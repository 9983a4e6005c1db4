"""A child process of the controller: started by its name, told its setup, watched, killed when it misbehaves.

It is never imported: its libraries would take more memory than the whole controller.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from controller.runtime.child_wire import Json, packed

_log = logging.getLogger(__name__)

WATCH_EVERY_S = 1.0
"""Host seconds between two looks at its memory."""
MAX_LOG_LINES = 100
"""Of one life of the child: a library that repeats itself must not fill the journal."""


class ChildFailedError(Exception):
    """The child did not do its job; it has to be killed. The text says what happened."""


class ChildProcess:
    """One life of a child."""

    name = "child"
    """As the log names it."""
    memory_limit_bytes = 250_000_000
    environment: Mapping[str, str] = {}
    """On top of the controller's own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._listening = asyncio.create_task(self._forward_log(), name=f"{self.name} log")

    @classmethod
    async def start(cls, command: Sequence[str], setup: Json) -> Self:
        """Start a child and hand it what it needs for all of its life. Raises ChildFailedError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **cls.environment},
            )
        except OSError as error:
            msg = f"it could not be started: {error}"
            raise ChildFailedError(msg) from error
        child = cls(process)
        await child.send(setup)
        return child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def send(self, message: Json) -> None:
        """Tell it something. Raises ChildFailedError when it is gone."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it was started with a pipe
        try:
            stdin.write(packed(message))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            msg = f"it ended (exit status {await self.exit_status()}) before it could be asked"
            raise ChildFailedError(msg) from error

    async def exit_status(self) -> int | None:
        """How it ended; None when only its pipe is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                return await self._process.wait()
        return None

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit status."""
        return await self._process.wait()

    async def watch_memory(self) -> None:
        """Return never; raise ChildFailedError once it takes too much."""
        while True:
            rss = resident_bytes(self.pid)
            if rss is not None and rss > self.memory_limit_bytes:
                limit_mb = self.memory_limit_bytes / 1e6
                msg = f"it took {rss / 1e6:.0f} MB of memory, {limit_mb:.0f} are allowed"
                raise ChildFailedError(msg)
            await asyncio.sleep(WATCH_EVERY_S)

    async def _forward_log(self) -> None:
        """What it complains of goes into our log, so far as it does not flood it."""
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101 - it was started with a pipe
        lines, rest = 0, b""
        while chunk := await stderr.read(4096):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole[: max(0, MAX_LOG_LINES - lines)]:
                _log.warning("%s: %s", self.name, line.decode(errors="replace"))
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
