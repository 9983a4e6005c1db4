"""What `decide` needs of the past. Durations only, never instants, so that all of it survives a reboot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.model.ask import Override
from controller.core.model.ledger import FeederLedger
from controller.core.model.reason import Alarm

_NEW_LEDGER = FeederLedger()


@dataclass(frozen=True, slots=True)
class FeederMemory:
    """What is remembered of a feeder."""

    closed: bool | None = None
    """As last seen or commanded; None: never known."""
    state_s: float = 0.0
    """For how long it has been so."""
    ledger: FeederLedger = _NEW_LEDGER
    """What it wanted and what it went without: who has been served least is served first."""
    cut_s: float | None = None
    """When it was last cut in turn, as `Memory.lived_s` then stood; None: never. The longest ago is next."""
    off_by: str = "turn"
    """What keeps it off while it is off: turn, protection, or hours (its use can wait)."""
    switched_s: tuple[float, ...] = ()
    """When it was switched in turn within the last day, as `Memory.lived_s` then stood; oldest first."""
    on_w: float | None = None
    """What it drew when it was last connected [W]: a peak that fades slowly."""
    mean_w: float | None = None
    """Likewise, a mean over minutes."""
    hourly_w: tuple[float | None, ...] = ()
    """What it usually draws in each hour of the day, UTC; empty until the clock was known."""
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
class SocMemory:
    """What is remembered of the battery's gauge."""

    told_frac: float | None = None
    """The SoC that it told last; None: none yet."""
    moved_wh: float = 0.0
    """Into the battery since it began to tell that; < 0 out of it."""
    frozen: bool = False
    """So much has flowed that the gauge ought to have moved."""


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
class SupplyMemory:
    """What the village was last supplied by."""

    code: str = "unknown"
    """grid_tied, islanded, genset_supported, dark, black_start or unknown (`core.transitions`)."""
    since_s: float = 0.0
    breaker_closed: bool | None = None
    """What the breaker to the grid was last told."""
    pv_limit_frac: float = 1.0
    """What keeps the export within bounds."""


@dataclass(frozen=True, slots=True)
class PlanMemory:
    """How the plan stands, and what was done about its cuts."""

    standing: str = "none"
    """none, followed, broken, low, unseen, expired or undated (`core.standing`)."""
    broken_s: float | None = None
    """Time since reality left a plan behind; None while no newer one is waited for."""
    lifted_s: Mapping[str, float] = field(default_factory=dict)
    """Feeder -> for how much longer its announced cut is lifted."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What `decide` needs of the past; handed in, handed out, persisted by `core.memory`."""

    lived_s: float = 0.0
    """For how long controllers have run here altogether: it orders what is remembered across reboots."""
    monotonic_s: float | None = None
    """When the last tick was, on this boot's monotonic clock; None after a restart. Never persisted."""
    feeders: Mapping[str, FeederMemory] = field(default_factory=dict)
    classes: Mapping[str, ClassMemory] = field(default_factory=dict)
    genset: GensetMemory = GensetMemory()
    overload: OverloadMemory = OverloadMemory()
    pv: PvMemory = PvMemory()
    mode: ModeMemory = ModeMemory()
    soc: SocMemory = SocMemory()
    plan: PlanMemory = PlanMemory()
    supply: SupplyMemory = SupplyMemory()
    overrides: Mapping[str, Override] = field(default_factory=dict)
    """Feeder id or GENSET -> what a technician has ordered."""
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
