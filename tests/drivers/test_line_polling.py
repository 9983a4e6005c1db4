"""The worker of a line: who is asked when, and what a faulty neighbour costs the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from faulty_slave import RtuLine, soon, where
from line_kit import FAST, METER, SPEED, TUNING, URGENT, asked, meter, point, profile, running

from controller.clock import ScaledClock
from controller.core.model import Health, Role
from controller.settings import RtuBus, TcpBus
from drivers.bus import Bus
from drivers.controls import Unreachable, Written
from drivers.device import Device
from drivers.line import Line
from drivers.model import DataType, Profile, ReadPoint, Table


@pytest.fixture
def clock():
    return ScaledClock.starting(datetime(2026, 11, 21, tzinfo=UTC), SPEED)


@pytest.fixture
async def bus(slave):
    settings = TcpBus(type="tcp", host="127.0.0.1", port=slave.port)
    bus = Bus("bus", settings, speed=SPEED, tuning=TUNING)
    yield bus
    bus.close()


async def test_the_first_poll_reads_everything_and_fast_points_follow_every_second(bus, slave, clock):
    device = meter(bus, clock)
    async with running(Line(bus, [device], clock)):
        await soon(lambda: asked(slave, 0) >= 4)
    assert asked(slave, 100) >= 1
    readings = device.readings(clock.monotonic())
    assert readings["power_w"].value == where(1, 3, 0)
    assert readings["energy_import_wh"].value == where(1, 3, 100)


async def test_a_change_of_an_urgent_point_is_announced(bus, slave, clock):
    changes: list[tuple[str, str]] = []
    device = meter(bus, clock, of=profile(point("overload_alarm", 0, URGENT), point("power_w", 50)))
    async with running(Line(bus, [device], clock, lambda *change: changes.append(change))):
        await soon(lambda: asked(slave, 0) >= 2)
        assert changes == [("meter_1", "overload_alarm")]
        slave.written[1, "register", 0] = 2
        slave.written[1, "register", 50] = 2
        await soon(lambda: len(changes) == 2)
    assert changes[1] == ("meter_1", "overload_alarm")


async def test_a_write_goes_before_the_reads_that_are_due(bus, slave, clock):
    devices = [meter(bus, clock, unit) for unit in range(1, 9)]
    line = Line(bus, devices, clock)
    async with running(line):
        await asyncio.sleep(0)
        assert await devices[7].write("channel_1", 1.0) == Written(1.0, None)
        writes = [index for index, request in enumerate(slave.requests) if request[1] == 5]
        assert writes[0] <= 1, "at most the request that was out came before it"


async def test_a_caller_who_gives_up_does_not_cut_a_write_short(bus, slave, clock):
    device = meter(bus, clock)
    slave.misbehave = lambda unit, request, frame: ((0.01, frame),)
    async with running(Line(bus, [device], clock)):
        caller = asyncio.create_task(device.write("channel_1", 1.0))
        await soon(lambda: any(request[1] == 5 for request in slave.requests))
        caller.cancel()
        await soon(lambda: asked(slave, 0) >= 3)
    assert bus.failed == 0
    assert slave.written[1, "coil", 3] == 1


async def test_stopping_sees_the_request_through_that_is_out(bus, slave, clock):
    slave.misbehave = lambda unit, request, frame: ((0.01, frame),)
    device = meter(bus, clock)
    async with running(Line(bus, [device], clock)):
        await soon(lambda: slave.requests)
    assert (bus.ok, bus.failed, bus.connected) == (1, 0, False)
    slave.misbehave = None
    assert await device.write("channel_1", 1.0) == Written(1.0, None), (
        "a stopped line still lets go of devices"
    )


async def test_a_silent_unit_of_a_device_does_not_hide_its_others(bus, slave, clock):
    vebus = ReadPoint("inverter_state", Table.HOLDING, 31, DataType.UINT16, FAST, unit_name="vebus")
    gx = Device(
        "gx",
        Role.BATTERY_INVERTER,
        bus,
        100,
        clock,
        profile=profile(point("power_w", 0), vebus),
        units={"vebus": 227},
    )
    slave.exception_for[227] = 11
    async with running(Line(bus, [gx], clock)):
        await soon(lambda: asked(slave, 0) >= 8)
    assert gx.readings(clock.monotonic())["power_w"].health is Health.GOOD
    assert gx.last_error == "unit 227 refuses: gateway target does not answer (11)"
    assert asked(slave, 31) < 8


async def test_a_line_that_was_down_comes_back_by_itself(slave, clock, caplog):
    bus = Bus("bus", TcpBus(type="tcp", host="127.0.0.1", port=slave.port), speed=SPEED, tuning=TUNING)
    await slave.stop()
    device = meter(bus, clock)
    with caplog.at_level(logging.INFO, "drivers"):
        async with running(Line(bus, [device], clock)):
            await soon(lambda: bus.last_error)
            assert isinstance(await device.write("channel_1", 1.0), Unreachable)
            await slave.start()
            await soon(lambda: device.health(clock.monotonic()) is Health.GOOD)
            await soon(lambda: device.last_error is None)
    assert "connected again" in caplog.text


async def test_a_device_is_asked_what_it_is_until_it_says_so(bus, slave, clock):
    async def walk(reader: Bus) -> Profile:
        await reader.read(1, Table.HOLDING, 40000, 2)
        return METER

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    slave.exception_for[1] = 6
    async with running(Line(bus, [device], clock)):
        await soon(lambda: len(slave.requests) >= 2)
        assert device.profile is None
        slave.exception_for.clear()
        await soon(lambda: device.health(clock.monotonic()) is Health.GOOD)
        assert device.readings(clock.monotonic())["power_w"].value == where(1, 3, 0)


async def test_after_a_long_absence_a_device_is_asked_again_what_it_is(bus, slave, clock):
    asks = 0

    async def walk(reader: Bus) -> Profile:
        nonlocal asks
        await reader.read(1, Table.HOLDING, 40000, 2)
        asks += 1
        return METER

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    async with running(Line(bus, [device], clock)):
        await soon(lambda: device.health(clock.monotonic()) is Health.GOOD)
        slave.silent.add(1)
        await soon(lambda: device.profile is None)
        slave.silent.clear()
        await soon(lambda: device.profile is METER)
    assert asks == 2


async def test_a_write_to_a_device_that_stays_silent_does_not_hold_up_the_line(bus, slave, clock):
    device = meter(bus, clock)
    slave.silent.add(1)
    async with running(Line(bus, [device], clock)):
        await soon(lambda: bus.failed >= 2)
        before = bus.failed
        outcomes = [await device.write("channel_1", 1.0) for _ in range(20)]
        assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
        assert bus.failed - before <= 2


async def dead_slave_story(
    clock: ScaledClock, story: Callable[[RtuLine, list[Device]], Awaitable[None]]
) -> None:
    wire = RtuLine()
    byte_s = 11 / 19200 / SPEED
    wire.misbehave = lambda unit, request, frame: (((len(request) + len(frame)) * byte_s, frame),)
    settings = RtuBus(type="rtu", port=wire.path, baud=19200, parity="none", stop_bits=1)
    bus = Bus("meters", settings, speed=SPEED, tuning=TUNING)
    meters = [meter(bus, clock, unit) for unit in range(1, 10)]
    try:
        async with running(Line(bus, meters, clock)):
            await story(wire, meters)
    finally:
        wire.close()


async def test_one_dead_slave_of_nine_costs_the_others_little_and_is_found_again(clock):
    async def story(wire: RtuLine, meters: list[Device]) -> None:
        dead, others = meters[4], meters[:4] + meters[5:]
        await soon(lambda: all(m.health(clock.monotonic()) is Health.GOOD for m in meters))
        wire.silent.add(dead.unit)
        await soon(lambda: dead.health(clock.monotonic()) is Health.LOST)
        worst_s = max(m.readings(clock.monotonic())["power_w"].age_s for m in others)
        assert worst_s < 3.0
        assert len([r for r in wire.requests if r[0] == dead.unit]) < 20
        wire.silent.clear()
        await soon(lambda: dead.health(clock.monotonic()) is Health.GOOD)

    await dead_slave_story(clock, story)
