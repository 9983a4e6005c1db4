"""The tick on a monotonic grid: late ones skipped, alarms heard early, decisions committed before done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.clock import ScaledClock
from controller.config_file import load_config
from controller.core.model import Health, Memory, Reading
from controller.runtime.loop import ControlLoop
from controller.runtime.process_image import Attention, LiveImage
from controller.site import site_from
from controller.telemetry.schema import StorageError

SITE = site_from(load_config(Path(__file__).resolve().parents[2] / "config.yaml"))
SPEED = 50.0


class Device:
    """A device whose every point has one good value."""

    def __init__(self, name: str, **values: float) -> None:
        self.id = name
        self.values = values

    def readings(self, now_s: float) -> dict[str, Reading]:
        return {name: Reading(value, 0.1, Health.GOOD) for name, value in self.values.items()}


class Journal:
    """Remembers in a list; may refuse, or take its time."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.events: list = []
        self.refuses = False
        self.may_finish = asyncio.Event()
        self.may_finish.set()

    async def record(self, image, events, memory, answers=()) -> None:
        await self.may_finish.wait()
        if self.refuses:
            raise StorageError("the card is full")
        self.order.append("recorded")
        self.events += events


class Hands:
    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.decisions: list = []

    def apply(self, decision) -> None:
        self.order.append("done")
        self.decisions.append(decision)


class Plant:
    """Everything around the loop."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.clock = ScaledClock.starting(datetime(2026, 11, 21, 13, tzinfo=UTC), SPEED)
        self.battery = Device(
            "battery", ac_power_w=-4000.0, battery_power_w=-4200.0, battery_soc_frac=0.6, inverter_state=9.0,
            overload_alarm=0.0, voltage_l1_v=230.0, frequency_hz=50.0,
        )  # fmt: skip
        relays = Device("relays", **{f"channel_{number}": 0.0 for number in range(1, 17)})
        meters = [Device(feeder.meter, power_w=500.0) for feeder in SITE.feeders if feeder.meter]
        self.attention = Attention()
        self.journal, self.hands = Journal(self.order), Hands(self.order)
        live = LiveImage([self.battery, relays, *meters], self.clock)
        self.loop = ControlLoop(
            SITE, live, self.attention, self.hands, self.journal, self.clock, memory=Memory()
        )

    async def run_until(self, condition: Callable[[], bool]) -> None:
        task = asyncio.create_task(self.loop.run())
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.001)
                if task.done():
                    task.result()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def plant() -> Plant:
    return Plant()


async def test_it_ticks_on_and_on(plant: Plant) -> None:
    await plant.run_until(lambda: plant.loop.ticks >= 10)
    assert plant.hands.decisions[-1].mode == "normal"
    assert all(decided.closed for decided in plant.hands.decisions[-1].feeders.values())


async def test_the_start_is_recorded_before_anything_is_done(plant: Plant) -> None:
    await plant.run_until(lambda: plant.loop.ticks >= 2)
    assert plant.order[0] == "recorded"
    assert plant.journal.events[0].reason.code == "controller_started"


async def test_a_late_tick_is_skipped_and_counted_not_queued(plant: Plant) -> None:
    def slow_once(image, decision) -> None:
        if plant.loop.ticks == 3:
            end_s = plant.clock.monotonic() + 5.5
            while plant.clock.monotonic() < end_s:
                pass

    plant.loop.tell = (slow_once,)
    await plant.run_until(lambda: plant.loop.ticks >= 6)
    assert plant.loop.skipped >= 5


async def test_a_changed_alarm_word_is_heard_before_the_next_second(plant: Plant) -> None:
    await plant.run_until(lambda: plant.loop.ticks >= 2)
    plant.attention.call("battery", "overload_alarm")
    await plant.run_until(lambda: plant.loop.early >= 1)
    assert plant.loop.tick_summary()["early"] >= 1


async def test_an_overload_is_shed_within_the_tick_that_sees_it_and_recorded_first(plant: Plant) -> None:
    plant.battery.values.update(ac_power_w=-31000.0, overload_alarm=2.0)
    await plant.run_until(
        lambda: (
            any("shed" in event.reason.code for event in plant.journal.events) and bool(plant.hands.decisions)
        )
    )
    shed = [decided for decided in plant.hands.decisions[0].feeders.values() if decided.closed is False]
    assert shed
    assert all(decided.emergency for decided in shed)
    assert plant.order[:3] == ["recorded", "recorded", "done"]


async def test_an_emergency_does_not_wait_for_a_stalled_card(plant: Plant) -> None:
    plant.battery.values.update(ac_power_w=-31000.0, overload_alarm=2.0)
    await plant.run_until(lambda: plant.loop.ticks >= 0 and bool(plant.journal.events))
    plant.journal.may_finish.clear()
    plant.order.clear()
    await plant.loop._tick()
    assert "done" in plant.order
    plant.journal.may_finish.set()


async def test_control_goes_on_when_nothing_can_be_stored(plant: Plant, caplog) -> None:
    plant.journal.refuses = True
    await plant.run_until(lambda: plant.loop.ticks >= 5)
    assert len(plant.hands.decisions) >= 5
    assert "the card is full" in caplog.text


async def test_a_clean_stop_is_recorded(plant: Plant) -> None:
    await plant.run_until(lambda: plant.loop.ticks >= 1)
    await plant.loop.stop()
    assert plant.journal.events[-1].reason.code == "controller_stopped"
