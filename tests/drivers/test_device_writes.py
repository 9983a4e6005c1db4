"""Writing: only what changed, read back, counted, refreshed before it expires."""

import logging
from dataclasses import replace

import pytest
from faulty_slave import TcpSlave
from write_kit import COIL, COIL_SHOWN, LIMIT, LIMIT_EXPONENT, LIMIT_SHOWN, SETTING, make

from controller.core.model import Role
from drivers.bus import Bus
from drivers.controls import Refused, Unchanged, Unreachable, Written
from drivers.device import Device
from drivers.model import (
    DataType,
    Profile,
    Table,
    WriteFunction,
    WritePoint,
)
from drivers.profile import load_profile


@pytest.fixture
async def slave(slave):
    where, exponent = LIMIT_EXPONENT
    slave.written[where] = exponent
    return slave


def sent(slave: TcpSlave) -> list[tuple[int, int]]:
    """(function, address) of the writes that reached the device."""
    return [(function, address) for _, function, address, _ in slave.requests if function in (5, 16)]


async def test_a_write_is_read_back_and_seen_at_once(bus, slave, clock):
    relays = make(bus, clock, COIL, COIL_SHOWN)
    assert await relays.write("channel_1", 1.0) == Written(1.0, 1.0)
    assert relays.readings(clock.now_s)["channel_1"].value == 1.0
    assert relays.writes == 1


async def test_what_the_device_has_already_is_not_written(bus, slave, clock):
    relays = make(bus, clock, COIL, COIL_SHOWN)
    await relays.write("channel_1", 1.0)
    assert await relays.write("channel_1", 1.0) == Unchanged(1.0)
    assert await relays.write("channel_1", 0.0) == Written(0.0, 0.0)
    assert relays.writes == 2


async def test_what_somebody_else_changed_is_written_again(bus, slave, clock):
    relays = make(bus, clock, COIL, COIL_SHOWN)
    await relays.write("channel_1", 1.0)
    slave.written[1, "coil", 3] = 0
    (poll,) = relays.polls()
    await relays.read(poll.block)
    assert await relays.write("channel_1", 1.0) == Written(1.0, 1.0)


async def test_a_contactor_relay_that_is_stuck_is_refused_with_what_it_shows(bus, slave, clock):
    slave.frozen.add(3)
    relays = make(bus, clock, COIL, COIL_SHOWN)
    assert await relays.write("channel_1", 1.0) == Refused("channel_1: written 1, but the device shows 0")
    slave.frozen.clear()
    assert await relays.write("channel_1", 1.0) == Written(1.0, 1.0)


async def test_a_relay_is_read_back_with_its_neighbours_as_some_boards_refuse_one_alone(bus, slave, clock):
    relays = Device("dev", Role.SWITCH, bus, 1, clock, profile=load_profile("waveshare-relay-16"))
    assert await relays.write("channel_5", 1.0) == Written(1.0, 1.0)
    assert [request for request in slave.requests if request[1] == 1] == [(1, 1, 0, 16)]


async def test_a_limit_is_armed_in_order_and_scaled_by_the_devices_exponent(bus, slave, clock):
    inverter = make(bus, clock, LIMIT, LIMIT_SHOWN)
    outcome = await inverter.write("limit_frac", 0.305)
    assert isinstance(outcome, Written)
    assert outcome.read_back == pytest.approx(0.305)
    assert sent(slave) == [(16, 22), (16, 20), (16, 23)]
    assert slave.written[1, "register", 20] == 3050


async def test_an_expiring_limit_is_refreshed_within_half_its_life(bus, slave, clock):
    inverter = make(bus, clock, LIMIT, LIMIT_SHOWN)
    await inverter.write("limit_frac", 0.5)
    clock.now_s += 29.0
    assert await inverter.write("limit_frac", 0.5) == Unchanged(0.5)
    clock.now_s += 1.0
    assert isinstance(await inverter.write("limit_frac", 0.5), Written)
    assert inverter.writes == 2


async def test_an_expiring_limit_is_armed_even_if_the_device_shows_it_already(bus, slave, clock):
    slave.written[1, "register", 20] = 10000
    inverter = make(bus, clock, LIMIT, LIMIT_SHOWN)
    (poll,) = inverter.polls()
    await inverter.read(poll.block)
    assert isinstance(await inverter.write("limit_frac", 1.0), Written)


async def test_a_literal_value_goes_out_with_its_complement(bus, slave, clock):
    key = WritePoint("control_mode", Table.HOLDING, 4104, DataType.UINT16, (0, 4), words={1: (35701, 29834)})
    genset = make(bus, clock, key)
    assert await genset.write("control_mode", 1.0) == Written(1.0, None)
    assert slave.requests[-1] == (1, 16, 4104, 2)
    assert slave.written[1, "register", 4105] == 29834


async def test_a_write_only_point_is_written_on_change_only(bus, slave, clock):
    device = make(bus, clock, SETTING)
    assert await device.write("limit_frac", 50) == Written(50, None)
    assert await device.write("limit_frac", 50) == Unchanged(50)


async def test_a_value_out_of_range_never_reaches_the_wire(bus, slave, clock):
    device = make(bus, clock, SETTING)
    outcome = await device.write("limit_frac", 2000)
    assert outcome == Refused("limit_frac: 2000 is outside 0 to 1000")
    assert slave.requests == []
    assert device.writes == 0


async def test_an_unknown_control_point_is_refused(bus, clock):
    assert await make(bus, clock, SETTING).write("speed", 1) == Refused("example has no control point speed")


async def test_a_device_that_refuses_is_told_from_one_that_is_silent(bus, slave, clock):
    device = make(bus, clock, SETTING)
    slave.exception_for[1] = 4
    assert await device.write("limit_frac", 1) == Refused("unit 1 refuses: device failure (4)")
    slave.exception_for.clear()
    slave.silent.add(1)
    outcome = await device.write("limit_frac", 2)
    assert isinstance(outcome, Unreachable)
    slave.silent.clear()
    assert await device.write("limit_frac", 2) == Written(2, None)


async def test_a_value_that_did_not_hold_is_not_written_to_flash_at_every_tick(bus, slave, clock):
    slave.exception_for[1] = 4
    device = make(bus, clock, SETTING)
    first = await device.write("limit_frac", 1)
    assert await device.write("limit_frac", 1) == first
    assert len(sent(slave)) == 1
    slave.exception_for.clear()
    clock.now_s += 10.0
    assert await device.write("limit_frac", 1) == Written(1, None)


async def test_too_many_writes_to_flash_in_a_day_are_reported_once(bus, slave, clock, caplog):
    device = make(bus, clock, SETTING)
    with caplog.at_level(logging.WARNING):
        for value in range(105):
            await device.write("limit_frac", value)
    assert [record.getMessage() for record in caplog.records] == [
        "device dev: more than 100 writes to its flash within a day wear it out"
    ]


async def test_release_gives_back_only_what_was_taken(bus, slave, clock):
    device = make(bus, clock, SETTING)
    assert await device.release() == {}
    await device.write("limit_frac", 30)
    assert await device.release() == {"limit_frac": Written(100.0, None)}
    assert slave.written[1, "register", 50] == 100


async def test_a_device_not_yet_known_cannot_be_written(bus, clock):
    async def walk(_bus: Bus) -> Profile:
        pytest.fail("nobody asks it before the line does")

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    assert await device.write("limit_frac", 1.0) == Unreachable("pv has not been reached yet")
    assert await device.release() == {}


# ------------------------------------------------ functions


SINGLE = replace(
    SETTING, function=WriteFunction.SINGLE, before=((48, 1),), after=((51, 2),), eeprom=False, name="setpoint"
)


async def test_a_device_that_knows_function_6_only_is_written_so_throughout(bus, slave, clock):
    assert await make(bus, clock, SINGLE).write("setpoint", 50) == Written(50, None)
    assert slave.requests == [(1, 6, 48, 1), (1, 6, 50, 50), (1, 6, 51, 2)]


async def test_two_words_that_belong_together_go_out_in_one_request(bus, slave, clock):
    wide = replace(SETTING, type=DataType.INT32, range=(-100_000, 100_000), eeprom=False)
    await make(bus, clock, wide).write("limit_frac", -70_000)
    assert slave.requests == [(1, 16, 50, 2)]
    assert (slave.written[1, "register", 50], slave.written[1, "register", 51]) == (0xFFFE, 0xEE90)


async def test_several_words_never_go_out_one_after_the_other(bus):
    with pytest.raises(ValueError, match="2 words cannot be written"):
        await bus.write(1, Table.HOLDING, 50, [1, 2], WriteFunction.SINGLE)


async def test_a_single_register_whose_echo_differs_was_not_written(bus, slave, clock):
    slave.misbehave = lambda unit, request, frame: ((0.0, frame[:-1] + b"\x63"),)
    assert isinstance(await make(bus, clock, SINGLE).write("setpoint", 50), Unreachable)
