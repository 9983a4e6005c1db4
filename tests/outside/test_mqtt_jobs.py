"""Jobs live and end together, also one that loses its first cancellation."""

from __future__ import annotations

import asyncio

import pytest

from controller.outside.mqtt.jobs import together


async def deaf(heard: list[str]) -> None:
    """As `wait_for` of Python 3.11 when it is done in the moment in which it is cancelled."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        heard.append("lost")
    await asyncio.sleep(60)


async def failing() -> None:
    raise ValueError("it broke")


async def test_what_one_raises_ends_all() -> None:
    heard: list[str] = []
    with pytest.raises(ValueError, match="it broke"):
        await together(deaf(heard), failing())
    assert len(heard) <= 1


async def test_a_cancellation_that_is_lost_is_given_again() -> None:
    heard: list[str] = []
    running = asyncio.create_task(together(deaf(heard), deaf(heard)))
    await asyncio.sleep(0.01)
    running.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await running
    assert heard == ["lost", "lost"]
