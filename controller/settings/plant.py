"""Arrays, battery, genset and feeders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from controller.core.model import PriorityClass
from controller.settings.fields import (
    Frac,
    Id,
    NameSettings,
    PositiveSeconds,
    Seconds,
    Settings,
    WattHours,
    Watts,
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
    """The battery behind the grid-forming inverters."""

    device: Id
    energy_wh: WattHours
    inverter_w: Watts
    reserve_soc_frac: Frac
    bms: Id | None = None


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


class SwitchSettings(Settings):
    """The relay channel that moves a feeder's contactor."""

    device: Id
    channel: Annotated[int, Field(ge=1, le=64)]
    closed_when: Literal["released", "energised"]


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
