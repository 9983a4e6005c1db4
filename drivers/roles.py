"""What a device is to the site: the runtime commands roles, never registers.

A role's commands return what became of them (`WriteOutcome`); device faults are never raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from controller.clock import Clock
from controller.core.model import Health, Reading, Role
from drivers.controls import Refused, Unchanged, WriteOutcome, Written

_AUTO_MODES = (1.0, 4.0)
"""Values of `control_mode` in which a genset hears a request: auto, auto with manual restore."""
_SETPOINT_SWITCHES = ("battery_setpoint_enabled", "remote_control_enabled")
"""Written after the setpoint, so that no old one comes into force."""


class Measuring(Protocol):
    """Whatever has points to read; their names, units and signs are in `controller.core.points`."""

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        """All points at a time of the monotonic clock."""
        ...


class Meter(Measuring, Protocol):
    """The meter of a feeder: what the feeder draws is positive."""


class BatteryInverter(Measuring, Protocol):
    """Inverters and their battery. Only where they follow a grid is anything asked of them."""

    async def hold(self, power_w: float, rated_w: float) -> WriteOutcome:
        """Ask for a battery power, charging > 0 [W], to be repeated so that it does not expire.

        rated_w: of the inverters together, for devices that count in parts of it.
        """
        ...

    async def release(self) -> None:
        """Withdraw what was asked: the inverters do as they are set up to."""
        ...


class IrradianceSensor(Measuring, Protocol):
    """A reference cell in the plane of the panels."""


class Switch(Measuring, Protocol):
    """A relay board."""

    async def set_channel(self, channel: int, energised: bool) -> WriteOutcome:
        """Energise or release the relay of a channel, counted from 1."""
        ...

    async def release(self) -> None:
        """A clean stop: relays stay as they are unless the profile says otherwise."""
        ...


class PvInverter(Measuring, Protocol):
    """A PV inverter; its power is <= 0."""

    async def limit(self, frac: float) -> WriteOutcome:
        """Limit to a fraction of rated power, to be repeated so that it does not expire; 1.0 frees it."""
        ...

    async def release(self) -> None:
        """A clean stop: lift the limit."""
        ...


class Genset(Measuring, Protocol):
    """A genset controller; its power is <= 0."""

    async def request_run(self, run: bool) -> WriteOutcome:
        """Ask the engine to run, or withdraw the request; warm-up and cool-down are the controller's own."""
        ...

    async def release(self) -> None:
        """A clean stop: withdraw the request."""
        ...


class Points(Measuring, Protocol):
    """What an adapter needs of a device (`drivers.device.Device`)."""

    async def write(self, name: str, value: float) -> WriteOutcome:
        """Give a control point a value [in its unit]."""
        ...

    async def release(self) -> Mapping[str, WriteOutcome]:
        """Give the device its freedom back."""
        ...


class _Adapter:
    """A role played by a device."""

    def __init__(self, points: Points, clock: Clock) -> None:
        self._points = points
        self._clock = clock

    def readings(self, now_s: float) -> Mapping[str, Reading]:
        """All points at a time of the monotonic clock."""
        return self._points.readings(now_s)

    async def release(self) -> None:
        """Give the device its freedom back."""
        await self._points.release()

    def _fresh(self, name: str) -> float | None:
        """The point's value while it is good, else None."""
        reading = self.readings(self._clock.monotonic()).get(name)
        return None if reading is None or reading.health is not Health.GOOD else reading.value


class DeviceSwitch(_Adapter):
    """`Switch` over the points `channel_N`."""

    async def set_channel(self, channel: int, energised: bool) -> WriteOutcome:
        """Energise or release the relay of a channel, counted from 1."""
        return await self._points.write(f"channel_{channel}", 1.0 if energised else 0.0)


class DevicePvInverter(_Adapter):
    """`PvInverter` over the points `limit_frac` and `limit_enabled`."""

    _limited = False

    async def limit(self, frac: float) -> WriteOutcome:
        """Limit to a fraction of rated power; 1.0 frees it and is not refreshed once it is in force."""
        if frac >= 1.0 and not self._limited and self._shows_free():
            return Unchanged(1.0)
        self._limited = self._limited or frac < 1.0
        outcome = await self._points.write("limit_frac", frac)
        if frac >= 1.0 and isinstance(outcome, Written | Unchanged):
            self._limited = False
        return outcome

    def _shows_free(self) -> bool:
        return self._fresh("limit_enabled") == 0.0 or self._fresh("limit_frac") == 1.0


class DeviceGenset(_Adapter):
    """`Genset` over the points `run` and `control_mode`."""

    async def request_run(self, run: bool) -> WriteOutcome:
        """Ask the engine to run, or withdraw the request.

        A start is refused unless the controller is in an automatic mode: whoever chose stop or manual at the
        panel may have a hand in the engine.
        """
        if run and self._fresh("control_mode") not in _AUTO_MODES:
            return Refused("the genset is not in auto: select auto at its panel")
        return await self._points.write("run", 1.0 if run else 0.0)


class SettablePoints(Points, Protocol):
    """A device that tells what can be asked of it."""

    def offers(self, name: str) -> bool:
        """Whether it has a control point of this name."""
        ...


class DeviceBatteryInverter(_Adapter):
    """`BatteryInverter` over whichever setpoint the device has, and what switches that on."""

    def __init__(self, points: SettablePoints, clock: Clock, *, with_panels: bool) -> None:
        """with_panels: on its DC side, so that its AC power is not that of the battery."""
        super().__init__(points, clock)
        self._settable = points
        self._with_panels = with_panels

    async def hold(self, power_w: float, rated_w: float) -> WriteOutcome:
        """Ask for a battery power, charging > 0 [W]; rated_w: of the inverters together."""
        offers = self._settable.offers
        if offers("battery_setpoint_w"):
            outcome = await self._points.write("battery_setpoint_w", power_w)
        elif offers("battery_setpoint_frac"):
            outcome = await self._points.write("battery_setpoint_frac", power_w / rated_w)
        elif offers("ac_setpoint_w") and not self._with_panels:
            outcome = await self._points.write("ac_setpoint_w", power_w)
        else:
            return Refused("its profile has no setpoint for the battery")
        for switch in _SETPOINT_SWITCHES:
            if offers(switch) and isinstance(outcome, Written | Unchanged):
                outcome = await self._points.write(switch, 1.0)
        return outcome


class RoledDevice(SettablePoints, Protocol):
    """A device that knows its id and role."""

    @property
    def id(self) -> str:
        """Its name in config.yaml."""
        ...

    @property
    def role(self) -> Role:
        """What it is to the site."""
        ...


@dataclass(frozen=True, slots=True)
class Commanded:
    """The devices that take commands, by id."""

    switches: Mapping[str, Switch]
    pv: Mapping[str, PvInverter]
    gensets: Mapping[str, Genset]
    batteries: Mapping[str, BatteryInverter]


def commanded(devices: Iterable[RoledDevice], clock: Clock) -> Commanded:
    """The roles that the runtime commands, played by these devices."""
    known = tuple(devices)
    return Commanded(
        switches={each.id: DeviceSwitch(each, clock) for each in known if each.role is Role.SWITCH},
        pv={each.id: DevicePvInverter(each, clock) for each in known if each.role is Role.PV_INVERTER},
        gensets={each.id: DeviceGenset(each, clock) for each in known if each.role is Role.GENSET},
        batteries={
            each.id: DeviceBatteryInverter(each, clock, with_panels=each.role is Role.HYBRID_INVERTER)
            for each in known
            if each.role in (Role.BATTERY_INVERTER, Role.HYBRID_INVERTER)
        },
    )
