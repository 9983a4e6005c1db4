"""Small Modbus slaves, written by hand, that can be told to misbehave. No pymodbus: an independent opinion.

Every register that was never written says where it is: three bits of unit, one of table, twelve of address.
"""

import asyncio
import os
import tty
from collections.abc import Callable, Sequence

Answers = Sequence[tuple[float, bytes]]
"""What is sent for one request: (delay in seconds, bytes), in order."""


def where(unit: int, function: int, address: int) -> int:
    return (unit & 7) << 13 | (function == 4) << 12 | address & 0xFFF


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class Slaves:
    """The units behind one wire: registers, holes, and how each answers."""

    def __init__(self) -> None:
        self.written: dict[tuple[int, str, int], int] = {}
        self.holes: set[int] = set()
        self.frozen: set[int] = set()
        """Addresses that confirm a write and do not take it."""
        self.silent: set[int] = set()
        """Units that do not answer."""
        self.exception_for: dict[int, int] = {}
        """Unit -> exception code for all it is asked."""
        self.requests: list[tuple[int, int, int, int]] = []
        """(unit, function, address, count or value)."""
        self.misbehave: Callable[[int, bytes, bytes], Answers] | None = None
        """(unit, request, honest reply frame) -> what is sent instead."""

    def value(self, unit: int, function: int, address: int) -> int:
        if function in (1, 2):
            return self.written.get((unit, "coil", address), 0)
        return self.written.get((unit, "register", address), where(unit, function, address))

    def answer(self, unit: int, pdu: bytes) -> bytes | None:
        function, address, count = pdu[0], int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
        self.requests.append((unit, function, address, count))
        if unit in self.silent:
            return None
        if unit in self.exception_for:
            return bytes((function | 0x80, self.exception_for[unit]))
        touched = range(address, address + (1 if function in (5, 6) else count))
        if self.holes.intersection(touched):
            return bytes((function | 0x80, 2))
        if function in (1, 2):
            bits = sum(self.value(unit, function, a) << i for i, a in enumerate(touched))
            return bytes((function, -(-count // 8))) + bits.to_bytes(-(-count // 8), "little")
        if function in (3, 4):
            words = b"".join(self.value(unit, function, a).to_bytes(2, "big") for a in touched)
            return bytes((function, 2 * count)) + words
        self._store(unit, pdu, touched)
        return pdu[:5]

    def _store(self, unit: int, pdu: bytes, touched: range) -> None:
        for index, address in enumerate(touched):
            if address in self.frozen:
                continue
            if pdu[0] == 5:
                self.written[unit, "coil", address] = int(pdu[3] == 0xFF)
            elif pdu[0] == 6:
                self.written[unit, "register", address] = int.from_bytes(pdu[3:5], "big")
            else:
                word = int.from_bytes(pdu[6 + 2 * index : 8 + 2 * index], "big")
                self.written[unit, "register", address] = word


class _Sender:
    """Sends answers after their delays; each unit answers in order, as a serial slave does."""

    def __init__(self, slaves: Slaves, write: Callable[[bytes], object]) -> None:
        self._slaves = slaves
        self._write = write
        self._busy_until: dict[int, float] = {}

    def reply(self, unit: int, request: bytes, frame: bytes) -> None:
        answers: Answers = ((0.0, frame),)
        if self._slaves.misbehave is not None:
            answers = self._slaves.misbehave(unit, request, frame)
        loop = asyncio.get_running_loop()
        for delay_s, data in answers:
            at_s = max(loop.time() + delay_s, self._busy_until.get(unit, 0.0))
            if at_s <= loop.time():
                self._write(data)
            else:
                self._busy_until[unit] = at_s
                loop.call_at(at_s, self._write, data)


class RtuLine(Slaves):
    """An RS485 line behind a pseudo-terminal: `path` is what a client opens."""

    def __init__(self) -> None:
        super().__init__()
        self._master, slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave  # held open, so that the line survives its client
        self._buffer = b""
        self._sender = _Sender(self, self.send)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._received)

    def send(self, data: bytes) -> None:
        if self._master >= 0:
            os.write(self._master, data)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._master = -1

    def _received(self) -> None:
        self._buffer += os.read(self._master, 4096)
        while len(self._buffer) >= 8:
            size = 9 + self._buffer[6] if self._buffer[1] in (15, 16) else 8
            if len(self._buffer) < size:
                return
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            assert frame[-2:] == crc(frame[:-2]), "the client sent a broken frame"
            pdu = self.answer(frame[0], frame[1:-2])
            if pdu is not None:
                reply = frame[:1] + pdu
                self._sender.reply(frame[0], frame, reply + crc(reply))


class TcpSlave(Slaves):
    """A Modbus TCP server; with `rtu` a gateway that carries RTU frames."""

    def __init__(self, rtu: bool = False) -> None:
        super().__init__()
        self.port = 0
        self.connections = 0
        self._rtu = rtu
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.drop()
            self._server = None

    def drop(self) -> None:
        """Cut the connections that stand."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        sender = _Sender(self, lambda data: None if writer.is_closing() else writer.write(data))
        try:
            while True:
                await (self._rtu_request(reader, sender) if self._rtu else self._request(reader, sender))
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writers.discard(writer)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, sender: _Sender) -> None:
        head = await reader.readexactly(7)
        pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
        reply = self.answer(head[6], pdu)
        if reply is not None:
            frame = head[:4] + (len(reply) + 1).to_bytes(2, "big") + head[6:7] + reply
            sender.reply(head[6], head + pdu, frame)

    async def _rtu_request(self, reader: asyncio.StreamReader, sender: _Sender) -> None:
        frame = await reader.readexactly(8)
        reply = self.answer(frame[0], frame[1:-2])
        if reply is not None:
            sender.reply(frame[0], frame, frame[:1] + reply + crc(frame[:1] + reply))


async def soon(holds: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait until something holds; an assertion error if it never does."""
    deadline_s = asyncio.get_running_loop().time() + within_s
    for _ in iter(lambda: asyncio.get_running_loop().time() < deadline_s, False):
        if holds():
            return
        await asyncio.sleep(0.002)
    msg = "it never happened"
    raise AssertionError(msg)
