"""Modbus as a server speaks it: request PDUs in, reply PDUs out, whatever the transport.

Written from the Modbus Application Protocol Specification V1.1b3. Pure: no transport, no time.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import Protocol

MAX_PDU = 253
"""Bytes; what is longer is no Modbus."""
_MAX_READ = {1: 2000, 2: 2000, 3: 125, 4: 125}
_MAX_WRITE_BITS = 1968
_MAX_WRITE_REGISTERS = 123
_ADDRESSES = 0x10000
WRITES = frozenset({5, 6, 15, 16})
"""Function codes that change something."""


class Space(StrEnum):
    """The four tables of Modbus."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"


_READ_SPACE = {1: Space.COIL, 2: Space.DISCRETE, 3: Space.HOLDING, 4: Space.INPUT}


class ExceptionCode(IntEnum):
    """Why a server refuses."""

    FUNCTION = 1
    ADDRESS = 2
    VALUE = 3
    FAILURE = 4
    BUSY = 6
    GATEWAY_PATH = 10
    GATEWAY_TARGET = 11


class ModbusRefusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The request is answered with an exception reply."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class Registers(Protocol):
    """What a device does with a well-formed request; every method may raise ModbusRefusal."""

    functions: frozenset[int]
    """Function codes it knows; others are refused with exception 1."""

    def read_bits(self, space: Space, address: int, count: int) -> Sequence[bool]:
        """`count` coils or discrete inputs from `address`."""
        ...

    def read_registers(self, space: Space, address: int, count: int) -> bytes:
        """`count` registers from `address`, two bytes each."""
        ...

    def write_coil(self, address: int, value: int) -> None:
        """FC 5: `value` as sent (0xFF00 on, 0x0000 off, others vendor's)."""
        ...

    def write_coils(self, address: int, values: Sequence[bool]) -> None:
        """FC 15."""
        ...

    def write_registers(self, address: int, words: Sequence[int]) -> None:
        """FC 6 and 16."""
        ...


def exception_reply(function: int, code: int) -> bytes:
    """The PDU that refuses a request."""
    return bytes((function & 0x7F | 0x80, code & 0xFF))


def answer(device: Registers, pdu: bytes) -> bytes:
    """The reply PDU to a request PDU (not empty)."""
    function = pdu[0]
    try:
        if function not in device.functions:
            raise ModbusRefusal(ExceptionCode.FUNCTION)  # noqa: TRY301 - one place makes refusals into replies
        if function in _READ_SPACE:
            return _read(device, function, pdu)
        return _WRITERS[function](device, pdu)
    except ModbusRefusal as refusal:
        return exception_reply(function, refusal.code)


def _read(device: Registers, function: int, pdu: bytes) -> bytes:
    address, count = _two_words(pdu, 5)
    if not 1 <= count <= _MAX_READ[function]:
        raise ModbusRefusal(ExceptionCode.VALUE)
    _check_span(address, count)
    space = _READ_SPACE[function]
    if function <= 2:
        data = pack_bits(device.read_bits(space, address, count))
    else:
        data = device.read_registers(space, address, count)
    return bytes((function, len(data))) + data


def _write_coil(device: Registers, pdu: bytes) -> bytes:
    address, value = _two_words(pdu, 5)
    device.write_coil(address, value)
    return pdu


def _write_register(device: Registers, pdu: bytes) -> bytes:
    address, value = _two_words(pdu, 5)
    device.write_registers(address, (value,))
    return pdu


def _write_coils(device: Registers, pdu: bytes) -> bytes:
    address, count = _multiple(pdu, _MAX_WRITE_BITS)
    if pdu[5] != (count + 7) // 8:
        raise ModbusRefusal(ExceptionCode.VALUE)
    device.write_coils(address, unpack_bits(pdu[6:], count))
    return pdu[:5]


def _write_registers(device: Registers, pdu: bytes) -> bytes:
    address, count = _multiple(pdu, _MAX_WRITE_REGISTERS)
    if pdu[5] != 2 * count:
        raise ModbusRefusal(ExceptionCode.VALUE)
    device.write_registers(address, struct.unpack(f">{count}H", pdu[6:]))
    return pdu[:5]


_WRITERS = {5: _write_coil, 6: _write_register, 15: _write_coils, 16: _write_registers}


def _two_words(pdu: bytes, length: int) -> tuple[int, int]:
    if len(pdu) != length:
        raise ModbusRefusal(ExceptionCode.VALUE)
    first, second = struct.unpack_from(">HH", pdu, 1)
    return first, second


def _multiple(pdu: bytes, most: int) -> tuple[int, int]:
    """Address and count of FC 15 and 16, whose data must be as long as their byte count says."""
    if len(pdu) < 7 or len(pdu) != 6 + pdu[5]:
        raise ModbusRefusal(ExceptionCode.VALUE)
    address, count = struct.unpack_from(">HH", pdu, 1)
    if not 1 <= count <= most:
        raise ModbusRefusal(ExceptionCode.VALUE)
    _check_span(address, count)
    return address, count


def _check_span(address: int, count: int) -> None:
    if address + count > _ADDRESSES:
        raise ModbusRefusal(ExceptionCode.ADDRESS)


def pack_bits(bits: Sequence[bool]) -> bytes:
    """Bits as Modbus sends them: the first is the lowest bit of the first byte."""
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        if bit:
            packed[index // 8] |= 1 << index % 8
    return bytes(packed)


def unpack_bits(data: bytes, count: int) -> list[bool]:
    """The first `count` bits of data packed as by `pack_bits`."""
    return [bool(data[index // 8] >> index % 8 & 1) for index in range(count)]
