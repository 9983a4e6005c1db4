"""A Solarman data logging stick: RTU frames in an envelope ("V5") over TCP.

Little-endian: 0xA5, length of the payload, what it is, sequence, serial number of the stick, the payload,
the sum of all bytes after the first, 0x15. The stick returns the low byte of a request's sequence and counts
its own frames in the high byte.
"""

from __future__ import annotations

import asyncio
import struct

from typing_extensions import override

from simulation.modbus.rtu import RtuLine

_START, _END = 0xA5, 0x15
_REQUEST, _REPLY = 0x4510, 0x1510
_HEADER = struct.Struct("<BHHHI")
_REQUEST_HEAD = 15
"""Bytes of a request's payload before the RTU frame."""
_REPLY_HEAD = struct.pack("<BBIII", 2, 1, 0, 0, 0)
_TRAILER = 2


def envelope(code: int, sequence: int, serial: int, payload: bytes) -> bytes:
    """A frame of a stick."""
    body = _HEADER.pack(_START, len(payload), code, sequence, serial) + payload
    return body + bytes((sum(body[1:]) & 0xFF, _END))


class SolarmanConnection(asyncio.Protocol):
    """A client of a stick that is plugged into the one device of a line."""

    def __init__(self, line: RtuLine, serial: int) -> None:
        self._line = line
        self._serial = serial
        self._buffer = b""
        self._sequence = 0
        """Low byte: of the latest request; high byte: how many frames the stick has sent."""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answers go here from now on."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows asyncio's base class
        self._transport = transport
        self._line.attach(self._answer)

    @override
    def data_received(self, data: bytes) -> None:
        """Put the RTU frames of whole requests on the line; what is no request to this stick is ignored."""
        self._buffer += data
        while (start := self._buffer.find(_START)) >= 0:
            self._buffer = self._buffer[start:]
            if len(self._buffer) < _HEADER.size:
                return
            _, length, code, sequence, serial = _HEADER.unpack_from(self._buffer)
            end = _HEADER.size + length
            if len(self._buffer) < end + _TRAILER:
                return
            body, trailer = self._buffer[:end], self._buffer[end : end + _TRAILER]
            self._buffer = self._buffer[end + _TRAILER :]
            sound = trailer == bytes((sum(body[1:]) & 0xFF, _END))
            if sound and code == _REQUEST and serial == self._serial:
                self._sequence = self._sequence & 0xFF00 | sequence & 0xFF
                self._line.feed(body[_HEADER.size + _REQUEST_HEAD :])

    def _answer(self, frame: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(envelope(_REPLY, self._sequence, self._serial, _REPLY_HEAD + frame))
        self._sequence = self._sequence + 0x100 & 0xFFFF
