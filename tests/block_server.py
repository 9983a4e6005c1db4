"""A device played from a block of registers, on a Modbus server that is not pymodbus (pyModbusTCP)."""

from __future__ import annotations

import atexit
import functools
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyModbusTCP.constants import EXP_DATA_ADDRESS, EXP_NONE
from pyModbusTCP.server import DataHandler, ModbusServer
from ruamel.yaml import YAML

BLOCKS = Path(__file__).parent / "drivers" / "blocks"
Cells = Mapping[str, Mapping[int, Sequence[int]]]


@dataclass(frozen=True)
class Write:
    """A control point, what it puts on the wire, and what the device shows afterwards."""

    point: str
    value: float
    wire: list[list[Any]]
    """[function, address, words] in order."""
    shows: Cells = field(default_factory=dict)
    """Registers that change other than by keeping what was written."""


@dataclass(frozen=True)
class Block:
    """The registers of a device at one moment, and what they mean."""

    origin: str
    registers: Mapping[str, Cells]
    """Unit name ('' is the device's own) -> table -> first address -> words."""
    expect: Mapping[str, float]
    missing: Sequence[str] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    writes: Sequence[Write] = ()
    identity: Cells = field(default_factory=dict)
    """What recognises it and is not among the registers above, or means something else when read alone."""


@functools.cache
def load_block(name: str) -> Block:
    data = YAML(typ="safe", pure=True).load((BLOCKS / f"{name}.yaml").read_text(encoding="utf-8"))
    writes = [Write(**write) for write in data.pop("writes", [])]
    return Block(**data, writes=writes)


class _Handler(DataHandler):
    """Registers by unit; what nobody gave is 0, as in the gaps of most devices."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[tuple[int, str, int], int] = {}
        self.refused: set[tuple[int, str, int]] = set()
        self.log: list[list[Any]] = []
        self.shows: Cells = {}

    def clear(self) -> None:
        """Become another device."""
        self.cells.clear()
        self.refused.clear()
        self.log = []
        self.shows = {}

    def _read(self, table: str, address: int, count: int, info: Any) -> DataHandler.Return:
        unit = info.recv_frame.mbap.unit_id
        keys = [(unit, table, address + step) for step in range(count)]
        if self.refused.intersection(keys):
            return DataHandler.Return(exp_code=EXP_DATA_ADDRESS)
        return DataHandler.Return(exp_code=EXP_NONE, data=[self.cells.get(key, 0) for key in keys])

    def _write(self, table: str, address: int, words: list[int], info: Any) -> DataHandler.Return:
        unit = info.recv_frame.mbap.unit_id
        self.log.append([info.recv_frame.pdu.func_code, address, [int(word) for word in words]])
        fill(self.cells, unit, {table: {address: words}})
        fill(self.cells, unit, self.shows)
        return DataHandler.Return(exp_code=EXP_NONE)

    def read_coils(self, address, count, srv_info):
        return self._read("coil", address, count, srv_info)

    def read_d_inputs(self, address, count, srv_info):
        return self._read("discrete", address, count, srv_info)

    def read_h_regs(self, address, count, srv_info):
        return self._read("holding", address, count, srv_info)

    def read_i_regs(self, address, count, srv_info):
        return self._read("input", address, count, srv_info)

    def write_coils(self, address, bits_l, srv_info):
        return self._write("coil", address, bits_l, srv_info)

    def write_h_regs(self, address, words_l, srv_info):
        return self._write("holding", address, words_l, srv_info)


def fill(cells: dict[tuple[int, str, int], int], unit: int, tables: Cells) -> None:
    for table, runs in tables.items():
        for start, words in runs.items():
            for step, word in enumerate(words):
                cells[unit, table, start + step] = int(word)


@dataclass(frozen=True)
class _Server:
    handler: _Handler
    modbus: ModbusServer
    port: int


_idle: list[_Server] = []
"""Servers that ran for an earlier test: one takes half a second to stop, and there are hundreds of tests."""


def _start() -> _Server:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    handler = _Handler()
    modbus = ModbusServer("127.0.0.1", port, no_block=True, data_hdl=handler)
    modbus.start()
    return _Server(handler, modbus, port)


@contextmanager
def serving(block: Block, units: Mapping[str, int]) -> Iterator[tuple[_Handler, int]]:
    """The device on a free port: (what it holds, port)."""
    server = _idle.pop() if _idle else _start()
    server.handler.clear()
    for unit_name, tables in block.registers.items():
        fill(server.handler.cells, units[unit_name], tables)
    try:
        yield server.handler, server.port
    finally:
        _idle.append(server)


@atexit.register
def _stop() -> None:
    for server in _idle:
        server.modbus.stop()
