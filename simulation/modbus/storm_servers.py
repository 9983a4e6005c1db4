"""The transports on which stormy slaves are reached."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from typing_extensions import override

from simulation.modbus.rtu_frame import frame as rtu_frame
from simulation.modbus.rtu_frame import request_length
from simulation.modbus.solarman import envelope
from simulation.modbus.storm import FrameOf, Sender, StormySlaves
from simulation.modbus.tcp import adu

_MBAP = 7
_STICK_HEAD, _STICK_REQUEST, _STICK_TRAILER = 11, 15, 2
_STICK_REPLY = 0x1510
_HEARTBEAT = 0x4710
_REPLY_HEAD = bytes((2, 1)) + bytes(12)


@dataclass(frozen=True, slots=True)
class Heard:
    """One whole request at the beginning of what was received."""

    unit: int
    pdu: bytes
    size: int
    """Bytes of it in what was received."""
    frame: FrameOf


Parse: TypeAlias = Callable[[bytes], Heard | None]
"""The request at the beginning of received bytes; None while it is not whole."""


def parse_tcp(received: bytes) -> Heard | None:
    """Modbus TCP."""
    if len(received) < _MBAP or len(received) < (size := 6 + int.from_bytes(received[4:6], "big")):
        return None
    number = int.from_bytes(received[:2], "big")
    return Heard(received[6], received[_MBAP:size], size, lambda unit, pdu: adu(number, unit, pdu))


def parse_rtu(received: bytes) -> Heard | None:
    """Raw RTU frames."""
    size = request_length(received)
    if size is None or len(received) < size:
        return None
    return Heard(received[0], received[1 : size - 2], size, rtu_frame)


def parse_solarman(received: bytes) -> Heard | None:
    """RTU frames in a stick's envelope; a heartbeat of its own goes out before each answer."""
    size = _STICK_HEAD + int.from_bytes(received[1:3], "little") + _STICK_TRAILER
    if len(received) < max(size, _STICK_HEAD + _STICK_TRAILER):
        return None
    sequence, serial = int.from_bytes(received[5:7], "little"), int.from_bytes(received[7:11], "little")
    inner = received[_STICK_HEAD + _STICK_REQUEST : size - _STICK_TRAILER]

    def frame(unit: int, pdu: bytes) -> bytes:
        payload = _REPLY_HEAD + rtu_frame(unit, pdu)
        heartbeat = envelope(_HEARTBEAT, sequence + 1, serial, b"\0")
        return heartbeat + envelope(_STICK_REPLY, sequence, serial, payload)

    return Heard(inner[0], inner[1:-2], size, frame)


class StormConnection(asyncio.Protocol):
    """A client of stormy slaves."""

    def __init__(self, slaves: StormySlaves, parse: Parse) -> None:
        self._slaves = slaves
        self._parse = parse
        self._received = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows asyncio's base class
        self._sender = Sender(lambda data: _write(transport, data), transport.close)

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (heard := self._parse(self._received)) is not None:
            self._received = self._received[heard.size :]
            self._sender.send(heard.unit, self._slaves.answer(heard.unit, heard.pdu, heard.frame))


def _write(transport: asyncio.Transport, data: bytes) -> None:
    if not transport.is_closing():
        transport.write(data)


class StormPort:
    """A serial adapter at a lasting name; it is pulled, and is another tty when it is back."""

    def __init__(self, slaves: StormySlaves, name: Path, away_s: float) -> None:
        """name: where the symbolic link is made; away_s: for how long a pulled adapter is away."""
        self._slaves = slaves
        self._name = name
        self._away_s = away_s
        self._ours = self._theirs = -1
        self._received = b""
        self._open = True
        self._sender = Sender(self._write, self.pull)
        self.plug()

    def plug(self) -> None:
        """Have it there, as a tty of another number."""
        if not self._open:
            return
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self._received = b""
        self._name.symlink_to(os.ttyname(self._theirs))
        asyncio.get_running_loop().add_reader(self._ours, self._readable)

    def pull(self) -> None:
        """Pull it; it comes back by itself."""
        self._unplug()
        asyncio.get_running_loop().call_later(self._away_s, self.plug)

    def close(self) -> None:
        """Take it away for good."""
        self._open = False
        self._unplug()

    def _unplug(self) -> None:
        if self._ours < 0:
            return
        asyncio.get_running_loop().remove_reader(self._ours)
        self._name.unlink()
        os.close(self._ours)
        os.close(self._theirs)
        self._ours = -1

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._received += os.read(self._ours, 4096)
        while (heard := parse_rtu(self._received)) is not None:
            self._received = self._received[heard.size :]
            self._sender.send(heard.unit, self._slaves.answer(heard.unit, heard.pdu, heard.frame))

    def _write(self, data: bytes) -> None:
        if self._ours >= 0:
            with contextlib.suppress(BlockingIOError):
                os.write(self._ours, data)
