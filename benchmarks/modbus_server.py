"""Small fast Modbus servers in a process of their own, so that they take no time from the client measured.

Run: python benchmarks/modbus_server.py tcp | rtu BAUD   (says where it listens; serves until its input ends)
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulation.modbus.rtu_frame import crc16

REQUEST_BYTES = 8
SILENT_CHARS = 3.5
_SPIN_S = 0.0003
"""The operating system wakes a sleeper so much too late; the wire does not."""
_TCP_REQUEST = struct.Struct(">HHHBBHH")


class TcpServer(asyncio.Protocol):
    """Answers reads of registers; each register holds its address."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while len(self._received) >= _TCP_REQUEST.size:
            number, _, _, unit, function, address, count = _TCP_REQUEST.unpack_from(self._received)
            self._received = self._received[_TCP_REQUEST.size :]
            head = struct.pack(">HHHBBB", number, 0, 3 + 2 * count, unit, function, 2 * count)
            self._transport.write(head + struct.pack(f">{count}H", *range(address, address + count)))


async def serve_tcp() -> None:
    server = await asyncio.get_running_loop().create_server(TcpServer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def serve_rtu(char_s: float) -> None:
    """Slaves on a line that carries bytes no faster than its bit rate.

    A request is over when 3.5 characters of silence have followed it; then the answer takes its time, and is
    there with its last byte. The silence behind it is the master's to keep.
    """
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    print(os.ttyname(theirs), flush=True)
    received = b""
    while True:
        received += os.read(ours, 4096)
        arrived_s = time.perf_counter()
        if len(received) < REQUEST_BYTES:
            continue
        unit, function, address, count = struct.unpack_from(">BBHH", received)
        received = b""
        words = struct.pack(f">{count}H", *range(address, address + count))
        reply = bytes((unit, function, 2 * count)) + words
        reply += crc16(reply)
        due_s = arrived_s + (REQUEST_BYTES + SILENT_CHARS + len(reply)) * char_s
        time.sleep(max(0.0, due_s - time.perf_counter() - _SPIN_S))
        while time.perf_counter() < due_s:
            pass
        os.write(ours, reply)


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """A server of its own process, and where it listens."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    if sys.argv[1] == "tcp":
        asyncio.run(serve_tcp())
    else:
        serve_rtu(10 / int(sys.argv[2]))
