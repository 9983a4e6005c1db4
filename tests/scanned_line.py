"""Devices made of a few registers, on a virtual RS485 line or TCP host, that count what is done to them."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from simulation.faults import Faults
from simulation.modbus.bus import Bus, Station
from simulation.modbus.protocol import ModbusRefusal, Space
from simulation.modbus.rtu import PtyPort, RtuLine
from simulation.modbus.rtu_frame import Wire
from simulation.modbus.tcp import TcpConnection, port_of, serve_tcp

Cells = Mapping[str, Mapping[int, Sequence[int]]]


class CellDevice:
    """Gives the registers it was made of and refuses all others; counts writes, and keeps nothing."""

    functions = frozenset({1, 2, 3, 4, 5, 6, 15, 16})

    def __init__(self, cells: Cells) -> None:
        self.written = 0
        self.cells = {
            (table, first + index): word
            for table, blocks in cells.items()
            for first, words in blocks.items()
            for index, word in enumerate(words)
        }

    def _words(self, space: Space, address: int, count: int) -> list[int]:
        try:
            return [self.cells[space.value, at] for at in range(address, address + count)]
        except KeyError:
            raise ModbusRefusal(2) from None

    def read_registers(self, space: Space, address: int, count: int) -> bytes:
        return struct.pack(f">{count}H", *self._words(space, address, count))

    def read_bits(self, space: Space, address: int, count: int) -> Sequence[bool]:
        return [bool(word) for word in self._words(space, address, count)]

    def write_coil(self, address: int, value: int) -> None:
        self.written += 1

    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        self.written += 1

    def write_registers(self, address: int, words: Sequence[int]) -> None:
        self.written += 1


class ObedientDevice(CellDevice):
    """Keeps what is written to registers that it has."""

    def _keep(self, table: str, address: int, words: Sequence[int]) -> None:
        self.written += 1
        self._words(Space(table), address, len(words))
        self.cells |= {(table, address + index): word for index, word in enumerate(words)}

    def write_coil(self, address: int, value: int) -> None:
        self._keep("coil", address, (int(value == 0xFF00),))

    def write_registers(self, address: int, words: Sequence[int]) -> None:
        self._keep("holding", address, words)


def bus_of(devices: Mapping[int, CellDevice], turnaround_s: float = 0.01) -> Bus:
    stations = {unit: Station(f"unit {unit}", device, turnaround_s) for unit, device in devices.items()}
    return Bus("line", stations, Faults(lambda: 0.0), freshen=lambda _writing: None)


@asynccontextmanager
async def line_of(bus: Bus, baud: int = 9600) -> AsyncIterator[str]:
    """The path of a serial port with the devices behind it."""
    line = RtuLine(bus, Wire(baud, 10), 1.0, random.Random(1))
    port = PtyPort(line)
    task = asyncio.create_task(line.run())
    try:
        yield port.path
    finally:
        task.cancel()
        port.close()


@asynccontextmanager
async def host_of(bus: Bus) -> AsyncIterator[int]:
    """The port of a TCP host with the devices in it."""
    server = await serve_tcp(lambda: TcpConnection(bus, 1.0, random.Random(1)))
    try:
        yield port_of(server)
    finally:
        server.close()


def text_words(text: str, count: int) -> list[int]:
    return list(struct.unpack(f">{count}H", text.encode().ljust(2 * count, b"\0")))


def float_words(*values: float) -> list[int]:
    return [word for value in values for word in struct.unpack(">HH", struct.pack(">f", value))]
