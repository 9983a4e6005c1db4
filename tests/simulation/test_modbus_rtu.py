"""The serial line behaves as a wire does: addressed, paced, deaf to what is spoilt."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from contextlib import asynccontextmanager

import pytest
from served_village import SerialMaster, plain_bus

from simulation.faults import Fault, FaultKind, Faults
from simulation.modbus.rtu import PtyPort, RtuLine, RtuOverTcpConnection
from simulation.modbus.rtu_frame import Wire, frame, intact
from simulation.modbus.tcp import port_of, serve_tcp

READ_FIVE = struct.pack(">BHH", 3, 5, 1)
FAST = 200.0
"""Seconds of the wire in one of the host: the tests are about order, not about waiting."""


@asynccontextmanager
async def serial_line(bus=None, speed=FAST, baud=19200):
    line = RtuLine(bus or plain_bus(), Wire(baud, 10), speed, random.Random(1))
    port = PtyPort(line)
    serving = asyncio.create_task(line.run())
    try:
        yield port.path
    finally:
        serving.cancel()
        port.close()


async def test_devices_of_one_line_answer_to_their_own_unit():
    async with serial_line() as path:
        master = SerialMaster(path)
        assert await master.read(1, 5, 2) == (1005, 1006)
        assert await master.read(2, 5, 2) == (2005, 2006)
        master.close()


async def test_foreign_units_and_spoilt_requests_meet_silence():
    async with serial_line() as path:
        master = SerialMaster(path)
        master.send(9, READ_FIVE)
        with pytest.raises(TimeoutError):
            await master.receive(1, timeout_s=0.05)
        master.send(1, READ_FIVE, spoil=lambda data: data[:-1] + bytes((data[-1] ^ 1,)))
        with pytest.raises(TimeoutError):
            await master.receive(1, timeout_s=0.05)
        assert await master.read(1, 5, 1) == (1005,)
        master.close()


async def test_half_a_request_is_forgotten_after_a_silence():
    async with serial_line() as path:
        master = SerialMaster(path)
        master.send(1, READ_FIVE, spoil=lambda data: data[:5])
        with pytest.raises(TimeoutError):
            await master.receive(1, timeout_s=0.1)
        assert await master.read(2, 5, 1) == (2005,)
        master.close()


async def test_a_function_that_nobody_knows_is_refused():
    async with serial_line() as path:
        master = SerialMaster(path)
        master.send(1, bytes((0x2B, 0x0E, 1, 0)))
        assert await master.receive(5) == frame(1, bytes((0xAB, 1)))
        master.close()


async def test_a_broadcast_is_obeyed_by_all_and_answered_by_none():
    bus = plain_bus()
    async with serial_line(bus) as path:
        master = SerialMaster(path)
        master.send(0, struct.pack(">BHH", 6, 3, 42))
        assert await master.read(1, 3, 1) == (42,)
        assert await master.read(2, 3, 1) == (42,)
        master.close()


async def test_a_port_can_be_closed_and_opened_again():
    async with serial_line() as path:
        for _ in range(3):
            master = SerialMaster(path)
            assert await master.read(1, 5, 1) == (1005,)
            master.close()
            await asyncio.sleep(0)


async def test_a_line_is_never_faster_than_its_wire():
    turnaround_s, speed, rounds, words = 0.005, 60.0, 40, 40
    async with serial_line(plain_bus(turnaround_s=turnaround_s), speed=speed) as path:
        master = SerialMaster(path)
        started_s = time.monotonic()
        for _ in range(rounds):
            await master.read(1, 0, words)
        taken_s = (time.monotonic() - started_s) * speed
        wire = Wire(19200, 10)
        # The last answer may come before its time is up, by what the line is allowed to owe.
        least_s = rounds * (wire.frame_s(8) + turnaround_s + wire.frame_s(5 + 2 * words)) - 0.001 * speed
        assert taken_s >= least_s
        master.close()


async def test_noise_spoils_answers_so_that_their_crc_shows_it():
    faults = Faults(lambda: 0.0)
    faults.inject(Fault(FaultKind.NOISE, "line", probability=1.0))
    async with serial_line(plain_bus(faults=faults)) as path:
        master = SerialMaster(path)
        for _ in range(20):
            master.send(1, READ_FIVE)
            assert not intact(await master.receive(7))
        faults.clear()
        assert await master.read(1, 5, 1) == (1005,)
        master.close()


async def test_a_late_answer_falls_into_the_next_ones_turn():
    faults = Faults(lambda: 0.0)
    faults.inject(Fault(FaultKind.LATE, "one", delay_s=0.08 * FAST))
    async with serial_line(plain_bus(faults=faults)) as path:
        master = SerialMaster(path)
        master.send(1, READ_FIVE)
        assert await master.read(2, 5, 1) == (2005,)
        late = await master.receive(7)
        assert late[0] == 1
        assert intact(late)
        master.close()


async def test_a_gateway_carries_the_same_frames_over_tcp():
    line = RtuLine(plain_bus(), Wire(9600, 10), FAST, random.Random(1))
    listening = await serve_tcp(lambda: RtuOverTcpConnection(line))
    serving = asyncio.create_task(line.run())
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listening))
    writer.write(frame(2, READ_FIVE))
    assert await asyncio.wait_for(reader.readexactly(7), 5) == frame(2, struct.pack(">BBH", 3, 2, 2005))
    writer.close()
    serving.cancel()
    listening.close()
