"""The outside process may die, hang or lie: it is started again, a technician is told, control goes on."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.model import Reason
from controller.runtime.child_process import ChildFailedError
from controller.runtime.outside_keeper import OutsideKeeper, OutsideProcess
from controller.runtime.published import PublishedFile

POINTS_REFUSED = {"code": "storage_failed", "params": {"error": "the notebook is in memory only"}}


class FakeChild:
    """A child that publishes, or not, and lives for so long of the host's seconds."""

    def __init__(self, world: World, pid: int) -> None:
        self.world, self.pid, self.left = world, pid, False
        self.born_s = world.now_s

    async def ended(self) -> int:
        while self.world.now_s - self.born_s < self.world.lives_s:  # noqa: ASYNC110 - time passes elsewhere
            await asyncio.sleep(0)
        return 1

    async def watch_memory(self) -> None:
        while self.world.now_s < self.world.grows_at_s:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0)
        raise ChildFailedError("it took 200 MB of memory, 150 are allowed")

    async def leave(self) -> None:
        self.left = True


class World:
    """The host's time, which passes while the keeper sleeps, and the children that were started."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.lives_s = self.grows_at_s = float("inf")
        self.publishes: Callable[[FakeChild], dict | None] = lambda child: {"pid": child.pid}
        self.children: list[FakeChild] = []
        self.file = PublishedFile(folder / "outside.json", "boot", lambda: self.now_s)
        self.keeper = self.keeping("influx")

    def keeping(self, *services: str) -> OutsideKeeper:
        return OutsideKeeper(
            ["outside"],
            {"clock": None},
            services,
            self.file,
            start=self.start,
            host_monotonic_s=lambda: self.now_s,
            sleep=self.sleep,
        )

    async def start(self, command, setup) -> FakeChild:
        assert (command, setup) == (("outside",), {"clock": None})
        self.children.append(FakeChild(self, 100 + len(self.children)))
        return self.children[-1]

    async def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s
        if self.children and (document := self.publishes(self.children[-1])) is not None:
            self.file.write(document)
        for _ in range(8):
            await asyncio.sleep(0)

    async def until(self, reached: Callable[[], bool]) -> None:
        running = asyncio.create_task(self.keeper.run())
        try:
            for _ in range(20_000):
                if reached():
                    return
                await asyncio.sleep(0)
            pytest.fail("it never came to that")
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_nothing_is_started_where_nothing_outside_is_asked_for(world: World) -> None:
    await world.keeping().run()
    assert world.children == []


async def test_a_child_that_publishes_is_left_alone_and_ends_with_the_controller(world: World) -> None:
    await world.until(lambda: world.now_s > 1500.0)
    assert [child.left for child in world.children] == [True]
    assert world.keeper.alarms() == ()


async def test_three_deaths_in_a_row_are_an_alarm_that_says_why(world: World) -> None:
    world.lives_s = 3.0
    await world.until(lambda: world.keeper.alarms() != ())
    assert len(world.children) == 3
    expected = Reason("outside_failing", {"failures": 3, "error": "it ended (exit status 1)"})
    assert world.keeper.alarms() == (expected,)
    assert all(child.left for child in world.children)


async def test_the_alarm_goes_once_it_lives_for_a_minute(world: World) -> None:
    world.lives_s = 3.0
    await world.until(lambda: len(world.keeper.alarms()) == 1)
    world.lives_s = float("inf")
    await world.until(lambda: world.keeper.alarms() == ())


async def test_it_is_started_ever_more_rarely(world: World) -> None:
    world.lives_s = 1.0
    await world.until(lambda: len(world.children) == 12)
    pauses = [
        after.born_s - before.born_s
        for before, after in zip(world.children, world.children[1:], strict=False)
    ]
    assert pauses[0] <= 4.0
    assert 30.0 <= pauses[-1] <= 65.0


async def test_one_that_hangs_is_ended(world: World) -> None:
    world.publishes = lambda child: {"pid": child.pid} if world.now_s < 1100.0 else None
    await world.until(lambda: len(world.children) == 2)
    assert 1155.0 < world.children[1].born_s < 1200.0


async def test_what_an_earlier_life_left_does_not_speak_for_this_one(world: World) -> None:
    world.publishes = lambda child: {"pid": 7, "alarms": [POINTS_REFUSED]}
    await world.until(lambda: len(world.children) == 2)
    assert world.keeper.alarms() == ()


async def test_one_that_grows_is_ended(world: World) -> None:
    world.grows_at_s = 1010.0
    await world.until(lambda: len(world.children) == 2)
    assert world.children[0].left


async def test_what_its_services_ask_help_for_is_an_alarm_while_it_says_so(world: World) -> None:
    world.publishes = lambda child: {"pid": child.pid, "alarms": [POINTS_REFUSED]}
    alarm = Reason("storage_failed", POINTS_REFUSED["params"])
    await world.until(lambda: world.keeper.alarms() == (alarm,))
    world.publishes = lambda child: {"pid": child.pid, "alarms": []}
    await world.until(lambda: world.keeper.alarms() == ())


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        "help",
        [7],
        [{"code": "no_such_code", "params": {}}],
        [{"code": "storage_failed", "params": {}}],
        [{"code": "storage_failed", "params": 3}],
    ],
)
async def test_nonsense_among_its_alarms_is_not_believed(world: World, nonsense: object) -> None:
    world.publishes = lambda child: {"pid": child.pid, "alarms": nonsense}
    await world.until(lambda: world.now_s > 1100.0)
    assert world.keeper.alarms() == ()
    assert len(world.children) == 1


async def test_a_child_is_asked_to_leave_before_it_is_killed(tmp_path: Path) -> None:
    farewell = tmp_path / "farewell"
    program = (
        "import sys, pathlib\n"
        "while sys.stdin.buffer.read(1024): pass\n"
        f"pathlib.Path({json.dumps(str(farewell))}).write_text('bye')"
    )
    child = await OutsideProcess.start([sys.executable, "-c", program], {})
    await child.leave()
    assert farewell.read_text() == "bye"


async def test_one_that_does_not_leave_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.runtime.outside_keeper.GRACE_S", 0.05)
    child = await OutsideProcess.start([sys.executable, "-c", "import time; time.sleep(60)"], {})
    await child.leave()
    assert await child.ended() == -9
