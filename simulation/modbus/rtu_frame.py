"""RTU framing: CRC, how long a request is, and how long bytes take on the wire. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_FIXED_LENGTH = 8
"""Unit, function, two words, CRC."""
_COUNTED_HEADER = 7
"""Unit, function, address, count, byte count: then come the data and the CRC."""
_CRC_BYTES = 2
MIN_FRAME = 4


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_CRC_TABLE = _table()


def crc16(data: bytes) -> bytes:
    """The two CRC bytes as they follow `data` on the wire (low byte first)."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def frame(unit: int, pdu: bytes) -> bytes:
    """The bytes of an RTU frame."""
    body = bytes((unit,)) + pdu
    return body + crc16(body)


def intact(data: bytes) -> bool:
    """Whether the last two bytes are the CRC of those before."""
    return len(data) >= MIN_FRAME and crc16(data[:-_CRC_BYTES]) == data[-_CRC_BYTES:]


def request_length(data: bytes | bytearray) -> int | None:
    """How long the request that begins `data` is; None while that cannot be said.

    A function code that this server does not know has no known length: the whole of `data` is then
    taken for one frame, as the silence after it would make it on a wire.
    """
    if len(data) < 2:
        return None
    if data[1] in (1, 2, 3, 4, 5, 6):
        return _FIXED_LENGTH
    if data[1] in (15, 16):
        return None if len(data) < _COUNTED_HEADER else _COUNTED_HEADER + data[6] + _CRC_BYTES
    return max(MIN_FRAME, len(data))


@dataclass(frozen=True, slots=True)
class Wire:
    """How fast a line is."""

    baud: int
    bits_per_character: int
    """Start, data, parity and stop bits: 10 or 11."""

    @property
    def character_s(self) -> float:
        """Time of one byte."""
        return self.bits_per_character / self.baud

    @property
    def gap_s(self) -> float:
        """The silence that ends a frame: 3.5 characters, but 1.75 ms above 19200 baud."""
        return 3.5 * self.character_s if self.baud <= 19200 else 0.00175

    def frame_s(self, length: int) -> float:
        """Time of a frame of `length` bytes with the silence after it."""
        return length * self.character_s + self.gap_s
