"""What the tests of lines share: points, a meter, a line at work."""

import asyncio
import contextlib

from faulty_slave import RtuLine, TcpSlave

from controller.clock import ScaledClock
from controller.core.model import Role
from drivers.bus import Bus
from drivers.device import Device
from drivers.line import Line
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table, WritePoint
from drivers.wire import Tuning

SPEED = 20.0
TUNING = Tuning(timeout_floor_s=0.03, quiet_s=0.05, settle_s=5.0, connect_first_s=0.5, connect_cap_s=1.0)
URGENT, FAST, SLOW = PollClass.URGENT, PollClass.FAST, PollClass.SLOW


def point(name: str, address: int, poll: PollClass = FAST) -> ReadPoint:
    return ReadPoint(name, Table.HOLDING, address, DataType.UINT16, poll)


def profile(*reads: ReadPoint, writes: tuple[WritePoint, ...] = (), max_block: int = 60) -> Profile:
    return Profile(
        "example",
        Role.METER,
        "none",
        "unconfirmed",
        Pace(timeout_s=0.6, max_block=max_block),
        {read.name: read for read in reads},
        {write.name: write for write in writes},
    )


COIL = WritePoint("channel_1", Table.COIL, 3, DataType.BIT, (0, 1), eeprom=False)
METER = profile(point("power_w", 0), point("energy_import_wh", 100, SLOW), writes=(COIL,))


@contextlib.asynccontextmanager
async def running(line: Line):
    task = asyncio.create_task(line.run())
    try:
        yield line
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def meter(bus: Bus, clock: ScaledClock, unit: int = 1, of: Profile = METER) -> Device:
    return Device(f"meter_{unit}", Role.METER, bus, unit, clock, profile=of)


def asked(slave: RtuLine | TcpSlave, address: int) -> int:
    return sum(start <= address < start + count for _, _, start, count in slave.requests)
