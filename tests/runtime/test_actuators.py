"""What was decided is done: emergencies first, the newest intent only, and a dead device holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from controller.core.model import (
    Decision,
    Feeder,
    FeederDecision,
    GridBreaker,
    GridConnection,
    Memory,
    PlantState,
    PriorityClass,
    Reason,
    SwitchPoint,
    Text,
)
from controller.runtime.actuators import Actuators, energised

WHY = Reason("powered")
NO_PLANT = PlantState(None, None, None, None, None, None, None)


def feeder(name: str, channel: int, board: str = "relays", closed_when_energised: bool = False) -> Feeder:
    switch = SwitchPoint(board, channel, closed_when_energised)
    return Feeder(name, Text(name, name), PriorityClass.HOUSEHOLD, 1, switch, None, 1000)


class FakeSite:
    def __init__(self, *feeders: Feeder, grid: GridConnection | None = None) -> None:
        self.feeders = feeders
        self.grid = grid


class Board:
    """A relay board whose line may be dead."""

    def __init__(self) -> None:
        self.moves: list[tuple[int, bool]] = []
        self.alive = asyncio.Event()
        self.alive.set()
        self.released = False

    async def set_channel(self, channel: int, energised: bool) -> None:
        await self.alive.wait()
        self.moves.append((channel, energised))

    async def release(self) -> None:
        await self.alive.wait()
        self.released = True


class Genset:
    def __init__(self) -> None:
        self.asked: list[bool] = []

    async def request_run(self, run: bool) -> None:
        self.asked.append(run)

    async def release(self) -> None:
        self.asked.append(False)


def decision(**feeders: FeederDecision) -> Decision:
    return Decision(
        feeders=feeders, pv_limit_frac={}, genset_run=None, mode="normal", mode_reason=WHY, events=(),
        alarms=(), plant=NO_PLANT, memory=Memory(),
    )  # fmt: skip


@asynccontextmanager
async def working(actuators: Actuators) -> AsyncIterator[None]:
    task = asyncio.create_task(actuators.run())
    try:
        yield
    finally:
        task.cancel()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_breaker_leaves_the_grid_first_and_joins_it_last() -> None:
    board = Board()
    switch = SwitchPoint("relays", 9, closed_when_energised=True)
    grid = GridConnection(
        "meter", 10_000, 0, 300, prefix="", breaker=GridBreaker(switch, "relays", "input_1")
    )
    actuators = Actuators(FakeSite(feeder("a", 1), feeder("b", 2), grid=grid), {"relays": board}, {}, None)
    wanted = decision(a=FeederDecision(True, WHY), b=FeederDecision(False, WHY))
    async with working(actuators):
        actuators.apply(replace(wanted, grid_closed=False))
        await settle()
        assert board.moves == [(9, False), (2, True), (1, False)]
        board.moves.clear()
        actuators.apply(replace(wanted, grid_closed=True))
        await settle()
        assert board.moves == [(2, True), (1, False), (9, True)]
        board.moves.clear()
        actuators.apply(wanted)
        await settle()
        assert 9 not in dict(board.moves)


async def test_the_lamp_is_switched_with_the_feeders_and_never_instead_of_them() -> None:
    board = Board()
    lamp = SwitchPoint("relays", 12, closed_when_energised=False)
    actuators = Actuators(FakeSite(feeder("a", 1)), {"relays": board}, {}, None, lamp=lamp)
    wanted = decision(a=FeederDecision(False, WHY))
    async with working(actuators):
        actuators.apply(wanted)
        await settle()
        assert board.moves == [(1, True)]  # nobody has said yet whether it is to be lit
        actuators.light(True)
        actuators.apply(wanted)
        await settle()
        assert board.moves[1:] == [(1, True), (12, False)]  # lit, too, when the board has no power
        actuators.light(False)
        actuators.apply(wanted)
        await settle()
        assert board.moves[-1] == (12, True)


async def test_a_lamp_may_have_a_board_of_its_own() -> None:
    feeders, board = Board(), Board()
    lamp = SwitchPoint("lamps", 1, closed_when_energised=True)
    boards = {"relays": feeders, "lamps": board}
    actuators = Actuators(FakeSite(feeder("a", 1)), boards, {}, None, lamp=lamp)
    feeders.alive.clear()  # a dead relay board does not keep the lamp dark
    async with working(actuators):
        actuators.light(True)
        actuators.apply(decision(a=FeederDecision(False, WHY)))
        await settle()
    assert (board.moves, feeders.moves) == ([(1, True)], [])


def test_a_normally_closed_contactor_opens_when_its_relay_is_energised() -> None:
    assert energised(feeder("a", 1), closed=False)
    assert not energised(feeder("a", 1), closed=True)
    assert energised(feeder("a", 1, closed_when_energised=True), closed=True)


async def test_emergencies_come_first_then_openings_then_closings() -> None:
    board = Board()
    actuators = Actuators(
        FakeSite(feeder("a", 1), feeder("b", 2), feeder("c", 3)), {"relays": board}, {}, None
    )
    async with working(actuators):
        actuators.apply(
            decision(
                a=FeederDecision(True, WHY),
                b=FeederDecision(False, WHY),
                c=FeederDecision(False, WHY, emergency=True),
            )
        )
        await settle()
    assert board.moves == [(3, True), (2, True), (1, False)]


async def test_a_feeder_whose_state_is_not_known_is_left_alone() -> None:
    board = Board()
    actuators = Actuators(FakeSite(feeder("a", 1)), {"relays": board}, {}, None)
    async with working(actuators):
        actuators.apply(decision(a=FeederDecision(None, WHY)))
        await settle()
    assert board.moves == []


async def test_a_dead_board_does_not_hold_up_another_and_does_the_newest_intent_when_it_is_back() -> None:
    dead, alive = Board(), Board()
    dead.alive.clear()
    site = FakeSite(feeder("a", 1, "dead"), feeder("b", 1, "alive"))
    actuators = Actuators(site, {"dead": dead, "alive": alive}, {}, None)
    async with working(actuators):
        actuators.apply(decision(a=FeederDecision(False, WHY), b=FeederDecision(False, WHY)))
        await settle()
        assert alive.moves == [(1, True)]
        actuators.apply(decision(a=FeederDecision(True, WHY), b=FeederDecision(False, WHY)))
        dead.alive.set()
        await settle()
    assert dead.moves[-1] == (1, False)


async def test_a_clean_stop_releases_what_is_held_even_when_one_device_is_dead(monkeypatch) -> None:
    monkeypatch.setattr("controller.runtime.actuators.RELEASE_TIMEOUT_S", 0.05)
    dead, alive, genset = Board(), Board(), Genset()
    dead.alive.clear()
    actuators = Actuators(FakeSite(), {"dead": dead, "alive": alive}, {}, genset)
    await actuators.release()
    assert (dead.released, alive.released, genset.asked) == (False, True, [False])
