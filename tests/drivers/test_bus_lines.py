"""Lines with habits: gateways, servers of one client, adapters that are pulled and plugged in again."""

import asyncio
import os
import tty
from datetime import UTC, datetime

import pytest
from faulty_slave import RtuLine, TcpSlave, soon, where

from controller.clock import ScaledClock
from controller.core.model import Health, Role
from controller.settings import RtuBus, RtuOverTcpBus, TcpBus
from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DeviceUnreachableError
from drivers.line import Line
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table
from drivers.wire import Tuning

SHORT = Tuning(timeout_floor_s=0.02, quiet_s=0.002, settle_s=60.0, connect_first_s=0.01, connect_cap_s=0.02)
ONE_CLIENT = Pace(timeout_s=0.03, one_client=True)


@pytest.fixture
async def gateway():
    gateway = TcpSlave(rtu=True)
    await gateway.start()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def over(gateway):
    settings = RtuOverTcpBus(type="rtu_over_tcp", host="127.0.0.1", port=gateway.port)
    bus = Bus("gate", settings, tuning=SHORT)
    bus.set_pace(1, Pace(timeout_s=0.05))
    yield bus
    bus.close()


async def test_a_gateway_may_deliver_an_answer_byte_by_byte(over, gateway):
    gateway.misbehave = lambda unit, request, frame: [
        (0.001 * i, frame[i : i + 1]) for i in range(len(frame))
    ]
    assert await over.read(1, Table.HOLDING, 5, 2) == [where(1, 3, 5), where(1, 3, 6)]


async def test_a_gateway_may_glue_an_old_answer_before_the_new_one(over, gateway):
    old: list[bytes] = []

    def glue(unit, request, frame):
        before = old[-1] if old else b""
        old.append(frame)
        return ((0.0, before + frame),)

    gateway.misbehave = glue
    for address, count in ((5, 125), (100, 124), (9, 3), (50, 2)):
        words = await over.read(1, Table.HOLDING, address, count)
        assert words == [where(1, 3, a) for a in range(address, address + count)]


async def test_of_two_glued_answers_of_one_shape_the_right_one_is_not_guessed(over, gateway):
    gateway.misbehave = lambda unit, request, frame: ((0.2, frame),)
    with pytest.raises(DeviceUnreachableError):
        await over.read(1, Table.HOLDING, 5, 2)
    gateway.misbehave = None
    assert await over.read(1, Table.HOLDING, 70, 2) == [where(1, 3, 70), where(1, 3, 71)]
    assert gateway.connections == 2, "with the connection the old answer is gone"


class OneClientGateway(TcpSlave):
    """Cuts off whoever comes while somebody is there."""

    async def _serve(self, reader, writer) -> None:
        if self._writers:
            writer.transport.abort()
            return
        await super()._serve(reader, writer)


async def test_a_gateway_that_serves_one_client_is_left_before_it_is_asked_again():
    gateway = OneClientGateway(rtu=True)
    await gateway.start()
    settings = RtuOverTcpBus(type="rtu_over_tcp", host="127.0.0.1", port=gateway.port)
    bus = Bus("gate", settings, speed=20.0, tuning=SHORT)
    bus.set_pace(1, ONE_CLIENT)
    for address in range(3):
        gateway.silent.add(1)
        with pytest.raises(DeviceUnreachableError, match="no answer"):
            await bus.read(1, Table.HOLDING, address, 2 + address)
        gateway.silent.clear()
        assert await bus.read(1, Table.HOLDING, address, 9) == [where(1, 3, address + i) for i in range(9)]
    bus.close()
    await gateway.stop()


async def test_a_tcp_server_of_one_client_is_not_left_for_a_missing_answer(slave):
    bus = Bus("tcp", TcpBus(type="tcp", host="127.0.0.1", port=slave.port), speed=20.0, tuning=SHORT)
    bus.set_pace(1, ONE_CLIENT)
    slave.silent.add(1)
    for _ in range(2):
        with pytest.raises(DeviceUnreachableError):
            await bus.read(1, Table.HOLDING, 100, 2)
    slave.silent.clear()
    assert await bus.read(1, Table.HOLDING, 200, 2) == [where(1, 3, 200), where(1, 3, 201)]
    assert slave.connections == 1
    slave.silent.add(1)
    for _ in range(3):
        with pytest.raises(DeviceUnreachableError):
            await bus.read(1, Table.HOLDING, 0, 2)
    assert not bus.connected, "what stays silent is connected to anew: the connection may be a ghost"
    bus.close()


async def test_after_connecting_a_device_is_left_alone_for_as_long_as_the_slowest_wants(slave):
    bus = Bus("tcp", TcpBus(type="tcp", host="127.0.0.1", port=slave.port), tuning=SHORT)
    bus.set_pace(1, Pace(connect_delay_s=0.0))
    bus.set_pace(2, Pace(connect_delay_s=0.1))
    loop = asyncio.get_running_loop()
    await bus.open()
    opened_s = loop.time()
    await bus.read(1, Table.HOLDING, 0, 1)
    assert loop.time() - opened_s >= 0.09
    bus.close()


async def test_a_bus_that_never_sent_anything_bears_what_comes():
    line = RtuLine()
    bus = Bus("line", RtuBus(type="rtu", port=line.path, baud=19200, parity="none", stop_bits=1))
    await bus.open()
    line.send(b"\x01\x03\x02\x00\x07")
    assert await bus.read(1, Table.HOLDING, 0, 2) == [where(1, 3, 0), where(1, 3, 1)]
    bus.close()
    line.close()


# ------------------------------------------------ adapters

POINT = ReadPoint("power_w", Table.HOLDING, 7, DataType.UINT16, PollClass.FAST)
METER = Profile("example", Role.METER, "none", "unconfirmed", Pace(timeout_s=0.6), {"power_w": POINT}, {})


async def test_an_adapter_that_returns_as_another_tty_is_found_again(tmp_path):
    clock = ScaledClock.starting(datetime(2026, 11, 21, tzinfo=UTC), 20.0)
    name = tmp_path / "usb-FTDI_meters-if00"
    first = RtuLine()
    name.symlink_to(first.path)
    settings = RtuBus(type="rtu", port=str(name), baud=19200, parity="none", stop_bits=1)
    bus = Bus("meters", settings, speed=20.0)
    device = Device("meter", Role.METER, bus, 1, clock, profile=METER)
    task = asyncio.create_task(Line(bus, [device], clock).run())
    await soon(lambda: device.health(clock.monotonic()) is Health.GOOD)

    name.unlink()
    first.close()
    await soon(lambda: bus.last_error == f"{name} is not there: is the adapter plugged in?")
    assert not bus.connected

    spare = os.openpty()  # takes the number that was set free
    second = RtuLine()
    name.symlink_to(second.path)
    second.written[1, "register", 7] = 4711
    await soon(lambda: device.readings(clock.monotonic())["power_w"].value == 4711)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    second.close()
    for end in spare:
        os.close(end)


async def test_a_name_that_leads_nowhere_is_an_adapter_that_is_not_there(tmp_path):
    name = tmp_path / "usb-meters"
    name.symlink_to(tmp_path / "ttyUSB0")
    bus = Bus("line", RtuBus(type="rtu", port=str(name), baud=19200, parity="none", stop_bits=1))
    assert not await bus.open()
    assert bus.last_error == f"{name} is not there: is the adapter plugged in?"


async def test_a_port_that_another_program_holds_is_told_from_one_that_is_not_there():
    line = RtuLine()
    settings = RtuBus(type="rtu", port=line.path, baud=19200, parity="none", stop_bits=1)
    holder, bus = Bus("holder", settings, tuning=SHORT), Bus("line", settings, tuning=SHORT)
    assert await holder.open()
    assert not await bus.open()
    assert bus.last_error == f"cannot open {line.path}: does another program use it?"
    holder.close()
    await asyncio.sleep(bus.retry_s - asyncio.get_running_loop().time())
    assert await bus.open()
    bus.close()
    line.close()


async def test_a_file_that_is_no_port_does_not_upset_the_bus(tmp_path):
    path = tmp_path / "not-a-tty"
    path.write_text("")
    bus = Bus("line", RtuBus(type="rtu", port=str(path), baud=19200, parity="none", stop_bits=1))
    assert not await bus.open()
    assert bus.last_error is not None
    assert "cannot open" in bus.last_error


async def test_a_request_that_is_out_when_the_adapter_is_pulled_fails_at_once():
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    settings = RtuBus(type="rtu", port=os.ttyname(theirs), baud=19200, parity="none", stop_bits=1)
    bus = Bus("line", settings)
    bus.set_pace(1, Pace(timeout_s=600.0))
    request = asyncio.create_task(bus.read(1, Table.HOLDING, 0, 1))
    await soon(lambda: bus.connected)
    os.close(theirs)
    os.close(ours)
    with pytest.raises(DeviceUnreachableError):
        await asyncio.wait_for(request, 5.0)
    bus.close()


# ------------------------------------------------ gaps


async def test_the_gap_of_one_device_is_used_for_the_others(slave):
    clock = ScaledClock.starting(datetime(2026, 11, 21, tzinfo=UTC), 1.0)
    bus = Bus("tcp", TcpBus(type="tcp", host="127.0.0.1", port=slave.port), tuning=SHORT)
    two = {
        f"p{at}": ReadPoint(f"p{at}", Table.HOLDING, at, DataType.UINT16, PollClass.FAST) for at in (0, 99)
    }
    slow, quick = (
        Device(
            f"unit_{n}", Role.METER, bus, n, clock, profile=Profile("m", Role.METER, "", "", pace, two, {})
        )
        for n, pace in ((1, Pace(min_gap_s=0.3)), (2, Pace()))
    )
    task = asyncio.create_task(Line(bus, [slow, quick], clock).run())
    await soon(lambda: len(slave.requests) >= 4)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [unit for unit, *_ in slave.requests[:4]] == [1, 2, 2, 1]
