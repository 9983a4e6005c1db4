"""Roles turn the runtime's intent into points, over devices that behave like devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from controller.core.model import Health, Reading, Role
from drivers.controls import Refused, Unchanged, Unreachable, WriteOutcome, Written
from drivers.roles import DeviceGenset, DevicePvInverter, DeviceSwitch, commanded


class Now:
    """A clock that a test moves."""

    speed = 1.0

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Plant:
    """A device whose control points show in its readings; a limit reverts after 60 s."""

    clock: Now
    id: str = "it"
    role: Role = Role.PV_INVERTER
    shown: dict[str, float] = field(default_factory=dict)
    written: list[tuple[str, float]] = field(default_factory=list)
    health: Health = Health.GOOD
    reachable: bool = True
    released: bool = False
    _limited_s: float = 0.0

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        if "limit_enabled" in self.shown and now_s - self._limited_s >= 60.0:
            self.shown["limit_enabled"] = 0.0
        return {name: Reading(value, 0.5, self.health) for name, value in self.shown.items()}

    async def write(self, name: str, value: float) -> WriteOutcome:
        if not self.reachable:
            return Unreachable("no answer")
        self.written.append((name, value))
        self.shown[name] = value
        if name == "limit_frac":
            self.shown["limit_enabled"], self._limited_s = 1.0, self.clock.monotonic()
        return Written(value, value)

    async def release(self) -> Mapping[str, WriteOutcome]:
        self.released = True
        return {}


@pytest.fixture
def clock() -> Now:
    return Now()


@pytest.mark.parametrize(("energised", "value"), [(True, 1.0), (False, 0.0)])
async def test_a_switch_moves_the_channel_that_is_printed_on_the_board(
    clock: Now, energised: bool, value: float
) -> None:
    board = Plant(clock)
    await DeviceSwitch(board, clock).set_channel(5, energised)
    assert board.written == [("channel_5", value)]


async def test_a_limit_goes_to_the_device_at_every_call_so_that_it_is_refreshed(clock: Now) -> None:
    plant = Plant(clock, shown={"limit_frac": 1.0, "limit_enabled": 0.0})
    inverter = DevicePvInverter(plant, clock)
    await inverter.limit(0.4)
    await inverter.limit(0.4)
    assert plant.written == [("limit_frac", 0.4), ("limit_frac", 0.4)]  # the device knows whether it is due


async def test_a_free_inverter_is_left_alone(clock: Now) -> None:
    plant = Plant(clock, shown={"limit_frac": 0.4, "limit_enabled": 0.0})  # an old limit that has reverted
    assert await DevicePvInverter(plant, clock).limit(1.0) == Unchanged(1.0)
    assert plant.written == []


async def test_freeing_is_written_once_and_then_left_to_revert(clock: Now) -> None:
    plant = Plant(clock, shown={"limit_frac": 1.0, "limit_enabled": 0.0})
    inverter = DevicePvInverter(plant, clock)
    await inverter.limit(0.4)
    for _ in range(100):
        clock.now_s += 1.0
        await inverter.limit(1.0)
    assert plant.written == [("limit_frac", 0.4), ("limit_frac", 1.0)]
    assert plant.shown["limit_enabled"] == 0.0


async def test_a_limit_left_by_an_earlier_run_is_lifted(clock: Now) -> None:
    plant = Plant(clock, shown={"limit_frac": 0.4, "limit_enabled": 1.0}, _limited_s=99.0)
    await DevicePvInverter(plant, clock).limit(1.0)
    assert plant.written == [("limit_frac", 1.0)]


async def test_freeing_is_tried_until_the_device_has_taken_it(clock: Now) -> None:
    plant = Plant(clock, shown={"limit_frac": 1.0, "limit_enabled": 0.0})
    inverter = DevicePvInverter(plant, clock)
    await inverter.limit(0.4)
    plant.reachable = False
    clock.now_s += 61.0  # reverted by itself, but that is not known for sure
    assert isinstance(await inverter.limit(1.0), Unreachable)
    plant.reachable = True
    assert isinstance(await inverter.limit(1.0), Written)


async def test_an_inverter_that_shows_nothing_is_told(clock: Now) -> None:
    plant = Plant(clock)
    await DevicePvInverter(plant, clock).limit(1.0)
    assert plant.written == [("limit_frac", 1.0)]


@pytest.mark.parametrize("mode", [1.0, 4.0])
async def test_a_genset_in_auto_is_asked_to_run_and_to_stop(clock: Now, mode: float) -> None:
    plant = Plant(clock, shown={"control_mode": mode})
    genset = DeviceGenset(plant, clock)
    await genset.request_run(True)
    await genset.request_run(False)
    assert plant.written == [("run", 1.0), ("run", 0.0)]


@pytest.mark.parametrize("mode", [0.0, 2.0, 3.0, 7.0])
async def test_whoever_took_the_genset_out_of_auto_is_not_overruled(clock: Now, mode: float) -> None:
    plant = Plant(clock, shown={"control_mode": mode})
    outcome = await DeviceGenset(plant, clock).request_run(True)
    assert outcome == Refused("the genset is not in auto: select auto at its panel")
    assert plant.written == []


@pytest.mark.parametrize("shown", [{}, {"control_mode": 1.0}])
async def test_a_genset_whose_mode_is_not_known_now_is_not_started(
    clock: Now, shown: dict[str, float]
) -> None:
    plant = Plant(clock, shown=shown, health=Health.STALE)
    assert isinstance(await DeviceGenset(plant, clock).request_run(True), Refused)


async def test_a_request_is_withdrawn_in_any_mode(clock: Now) -> None:
    plant = Plant(clock, shown={"control_mode": 2.0})
    await DeviceGenset(plant, clock).request_run(False)
    assert plant.written == [("run", 0.0)]


async def test_each_role_releases_its_device_on_a_clean_stop(clock: Now) -> None:
    for role in (DeviceSwitch, DevicePvInverter, DeviceGenset):
        plant = Plant(clock)
        await role(plant, clock).release()
        assert plant.released


def test_devices_are_commanded_by_their_role(clock: Now) -> None:
    roles = (Role.SWITCH, Role.PV_INVERTER, Role.GENSET, Role.METER)
    found = commanded([Plant(clock, id=role.value, role=role) for role in roles], clock)
    assert list(found.switches) == ["switch"]
    assert list(found.pv) == ["pv_inverter"]
    assert list(found.gensets) == ["genset"]
