"""Arrays, battery, genset and feeders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from controller.core.model import BatteryRole, PriorityClass
from controller.settings.fields import (
    ClockTime,
    Frac,
    Id,
    NameSettings,
    PositiveSeconds,
    Price,
    Seconds,
    Settings,
    WattHours,
    Watts,
    WholeNumber,
)


class PvSettings(Settings):
    """The array behind a PV inverter; the key is the inverter's device id."""

    name: NameSettings
    ac_w: Watts
    dc_w: Watts | None = None
    """This and where the panels look may be left out: the forecast learns them from what the array gives."""
    tilt_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    azimuth_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Where the panels look: 0 north, 90 east, 180 south, 270 west."""


class BatterySettings(Settings):
    """The battery and its inverters."""

    device: Id
    energy_wh: WattHours
    inverter_w: Watts
    reserve_soc_frac: Frac
    bms: Id | None = None
    role: BatteryRole = Field(BatteryRole.GRID_FORMING, strict=False)


class QuietHours(Settings):
    """When the village wants to sleep; local time, may pass midnight."""

    begin: ClockTime
    end: ClockTime


class MonthlyTest(Settings):
    """A run under load once a month, so that it starts when it must; local time."""

    day: Annotated[int, Field(ge=1, le=28)]
    begin: ClockTime
    run_s: PositiveSeconds


class GensetSettings(Settings):
    """The genset and its default rules."""

    device: Id
    name: NameSettings
    rated_w: Watts
    start_below_soc_frac: Frac
    stop_above_soc_frac: Frac
    min_run_s: Seconds
    min_rest_s: Seconds
    warm_up_s: Seconds
    cool_down_s: Seconds
    start_timeout_s: PositiveSeconds
    max_start_attempts: Annotated[int, Field(ge=1, le=10)]
    synchronises: bool = True
    """Whether it can be brought into step with a live bus: by its controller, or by an inverter's input."""
    min_load_frac: Frac = 0.3
    """Of its rated power: below it the engine soots up."""
    idle_l_per_h: Annotated[float, Field(ge=0, le=1000)] | None = None
    """Fuel without load; None: 0.08 l/h for each kW of its rated power."""
    l_per_kwh: Annotated[float, Field(gt=0, le=10)] = 0.22
    """Fuel on top of that, for what it gives."""
    tank_l: Annotated[float, Field(gt=0, le=100_000)] | None = None
    fuel_thb_per_l: Price = 35.0
    start_thb: Price = 20.0
    """What a start costs in wear."""
    quiet_hours: QuietHours | None = None
    monthly_test: MonthlyTest | None = None


class SwitchSettings(Settings):
    """The relay channel that moves a feeder's contactor."""

    device: Id
    channel: Annotated[int, Field(ge=1, le=64)]
    closed_when: Literal["released", "energised"]


class FlexibleSettings(Settings):
    """Energy that a feeder wants each day at some time within a window (pump, ice, rice mill)."""

    energy_wh: WattHours
    power_w: Watts
    begin: ClockTime
    end: ClockTime


class FeederSettings(Settings):
    """A line to a group of consumers."""

    name: NameSettings
    kind: Literal["clinic", "school", "street_lights", "water_pump", "houses"]
    """What hangs on it: a first guess of its demand."""
    priority: PriorityClass = Field(strict=False)
    households: Annotated[int, Field(ge=1)]
    rated_w: Watts
    meter: Id | None = None
    switch: SwitchSettings
    phase: Annotated[Literal[1, 2, 3], WholeNumber] | None = None
    """Of a single-phase feeder; None: it has all three."""
    flexible: FlexibleSettings | None = None
