"""How long bytes take on a bus, and how patient we are with it. Times are the host's seconds."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TypeAlias

from controller.settings import RtuBus, RtuOverTcpBus, SolarmanBus, TcpBus

AnyBus: TypeAlias = TcpBus | RtuOverTcpBus | SolarmanBus | RtuBus

_LONGEST_CHAR_BITS = 11
"""Start, eight of data, parity or a second stop bit, stop: where the settings do not say."""
_STICK_BAUD = 9600
"""What the sticks speak with their inverters."""
_SILENT_CHARS = 3.5
_LEAST_SILENCE_S = 0.00175
"""Modbus fixes the silence between frames for fast lines."""
_FRAMING_BYTES = 3
"""Unit and CRC."""
_RTU_BYTES = 8 + 5
"""Request (unit, function, address, count, CRC) and what frames the reply (unit, function, length, CRC)."""
_TCP_BYTES = 12 + 9 + 2 * 20
"""The same with Modbus TCP's longer header, and an IP header each way."""
_STICK_BYTES = _RTU_BYTES + 28 + 27 + 2 * 20
"""The same with a stick's envelope and an IP header each way."""
_GATEWAY_S = 0.1
"""What a gateway may add to the time an answer takes: often it is a radio that sleeps between packets."""
_STICK_S = 2.0
"""What a stick may add: it has the inverter and the maker's cloud to talk to as well."""
_LOOP_STEP_S = 0.001
"""The event loop rounds its waits up to this."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient a bus is [s of the host, divided by the clock's speed unless it is a floor]."""

    timeout_floor_s: float = 0.1
    """No answer is given less time, however fast the clock runs."""
    quiet_s: float = 0.05
    """For how long the line is left alone after a failure."""
    settle_s: float = 5.0
    """So long after a request its answer is not expected any more."""
    connect_timeout_s: float = 3.0
    """Not divided: it is about the host's network."""
    connect_first_s: float = 0.5
    connect_cap_s: float = 4.0


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
    overhead_bytes: float
    """What a read costs besides the registers, silences included, in bytes of this wire."""
    relay_s: float = 0.0
    """What lies between us and the line may add so much to the time that an answer takes."""

    @classmethod
    def of(cls, settings: AnyBus, speed: float) -> Wire:
        """The wire that the settings describe, sped up."""
        if isinstance(settings, TcpBus):
            return cls(rtu=False, char_s=0.0, silence_s=0.0, overhead_bytes=_TCP_BYTES)
        if isinstance(settings, SolarmanBus):
            char_s = _LONGEST_CHAR_BITS / _STICK_BAUD
            return cls(True, char_s / speed, 0.0, _STICK_BYTES, _STICK_S / speed)
        char_s = _char_bits(settings) / settings.baud
        silence_s = max(_SILENT_CHARS * char_s, _LEAST_SILENCE_S)
        relay_s = _GATEWAY_S if isinstance(settings, RtuOverTcpBus) else 0.0
        overhead_bytes = _RTU_BYTES + 2 * silence_s / char_s
        return cls(True, char_s / speed, silence_s / speed, overhead_bytes, relay_s / speed)

    def exchange_s(self, request_pdu_bytes: int, answer_pdu_bytes: int) -> float:
        """Time on the wire of a request and its answer."""
        return self.char_s * (request_pdu_bytes + answer_pdu_bytes + 2 * _FRAMING_BYTES)


def _char_bits(settings: RtuBus | RtuOverTcpBus) -> int:
    if isinstance(settings, RtuOverTcpBus):
        return _LONGEST_CHAR_BITS
    return 9 + (settings.parity != "none") + settings.stop_bits


def describe(settings: AnyBus) -> str:
    """Where a bus leads, for people."""
    if isinstance(settings, RtuBus):
        return f"{settings.port} at {settings.baud} baud"
    return f"{settings.host}:{settings.port}"


async def sleep_until(due_s: float) -> None:
    """Wait until a time of the event loop's clock.

    The loop would add up to a millisecond, which is as long as the silence between frames; so the last part
    of a millisecond is spent here, while the others wait.
    """
    loop = asyncio.get_running_loop()
    if (remaining_s := due_s - loop.time()) <= 0:
        return
    await asyncio.sleep(math.floor(remaining_s / _LOOP_STEP_S) * _LOOP_STEP_S)
    _nap(due_s - loop.time())


def _nap(duration_s: float) -> None:
    if duration_s > 0:
        time.sleep(duration_s)
