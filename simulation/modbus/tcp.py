"""Modbus TCP: MBAP framing, several clients, pipelined requests."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable

from typing_extensions import override

from simulation.modbus.bus import Bus, Outcome
from simulation.modbus.protocol import MAX_PDU, ExceptionCode, exception_reply

_HEADER = struct.Struct(">HHHB")
_LENGTH_COVERS_UNIT = 1
_MAX_UNREAD = 64 * 1024
"""Bytes of answers that a client may leave unread before it is cut off."""


def adu(transaction: int, unit: int, pdu: bytes) -> bytes:
    """A TCP frame."""
    return _HEADER.pack(transaction, 0, len(pdu) + _LENGTH_COVERS_UNIT, unit) + pdu


class TcpConnection(asyncio.Protocol):
    """One client of a bus."""

    def __init__(self, bus: Bus, speed: float, rng: random.Random) -> None:
        """`speed`: seconds of the village per second of the host."""
        self._bus = bus
        self._speed = speed
        self._rng = rng
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back to the client."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows asyncio's base class
        self._transport = transport

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._transport = None

    @override
    def data_received(self, data: bytes) -> None:
        """Serve every request that is now complete; a client that does not speak Modbus is cut off."""
        self._buffer += data
        replies = []
        while len(self._buffer) >= _HEADER.size and self._transport is not None:
            transaction, protocol, length, unit = _HEADER.unpack_from(self._buffer)
            if protocol != 0 or not 1 < length <= MAX_PDU + _LENGTH_COVERS_UNIT or self._bus.lost:
                self._transport.abort()
                return
            end = _HEADER.size + length - _LENGTH_COVERS_UNIT
            if len(self._buffer) < end:
                break
            pdu = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            replies.append(self._serve(transaction, unit, pdu))
        self._send(b"".join(replies))

    def _serve(self, transaction: int, unit: int, pdu: bytes) -> bytes:
        """The frame to send at once; empty where nothing is to be sent now."""
        if not self._bus.knows(unit):
            return adu(transaction, unit, exception_reply(pdu[0], ExceptionCode.GATEWAY_TARGET))
        outcome = self._bus.serve(unit, pdu)
        if outcome.pdu is None or self._spoilt(outcome):
            return b""
        reply = adu(transaction, unit, outcome.pdu)
        if outcome.late_s:
            asyncio.get_running_loop().call_later(outcome.late_s / self._speed, self._send, reply)
            return b""
        return reply

    def _spoilt(self, outcome: Outcome) -> bool:
        """TCP never delivers flipped bits: noise in front of the device loses the answer."""
        return self._rng.random() < outcome.noise

    def _send(self, data: bytes) -> None:
        if self._transport is None or not data:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _MAX_UNREAD:
            self._transport.abort()


async def serve_tcp(make: Callable[[], asyncio.Protocol], host: str = "127.0.0.1") -> asyncio.Server:
    """A listening server on a free port of `host`."""
    return await asyncio.get_running_loop().create_server(make, host, 0)


def port_of(server: asyncio.Server) -> int:
    """The port that it listens on."""
    port: int = server.sockets[0].getsockname()[1]
    return port
