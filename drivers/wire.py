"""How long bytes take on a bus, and how patient we are with it. Times are the host's seconds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeAlias

from controller.settings import RtuBus, RtuOverTcpBus, TcpBus

AnyBus: TypeAlias = TcpBus | RtuOverTcpBus | RtuBus

_BITS_PER_CHAR = 11
_SILENT_CHARS = 3.5
_LEAST_SILENCE_S = 0.00175
"""Modbus fixes the silence between frames for fast lines."""
_FRAMING_BYTES = 3
"""Unit and CRC."""
_SHORTEST_SLEEP_S = 0.0005
"""The event loop rounds shorter sleeps up to a millisecond; a turn of the loop is nearer."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient a bus is [s of the host, divided by the clock's speed unless it is a floor]."""

    timeout_floor_s: float = 0.1
    """No answer is given less time, however fast the clock runs."""
    quiet_s: float = 0.05
    """For how long the line is left alone after a failure."""
    settle_s: float = 5.0
    """After so long without a request a unit is not expected to answer the last one any more."""
    connect_timeout_s: float = 3.0
    """Not divided: it is about the host's network."""
    connect_first_s: float = 0.5
    connect_cap_s: float = 8.0


DEFAULT_TUNING = Tuning()


@dataclass(frozen=True, slots=True)
class Wire:
    """The pace of one bus."""

    rtu: bool
    """Whether it carries RTU frames, which no number tells apart."""
    char_s: float
    """Time of one character; 0 on Ethernet."""
    silence_s: float
    """Least silence before a request."""

    @classmethod
    def of(cls, settings: AnyBus, speed: float) -> Wire:
        """The wire that the settings describe, sped up."""
        if isinstance(settings, TcpBus):
            return cls(rtu=False, char_s=0.0, silence_s=0.0)
        char_s = _BITS_PER_CHAR / settings.baud
        return cls(True, char_s / speed, max(_SILENT_CHARS * char_s, _LEAST_SILENCE_S) / speed)

    def exchange_s(self, request_pdu_bytes: int, answer_pdu_bytes: int) -> float:
        """Time on the wire of a request and its answer."""
        return self.char_s * (request_pdu_bytes + answer_pdu_bytes + 2 * _FRAMING_BYTES)


def describe(settings: AnyBus) -> str:
    """Where a bus leads, for people."""
    if isinstance(settings, RtuBus):
        return f"{settings.port} at {settings.baud} baud"
    return f"{settings.host}:{settings.port}"


async def sleep_until(due_s: float) -> None:
    """Wait until a time of the event loop's clock."""
    remaining_s = due_s - asyncio.get_running_loop().time()
    if remaining_s > _SHORTEST_SLEEP_S:
        await asyncio.sleep(remaining_s)
    elif remaining_s > 0:
        await asyncio.sleep(0)
