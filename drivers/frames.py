"""Which received bytes are the answer to which request. Pure.

Modbus RTU numbers nothing: a reply carries its unit, its function and its length, and that is all that tells
it from another. So nothing but exactly the awaited answer is let through, and the header by which it is known
is also what tells requests apart whose late answers could be confused.
"""

from __future__ import annotations

from drivers.model import Table

READ_FUNCTION = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
REFUSALS = {
    1: "illegal function",
    2: "no such address",
    3: "illegal value",
    4: "device failure",
    5: "accepted, not done yet",
    6: "busy",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
"""What Modbus exception codes mean."""

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
    """The frame within received that answers the request, good or exception; empty while there is none."""
    header = answer_header(request[1:-2])
    found = _frame(received, request[:1] + header, 1 + answer_size(header) + 2)
    return found or _frame(received, bytes((request[0], header[0] | _ERROR)), 5)


def _frame(received: bytes, header: bytes, size: int) -> bytes:
    start = received.find(header)
    frame = received[start : start + size] if start >= 0 else b""
    return frame if len(frame) == size else b""


def tcp_answer(request: bytes, received: bytes) -> bytes:
    """The frame within received that answers the request, good or exception; empty while there is none."""
    header = answer_header(request[_MBAP:])
    sizes = {header: _MBAP + answer_size(header), bytes((header[0] | _ERROR,)): _MBAP + 2}
    while len(received) > _MBAP:
        size = 6 + int.from_bytes(received[4:6], "big")
        frame, received = received[:size], received[size:]
        if frame[:4] != request[:4] or frame[6:7] != request[6:7] or len(frame) < size:
            continue
        if any(frame[_MBAP:].startswith(start) and size == expected for start, expected in sizes.items()):
            return frame
    return b""


class Gate:
    """Stands between the wire and pymodbus, and lets only the answer to the latest request through."""

    def __init__(self, *, rtu: bool) -> None:
        self._answer = rtu_answer if rtu else tcp_answer
        self._request = b""
        self._open = False
        self._stray = 0
        self.received = 0
        """Bytes that came since the latest request was sent."""

    def trace(self, sending: bool, data: bytes) -> bytes:
        """The hook that pymodbus calls with what it sends, and with all it received since it last sent."""
        if sending:
            self._request, self._open, self._stray, self.received = data, True, 0, 0
            return data
        self.received = len(data)
        if not self._open:
            self._stray += len(data)
            return b""
        answer = self._answer(self._request, data)
        if answer:
            self._open = False
            self._stray = len(data) - len(answer)
        return answer

    @property
    def disturbed(self) -> bool:
        """Whether more than the answer came: another frame may be under way."""
        return self._stray >= _SMALLEST_FRAME
