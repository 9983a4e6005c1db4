"""Writing to devices that are busy, that wear, or that refuse to show all."""

from dataclasses import replace

import pytest
from faulty_slave import TcpSlave
from write_kit import COIL, COIL_SHOWN, LIMIT, LIMIT_EXPONENT, LIMIT_SHOWN, SETTING, make

from controller.core.model import Role
from drivers.controls import Refused, Unchanged, Written
from drivers.device import Device
from drivers.model import Pace, Profile, ReadPoint


@pytest.fixture
async def slave(slave):
    where, exponent = LIMIT_EXPONENT
    slave.written[where] = exponent
    return slave


# ------------------------------------------------ devices that are busy


def refuse_writes(slave: TcpSlave, *codes: int) -> None:
    """The next writes are refused with these exceptions."""
    left = list(codes)

    def misbehave(unit, request, frame):
        if request[7] in (5, 6, 16) and left:
            return ((0.0, frame[:4] + b"\0\3" + frame[6:7] + bytes((request[7] | 0x80, left.pop(0)))),)
        return ((0.0, frame),)

    slave.misbehave = misbehave


async def test_a_busy_device_gets_a_little_time(bus, slave, clock):
    refuse_writes(slave, 6, 6)
    assert await make(bus, clock, COIL, COIL_SHOWN).write("channel_1", 1.0) == Written(1.0, 1.0)


async def test_a_device_that_stays_busy_is_refused_as_such(bus, slave, clock):
    refuse_writes(slave, 6, 6, 6)
    outcome = await make(bus, clock, COIL, COIL_SHOWN).write("channel_1", 1.0)
    assert outcome == Refused("unit 1 refuses: busy (6)")


async def test_what_a_device_accepts_to_do_later_is_believed_when_it_shows(bus, slave, clock):
    refuse_writes(slave, 5)
    assert await make(bus, clock, COIL, COIL_SHOWN).write("channel_1", 1.0) == Written(1.0, 1.0)
    slave.frozen.add(3)
    refuse_writes(slave, 5)
    outcome = await make(bus, clock, COIL, COIL_SHOWN).write("channel_1", 0.0)
    assert outcome == Refused("channel_1: written 0, but the device shows 1")


async def test_a_read_back_that_meets_a_busy_device_is_tried_again(bus, slave, clock):
    reads = 0

    def busy_once(unit, request, frame):
        nonlocal reads
        reads += request[7] == 1
        if request[7] == 1 and reads == 1:
            return ((0.0, frame[:4] + b"\0\3" + frame[6:7] + bytes((0x81, 6))),)
        return ((0.0, frame),)

    slave.misbehave = busy_once
    assert await make(bus, clock, COIL, COIL_SHOWN).write("channel_1", 1.0) == Written(1.0, 1.0)


# ------------------------------------------------ flash


async def test_a_point_with_a_budget_of_its_own_is_worn_when_it_is_spent(bus, slave, clock, caplog):
    device = make(bus, clock, replace(SETTING, daily_writes=2))
    for value in (1, 2):
        await device.write("limit_frac", value)
    assert device.worn == ()
    await device.write("limit_frac", 3)
    assert device.worn == ("limit_frac",)
    assert "more than 2 writes of limit_frac to its flash" in caplog.text
    clock.now_s += 86_400
    assert device.worn == ()


async def test_flash_written_twice_as_often_as_it_is_made_for_takes_only_a_release(bus, slave, clock):
    device = make(bus, clock, replace(SETTING, daily_writes=2))
    for value in (1, 2, 3, 4):
        assert isinstance(await device.write("limit_frac", value), Written)
    outcome = await device.write("limit_frac", 5)
    assert isinstance(outcome, Refused)
    assert "flash would wear out" in outcome.reason
    assert await device.write("limit_frac", 4) == Unchanged(4), "what it has already needs no writing"
    assert await device.release() == {"limit_frac": Written(100.0, None)}
    clock.now_s += 86_400
    assert isinstance(await device.write("limit_frac", 5), Written)


async def test_points_without_a_budget_share_that_of_the_device(bus, slave, clock):
    other = replace(SETTING, name="reserve_soc_frac", address=60)
    reads: dict[str, ReadPoint] = {}
    writes = {point.name: point for point in (SETTING, other)}
    profile = Profile("example", Role.SWITCH, "none", "unconfirmed", Pace(timeout_s=0.05), reads, writes)
    device = Device("dev", Role.SWITCH, bus, 1, clock, profile=profile)
    for value in range(50):
        await device.write("limit_frac", value)
        await device.write("reserve_soc_frac", value)
    assert device.worn == ()
    await device.write("limit_frac", 99)
    assert device.worn == ("limit_frac", "reserve_soc_frac")


async def test_what_is_not_stored_may_be_written_as_often_as_one_likes(bus, slave, clock):
    device = make(bus, clock, replace(SETTING, eeprom=False, daily_writes=1))
    for value in range(10):
        assert isinstance(await device.write("limit_frac", value), Written)
    assert device.worn == ()


# ------------------------------------------------ holes


async def test_a_read_back_learns_what_the_device_refuses(bus, slave, clock):
    slave.holes.add(22)  # between the value and its exponent
    device = make(bus, clock, replace(LIMIT, before=(), after=(), expires_s=None), LIMIT_SHOWN)
    assert isinstance(await device.write("limit_frac", 0.3), Written)
    together = (1, 3, 20, 5)
    assert slave.requests.count(together) == 1
    assert isinstance(await device.write("limit_frac", 0.4), Written)
    assert slave.requests.count(together) == 1, "the refusal is remembered"
    assert [poll.block.range for poll in device.polls()] == [(24, 25), (20, 21)]
