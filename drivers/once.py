"""Reading a device once, without the polling worker: for `tawan read` and `tawan check --devices`."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
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


async def read_once(device: Device, clock: Clock, only: Collection[str] | None = None) -> Snapshot:
    """Ask a device for everything once. Its bus must have no running line; the caller closes it.

    only: names of points; blocks with none of them are left out. None: all.
    """
    try:
        await device.prepare()
    except DriverError as err:
        return Snapshot({}, (str(err),))
    errors: list[str] = []
    silent: set[int] = set()
    polls = deque(poll for poll in device.polls() if only is None or _has(poll, only))
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
                halves = (Poll(part, poll.poll, poll.unit) for part in reversed(parts))
                polls.extendleft(half for half in halves if only is None or _has(half, only))
            else:
                names = ", ".join(point.name for point in poll.block.points)
                errors.append(f"{names or poll.block.address}: {err}")
    return Snapshot(device.readings(clock.monotonic()), tuple(errors))


def _has(poll: Poll, names: Collection[str]) -> bool:
    """Whether a block holds one of the points, or something that others need."""
    return bool(poll.block.extras) or any(point.name in names for point in poll.block.points)
