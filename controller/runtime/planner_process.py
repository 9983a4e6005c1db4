"""The planner as a child process: asked one thing at a time, killed when it misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from controller.runtime.child_process import ChildFailedError, ChildProcess
from controller.runtime.child_wire import HEADER_BYTES, Json, WireError, body_length, unpacked


class PlannerProcess(ChildProcess):
    """One life of the planner."""

    name = "planner"
    environment: Mapping[str, str] = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": "65536",
    }
    """Linear algebra on one core only: the others belong to the controller and the page. And the C library
    gives large arrays back once they are not needed, or a night's learning would stand in memory all day."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__(process)
        self._asked = 0

    async def ask(self, request: Mapping[str, object], limit_s: float) -> Json:
        """Its answer to a request, within limit_s host seconds. Raises ChildFailedError."""
        self._asked += 1
        answering = asyncio.create_task(self._answer(request), name="planner answer")
        watching = asyncio.create_task(self.watch_memory(), name="planner memory")
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            msg = f"no answer within {limit_s:g} s"
            raise ChildFailedError(msg) from None
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
        await self.send({**request, "number": number})
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            header = await stdout.readexactly(HEADER_BYTES)
            answer = unpacked(await stdout.readexactly(body_length(header)))
        except asyncio.IncompleteReadError as error:
            status = await self.exit_status()
            msg = f"it ended (exit status {status}) instead of answering"
            raise ChildFailedError(msg) from error
        except WireError as error:
            msg = f"its answer cannot be read: {error}"
            raise ChildFailedError(msg) from error
        if answer.get("number") != number:
            msg = f"it answered request {answer.get('number')!r} when asked {number}"
            raise ChildFailedError(msg)
        return answer
