"""The TCP server meets clients as they are: several, hasty, and broken off in mid-frame."""

from __future__ import annotations

import asyncio
import random
import struct
from contextlib import asynccontextmanager

import pytest
from served_village import TcpMaster, plain_bus, refused

from simulation.faults import Fault, FaultKind, Faults
from simulation.modbus.tcp import TcpConnection, adu, port_of, serve_tcp

READ_FIVE = struct.pack(">BHH", 3, 5, 1)


@asynccontextmanager
async def server(bus=None, speed=1000.0):
    listening = await serve_tcp(lambda: TcpConnection(bus or plain_bus(), speed, random.Random(1)))
    try:
        yield port_of(listening)
    finally:
        listening.close()


async def test_two_clients_are_served_side_by_side():
    async with server() as port:
        one, two = await TcpMaster.connect(port), await TcpMaster.connect(port)
        assert await one.ask(1, READ_FIVE) == struct.pack(">BBH", 3, 2, 1005)
        assert await two.ask(2, READ_FIVE) == struct.pack(">BBH", 3, 2, 2005)
        assert await one.ask(2, READ_FIVE) == struct.pack(">BBH", 3, 2, 2005)
        one.close()
        two.close()


async def test_pipelined_requests_are_answered_in_order():
    async with server() as port:
        master = await TcpMaster.connect(port)
        requests = b"".join(adu(n, 1, struct.pack(">BHH", 3, n, 1)) for n in range(50))
        master.writer.write(requests)
        for n in range(50):
            assert await master.receive() == (n, struct.pack(">BBH", 3, 2, 1000 + n))
        master.close()


async def test_a_request_may_arrive_byte_by_byte():
    async with server() as port:
        master = await TcpMaster.connect(port)
        for byte in adu(9, 1, READ_FIVE):
            master.writer.write(bytes((byte,)))
            await master.writer.drain()
            await asyncio.sleep(0)
        assert await master.receive() == (9, struct.pack(">BBH", 3, 2, 1005))
        master.close()


async def test_a_unit_that_nobody_has_is_refused_by_the_gateway():
    async with server() as port:
        master = await TcpMaster.connect(port)
        assert refused(await master.ask(77, READ_FIVE)) == 0x0B
        master.close()


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", struct.pack(">HHHB", 1, 0, 1, 1), struct.pack(">HHHB", 1, 0, 999, 1)],
)
async def test_a_client_that_does_not_speak_modbus_is_cut_off(garbage):
    async with server() as port:
        master = await TcpMaster.connect(port)
        master.writer.write(garbage)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await master.receive()
        master.close()


async def test_a_lost_line_cuts_the_connection():
    faults = Faults(lambda: 0.0)
    async with server(plain_bus(faults=faults)) as port:
        master = await TcpMaster.connect(port)
        await master.ask(1, READ_FIVE)
        faults.inject(Fault(FaultKind.LOST_LINE, "line"))
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await master.ask(1, READ_FIVE)
        master.close()


async def test_a_late_answer_is_overtaken_by_the_next_device_and_keeps_its_number():
    faults = Faults(lambda: 0.0)
    faults.inject(Fault(FaultKind.LATE, "one", delay_s=50.0))
    async with server(plain_bus(faults=faults)) as port:
        master = await TcpMaster.connect(port)
        master.writer.write(adu(1, 1, READ_FIVE) + adu(2, 2, READ_FIVE))
        assert await master.receive() == (2, struct.pack(">BBH", 3, 2, 2005))
        assert await master.receive() == (1, struct.pack(">BBH", 3, 2, 1005))
        master.close()
