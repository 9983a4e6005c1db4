"""The village as the core sees it: feeders, plant, rules and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.core.model.words import BatteryRole, PriorityClass, Text


@dataclass(frozen=True, slots=True)
class SwitchPoint:
    """The relay channel that moves a feeder's contactor."""

    device: str
    channel: int
    """Counted from 1, as printed on the board."""
    closed_when_energised: bool
    """False for a normally-closed contactor: a dead relay board leaves the feeder connected."""

    @property
    def point(self) -> str:
        """Name of the device's point for this channel, value 1.0 while the relay is energised."""
        return f"channel_{self.channel}"


@dataclass(frozen=True, slots=True)
class Feeder:
    """A line from the power house to a group of consumers: what can be switched off and on."""

    id: str
    name: Text
    priority: PriorityClass
    households: int
    """How many households one turn of this feeder weighs; at least 1."""
    switch: SwitchPoint
    meter: str | None
    """Device id of its meter, if it has one."""
    rated_w: float
    """The most it may draw [W]; used where its load is not known."""
    phase: int | None = None
    """1, 2 or 3 for a single-phase feeder; None: it has all three, or nobody wrote it down."""


@dataclass(frozen=True, slots=True)
class PvInverter:
    """A PV inverter and the array behind it, or an array on the DC side of a hybrid or a solar charger."""

    id: str
    """Its device id."""
    name: Text
    ac_w: float
    """Rated AC power [W], a magnitude."""
    power_point: str = "power_w"
    """The device's point that tells its power."""
    limitable: bool = True
    """Whether it takes a power limit; hybrids and chargers look after a full battery by themselves."""


@dataclass(frozen=True, slots=True)
class Battery:
    """The battery and the grid-forming inverters in front of it, read through one device."""

    id: str
    """Device id of the battery inverter."""
    energy_wh: float
    """Usable energy from 0 to 1 SoC [Wh]."""
    inverter_w: float
    """Continuous AC power of the grid-forming inverters together [W]."""
    reserve_soc_frac: float
    """What hours-left is counted down to."""
    bms: str | None = None
    """Device id of a battery that speaks for itself; it is believed before the inverters."""
    role: BatteryRole = BatteryRole.GRID_FORMING


@dataclass(frozen=True, slots=True)
class GensetSpec:
    """The genset and when the default rules run it."""

    id: str
    name: Text
    rated_w: float
    start_below_soc_frac: float
    stop_above_soc_frac: float
    min_run_s: float
    min_rest_s: float
    warm_up_s: float
    cool_down_s: float
    max_start_attempts: int
    start_timeout_s: float
    synchronises: bool = True
    """Whether its controller, or the inverter at whose input it is, brings it into step with a live bus."""


@dataclass(frozen=True, slots=True)
class GridBreaker:
    """The breaker between village and grid, where it is ours to move."""

    switch: SwitchPoint
    sync_device: str
    """Device id of the sync check relay, or of what reads its contact."""
    sync_point: str = "sync_permitted"
    """Its point: 1 while both sides are in step, or one of them is dead and it allows that."""


@dataclass(frozen=True, slots=True)
class Outage:
    """When the utility has announced that it will be away. Aware UTC."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class GridConnection:
    """The public grid at the point of common coupling."""

    device: str
    """Device id of what tells its voltage, frequency and power."""
    import_w: float
    """The most that may be drawn [W]."""
    export_w: float
    """The most that may be fed in [W]; 0: nothing."""
    stable_s: float
    """So long it must have been sound before anything is connected to it again."""
    prefix: str = "grid_"
    """Of that device's points: `grid_power_w` at an inverter, `power_w` at a meter (then empty)."""
    breaker: GridBreaker | None = None
    """None: the inverters connect and disconnect by themselves."""
    outages: tuple[Outage, ...] = ()
    """In order of time."""
    parallel_genset: bool = False
    """Whether genset and grid may feed the village together."""


@dataclass(frozen=True, slots=True)
class ClassRules:
    """The default rules of one priority class."""

    ration_below_soc_frac: float
    """Below it the feeders of the class take turns; fewer are on the lower the SoC."""
    off_below_soc_frac: float
    """Below it all feeders of the class are off."""


@dataclass(frozen=True, slots=True)
class SharingRules:
    """How scarce energy is shared by the default rules."""

    classes: Mapping[PriorityClass, ClassRules]
    hysteresis_soc_frac: float
    turn_s: float
    min_on_s: float
    min_off_s: float
    stagger_s: float
    """Least time between two feeders being connected (inrush)."""
    most_switchings_per_day: int = 12
    """Of one feeder by turns or sun; protection and people's safety do not count theirs."""


@dataclass(frozen=True, slots=True)
class ProtectionLimits:
    """Where protection takes over, whatever anybody else wants."""

    soc_min_frac: float
    soc_max_frac: float
    cell_voltage_min_v: float
    cell_voltage_max_v: float
    temperature_min_c: float
    temperature_max_c: float
    frequency_min_hz: float
    overload_w: float
    """AC power of the grid-forming inverters above which feeders are shed [W], a magnitude."""


@dataclass(frozen=True, slots=True)
class Site:
    """The village as the core sees it."""

    id: str
    name: Text
    feeders: tuple[Feeder, ...]
    pv: tuple[PvInverter, ...]
    battery: Battery
    genset: GensetSpec | None
    irradiance_sensor: str | None
    sharing: SharingRules
    protection: ProtectionLimits
    grid: GridConnection | None = None
    """None: the village has no public grid."""
