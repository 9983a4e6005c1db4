"""Which received bytes are the answer to which request. Pure.

Modbus RTU numbers nothing: a reply carries its unit, its function and its length, and that is all that tells
it from another. So nothing but exactly the awaited answer is let through, and the header by which it is known
is also what tells requests apart whose late answers could be confused.
"""

from __future__ import annotations

import struct
from typing import Protocol

from drivers.model import Table

READ_FUNCTION = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
_BIT_READS = (1, 2)
_REGISTER_READS = (3, 4)
_ERROR = 0x80
_MBAP = 7
"""Bytes of the Modbus TCP header: transaction, protocol, length, unit."""
_SMALLEST_FRAME = 4
"""Fewer stray bytes are a glitch of the line, not a frame or a part of one worth fearing."""


def answer_header(pdu: bytes) -> bytes:
    """How the good answer to a request begins, unit aside: function and byte count, or the write's echo."""
    function = pdu[0]
    count = int.from_bytes(pdu[3:5], "big")
    if function in _BIT_READS:
        return bytes((function, -(-count // 8)))
    if function in _REGISTER_READS:
        return bytes((function, 2 * count))
    return pdu[:5]


def is_read(header: bytes) -> bool:
    """Whether it is the header of an answer to a read."""
    return header[0] in _BIT_READS + _REGISTER_READS


def answer_size(header: bytes) -> int:
    """Bytes of the PDU that begins with this header."""
    return 2 + header[1] if is_read(header) else 5


def rtu_answer(request: bytes, received: bytes) -> bytes:
    """The frame within received that answers the request frame; empty while there is none."""
    header = answer_header(request[1:-2])
    found = _frame(received, request[:1] + header, 1 + answer_size(header) + 2)
    return found or _frame(received, bytes((request[0], header[0] | _ERROR)), 5)


def _frame(received: bytes, header: bytes, size: int) -> bytes:
    """The first frame of this size that begins so and that its checksum confirms."""
    start = received.find(header)
    while start >= 0:
        frame = received[start : start + size]
        if len(frame) == size and crc16(frame[:-2]) == frame[-2:]:
            return frame
        start = received.find(header, start + 1)
    return b""


def strangers_in(received: bytes, unit: int) -> bool:
    """Whether there is a whole RTU answer of another unit among these bytes."""
    for start in range(len(received) - _SMALLEST_FRAME):
        size = _frame_size(received[start + 1 : start + 3])
        frame = received[start : start + size]
        if frame[0] != unit and len(frame) == size and crc16(frame[:-2]) == frame[-2:]:
            return True
    return False


def _frame_size(start: bytes) -> int:
    """Length of the RTU answer that goes on with this function and, for reads, this number of bytes."""
    function, count = start
    if function & _ERROR:
        return 5
    return 3 + count + 2 if function in (*_BIT_READS, *_REGISTER_READS) else 8


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xA001 if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> bytes:
    """The checksum of an RTU frame, as it follows the data."""
    remainder = 0xFFFF
    for byte in data:
        remainder = remainder >> 8 ^ _CRC[(remainder ^ byte) & 0xFF]
    return remainder.to_bytes(2, "little")


def tcp_answer(request: bytes, received: bytes) -> bytes:
    """The frame within received that answers the request frame; empty while there is none."""
    header = answer_header(request[_MBAP:])
    size, refusal = _MBAP + answer_size(header), bytes((header[0] | _ERROR,))
    while len(received) > _MBAP:
        length = 6 + int.from_bytes(received[4:6], "big")
        frame, received = received[:length], received[length:]
        if frame[:4] != request[:4] or frame[6] != request[6] or len(frame) < length:
            continue
        if length == size and frame.startswith(header, _MBAP):
            return frame
        if length == _MBAP + 2 and frame.startswith(refusal, _MBAP):
            return frame
    return b""


def words_of(answer: bytes) -> list[int]:
    """The registers in the PDU that answers a read of them."""
    return list(struct.unpack(f">{len(answer) // 2 - 1}H", answer[2:]))


def bits_of(answer: bytes, count: int) -> list[int]:
    """The first bits, as 0 and 1, in the PDU that answers a read of them."""
    return [answer[2 + index // 8] >> index % 8 & 1 for index in range(count)]


def refusal_of(answer: bytes) -> int | None:
    """The exception code, if the PDU is an exception."""
    return answer[1] if answer[0] & _ERROR else None


class Gate(Protocol):
    """Stands at the end of the wire, and lets only the answer to the latest request through."""

    received: int
    """Bytes that came since the latest request was sent."""
    hint: str | None
    """What those bytes say about why there is no answer."""

    def send(self, frame: bytes) -> bytes:
        """Take note of a request frame; what goes out for it."""
        ...

    def receive(self, data: bytes) -> bytes:
        """The PDU that answers, from all that came since the request was sent; empty while there is none."""
        ...

    @property
    def disturbed(self) -> bool:
        """Whether more than the answer came: another frame may be under way."""
        ...


class TcpGate:
    """For Modbus TCP, where transactions have numbers: what answers none that is open is passed over."""

    disturbed = False

    def __init__(self) -> None:
        self.received = 0
        self.hint: str | None = None
        self._request = b""

    def send(self, frame: bytes) -> bytes:
        """Take note of a request frame."""
        self._request, self.received = frame, 0
        return frame

    def receive(self, data: bytes) -> bytes:
        """The PDU that answers."""
        self.received = len(data)
        return tcp_answer(self._request, data)[_MBAP:] if self._request else b""


class RtuGate:
    """For RTU frames, of which any that comes unasked is a reason for caution."""

    def __init__(self) -> None:
        self.received = 0
        self.hint: str | None = None
        self._request = b""
        self._taken = 0
        """Length of the answer and of what belongs to it, once it is there."""

    def send(self, frame: bytes) -> bytes:
        """Take note of a request frame."""
        self._request, self.received, self._taken = frame, 0, 0
        return frame

    def receive(self, data: bytes) -> bytes:
        """The PDU that answers."""
        self.received = len(data)
        answer = rtu_answer(self._request, data) if self._request and not self._taken else b""
        if not answer:
            return b""
        before = data[: data.index(answer)]
        if strangers_in(before, self._request[0]):
            return b""  # other units are late: one of them may have answered in this one's name
        echo = self._request if before == self._request else b""  # some adapters hear themselves
        self._taken = len(echo) + len(answer)
        return answer[1:-2]

    @property
    def disturbed(self) -> bool:
        """Whether more than the answer came."""
        return self.received - self._taken >= _SMALLEST_FRAME
