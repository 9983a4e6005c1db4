"""A device that told only a part of itself, at night say, is asked again; what it gave meanwhile is kept."""

from __future__ import annotations

from dataclasses import replace

from test_device_readings import point, profile

from controller.core.model import Role
from drivers.agenda import Agenda
from drivers.bus import Bus
from drivers.device import Device
from drivers.model import Profile


async def test_a_part_of_a_profile_is_completed_later(bus, clock, slave) -> None:
    whole = profile(point("power_w", 0), point("frequency_hz", 1))
    answers = [replace(profile(point("power_w", 0)), provisional=True), whole]

    async def walk(_bus: Bus) -> Profile:
        return answers.pop(0)

    device = Device("pv", Role.PV_INVERTER, bus, 1, clock, prepare=walk)
    await device.prepare()
    agenda = Agenda()
    agenda.enrol(device, clock.monotonic())
    turn = agenda.take(clock.monotonic(), lambda _unit: 0.0)
    assert turn is not None
    assert turn.poll is not None, "what is known already is read at once"
    await device.read(turn.poll.block)
    clock.now_s += 901
    again = agenda.take(clock.monotonic(), lambda _unit: 0.0)
    assert again is not None
    assert again.poll is None, "and it is asked again what it is"
    before = device.readings(clock.monotonic())["power_w"]
    await device.prepare()
    assert device.profile is whole
    assert device.readings(clock.monotonic())["power_w"] == before
    await device.prepare()
    assert answers == [], "a whole profile is not asked for again"
