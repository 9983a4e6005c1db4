"""The way onto a line: opening it, closing it, keeping it quiet. Times are the host's seconds."""

from __future__ import annotations

import asyncio
import logging
import os
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random, SystemRandom
from typing import Generic, Protocol, TypeVar

from controller.settings import RtuBus, SolarmanBus, TcpBus
from drivers.backoff import Backoff
from drivers.frames import Gate, RtuGate, TcpGate
from drivers.model import Pace
from drivers.solarman import SolarmanGate
from drivers.wire import AnyBus, Tuning, describe, sleep_until

_log = logging.getLogger(__name__)

_KEPT_UNANSWERED = 3
"""A connection that is not to be given up lightly survives fewer unanswered requests in a row."""
_FAREWELL_S = 0.5
"""A server of one client needs a moment to see that we have gone before it takes us again."""


class Client(Protocol):
    """A client that can be opened once."""

    @property
    def connected(self) -> bool:
        """Whether it is open."""
        ...

    async def connect(self) -> bool:
        """Open it; whether that worked."""
        ...

    def close(self) -> None:
        """Close it for good."""
        ...


ClientT = TypeVar("ClientT", bound=Client)


class Door(Generic[ClientT]):
    """Opens one line, again and again: each time with a new client and a new gate."""

    def __init__(
        self,
        bus: str,
        settings: AnyBus,
        tuning: Tuning,
        speed: float,
        make: Callable[[Gate], ClientT],
        random: Random | None = None,
    ) -> None:
        self.client: ClientT | None = None
        self.gate = _gate_for(settings, None)
        self.retry_s = 0.0
        """When the next attempt to open is due, on the event loop's clock."""
        self.free_s = float("-inf")
        """When the line may be used next, on the event loop's clock."""
        self._bus = bus
        self._settings = settings
        self._quiet_s = tuning.quiet_s
        self._speed = speed
        self._make = make
        self._backoff = Backoff(
            tuning.connect_first_s / speed, tuning.connect_cap_s / speed, random or SystemRandom()
        )
        self._unanswered = 0
        self._one_client = False
        self._connect_delay_s = 0.0

    def suit(self, paces: Sequence[Pace]) -> None:
        """Open and close as all devices of the line want it."""
        self._one_client = any(pace.one_client for pace in paces)
        self._connect_delay_s = max(pace.connect_delay_s for pace in paces)

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self.client is not None and self.client.connected

    async def open(self) -> str | None:
        """Open a closed line, now; why it cannot be opened, or None where it is open."""
        loop = asyncio.get_running_loop()
        await sleep_until(self.free_s)
        self.gate = _gate_for(self._settings, self.gate)
        client = self._make(self.gate)
        try:
            opened = await client.connect()
        except termios.error:  # pyserial lets it through when an adapter is pulled while it opens
            opened = False
        if not opened:
            client.close()
            return self._failed(loop.time())
        if self._backoff.failures:
            _log.info("bus %s: connected again", self._bus)
        self._backoff.succeeded()
        self._unanswered = 0
        self.client = client
        self.free_s = loop.time() + self._connect_delay_s / self._speed
        return None

    def close(self) -> None:
        """Close the line."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def answered(self) -> None:
        """The other side lives."""
        self._unanswered = 0

    def unanswered(self, now_s: float) -> None:
        """Leave the line quiet after a request without an answer; closed, unless it is worth keeping."""
        self._unanswered += 1
        pause_s = self._quiet_s
        if not self._worth_keeping() or self._unanswered >= _KEPT_UNANSWERED:
            self.close()
            pause_s = max(pause_s, _FAREWELL_S) if self._one_client else pause_s
        self.free_s = now_s + pause_s / self._speed

    def why_no_answer(self, timeout_s: float) -> str:
        """What came instead of the answer to the request that is out, for people."""
        if self.gate.received:
            return self.gate.hint or f"{self.gate.received} bytes came that are no answer to the request"
        return f"no answer within {timeout_s:.2f} s" if self.is_open else "the connection was lost"

    def _worth_keeping(self) -> bool:
        """Whether frames are numbered on the connection, and it is not had for the asking."""
        if isinstance(self._settings, SolarmanBus):
            return True
        return isinstance(self._settings, TcpBus) and self._one_client

    def _failed(self, now_s: float) -> str:
        why = _why_not(self._settings)
        if not self._backoff.failures:
            _log.warning("bus %s: %s; it is tried again, quietly", self._bus, why)
        self.retry_s = now_s + self._backoff.failed()
        return why


def _gate_for(settings: AnyBus, before: Gate | None) -> Gate:
    """The gate of a new connection."""
    if isinstance(settings, SolarmanBus):
        sequence = before.sequence if isinstance(before, SolarmanGate) else SystemRandom().randrange(0x100)
        return SolarmanGate(settings.serial, sequence)
    return TcpGate() if isinstance(settings, TcpBus) else RtuGate()


def _why_not(settings: AnyBus) -> str:
    """Why a line does not open, for people."""
    if not isinstance(settings, RtuBus):
        return f"cannot connect to {describe(settings)}"
    port = Path(settings.port)
    if not port.exists():  # what udev leaves of an adapter that is pulled may be a link to nowhere
        return f"{port} is not there: is the adapter plugged in?"
    if not os.access(port, os.R_OK | os.W_OK):
        return f"{port} may not be opened: is the user in the group dialout?"
    return f"cannot open {port}: does another program use it?"
