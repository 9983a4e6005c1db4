"""Everything runs as one group, and stops cleanly."""

from __future__ import annotations

import asyncio

import pytest

from controller.runtime.supervisor import supervise


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_stop_releases_the_devices_while_the_lines_still_serve() -> None:
    stop, line_alive, seen = asyncio.Event(), [False], []

    async def line() -> None:
        line_alive[0] = True
        try:
            await asyncio.Event().wait()
        finally:
            line_alive[0] = False

    async def release() -> None:
        seen.append(line_alive[0])

    asyncio.get_running_loop().call_later(0.01, stop.set)
    await supervise({"line meters": line, "loop": _for_ever}, stop=stop, release=release)
    assert seen == [True]
    assert line_alive == [False]


@pytest.mark.parametrize("name", ["loop", "line meters"])
async def test_a_defect_in_one_job_ends_all_and_still_releases(name: str) -> None:
    released: list[bool] = []

    async def broken() -> None:
        raise ZeroDivisionError

    async def release() -> None:
        released.append(True)

    jobs = {"line relays": _for_ever, "hands": _for_ever, name: broken}
    with pytest.raises(ExceptionGroup) as error:
        await supervise(jobs, stop=asyncio.Event(), release=release)
    assert error.group_contains(ZeroDivisionError, depth=None)
    assert released == [True]
