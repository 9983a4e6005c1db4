"""The words every part of Tawan shares: the site, what was read, what was decided and why.

Units are in the names. Power into a component is positive: load >= 0, PV <= 0, battery charging > 0,
genset <= 0. Missing is None. Everything here is immutable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Health(StrEnum):
    """How far a reading can be trusted, by its age on the monotonic clock."""

    GOOD = "good"
    STALE = "stale"
    """Older than it should be: still shown and used, but it narrows what the controller dares."""
    LOST = "lost"
    """Never read, refused, implausible, or too old to mean anything: the value is None."""


class PriorityClass(StrEnum):
    """Who keeps power longest, in order: the first is cut last."""

    CRITICAL = "critical"
    ESSENTIAL = "essential"
    HOUSEHOLD = "household"
    FLEXIBLE = "flexible"


class Role(StrEnum):
    """What a device is to the site."""

    PV_INVERTER = "pv_inverter"
    BATTERY_INVERTER = "battery_inverter"
    METER = "meter"
    GENSET = "genset"
    SWITCH = "switch"
    IRRADIANCE_SENSOR = "irradiance_sensor"


@dataclass(frozen=True, slots=True)
class Text:
    """A name or sentence in the two languages of the house."""

    th: str
    en: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One point of one device as the process image holds it during a tick."""

    value: float | None
    """In the unit of the point's name; None when lost."""
    age_s: float | None
    """Seconds since it was read, on the monotonic clock; None when it never was."""
    health: Health


LOST = Reading(None, None, Health.LOST)


@dataclass(frozen=True, slots=True)
class ProcessImage:
    """Everything the controller knows at one tick; the only input from the field to `decide`."""

    tick: int
    monotonic_s: float
    at: datetime
    """Aware UTC; a label only."""
    clock_synchronised: bool
    devices: Mapping[str, Mapping[str, Reading]]
    """Device id -> point name -> reading."""

    def reading(self, device: str, point: str) -> Reading:
        """The reading, or LOST where the device has no such point."""
        return self.devices.get(device, {}).get(point, LOST)

    def value(self, device: str, point: str) -> float | None:
        """The reading's value, None when lost."""
        return self.reading(device, point).value

    def fresh(self, device: str, point: str) -> float | None:
        """The value only while its health is good, else None."""
        reading = self.reading(device, point)
        return reading.value if reading.health is Health.GOOD else None


# ---------------------------------------------------------------- the site


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


@dataclass(frozen=True, slots=True)
class PvInverter:
    """A PV inverter and the array behind it."""

    id: str
    """Its device id."""
    name: Text
    ac_w: float
    """Rated AC power [W], a magnitude."""


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


# ---------------------------------------------------------------- what was decided and why

Params = Mapping[str, Any]
_NO_PARAMS: Params = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a stable code and its parameters, rendered by `core.reasons`."""

    code: str
    params: Params = field(default_factory=lambda: _NO_PARAMS)


@dataclass(frozen=True, slots=True)
class FeederDecision:
    """What a feeder's contactor is to do."""

    closed: bool | None
    """True: connected. None: leave it as it is (its state is not known, or its contactor does not obey)."""
    reason: Reason
    emergency: bool = False
    """Protection asked for it: it is carried out before anything else."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state, for the decision log."""

    subject: str
    """A feeder id, a device id, or `site`."""
    action: str
    """adopt, open, close, start, stop, limit, release, mode, alarm or clear."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a technician should know of, for as long as it lasts."""

    subject: str
    """A feeder id, a device id, or `site`."""
    reason: Reason

    @property
    def key(self) -> str:
        """What makes two alarms the same one, whatever their figures."""
        return f"{self.reason.code}:{self.subject}"


# ---------------------------------------------------------------- what is remembered
# Durations only, never instants, so that all of it survives a reboot.


@dataclass(frozen=True, slots=True)
class FeederMemory:
    """What is remembered of a feeder."""

    closed: bool | None = None
    """As last seen or commanded; None: never known."""
    state_s: float = 0.0
    """For how long it has been so."""
    off_debt_s: float = 0.0
    """Time without power owed to each of its households, forgotten slowly; the largest is served first."""
    on_w: float | None = None
    """What it drew when it was last connected [W]."""
    hold_s: float = 0.0
    """How much longer protection keeps it off after an overload."""
    mismatch_s: float = 0.0
    """For how long its contactor has been seen in another state than commanded."""
    adopted: bool = False
    """Whether it has been seen since this process started; never persisted."""


@dataclass(frozen=True, slots=True)
class ClassMemory:
    """How many feeders of a class may be on."""

    by_soc: int | None = None
    """By the battery's thresholds, with hysteresis; None: not judged yet."""
    by_sun: int = 0
    """More than that, on present surplus of sun."""
    turn_s: float = 0.0
    """For how long the present turn has lasted."""


@dataclass(frozen=True, slots=True)
class GensetMemory:
    """What the genset rules remember."""

    phase: str = "stopped"
    """stopped, starting, warming_up, running, cooling_down, failed, or manual (not in automatic)."""
    phase_s: float = 1e6
    attempts: int = 0
    """Starts tried without success."""
    ran_s: float = 0.0
    """For how long it has run since it was last started."""
    requested: bool | None = None
    """As last asked of it."""


@dataclass(frozen=True, slots=True)
class OverloadMemory:
    """What protection remembers of overloads."""

    lasting_s: float = 0.0
    """For how long the present one has lasted; 0 when there is none."""
    calm_s: float = 1e6
    """Time since the last one."""
    strikes: int = 0
    """How many came back soon after the one before: each doubles the hold-off."""


@dataclass(frozen=True, slots=True)
class PvMemory:
    """The limit put on the PV inverters."""

    limit_frac: float = 1.0
    """As issued."""
    limited: bool = False


@dataclass(frozen=True, slots=True)
class ModeMemory:
    """The mode and what leads out of it."""

    code: str = "normal"
    since_s: float = 0.0
    stable_s: float = 0.0
    """For how long the bus has been alive again after a blackout."""
    strikes: int = 0
    """How many blackouts followed soon after the one before: each doubles the wait."""
    calm_s: float = 1e6
    """Time since the last blackout ended."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What `decide` needs of the past; handed in, handed out, persisted by `core.memory`."""

    monotonic_s: float | None = None
    """When the last tick was, on this boot's monotonic clock; None after a restart. Never persisted."""
    feeders: Mapping[str, FeederMemory] = field(default_factory=dict)
    classes: Mapping[str, ClassMemory] = field(default_factory=dict)
    genset: GensetMemory = GensetMemory()
    overload: OverloadMemory = OverloadMemory()
    pv: PvMemory = PvMemory()
    mode: ModeMemory = ModeMemory()
    surplus_w: float | None = None
    """Sun left over for the battery, smoothed over minutes [W]; < 0 while it discharges."""
    guards: Mapping[str, int] = field(default_factory=dict)
    """Protection that stands, by name, and how severe it is (hysteresis)."""
    held_s: Mapping[str, float] = field(default_factory=dict)
    """Condition -> for how long it has held; those that do not hold are absent."""
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    """Key -> alarm that stands."""
    since_connect_s: float = 1e6
    """Time since a feeder was last connected (stagger)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one tick concluded: intents for the actuators, explanations for people."""

    feeders: Mapping[str, FeederDecision]
    pv_limit_frac: Mapping[str, float]
    """PV inverter device id -> fraction of its rated power allowed, 1.0 = free."""
    genset_run: bool | None
    """Whether the genset is asked to run; None without a genset or while it is not ours to command."""
    mode: str
    """normal, saving, emergency, blackout or black_start."""
    mode_reason: Reason
    events: Sequence[Event]
    alarms: Sequence[Reason]
    """Those that stand, the longest-standing first."""
    plant: PlantState
    memory: Memory
    genset_reason: Reason | None = None
    pv_reason: Reason | None = None
    """Why PV is limited; None while it is free."""


@dataclass(frozen=True, slots=True)
class PlantState:
    """The site's sums at a tick; a sum with a missing part is None, and `missing` says which."""

    pv_w: float | None
    """<= 0."""
    load_w: float | None
    """>= 0, served load."""
    battery_w: float | None
    """DC power into the battery: charging > 0."""
    inverter_w: float | None
    """AC power into the grid-forming inverters: < 0 while they feed the feeders."""
    genset_w: float | None
    """<= 0."""
    soc_frac: float | None
    energy_left_h: float | None
    """Hours until the reserve at the present rate; None while charging or unknown."""
    missing: tuple[str, ...] = ()
    """Device ids that a sum lacks."""
