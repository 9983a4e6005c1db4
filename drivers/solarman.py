"""The envelope in which Solarman data logging sticks carry RTU frames over TCP ("V5"). Pure.

Our own, because the library for it keeps its framing private, takes each piece that a socket returns for a
whole frame, and gives up a request from outside: here replies come split, glued together and late, between
the stick's own reports to its maker's cloud. Those wait for no answer of ours and are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.frames import rtu_answer

_START, _END = 0xA5, 0x15
_REQUEST, _REPLY = 0x4510, 0x1510
_INVERTER = 0x02
"""Kind of frame: it is about what the stick is plugged into."""
_HEADER = struct.Struct("<BHHHI")
"""Start, length of the payload, what it is, sequence, serial number of the stick."""
_ASKING = struct.pack("<BHIII", _INVERTER, 0, 0, 0, 0)
"""What stands before the RTU frame of a request: kind, sensor, and three times that only replies tell."""
_TELLING = 14
"""Bytes before the RTU frame of a reply: kind, status, and the three times."""
_TRAILER = 2
_SEQUENCES = 0x100
"""The stick returns the low byte of the sequence and counts its own frames in the high one."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame of a stick, taken apart."""

    code: int
    """What it is: a reply, a heartbeat, a report."""
    sequence: int
    """The low byte: in a reply that of the request."""
    serial: int
    """Of the stick that sent it."""
    payload: bytes


def wrap(frame: bytes, sequence: int, serial: int) -> bytes:
    """An RTU request for the device behind the stick with this serial number; sequence: 0 to 255."""
    payload = _ASKING + frame
    body = _HEADER.pack(_START, len(payload), _REQUEST, sequence, serial) + payload
    return body + bytes((sum(body[1:]) & 0xFF, _END))


def unwrap(received: bytes) -> Iterator[Envelope]:
    """The whole and sound frames among received bytes, whatever stands between them."""
    start = received.find(_START)
    while 0 <= start <= len(received) - _HEADER.size - _TRAILER:
        _, length, code, sequence, serial = _HEADER.unpack_from(received, start)
        end = start + _HEADER.size + length
        if (
            received[end + 1 : end + 2] == bytes((_END,))
            and sum(received[start + 1 : end]) & 0xFF == received[end]
        ):
            yield Envelope(code, sequence % _SEQUENCES, serial, received[start + _HEADER.size : end])
            start = received.find(_START, end + _TRAILER)
        else:
            start = received.find(_START, start + 1)


class SolarmanGate:
    """Wraps requests for a stick, and lets only the answer to the latest one out of its envelope.

    A late reply carries an older sequence, so it is known for what it is; frames that come unasked are the
    stick's own affairs.
    """

    disturbed = False

    def __init__(self, serial: int, sequence: int) -> None:
        """Sequence: that of the latest request on any earlier connection."""
        self.sequence = sequence
        self.received = 0
        self.hint: str | None = None
        self._serial = serial
        self._request = b""

    def send(self, frame: bytes) -> bytes:
        """Wrap a request frame."""
        self.sequence = (self.sequence + 1) % _SEQUENCES
        self._request, self.received, self.hint = frame, 0, None
        return wrap(frame, self.sequence, self._serial)

    def receive(self, data: bytes) -> bytes:
        """The PDU that answers."""
        self.received = len(data)
        for envelope in unwrap(data) if self._request else ():
            if envelope.code != _REPLY or envelope.sequence != self.sequence:
                continue
            if envelope.serial != self._serial:
                self.hint = f"the stick there has the serial number {envelope.serial}, not {self._serial}"
            elif answer := rtu_answer(self._request, envelope.payload[_TELLING:]):
                return answer[1:-2]
            else:
                self.hint = "the stick answers, but what it is plugged into does not"
        return b""
