"""A battery's setpoint goes to whichever point the device has for it, and is then switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from controller.clock import SystemClock
from controller.core.model import Reading, Role
from drivers.controls import Refused, WriteOutcome, Written
from drivers.roles import DeviceBatteryInverter, commanded


@dataclass
class Inverter:
    """A device with these control points; it may refuse a value."""

    points: set[str]
    id: str = "hybrid"
    role: Role = Role.HYBRID_INVERTER
    refuses: bool = False
    written: list[tuple[str, float]] = field(default_factory=list)

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        return {}

    def offers(self, name: str) -> bool:
        return name in self.points

    async def write(self, name: str, value: float) -> WriteOutcome:
        self.written.append((name, value))
        return Refused("not now") if self.refuses else Written(value, value)

    async def release(self) -> Mapping[str, WriteOutcome]:
        return {}


def role(device: Inverter, *, with_panels: bool = False) -> DeviceBatteryInverter:
    return DeviceBatteryInverter(device, SystemClock(), with_panels=with_panels)


@pytest.mark.parametrize(
    ("points", "written"),
    [
        ({"battery_setpoint_w", "ac_setpoint_w"}, [("battery_setpoint_w", -3000.0)]),
        (
            {"battery_setpoint_frac", "battery_setpoint_enabled"},
            [("battery_setpoint_frac", -0.25), ("battery_setpoint_enabled", 1.0)],
        ),
        (
            {"ac_setpoint_w", "remote_control_enabled"},
            [("ac_setpoint_w", -3000.0), ("remote_control_enabled", 1.0)],
        ),
    ],
    ids=["watts", "a part of the rating", "AC power"],
)
async def test_a_setpoint_goes_where_the_device_has_a_place_for_it(
    points: set[str], written: list[tuple[str, float]]
) -> None:
    device = Inverter(points)
    assert isinstance(await role(device).hold(-3000.0, 12000.0), Written)
    assert device.written == written


async def test_a_setpoint_that_was_refused_is_not_switched_on() -> None:
    device = Inverter({"battery_setpoint_frac", "battery_setpoint_enabled"}, refuses=True)
    await role(device).hold(-3000.0, 12000.0)
    assert device.written == [("battery_setpoint_frac", -0.25)]


async def test_with_panels_behind_it_ac_power_is_not_the_batterys() -> None:
    device = Inverter({"ac_setpoint_w"})
    assert isinstance(await role(device, with_panels=True).hold(1000.0, 12000.0), Refused)
    assert device.written == []


def test_battery_and_hybrid_inverters_are_commanded_as_such() -> None:
    devices = [Inverter(set(), id=kind.value, role=kind) for kind in Role]
    found = commanded(devices, SystemClock()).batteries
    assert list(found) == ["battery_inverter", "hybrid_inverter"]
