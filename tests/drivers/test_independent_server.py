"""Servers that others have written: pyModbusTCP (TCP) and modbus-tk (RTU and TCP) read and write the same."""

import contextlib
import os
import select
import socket
import threading
import time
import tty

import pytest
import serial
from modbus_tk import defines, modbus_rtu, modbus_tcp
from pyModbusTCP.server import DataBank, ModbusServer

from controller.core.model import Role
from controller.settings import RtuBus, TcpBus
from drivers.bus import Bus
from drivers.controls import Written
from drivers.device import Device
from drivers.errors import RequestRefusedError
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table, WriteFunction, WritePoint
from drivers.wire import Tuning

PATIENT = Tuning(timeout_floor_s=1.0)
SINGLE, MULTIPLE = WriteFunction.SINGLE, WriteFunction.MULTIPLE
TABLES = {
    Table.COIL: defines.COILS,
    Table.DISCRETE: defines.DISCRETE_INPUTS,
    Table.HOLDING: defines.HOLDING_REGISTERS,
    Table.INPUT: defines.ANALOG_INPUTS,
}
WORDS = [0, 1, 0x8000, 0xFFFF, 1234]
BITS = [1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    """Its thread listens when it comes to it."""
    deadline_s = time.monotonic() + 5.0
    while time.monotonic() < deadline_s:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)


def fill(slave) -> None:
    """The same contents as `bank`, in modbus-tk's words."""
    for table, kind in TABLES.items():
        slave.add_block(table.value, kind, 0, 200)
        slave.set_values(table.value, 100, BITS if table.is_bits else WORDS)


def bank() -> DataBank:
    data = DataBank(coils_size=200, d_inputs_size=200, h_regs_size=200, i_regs_size=200)
    data.set_coils(100, [bool(bit) for bit in BITS])
    data.set_discrete_inputs(100, [bool(bit) for bit in BITS])
    data.set_holding_registers(100, WORDS)
    data.set_input_registers(100, WORDS)
    return data


@contextlib.contextmanager
def pymodbustcp():
    port = free_port()
    server = ModbusServer("127.0.0.1", port, no_block=True, data_bank=bank())
    server.start()
    yield TcpBus(type="tcp", host="127.0.0.1", port=port)
    server.stop()


@contextlib.contextmanager
def modbus_tk_tcp():
    port = free_port()
    server = modbus_tcp.TcpServer(port=port, address="127.0.0.1")
    server.start()
    fill(server.add_slave(1))
    wait_for(port)
    yield TcpBus(type="tcp", host="127.0.0.1", port=port)
    server.stop()


@contextlib.contextmanager
def modbus_tk_rtu():
    """modbus-tk wants a port with a baud rate at both ends, so two ptys are joined."""
    theirs, server_end = os.openpty()
    tty.setraw(server_end)
    tty.setraw(theirs)
    ours, bus_end = os.openpty()
    tty.setraw(bus_end)
    tty.setraw(ours)
    pump = _Pump(ours, theirs)
    server = modbus_rtu.RtuServer(serial.Serial(os.ttyname(server_end), 19200, timeout=0.05))
    fill(server.add_slave(1))
    server.start()
    yield RtuBus(type="rtu", port=os.ttyname(bus_end), baud=19200, parity="none", stop_bits=1)
    server.stop()
    pump.stop()
    for end in (theirs, server_end, ours, bus_end):
        os.close(end)


class _Pump:
    """Carries bytes between two ptys, in a thread as the servers are in one."""

    def __init__(self, first: int, second: int) -> None:
        self._running = True

        def run() -> None:
            while self._running:
                for end in select.select([first, second], [], [], 0.02)[0]:
                    os.write(second if end == first else first, os.read(end, 4096))

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def stop(self) -> None:
        self._running = False
        self._thread.join()


@pytest.fixture(params=["pyModbusTCP", "modbus-tk over TCP", "modbus-tk over RTU"])
async def bus(request):
    server = {
        "pyModbusTCP": pymodbustcp,
        "modbus-tk over TCP": modbus_tk_tcp,
        "modbus-tk over RTU": modbus_tk_rtu,
    }[request.param]
    with server() as settings:
        bus = Bus("line", settings, tuning=PATIENT)
        yield bus
        bus.close()


async def test_every_table_is_read(bus):
    for table in Table:
        expected = BITS if table.is_bits else WORDS
        assert await bus.read(1, table, 100, len(expected)) == expected
        assert await bus.read(1, table, 101, 1) == expected[1:2]
    assert await bus.read(1, Table.HOLDING, 75, 125) == [0] * 25 + WORDS + [0] * 95


async def test_all_ways_of_writing_are_understood(bus):
    await bus.write(1, Table.HOLDING, 10, [0xABCD], SINGLE)
    await bus.write(1, Table.HOLDING, 11, [1], MULTIPLE)
    await bus.write(1, Table.HOLDING, 12, [35701, 29834, 0xFFFF], MULTIPLE)
    assert await bus.read(1, Table.HOLDING, 10, 5) == [0xABCD, 1, 35701, 29834, 0xFFFF]
    for bit in (1, 0, 1):
        await bus.write(1, Table.COIL, 7, [bit])
        assert await bus.read(1, Table.COIL, 6, 3) == [0, bit, 0]


async def test_what_is_not_there_is_refused(bus):
    for table in Table:
        with pytest.raises(RequestRefusedError) as refusal:
            await bus.read(1, table, 5000, 4)
        assert refusal.value.code == 2
    for function in WriteFunction:
        with pytest.raises(RequestRefusedError) as refusal:
            await bus.write(1, Table.HOLDING, 5000, [1], function)
        assert refusal.value.code == 2
    assert await bus.read(1, Table.HOLDING, 104, 1) == [1234], "and the line lives on"
    assert bus.failed == 0


async def test_a_device_reads_and_obeys(bus, clock):
    shown = ReadPoint("limit_frac", Table.HOLDING, 40, DataType.UINT32, PollClass.FAST, scale=0.001)
    limit = WritePoint(
        "limit_frac", Table.HOLDING, 40, DataType.UINT32, (0, 100), scale=0.001, readback="limit_frac"
    )
    switch = WritePoint("on", Table.HOLDING, 50, DataType.UINT16, (0, 1), function=SINGLE, before=((51, 7),))
    profile = Profile(
        "example",
        Role.METER,
        "none",
        "unconfirmed",
        Pace(),
        {"limit_frac": shown},
        {"limit_frac": limit, "on": switch},
    )
    device = Device("dev", Role.METER, bus, 1, clock, profile=profile)
    assert await device.write("limit_frac", 70.001) == Written(70.001, pytest.approx(70.001))
    assert await device.write("on", 1) == Written(1, None)
    assert await bus.read(1, Table.HOLDING, 40, 12) == [1, 4465, *[0] * 8, 1, 7]
