"""A setpoint for the battery is held while ticks renew it, and withdrawn when they do not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from core_world import World, make_site

from controller.core.model import Decision, Setpoint
from controller.runtime.actuators import Actuators


class Inverter:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[float | None] = []
        self.changed = asyncio.Event()

    async def hold(self, power_w: float, rated_w: float) -> None:
        self._note(power_w / rated_w)

    async def release(self) -> None:
        self._note(None)

    def _note(self, asked: float | None) -> None:
        self.asked.append(asked)
        self.changed.set()

    async def next(self) -> float | None:
        """What it is asked next."""
        async with asyncio.timeout(5):
            await self.changed.wait()
        self.changed.clear()
        return self.asked[-1]


class Switches:
    async def set_channel(self, channel: int, energised: bool) -> None: ...

    async def release(self) -> None: ...


@pytest.fixture
def decision() -> Decision:
    return World().step()


def hands(inverter: Inverter | None, speed: float = 1.0) -> Actuators:
    limiters = {pv.id: PvLimiter() for pv in make_site().pv}
    return Actuators(make_site(), {"relays": Switches()}, limiters, None, inverter, speed=speed)


class PvLimiter:
    async def limit(self, frac: float) -> None: ...

    async def release(self) -> None: ...


async def test_a_setpoint_is_held_renewed_and_withdrawn(decision: Decision) -> None:
    inverter = Inverter()
    actuators = hands(inverter)
    task = asyncio.create_task(actuators.run())
    actuators.apply(replace(decision, battery=Setpoint(6000.0, 30.0)))
    assert await inverter.next() == 0.25
    actuators.apply(replace(decision, battery=Setpoint(-12000.0, 30.0)))
    assert await inverter.next() == -0.5
    actuators.apply(decision)
    assert await inverter.next() is None
    task.cancel()


async def test_without_a_newer_tick_it_is_withdrawn_when_it_expires(decision: Decision) -> None:
    inverter = Inverter()
    actuators = hands(inverter, speed=1000.0)
    task = asyncio.create_task(actuators.run())
    actuators.apply(replace(decision, battery=Setpoint(6000.0, 30.0)))
    assert await inverter.next() == 0.25
    assert await inverter.next() is None
    task.cancel()


async def test_an_inverter_that_was_never_asked_anything_is_left_alone(decision: Decision) -> None:
    inverter = Inverter()
    actuators = hands(inverter)
    task = asyncio.create_task(actuators.run())
    for _ in range(5):
        actuators.apply(decision)
        await asyncio.sleep(0)
    assert inverter.asked == []
    task.cancel()


async def test_a_clean_stop_withdraws_it() -> None:
    inverter = Inverter()
    await hands(inverter).release()
    assert inverter.asked == [None]


async def test_where_inverters_form_the_grid_nobody_is_there_to_be_asked(decision: Decision) -> None:
    actuators = hands(None)
    actuators.apply(replace(decision, battery=Setpoint(6000.0, 30.0)))
    await actuators.release()
