"""A device with one control point, for tests of writing."""

from hand_clock import HandClock

from controller.core.model import Role
from drivers.bus import Bus
from drivers.device import Device
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table, WritePoint

LIMIT_EXPONENT = (1, "register", 24), 0xFFFE
"""Where the slave keeps the exponent of the limit: hundredths of a percent."""


def make(bus: Bus, clock: HandClock, write: WritePoint, read: ReadPoint | None = None, **more) -> Device:
    reads = {} if read is None else {read.name: read}
    profile = Profile(
        "example", Role.SWITCH, "none", "unconfirmed", Pace(timeout_s=0.05), reads, {write.name: write}
    )
    return Device("dev", Role.SWITCH, bus, 1, clock, profile=profile, **more)


COIL_SHOWN = ReadPoint("channel_1", Table.COIL, 3, DataType.BIT, PollClass.FAST)
COIL = WritePoint("channel_1", Table.COIL, 3, DataType.BIT, (0, 1), readback="channel_1", eeprom=False)
LIMIT_SHOWN = ReadPoint(
    "limit_frac", Table.HOLDING, 20, DataType.UINT16, PollClass.FAST, scale=0.01, scale_address=24
)
LIMIT = WritePoint(
    "limit_frac",
    Table.HOLDING,
    20,
    DataType.UINT16,
    (0.0, 1.0),
    scale=0.01,
    scale_address=24,
    readback="limit_frac",
    expires_s=60.0,
    eeprom=False,
    release=1.0,
    before=((22, 60),),
    after=((23, 1),),
)
SETTING = WritePoint("limit_frac", Table.HOLDING, 50, DataType.UINT16, (0.0, 1000.0), release=100.0)
