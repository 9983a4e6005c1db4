"""Several jobs that live and end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

_CANCEL_EVERY_S = 0.1


async def together(*work: Coroutine[None, None, None]) -> None:
    """Run jobs until one fails, and raise what it raised; the others are ended before.

    They are cancelled until they end: in Python 3.11 `asyncio.wait_for`, which aiomqtt waits with, loses a
    cancellation that comes in the moment in which it is done.
    """
    jobs = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(jobs, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        pending = set(jobs)
        while pending:
            for job in pending:
                job.cancel()
            _, pending = await asyncio.wait(pending, timeout=_CANCEL_EVERY_S)
        errors = [error for job in jobs if not job.cancelled() and (error := job.exception()) is not None]
    if errors:
        raise errors[0]
