"""The public grid, where the village has one: what may flow, what it costs, and when it is away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from controller.settings.fields import ClockTime, Id, LocalTime, PositiveSeconds, Price, Settings, Watts
from controller.settings.plant import SwitchSettings


class TariffSettings(Settings):
    """Other prices at some time of day; local time, may pass midnight."""

    begin: ClockTime
    end: ClockTime
    days: Literal["all", "workdays", "weekends"] = "all"
    import_thb_per_kwh: Price
    export_thb_per_kwh: Price = 0.0


class OutageSettings(Settings):
    """When the utility has announced that it will be away; local time."""

    begin: LocalTime
    end: LocalTime


class SyncCheckSettings(Settings):
    """The device that says when both sides of the breaker are in step."""

    device: Id
    input: Annotated[int, Field(ge=1, le=64)] | None = None
    """The digital input to which the relay's contact is wired; None: the device says `sync_permitted`."""


class BreakerSettings(Settings):
    """The breaker between village and grid, where it is ours to move."""

    switch: SwitchSettings
    sync_check: SyncCheckSettings


class GridSettings(Settings):
    """The connection to the public grid."""

    device: Id
    """Tells its voltage, frequency and power: the inverter whose input it is, or a meter."""
    import_w: Watts
    export_w: Annotated[float, Field(ge=0, le=10_000_000)] = 0.0
    import_thb_per_kwh: Price = 4.2
    export_thb_per_kwh: Price = 0.0
    tariff: Annotated[list[TariffSettings], Field(min_length=1, max_length=20)] | None = None
    """Where several hold, the first one counts."""
    outages: Annotated[list[OutageSettings], Field(min_length=1, max_length=50)] | None = None
    stable_s: PositiveSeconds = 300.0
    breaker: BreakerSettings | None = None
    """None: the inverters connect and disconnect by themselves."""
    parallel_genset: bool = False
    """Whether genset and grid may feed the village together."""
