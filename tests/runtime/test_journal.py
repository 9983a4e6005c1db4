"""What is kept of each tick: the sums, the feeders, and why less was measured than sun or people wanted."""

from __future__ import annotations

import asyncio

import pytest
from core_world import World

from controller.core.model import Answer, Event, Memory, Reason, Role
from controller.runtime.journal import StoreJournal
from controller.telemetry.schema import StorageError


class Samples:
    """A store that remembers the newest samples."""

    def __init__(self) -> None:
        self.values: dict = {}

    async def append_decisions(self, records, memory_json) -> None:
        raise AssertionError("nothing was decided")

    def add_samples(self, at_utc, synchronised, values) -> None:
        self.values = dict(values)


class Shown:
    """Counters that are believed whatever they show."""

    def readings(self, image) -> dict:
        return {("pv_south", "energy_wh"): image.value("pv_south", "energy_wh")}


def _sampled(world: World, seconds: float) -> dict:
    samples = Samples()
    roles = {"pv_south": Role.PV_INVERTER, "sun": Role.IRRADIANCE_SENSOR}
    journal = StoreJournal(samples, world.site, roles, "boot", Shown())
    decision = world.run(seconds)
    journal.sample(world.image(), decision)
    return samples.values


def test_on_an_ordinary_day_nothing_is_held_back_or_unserved() -> None:
    values = _sampled(World(sun_w=9000.0), 5)
    assert values["pv_south", "limit_frac"] == values["pv_east", "limit_frac"] == 1.0
    assert values["site", "blackout"] == 0.0
    assert values["clinic", "closed"] == 1.0
    assert values["pv_south", "power_w"] == -4500.0
    assert values["sun", "irradiance_wm2"] == 225.0


def test_a_full_battery_leaves_the_limit_of_each_array_in_the_record() -> None:
    values = _sampled(World(soc=0.999, sun_w=30_000.0), 60)
    assert values["pv_south", "limit_frac"] < 0.9


def test_a_dark_bus_is_in_the_record() -> None:
    world = World()
    world.run(5)
    world.extra |= {"inverter_state": 0.0, "frequency_hz": 0.0}
    assert _sampled(world, 60)["site", "blackout"] == 1.0


class FullDisk:
    """A store whose disk refuses until there is room."""

    def __init__(self) -> None:
        self.full = False
        self.codes: list[str] = []
        self.answered: list[str] = []
        self.writing = asyncio.Event()
        self.writing.set()

    async def append_decisions(self, records, memory_json, answers=()) -> None:
        await self.writing.wait()
        if self.full:
            raise StorageError("the disk is full")
        self.codes += [record.code for record in records]
        self.answered += [answer.id for answer in answers]


def _event(code: str) -> Event:
    return Event("houses_a", "open", Reason(code))


async def test_what_was_decided_while_the_disk_was_full_is_in_the_log_once_there_is_room() -> None:
    disk, world = FullDisk(), World()
    journal = StoreJournal(disk, world.site, {}, "boot", Shown())
    disk.full = True
    for code in ("first", "second"):
        with pytest.raises(StorageError):
            await journal.record(
                world.image(), [_event(code)], Memory(), [Answer(1, code, "done", Reason("x"))]
            )
    disk.full = False
    await journal.record(world.image(), [_event("third")], Memory())
    await journal.record(world.image(), [], Memory())
    assert disk.codes == ["first", "second", "third"]
    assert disk.answered == ["first", "second"]


async def test_a_slow_disk_is_told_everything_once_and_in_order() -> None:
    disk, world = FullDisk(), World()
    journal = StoreJournal(disk, world.site, {}, "boot", Shown())
    disk.writing.clear()
    tasks = [
        asyncio.create_task(journal.record(world.image(), [_event(code)], Memory()))
        for code in ("a", "b", "c")
    ]
    await asyncio.sleep(0)
    disk.writing.set()
    await asyncio.gather(*tasks)
    assert disk.codes == ["a", "b", "c"]


async def test_what_json_has_no_word_for_is_not_tried_for_ever() -> None:
    class Strict(FullDisk):
        async def append_decisions(self, records, memory_json, answers=()) -> None:
            if any(record.code == "odd" for record in records):
                raise TypeError("no JSON")
            await super().append_decisions(records, memory_json, answers)

    disk, world = Strict(), World()
    journal = StoreJournal(disk, world.site, {}, "boot", Shown())
    with pytest.raises(TypeError):
        await journal.record(world.image(), [_event("odd")], Memory())
    await journal.record(world.image(), [_event("even")], Memory())
    assert disk.codes == ["even"]
