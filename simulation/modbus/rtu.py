"""Modbus RTU: several devices on one half-duplex line, paced at the wire's speed.

A line is served over a pty (what a USB adapter is to the controller) or over a TCP connection that carries
raw RTU frames (what an RS485 gateway does).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
import tty
from collections.abc import Callable

from typing_extensions import override

from simulation.modbus.bus import Bus, Outcome
from simulation.modbus.rtu_frame import Wire, frame, intact, request_length

_SLACK_S = 0.001
"""Waits shorter than this are not slept but owed: the operating system could not keep them."""
_SILENCE_S = 0.05
"""Host seconds after which the half of a frame is thrown away."""
_BROADCAST = 0


class RtuLine:
    """The devices' side of a line; `feed` it bytes, it calls `send` with answers."""

    def __init__(self, bus: Bus, wire: Wire, speed: float, rng: random.Random) -> None:
        """`speed`: seconds of the village per second of the host; the wire is as many times faster."""
        self._bus = bus
        self._wire = wire
        self._speed = speed
        self._rng = rng
        self._send: Callable[[bytes], None] | None = None
        self._buffer = bytearray()
        self._heard_s = 0.0
        self._frames: asyncio.Queue[tuple[bytes, float]] = asyncio.Queue()
        self._free_s = 0.0
        """Host time until which the wire is taken."""
        self._overslept_s = 0.0

    def attach(self, send: Callable[[bytes], None] | None) -> None:
        """From now on answers go to `send`; None: nobody listens."""
        self._send = send

    def feed(self, data: bytes) -> None:
        """Bytes from the master; anything but whole frames with a right CRC is ignored, as on a wire."""
        now_s = time.monotonic()
        if now_s - self._heard_s > _SILENCE_S:
            self._buffer.clear()
        self._heard_s = now_s
        self._buffer += data
        while (length := request_length(self._buffer)) is not None and len(self._buffer) >= length:
            request = bytes(self._buffer[:length])
            if not intact(request):
                self._buffer.clear()
                return
            del self._buffer[:length]
            self._frames.put_nowait((request, now_s))

    async def run(self) -> None:
        """Serve one request after the other, for ever."""
        while True:
            request, arrived_s = await self._frames.get()
            # What was slept too long last time is given back, so that the line keeps its speed on average;
            # the master's own pause stays, so it is never faster than the wire.
            self._free_s = max(self._free_s, arrived_s - self._overslept_s)
            await self._spend(self._wire.frame_s(len(request)))
            unit, pdu = request[0], request[1:-2]
            if unit == _BROADCAST:
                self._bus.broadcast(pdu)
                continue
            outcome = self._bus.serve(unit, pdu)
            if outcome.pdu is not None:
                await self._reply(frame(unit, outcome.pdu), outcome)

    async def _reply(self, reply: bytes, outcome: Outcome) -> None:
        if self._rng.random() < outcome.noise:
            reply = self._with_flipped_bit(reply)
        if outcome.late_s:  # others go on talking meanwhile, and this answer falls into their turn
            delay_s = (outcome.late_s + self._wire.frame_s(len(reply))) / self._speed
            asyncio.get_running_loop().call_later(delay_s, self._deliver, reply)
            return
        await self._spend(outcome.turnaround_s + self._wire.frame_s(len(reply)))
        self._deliver(reply)

    async def _spend(self, duration_s: float) -> None:
        """Let time pass on the wire [seconds of the village]."""
        self._free_s += duration_s / self._speed
        ahead_s = self._free_s - time.monotonic()
        if ahead_s > _SLACK_S:
            await asyncio.sleep(ahead_s)
        self._overslept_s = max(0.0, time.monotonic() - self._free_s)

    def _deliver(self, reply: bytes) -> None:
        if self._send is not None and not self._bus.lost:
            self._send(reply)

    def _with_flipped_bit(self, reply: bytes) -> bytes:
        spoilt = bytearray(reply)
        spoilt[self._rng.randrange(len(spoilt))] ^= 1 << self._rng.randrange(8)
        return bytes(spoilt)


class PtyPort:
    """A serial port made of a pty: the master's end is ours, `path` is what a client opens."""

    def __init__(self, line: RtuLine) -> None:
        self._line = line
        self._ours, self._theirs = os.openpty()
        # Their end stays open here as well: otherwise a client that closes it would hang the line up.
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        line.attach(self._write)
        asyncio.get_running_loop().add_reader(self._ours, self._readable)

    def close(self) -> None:
        """Take the port away."""
        asyncio.get_running_loop().remove_reader(self._ours)
        self._line.attach(None)
        os.close(self._ours)
        os.close(self._theirs)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._line.feed(os.read(self._ours, 4096))

    def _write(self, data: bytes) -> None:
        # Nobody reads a full pty: as on a wire, the bytes are gone.
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)


class RtuOverTcpConnection(asyncio.Protocol):
    """A client of a gateway that carries raw RTU frames; the newest client gets the answers."""

    def __init__(self, line: RtuLine) -> None:
        self._line = line

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answers go here from now on."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows asyncio's base class
        self._line.attach(transport.write)

    @override
    def data_received(self, data: bytes) -> None:
        """Put the bytes on the line."""
        self._line.feed(data)
