"""Reading a device once, without the polling worker: for `tawan read` and `tawan check --devices`."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from controller.clock import Clock
from controller.core.model import Reading
from drivers.device import Device, Poll
from drivers.errors import SHAPE_CODES, DeviceUnreachableError, DriverError, RequestRefusedError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a device gave when it was asked once."""

    readings: Mapping[str, Reading]
    """All points of its profile, lost where it gave none; empty where even the profile is not known."""
    errors: tuple[str, ...]
    """Why points are missing, for people; an implausible value is missing without an error."""


async def read_once(device: Device, clock: Clock) -> Snapshot:
    """Ask a device for everything once. Its bus must have no running line; the caller closes it."""
    try:
        await device.prepare()
    except DriverError as err:
        return Snapshot({}, (str(err),))
    errors: list[str] = []
    silent: set[int] = set()
    polls = deque(device.polls())
    while polls:
        poll = polls.popleft()
        if poll.unit in silent:
            continue
        try:
            await device.read(poll.block)
        except DeviceUnreachableError as err:
            silent.add(poll.unit)
            errors.append(str(err))
        except RequestRefusedError as err:
            parts = device.refuse(poll.block) if err.code in SHAPE_CODES else ()
            if parts:
                polls.extendleft(Poll(part, poll.poll, poll.unit) for part in reversed(parts))
            else:
                names = ", ".join(point.name for point in poll.block.points)
                errors.append(f"{names or poll.block.address}: {err}")
    return Snapshot(device.readings(clock.monotonic()), tuple(errors))
