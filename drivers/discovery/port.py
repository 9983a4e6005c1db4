"""A serial port before it is searched: can it be opened, and is somebody talking there already?"""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import serial

from controller.settings import RtuBus

_BY_ID = Path("/dev/serial/by-id")
_PARITY = {"none": "N", "even": "E", "odd": "O"}


async def overheard(settings: RtuBus, for_s: float = 0.6) -> int:
    """How many bytes come unasked within some seconds; more than a few: another master is at work.

    Raises OSError (as it comes from the port; `why_not` explains it).
    """

    def listen() -> int:
        with serial.Serial(
            settings.port,
            settings.baud,
            parity=_PARITY[settings.parity],
            stopbits=settings.stop_bits,
            timeout=for_s,
            exclusive=True,
        ) as port:
            return len(port.read(64))

    return await asyncio.to_thread(listen)


def why_not(port: str, error: OSError) -> str:
    """Why a serial port cannot be opened, and what to do, in one sentence."""
    number = error.errno
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"{port}: permission denied; run with sudo, or add yourself to the group dialout and log in anew"
        )
    if number in (errno.EAGAIN, errno.EBUSY):
        return f"{port}: another program has it open; stop that first (`fuser {port}` names it)"
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return f"{port}: there is no such port; is the adapter plugged in? {_there_are()}"
    return f"{port} is no serial port; name one. {_there_are()}"


def _there_are() -> str:
    ports = sorted(_BY_ID.iterdir()) if _BY_ID.is_dir() else []
    if not ports:
        return f"There is none in {_BY_ID} at the moment."
    return f"There is: {', '.join(str(port) for port in ports)}"
