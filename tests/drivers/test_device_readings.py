"""A device's readings: a value while it can be trusted, and how far."""

import pytest

from controller.core.model import LOST, Health, Role
from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DriverError, RequestRefusedError
from drivers.model import DataType, Derived, Pace, PollClass, Profile, ReadPoint, Table, WordOrder
from drivers.once import read_once

URGENT, FAST, SLOW = PollClass.URGENT, PollClass.FAST, PollClass.SLOW


def point(name: str, address: int, poll: PollClass = FAST, **more) -> ReadPoint:
    return ReadPoint(name, Table.HOLDING, address, more.pop("type", DataType.UINT16), poll, **more)


def profile(*reads: ReadPoint, **more) -> Profile:
    by_name = {read.name: read for read in reads}
    return Profile("example", Role.METER, "none", "unconfirmed", Pace(timeout_s=0.05), by_name, {}, **more)


async def read_all(device: Device) -> None:
    for poll in device.polls():
        await device.read(poll.block)


async def test_what_was_never_read_is_lost(bus, clock):
    device = Device("meter", Role.METER, bus, 1, clock, profile=profile(point("power_w", 0)))
    assert device.readings(clock.now_s) == {"power_w": LOST}
    assert device.health(clock.now_s) is Health.LOST


@pytest.mark.parametrize(
    ("poll", "good_s", "stale_s"), [(URGENT, 3.0, 30.0), (FAST, 3.0, 30.0), (SLOW, 90.0, 300.0)]
)
async def test_a_reading_grows_stale_and_is_lost_in_the_end(bus, slave, clock, poll, good_s, stale_s):
    slave.written[1, "register", 0] = 230
    device = Device("meter", Role.METER, bus, 1, clock, profile=profile(point("voltage_l1_v", 0, poll)))
    await read_all(device)
    then_s = clock.now_s

    def seen(age_s: float):
        reading = device.readings(then_s + age_s)["voltage_l1_v"]
        return reading.value, reading.age_s, reading.health

    assert seen(good_s) == (230.0, good_s, Health.GOOD)
    assert seen(good_s + 0.125) == (230.0, good_s + 0.125, Health.STALE)
    assert seen(stale_s) == (230.0, stale_s, Health.STALE)
    assert seen(stale_s + 0.125) == (None, stale_s + 0.125, Health.LOST)


async def test_an_implausible_value_is_lost_at_once(bus, slave, clock):
    slave.written[1, "register", 0] = 101
    soc = point("battery_soc_frac", 0, scale=0.01, range=(0.0, 1.0))
    device = Device("battery", Role.BATTERY_INVERTER, bus, 1, clock, profile=profile(soc))
    await read_all(device)
    reading = device.readings(clock.now_s)["battery_soc_frac"]
    assert (reading.value, reading.health) == (None, Health.LOST)


async def test_the_points_of_several_units_come_together(bus, slave, clock):
    slave.written[227, "register", 23] = 7
    slave.written[225, "register", 262] = 2500
    points = (
        point("inverter_state", 23, unit_name="vebus"),
        point("battery_temperature_c", 262, scale=0.01, unit_name="battery"),
    )
    units = {"vebus": 227, "battery": 225}
    device = Device("gx", Role.BATTERY_INVERTER, bus, 100, clock, profile=profile(*points), units=units)
    await read_all(device)
    readings = device.readings(clock.now_s)
    assert readings["inverter_state"].value == 7
    assert readings["battery_temperature_c"].value == 25
    assert device.unit_ids == {100, 227, 225}


async def test_a_sunspec_value_is_scaled_by_the_exponent_it_was_read_with(bus, slave, clock):
    slave.written.update({(1, "register", 84): 0xEC78, (1, "register", 85): 0xFFFF})
    power = point("power_w", 84, type=DataType.INT16, scale=-1.0, scale_address=85)
    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, profile=profile(power))
    await read_all(device)
    assert device.readings(clock.now_s)["power_w"].value == 500.0
    slave.written[1, "register", 85] = 0x8000
    await read_all(device)
    assert device.readings(clock.now_s)["power_w"].value is None


async def test_a_derived_point_is_as_good_as_its_worst_part(bus, slave, clock):
    slave.written.update({(1, "register", 0): 100, (1, "register", 500): 20})
    parts = (point("power_l1_w", 0), point("power_l2_w", 500))
    summed = profile(*parts, derived={"power_w": Derived(("power_l1_w", "power_l2_w"), (1, 1))})
    device = Device("meter", Role.METER, bus, 1, clock, profile=summed)
    first, second = device.polls()
    await device.read(first.block)
    assert device.readings(clock.now_s)["power_w"].value is None
    clock.now_s += 4.0
    await device.read(second.block)
    reading = device.readings(clock.now_s)["power_w"]
    assert (reading.value, reading.age_s, reading.health) == (120.0, 4.0, Health.STALE)


async def test_reading_tells_what_changed(bus, slave, clock):
    device = Device(
        "meter", Role.METER, bus, 1, clock, profile=profile(point("power_w", 0), point("frequency_hz", 1))
    )
    (poll,) = device.polls()
    assert await device.read(poll.block) == ["power_w", "frequency_hz"]
    assert await device.read(poll.block) == []
    slave.written[1, "register", 1] = 50
    assert await device.read(poll.block) == ["frequency_hz"]


async def test_classes_are_polled_apart(bus, clock):
    points = (point("overload_alarm", 0, URGENT), point("power_w", 1), point("energy_import_wh", 2, SLOW))
    device = Device("meter", Role.METER, bus, 1, clock, profile=profile(*points))
    assert [(p.poll, p.block.address, p.block.count) for p in device.polls()] == [
        (URGENT, 0, 1),
        (FAST, 1, 1),
        (SLOW, 2, 1),
    ]


async def test_word_order_is_the_profiles(bus, slave, clock):
    slave.written.update({(1, "register", 0): 2, (1, "register", 1): 1})
    counter = point("energy_import_wh", 0, SLOW, type=DataType.UINT32, word_order=WordOrder.LITTLE)
    device = Device("meter", Role.METER, bus, 1, clock, profile=profile(counter))
    await read_all(device)
    assert device.readings(clock.now_s)["energy_import_wh"].value == 65538


async def test_a_device_that_must_be_asked_has_no_points_before(bus, clock):
    async def walk(reader: Bus) -> Profile:
        if not await reader.read(1, Table.HOLDING, 40000, 2):
            raise DriverError
        return profile(point("power_w", 0))

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    assert device.readings(clock.now_s) == {}
    assert device.polls() == ()
    await device.prepare()
    assert set(device.readings(clock.now_s)) == {"power_w"}
    assert device.forget()
    assert device.profile is None
    assert not device.forget()


async def test_a_refused_block_raises_and_its_points_are_missing(bus, slave, clock):
    device = Device("meter", Role.METER, bus, 1, clock, profile=profile(point("power_w", 0)))
    (poll,) = device.polls()
    await device.read(poll.block)
    slave.holes.add(0)
    with pytest.raises(RequestRefusedError):
        await device.read(poll.block)
    assert device.refuse(poll.block) == ()
    assert device.readings(clock.now_s)["power_w"] is LOST


async def test_a_far_high_word_is_read_apart_and_joined(bus, clock, slave) -> None:
    power = ReadPoint(
        "power_w", Table.HOLDING, 625, DataType.INT32, PollClass.FAST, high_address=690, scale=-1.0
    )
    device = Device("inverter", Role.METER, bus, 1, clock, profile=profile(power))
    slave.written[1, "register", 625], slave.written[1, "register", 690] = 0xFFFE, 0xFFFF
    for poll in device.polls():
        await device.read(poll.block)
    assert device.readings(clock.monotonic())["power_w"].value == 2


async def test_a_far_high_word_among_other_points_is_read_before_its_low_word(bus, clock, slave) -> None:
    power = ReadPoint("power_w", Table.HOLDING, 625, DataType.INT32, PollClass.FAST, high_address=690)
    frequency = ReadPoint("frequency_hz", Table.HOLDING, 691, DataType.UINT16, PollClass.FAST)
    device = Device("inverter", Role.METER, bus, 1, clock, profile=profile(power, frequency))
    slave.written[1, "register", 625], slave.written[1, "register", 690] = 0xFFFE, 0xFFFF
    snapshot = await read_once(device, clock)
    assert snapshot.readings["power_w"].value == -2
    assert snapshot.readings["frequency_hz"].value is not None


async def test_without_a_fresh_high_word_a_value_is_missing(bus, clock, slave) -> None:
    power = ReadPoint("power_w", Table.HOLDING, 625, DataType.INT32, PollClass.FAST, high_address=690)
    device = Device("inverter", Role.METER, bus, 1, clock, profile=profile(power))
    high, low = (poll.block for poll in device.polls())
    await device.read(high)
    clock.now_s += 10
    await device.read(low)
    assert device.readings(clock.monotonic())["power_w"].value is None


async def test_a_product_and_a_direction_make_derived_points(bus, clock, slave) -> None:
    volts = ReadPoint("battery_voltage_v", Table.HOLDING, 0, DataType.UINT16, PollClass.FAST)
    amps = ReadPoint("battery_current_abs_a", Table.HOLDING, 1, DataType.UINT16, PollClass.FAST)
    way = ReadPoint("battery_direction", Table.HOLDING, 2, DataType.UINT16, PollClass.FAST)
    derived = {
        "battery_power_abs_w": Derived(("battery_voltage_v", "battery_current_abs_a"), (), "product"),
        "battery_current_a": Derived(
            ("battery_current_abs_a", "battery_direction"), (), "directed", frozenset({1})
        ),
    }
    device = Device("inverter", Role.METER, bus, 1, clock, profile=profile(volts, amps, way, derived=derived))
    for address, word in enumerate((52, 10, 1)):
        slave.written[1, "register", address] = word
    for poll in device.polls():
        await device.read(poll.block)
    readings = device.readings(clock.monotonic())
    assert (readings["battery_power_abs_w"].value, readings["battery_current_a"].value) == (520, -10)
