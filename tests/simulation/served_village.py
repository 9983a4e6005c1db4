"""What the tests of the served village share: plain devices, and a client that speaks Modbus by hand."""

from __future__ import annotations

import asyncio
import os
import struct
import tty
from collections.abc import Callable, Sequence
from pathlib import Path

from controller.config_file import load_config
from controller.settings import Config
from simulation.devices.register_map import Block, RegisterMap
from simulation.faults import Faults
from simulation.modbus.bus import Bus, Station
from simulation.modbus.protocol import ModbusRefusal, Space, answer
from simulation.modbus.rtu_frame import frame, intact
from simulation.modbus.tcp import adu

CONFIG_FILE = Path(__file__).parents[2] / "config.yaml"


def village_config() -> Config:
    """The default village."""
    return load_config(CONFIG_FILE)


class Plain(RegisterMap):
    """100 holding registers holding their own address plus an offset, and 16 coils; all can be written."""

    functions = frozenset({1, 2, 3, 4, 5, 6, 15, 16})

    def __init__(self, offset: int = 0) -> None:
        self.words = [offset + address for address in range(100)]
        self.coils = [False] * 16
        super().__init__([Block(Space.HOLDING, 0, 100, lambda: struct.pack(">100H", *self.words))])

    def read_bits(self, space: Space, address: int, count: int) -> Sequence[bool]:
        return [self.coils[at] for at in self._within(address, count, 16)]

    def write_coil(self, address: int, value: int) -> None:
        for at in self._within(address, 1, 16):
            self.coils[at] = value == 0xFF00

    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        for at, value in zip(self._within(address, len(values), 16), values, strict=True):
            self.coils[at] = value

    def write_registers(self, address: int, words: Sequence[int]) -> None:
        for at, word in zip(self._within(address, len(words), 100), words, strict=True):
            self.words[at] = word

    def _within(self, address: int, count: int, size: int) -> range:
        if address + count > size:
            raise ModbusRefusal(2)
        return range(address, address + count)


def plain_bus(units: Sequence[int] = (1, 2), faults: Faults | None = None, turnaround_s: float = 0.0) -> Bus:
    """A bus of plain devices named `one`, `two` and so on; register n of unit u is 1000 u + n."""
    names = ("zero", "one", "two", "three", "four")
    stations = {unit: Station(names[unit], Plain(1000 * unit), turnaround_s) for unit in units}
    return Bus("line", stations, faults or Faults(lambda: 0.0), freshen=lambda _writing: None)


def ask(device: RegisterMap, function: int, *words: int, data: bytes = b"") -> bytes:
    """The reply to a request put together from words and data."""
    return answer(device, bytes((function,)) + struct.pack(f">{len(words)}H", *words) + data)


def registers(device: RegisterMap, address: int, count: int, function: int = 3) -> tuple[int, ...]:
    """Registers of a device; refusals fail the test."""
    reply = ask(device, function, address, count)
    assert reply[0] == function, f"exception {reply[1]} at {address}"
    return struct.unpack(f">{count}H", reply[2:])


def floats(device: RegisterMap, address: int, count: int) -> tuple[float, ...]:
    """IEEE singles from input registers."""
    reply = ask(device, 4, address, 2 * count)
    assert reply[0] == 4, f"exception {reply[1]} at {address}"
    return struct.unpack(f">{count}f", reply[2:])


def write(device: RegisterMap, address: int, *words: int) -> bytes:
    """FC 16; the reply."""
    return ask(
        device,
        16,
        address,
        len(words),
        data=bytes((2 * len(words),)) + struct.pack(f">{len(words)}H", *words),
    )


def refused(reply: bytes) -> int | None:
    """The exception code of a reply; None where it is none."""
    return reply[1] if reply[0] & 0x80 else None


class TcpMaster:
    """A client of a TCP bus."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> TcpMaster:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, unit: int, pdu: bytes, transaction: int = 7) -> bytes:
        self.writer.write(adu(transaction, unit, pdu))
        answered, reply = await self.receive()
        assert answered == transaction
        return reply

    async def receive(self) -> tuple[int, bytes]:
        header = await asyncio.wait_for(self._reader.readexactly(7), 5)
        transaction, _, length, _ = struct.unpack(">HHHB", header)
        return transaction, await self._reader.readexactly(length - 1)

    def close(self) -> None:
        self.writer.close()


class SerialMaster:
    """A client of a serial port."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._handle)
        self._received = bytearray()
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._handle, self._readable)

    def send(self, unit: int, pdu: bytes, spoil: Callable[[bytes], bytes] = lambda data: data) -> None:
        os.write(self._handle, spoil(frame(unit, pdu)))

    async def receive(self, length: int, timeout_s: float = 5.0) -> bytes:
        """The next `length` bytes, whatever they are."""
        async with asyncio.timeout(timeout_s):
            while len(self._received) < length:
                self._news.clear()
                await self._news.wait()
        data = bytes(self._received[:length])
        del self._received[:length]
        return data

    async def read(self, unit: int, address: int, count: int) -> tuple[int, ...]:
        """Holding registers."""
        self.send(unit, struct.pack(">BHH", 3, address, count))
        reply = await self.receive(5 + 2 * count)
        assert intact(reply)
        assert reply[0] == unit
        return struct.unpack_from(f">{count}H", reply, 3)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)

    def _readable(self) -> None:
        self._received += os.read(self._handle, 4096)
        self._news.set()
