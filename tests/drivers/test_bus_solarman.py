"""Behind a Solarman stick: our envelope, held against a stick of our own making and a library's client."""

import asyncio
import contextlib
import random

import pytest
from faulty_slave import where
from hypothesis import given
from hypothesis import strategies as st
from pysolarmanv5 import PySolarmanV5Async

from controller.settings import SolarmanBus
from drivers.bus import Bus
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.frames import crc16
from drivers.model import Pace, Table, WriteFunction
from drivers.solarman import SolarmanGate, unwrap, wrap
from drivers.wire import Tuning

SERIAL = 2712345678
REPLY, HEARTBEAT = 0x1510, 0x4710
SHORT = Tuning(timeout_floor_s=0.02, quiet_s=0.0, settle_s=60.0, connect_first_s=0.01, connect_cap_s=0.02)
FAST = 60.0
"""So many times a stick is quicker here than where it may add two seconds."""


def sealed(code: int, sequence: int, serial: int, payload: bytes) -> bytes:
    """A frame, put together by hand from the published layout."""
    body = len(payload).to_bytes(2, "little") + code.to_bytes(2, "little") + sequence.to_bytes(2, "little")
    body += serial.to_bytes(4, "little") + payload
    return b"\xa5" + body + bytes((sum(body) & 0xFF, 0x15))


def rtu(*body: int) -> bytes:
    return bytes(body) + crc16(bytes(body))


class Stick:
    """A data logging stick; `spoil` gets the sequence and the reply, and returns what is sent instead."""

    def __init__(self) -> None:
        self.port = 0
        self.sent = 0
        self.connections = 0
        self.requests: list[bytes] = []
        self.sequences: list[int] = []
        self.spoil = lambda sequence, frame: frame
        self.serial = SERIAL

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(11)
                rest = await reader.readexactly(int.from_bytes(head[1:3], "little") + 2)
                assert (sum(head[1:]) + sum(rest[:-2])) & 0xFF == rest[-2]
                assert int.from_bytes(head[7:11], "little") == SERIAL
                frame = rest[15:-2]
                assert crc16(frame[:-2]) == frame[-2:]
                self.requests.append(frame)
                self.sequences.append(head[5])
                self.sent += 1
                sequence = head[5] | (self.sent & 0xFF) << 8
                reply = sealed(REPLY, sequence, self.serial, b"\2\1" + bytes(12) + self._answer(frame))
                writer.write(self.spoil(sequence, reply))
        writer.close()

    def _answer(self, frame: bytes) -> bytes:
        unit, function = frame[:2]
        address, count = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
        if address >= 9000:
            return rtu(unit, function | 0x80, 2)
        if function in (6, 16):
            return rtu(*frame[:6])
        words = [where(unit, function, at) for at in range(address, address + count)]
        return rtu(unit, function, 2 * count, *b"".join(word.to_bytes(2, "big") for word in words))


@pytest.fixture
async def stick():
    stick = Stick()
    await stick.start()
    yield stick
    stick.server.close()


def bus_to(stick: Stick, serial: int = SERIAL) -> Bus:
    settings = SolarmanBus(type="solarman", host="127.0.0.1", port=stick.port, serial=serial)
    bus = Bus("stick", settings, speed=FAST, tuning=SHORT, random=random.Random(1))
    bus.set_pace(1, Pace(timeout_s=0.05 * FAST))
    return bus


@pytest.fixture
async def bus(stick):
    bus = bus_to(stick)
    yield bus
    bus.close()


async def test_registers_come_out_of_the_envelope(bus):
    assert await bus.read(1, Table.HOLDING, 588, 3) == [where(1, 3, a) for a in (588, 589, 590)]
    assert await bus.read(1, Table.INPUT, 0, 125) == [where(1, 4, a) for a in range(125)]


async def test_writes_and_refusals_pass_through(bus, stick):
    await bus.write(1, Table.HOLDING, 340, [1200], WriteFunction.SINGLE)
    await bus.write(1, Table.HOLDING, 340, [1200, 7])
    assert [request[1] for request in stick.requests] == [6, 16]
    with pytest.raises(RequestRefusedError, match="no such address"):
        await bus.read(1, Table.HOLDING, 9000, 1)


async def test_heartbeats_and_reports_between_replies_are_passed_over(bus, stick):
    stick.spoil = lambda sequence, frame: (
        sealed(HEARTBEAT, 0x1234, SERIAL, b"\0") + sealed(0x4210, sequence, SERIAL, bytes(99)) + frame
    )
    for address in range(20):
        assert await bus.read(1, Table.HOLDING, address, 2) == [
            where(1, 3, address),
            where(1, 3, address + 1),
        ]
    assert bus.failed == 0


async def test_a_reply_with_the_checksum_twice_is_read_all_the_same(bus, stick):
    def twice(sequence: int, frame: bytes) -> bytes:
        (envelope,) = unwrap(frame)
        return sealed(REPLY, sequence, SERIAL, envelope.payload + b"\0\0")

    stick.spoil = twice
    assert await bus.read(1, Table.HOLDING, 5, 1) == [where(1, 3, 5)]


async def test_a_reply_to_an_older_request_is_not_taken_for_this_one(bus, stick):
    older: list[bytes] = []

    def one_behind(sequence: int, frame: bytes) -> bytes:
        older.append(frame)
        return older[-2] if len(older) > 1 else b""

    stick.spoil = one_behind
    for address in (0, 10, 20, 30):
        with pytest.raises(DeviceUnreachableError):
            await bus.read(1, Table.HOLDING, address, 2)


async def test_a_stick_that_does_not_answer_once_keeps_its_connection(bus, stick):
    stick.spoil = lambda sequence, frame: b""
    with pytest.raises(DeviceUnreachableError, match="no answer"):
        await bus.read(1, Table.HOLDING, 0, 2)
    stick.spoil = lambda sequence, frame: frame
    assert await bus.read(1, Table.HOLDING, 0, 4)
    assert stick.connections == 1


async def test_a_stick_that_stays_silent_is_connected_to_anew_and_sequences_go_on(bus, stick):
    stick.spoil = lambda sequence, frame: b""
    for count in (2, 3, 4):
        with pytest.raises(DeviceUnreachableError):
            await bus.read(1, Table.HOLDING, 0, count)
    stick.spoil = lambda sequence, frame: frame
    assert await bus.read(1, Table.HOLDING, 0, 9)
    assert stick.connections == 2
    steps = {(b - a) % 256 for a, b in zip(stick.sequences, stick.sequences[1:], strict=False)}
    assert steps == {1}


async def test_a_wrong_serial_number_is_said(bus, stick):
    stick.serial = 1700000001
    with pytest.raises(DeviceUnreachableError, match="has the serial number 1700000001, not 2712345678"):
        await bus.read(1, Table.HOLDING, 0, 1)


async def test_a_stick_whose_inverter_sleeps_says_so(bus, stick):
    stick.spoil = lambda sequence, frame: sealed(REPLY, sequence, SERIAL, b"\2\1" + bytes(12) + b"\5\0")
    with pytest.raises(
        DeviceUnreachableError, match="the stick answers, but what it is plugged into does not"
    ):
        await bus.read(1, Table.HOLDING, 0, 1)


async def test_the_stick_of_these_tests_satisfies_the_librarys_client(stick):
    client = PySolarmanV5Async("127.0.0.1", SERIAL, port=stick.port, mb_slave_id=1, socket_timeout=5)
    await client.connect()
    assert await client.read_holding_registers(588, 3) == [where(1, 3, a) for a in (588, 589, 590)]
    await client.disconnect()


@given(frame=st.binary(min_size=4, max_size=260), sequence=st.integers(0, 255))
def test_a_request_is_wrapped_as_the_library_does(frame, sequence):
    class Encoder(PySolarmanV5Async):
        def __init__(self) -> None:
            self.v5_loggerserial = SERIAL.to_bytes(4, "little")
            super().__init__("", SERIAL)

        def _get_next_sequence_number(self) -> int:
            return sequence

    assert wrap(frame, sequence, SERIAL) == bytes(Encoder()._v5_frame_encoder(frame))


@given(payloads=st.lists(st.binary(max_size=40), max_size=4), noise=st.binary(max_size=30))
def test_frames_are_found_whole_whatever_stands_before_and_between_them(payloads, noise):
    stream = b"".join(noise.replace(b"\xa5", b"") + sealed(HEARTBEAT, 7, SERIAL, each) for each in payloads)
    assert [envelope.payload for envelope in unwrap(stream)] == payloads


@given(data=st.binary(max_size=200))
def test_no_bytes_upset_the_gate(data):
    gate = SolarmanGate(SERIAL, 0)
    assert gate.receive(data) == b""
    gate.send(rtu(1, 3, 0, 0, 0, 1))
    assert gate.receive(data) == b""


@given(cut=st.integers(0, 40))
def test_a_reply_in_pieces_is_taken_once_it_is_whole(cut):
    gate = SolarmanGate(SERIAL, 41)
    gate.send(rtu(1, 3, 0, 0, 0, 1))
    reply = sealed(REPLY, 0x0500 | 42, SERIAL, b"\2\1" + bytes(12) + rtu(1, 3, 2, 0, 9))
    assert gate.receive(reply[: min(cut, len(reply) - 1)]) == b""
    assert gate.receive(reply) == bytes((3, 2, 0, 9))
