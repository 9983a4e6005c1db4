"""The worker of a line and what a device refuses: found out, packed around, remembered."""

from datetime import UTC, datetime

import pytest
from faulty_slave import soon
from line_kit import SPEED, TUNING, asked, meter, point, profile, running

from controller.clock import ScaledClock
from controller.core.model import Health, Role
from controller.settings import TcpBus
from drivers.bus import Bus
from drivers.device import Device
from drivers.line import Line
from drivers.model import Profile, Table


@pytest.fixture
def clock():
    return ScaledClock.starting(datetime(2026, 11, 21, tzinfo=UTC), SPEED)


@pytest.fixture
async def bus(slave):
    settings = TcpBus(type="tcp", host="127.0.0.1", port=slave.port)
    bus = Bus("bus", settings, speed=SPEED, tuning=TUNING)
    yield bus
    bus.close()


async def test_a_refused_point_is_found_by_halving_and_costs_the_others_nothing(bus, slave, clock, caplog):
    slave.holes.add(3)
    names = ("power_w", "voltage_v", "current_a", "frequency_hz", "power_factor", "temperature_c")
    wanted = [point(name, address) for name, address in zip(names, (0, 1, 3, 5, 6, 7), strict=True)]
    device = meter(bus, clock, of=profile(*wanted))
    async with running(Line(bus, [device], clock)):
        await soon(lambda: slave.requests.count((1, 3, 0, 2)) >= 8)
        readings = device.readings(clock.monotonic())
    assert {name for name in names if readings[name].health is not Health.GOOD} == {"current_a"}
    assert [poll.block.range for poll in device.polls()] == [(0, 2), (3, 4), (5, 8)], "packed anew around it"
    halves = [(0, 8), (0, 4), (5, 3), (0, 1), (1, 3), (1, 1), (3, 1)]
    # What is good already may come due again in between, when the machine stalls.
    assert list(dict.fromkeys(request[2:] for request in slave.requests))[:7] == halves
    assert caplog.text.count("does not give current_a") == 1
    assert asked(slave, 3) < 8, "it is tried again ever more rarely"


async def test_registers_that_a_device_does_not_have_are_read_around_ever_after(bus, slave, clock):
    slave.holes.add(2)  # nobody needs it

    async def walk(reader: Bus) -> Profile:
        await reader.read(1, Table.HOLDING, 40000, 2)
        return profile(*(point(f"voltage_l{n}_v", a) for n, a in enumerate((0, 1, 3, 4, 5), start=1)))

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    async with running(Line(bus, [device], clock)):
        await soon(lambda: slave.requests.count((1, 3, 0, 2)) >= 3)
        assert asked(slave, 2) <= 2
        slave.silent.add(1)
        await soon(lambda: device.profile is None)
        slave.requests.clear()
        slave.silent.clear()
        await soon(lambda: slave.requests.count((1, 3, 3, 3)) >= 2)
    assert asked(slave, 2) == 0


async def test_what_was_given_before_and_is_refused_once_is_not_doubted(bus, slave, clock):
    device = meter(bus, clock, of=profile(point("power_w", 0), point("voltage_v", 2)))
    async with running(Line(bus, [device], clock)):
        await soon(lambda: len(slave.requests) >= 2)
        slave.exception_for[1] = 2
        await soon(lambda: device.last_error)
        slave.exception_for.clear()
        before = len(slave.requests)
        await soon(lambda: len(slave.requests) >= before + 3)
    assert {count for _, _, _, count in slave.requests} == {3}


@pytest.mark.parametrize("code", [5, 6])
async def test_a_busy_device_is_asked_again_soon_and_as_before(bus, slave, clock, code):
    device = meter(bus, clock, of=profile(point("power_w", 0), point("voltage_v", 2)))
    slave.exception_for[1] = code
    async with running(Line(bus, [device], clock)):
        await soon(lambda: len(slave.requests) >= 4)
        assert device.last_error is not None
        slave.exception_for.clear()
        await soon(lambda: device.health(clock.monotonic()) is Health.GOOD)
    assert {count for _, _, _, count in slave.requests} == {3}, "it was not taken for a refusal"
    assert device.last_error is None


async def test_a_device_that_refuses_everything_while_it_starts_is_read_soon_after(bus, slave, clock):
    device = meter(bus, clock, of=profile(point("power_w", 0), point("voltage_v", 2), point("current_a", 4)))
    slave.exception_for[1] = 2
    async with running(Line(bus, [device], clock)):
        await soon(lambda: len(slave.requests) >= 8)
        slave.exception_for.clear()
        await soon(lambda: all(r.value is not None for r in device.readings(clock.monotonic()).values()))
        await soon(lambda: slave.requests[-1][2:] == (0, 5))
