"""What systemd is told: ready, alive, stopping. Without systemd nothing happens.

Protocol: sd_notify(3). A datagram of KEY=VALUE lines to the socket named by NOTIFY_SOCKET.
"""

from __future__ import annotations

import os
import socket


class Systemd:
    """The service manager's ear, if there is one."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    def ready(self) -> None:
        """The first tick has been carried out."""
        self._send("READY=1")

    def pat_watchdog(self) -> None:
        """A tick was completed; without one systemd restarts the controller (WatchdogSec)."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """A clean stop has begun."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._socket is None:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            self._socket.sendto(message.encode(), address)
        except OSError:
            # Control goes on when the service manager does not listen: its watchdog then judges us.
            return
