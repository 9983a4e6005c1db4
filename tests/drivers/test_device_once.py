"""Reading once: everything a device gives, and why the rest is missing."""

from faulty_slave import where
from hand_clock import HandClock

from controller.core.model import Health, Role
from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DeviceUnreachableError
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table
from drivers.once import read_once

READS = (
    ReadPoint("power_w", Table.HOLDING, 0, DataType.UINT16, PollClass.FAST),
    ReadPoint("frequency_hz", Table.HOLDING, 2, DataType.UINT16, PollClass.FAST),
    ReadPoint("inverter_state", Table.HOLDING, 31, DataType.UINT16, PollClass.SLOW, unit_name="vebus"),
    ReadPoint("overload_alarm", Table.HOLDING, 99, DataType.UINT16, PollClass.URGENT, unit_name="vebus"),
)
PROFILE = Profile(
    "gx", Role.METER, "none", "unconfirmed", Pace(timeout_s=0.05), {r.name: r for r in READS}, {}
)


def gx(bus: Bus, clock: HandClock) -> Device:
    return Device("gx", Role.METER, bus, 1, clock, profile=PROFILE, units={"vebus": 2})


async def test_a_healthy_device_gives_everything(bus):
    snapshot = await read_once(gx(bus, clock := HandClock()), clock)
    assert snapshot.errors == ()
    assert {reading.health for reading in snapshot.readings.values()} == {Health.GOOD}


async def test_a_hole_is_named_and_its_neighbours_are_read(bus, slave):
    slave.holes.add(2)
    snapshot = await read_once(gx(bus, clock := HandClock()), clock)
    assert snapshot.errors == ("frequency_hz: unit 1 refuses: no such address (2)",)
    assert snapshot.readings["power_w"].value == where(1, 3, 0)
    assert snapshot.readings["frequency_hz"].health is Health.LOST


async def test_a_silent_unit_is_asked_once_and_the_others_are_read(bus, slave):
    slave.silent.add(2)
    snapshot = await read_once(gx(bus, clock := HandClock()), clock)
    assert len(snapshot.errors) == 1
    assert snapshot.errors[0].startswith("unit 2: no answer within")
    assert snapshot.readings["power_w"].health is Health.GOOD
    assert [request[0] for request in slave.requests].count(2) == 1


async def test_a_device_that_cannot_be_asked_what_it_is_has_no_points(bus):
    async def walk(_bus: Bus) -> Profile:
        msg = "unit 1: no SunSpec marker"
        raise DeviceUnreachableError(msg)

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock := HandClock(), prepare=walk)
    snapshot = await read_once(device, clock)
    assert snapshot.readings == {}
    assert snapshot.errors == ("unit 1: no SunSpec marker",)
