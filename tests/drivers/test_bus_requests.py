"""The bus: one request, one answer, or a plain error."""

import asyncio
import contextlib
import logging

import pytest
from faulty_slave import RtuLine, TcpSlave, soon, where

from controller.settings import RtuBus, RtuOverTcpBus, TcpBus
from drivers.bus import Bus
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.model import Pace, Table
from drivers.wire import Tuning

SHORT = Tuning(timeout_floor_s=0.02, quiet_s=0.002, settle_s=60.0, connect_first_s=0.01, connect_cap_s=0.02)
BRIEF = Pace(timeout_s=0.03)


def rtu_bus(path: str, **more) -> Bus:
    settings = RtuBus(type="rtu", port=path, baud=115200, parity="none", stop_bits=1)
    return Bus("line", settings, tuning=more.pop("tuning", SHORT), **more)


def tcp_bus(port: int, **more) -> Bus:
    return Bus("tcp", TcpBus(type="tcp", host="127.0.0.1", port=port), tuning=SHORT, **more)


@pytest.fixture
async def line():
    line = RtuLine()
    yield line
    line.close()


@pytest.fixture
async def serial(line):
    bus = rtu_bus(line.path)
    for unit in range(8):
        bus.set_pace(unit, BRIEF)
    yield bus
    bus.close()


@pytest.fixture
async def server():
    server = TcpSlave()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def tcp(server):
    bus = tcp_bus(server.port)
    bus.set_pace(1, BRIEF)
    yield bus
    bus.close()


async def persistently(bus: Bus, unit: int, address: int, count: int) -> list[int]:
    """What the bus reads in the end; while the unit still sends late answers it fails."""
    while True:
        with contextlib.suppress(DeviceUnreachableError):
            return await bus.read(unit, Table.HOLDING, address, count)


@pytest.mark.parametrize("table", [Table.HOLDING, Table.INPUT])
async def test_registers_come_from_where_they_were_asked(serial, table):
    function = 3 if table is Table.HOLDING else 4
    assert await serial.read(2, table, 100, 3) == [where(2, function, a) for a in (100, 101, 102)]
    assert (serial.ok, serial.failed, serial.connected) == (1, 0, True)


async def test_bits_come_as_zeros_and_ones(serial, line):
    await serial.write(1, Table.COIL, 9, [1])
    assert await serial.read(1, Table.COIL, 8, 10) == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


async def test_registers_are_written_with_the_function_that_all_devices_know(serial, line):
    await serial.write(1, Table.HOLDING, 4104, [35701, 29834])
    assert line.requests[-1] == (1, 16, 4104, 2)
    assert await serial.read(1, Table.HOLDING, 4104, 2) == [35701, 29834]


async def test_an_input_cannot_be_written(serial):
    with pytest.raises(ValueError, match="cannot be written"):
        await serial.write(1, Table.INPUT, 0, [1])


async def test_tcp_reads_too(tcp):
    assert await tcp.read(1, Table.INPUT, 7, 2) == [where(1, 4, 7), where(1, 4, 8)]


async def test_a_gateway_carries_rtu_frames():
    gateway = TcpSlave(rtu=True)
    await gateway.start()
    bus = Bus("gate", RtuOverTcpBus(type="rtu_over_tcp", host="127.0.0.1", port=gateway.port), tuning=SHORT)
    assert await bus.read(3, Table.HOLDING, 5, 1) == [where(3, 3, 5)]
    bus.close()
    await gateway.stop()


async def test_an_exception_is_a_refusal_with_its_code(serial, line):
    line.holes.add(12)
    with pytest.raises(RequestRefusedError, match="no such address") as refusal:
        await serial.read(1, Table.HOLDING, 10, 4)
    assert refusal.value.code == 2
    assert serial.connected


async def test_silence_is_unreachable_and_the_line_lives_on(serial, line):
    line.silent.add(1)
    with pytest.raises(DeviceUnreachableError, match="unit 1: no answer"):
        await serial.read(1, Table.HOLDING, 0, 2)
    assert await serial.read(2, Table.HOLDING, 0, 2) == [where(2, 3, 0), where(2, 3, 1)]
    assert serial.last_error.startswith("unit 1: no answer")


def garbled(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 0x55,))


SPOILED = {
    "garbled": garbled,
    "truncated": lambda frame: frame[:-3],
    "of another unit": lambda frame: bytes((frame[0] + 1,)) + frame[1:],
    "of another function": lambda frame: frame[:1] + bytes((frame[1] ^ 7,)) + frame[2:],
    "of another length": lambda frame: frame[:2] + bytes((frame[2] + 2,)) + frame[3:] + b"\0\0",
}


@pytest.mark.parametrize("how", SPOILED)
async def test_an_answer_that_is_spoiled_is_no_answer(serial, line, how):
    line.misbehave = lambda unit, request, frame: ((0.0, SPOILED[how](frame)),)
    with pytest.raises(DeviceUnreachableError, match="are no answer to the request"):
        await serial.read(1, Table.HOLDING, 0, 2)


async def test_a_glitch_before_the_answer_does_no_harm(serial, line):
    line.misbehave = lambda unit, request, frame: ((0.0, b"\0\xff" + frame),)
    assert await serial.read(1, Table.HOLDING, 0, 1) == [where(1, 3, 0)]


async def test_a_write_that_echoes_another_value_did_not_happen(serial, line):
    line.misbehave = lambda unit, request, frame: ((0.0, frame[:4] + b"\0\0" + frame[6:]),)
    with pytest.raises(DeviceUnreachableError):
        await serial.write(1, Table.COIL, 3, [1])


async def test_a_late_answer_is_not_taken_for_the_next(serial, line):
    line.misbehave = lambda unit, request, frame: ((0.08, frame),)
    with pytest.raises(DeviceUnreachableError):
        await serial.read(1, Table.HOLDING, 100, 2)
    line.misbehave = None
    assert await persistently(serial, 1, 200, 2) == [where(1, 3, 200), where(1, 3, 201)]
    probe = line.requests[1]
    assert probe[:2] == (1, 3)
    assert probe[3] != 2, "the first question after a failure has another shape"


async def test_an_exception_that_may_be_late_proves_nothing(serial, line):
    line.silent.add(1)
    with pytest.raises(DeviceUnreachableError):
        await serial.read(1, Table.HOLDING, 100, 2)
    line.silent.clear()
    line.exception_for[1] = 2
    with pytest.raises(DeviceUnreachableError, match="may belong to an earlier request"):
        await serial.read(1, Table.HOLDING, 200, 5)
    line.exception_for.clear()
    assert await serial.read(1, Table.HOLDING, 200, 5) == [where(1, 3, a) for a in range(200, 205)]


async def test_a_long_silence_clears_doubts(line):
    bus = rtu_bus(line.path, tuning=Tuning(timeout_floor_s=0.01, quiet_s=0.0, settle_s=0.0))
    bus.set_pace(1, BRIEF)
    line.silent.add(1)
    with pytest.raises(DeviceUnreachableError):
        await bus.read(1, Table.HOLDING, 0, 2)
    line.silent.clear()
    assert await bus.read(1, Table.HOLDING, 0, 2)
    assert [count for *_, count in line.requests] == [2, 2], "no probe was needed"
    bus.close()


async def test_a_cancelled_request_counts_as_one_without_an_answer(serial, line):
    line.misbehave = lambda unit, request, frame: ((0.025, frame),)
    task = asyncio.create_task(serial.read(1, Table.HOLDING, 0, 2))
    await soon(lambda: line.requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    line.misbehave = None
    assert await persistently(serial, 1, 50, 2) == [where(1, 3, 50), where(1, 3, 51)]


async def test_tcp_does_not_take_a_late_answer_for_the_next(tcp, server):
    server.misbehave = lambda unit, request, frame: ((0.06, frame),)
    with pytest.raises(DeviceUnreachableError):
        await tcp.read(1, Table.HOLDING, 100, 2)
    server.misbehave = None
    assert await tcp.read(1, Table.HOLDING, 200, 2) == [where(1, 3, 200), where(1, 3, 201)]
    assert server.connections == 2


@pytest.mark.parametrize(
    "spoil", [lambda f: b"\0\x63" + f[2:], lambda f: f[:6] + b"\x09" + f[7:], lambda f: f[:9]]
)
async def test_tcp_takes_no_answer_of_another_transaction_unit_or_length(tcp, server, spoil):
    server.misbehave = lambda unit, request, frame: ((0.0, spoil(frame)),)
    with pytest.raises(DeviceUnreachableError):
        await tcp.read(1, Table.HOLDING, 0, 2)


async def test_a_connection_that_breaks_fails_its_request_at_once(server):
    bus = tcp_bus(server.port)
    bus.set_pace(1, Pace(timeout_s=600.0))
    server.misbehave = lambda unit, request, frame: server.drop() or ()
    with pytest.raises(DeviceUnreachableError, match="connection was lost"):
        await bus.read(1, Table.HOLDING, 0, 1)
    server.misbehave = None
    assert await bus.read(1, Table.HOLDING, 0, 1)
    bus.close()


async def test_a_bus_that_cannot_connect_says_so_once(caplog):
    server = TcpSlave()
    await server.start()
    bus = tcp_bus(server.port)
    await server.stop()
    with caplog.at_level(logging.INFO, "drivers.door"):
        for _ in range(5):
            with pytest.raises(DeviceUnreachableError, match="cannot connect to 127"):
                await bus.read(1, Table.HOLDING, 0, 1)
            await asyncio.sleep(bus.retry_s - asyncio.get_running_loop().time())
        await server.start()
        await bus.read(1, Table.HOLDING, 0, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    bus.close()
    await server.stop()


async def test_a_serial_port_that_is_not_there_is_unreachable(tmp_path):
    bus = rtu_bus(str(tmp_path / "unplugged"))
    with pytest.raises(DeviceUnreachableError, match=r"unplugged is not there: is the adapter plugged in\?"):
        await bus.read(1, Table.HOLDING, 0, 1)
    assert not bus.connected


async def test_a_quick_device_gets_short_timeouts(serial, line):
    serial.set_pace(1, Pace(timeout_s=600.0))
    await serial.read(1, Table.HOLDING, 0, 1)
    line.silent.add(1)
    with pytest.raises(DeviceUnreachableError, match=r"no answer within 0\.\d"):
        await serial.read(1, Table.HOLDING, 0, 1)
