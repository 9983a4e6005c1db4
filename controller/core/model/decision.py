"""What one tick concluded: intents for the actuators, explanations for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.core.model.ask import Answer
from controller.core.model.image import PlantState
from controller.core.model.memory import Memory
from controller.core.model.reason import Reason


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
    """adopt, open, close, start, stop, limit, release, mode, plan, supply, connect or disconnect (the grid),
    override, alarm or clear."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What is asked of grid-following battery inverters."""

    power_w: float
    """Charging > 0."""
    expires_s: float
    """Unless it is given anew by then it is withdrawn, > 0."""


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """Whether the plan is followed."""

    in_force: bool = False
    reason: Reason | None = None
    """Why it is not."""
    age_s: float | None = None
    """Since it was made; None without a plan."""


@dataclass(frozen=True, slots=True)
class GridState:
    """What is seen of the public grid; None: not known."""

    sound: bool | None
    """Whether voltage and frequency are as they should be."""
    connected: bool | None
    power_w: float | None
    """Drawn > 0, fed in < 0."""
    voltage_v: float | None
    frequency_hz: float | None
    sound_s: float
    outage_in_s: float | None
    """Until the next announced outage, 0 while one lasts; None: none is announced."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What the village is supplied by, and why."""

    state: str
    """grid_tied, islanded, genset_supported, dark, black_start or unknown."""
    reason: Reason
    grid: GridState | None = None
    """None: the village has no public grid."""
    refusals: Sequence[Reason] = ()
    """What the interlocks took back at this tick."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one tick concluded: intents for the actuators, explanations for people."""

    feeders: Mapping[str, FeederDecision]
    pv_limit_frac: Mapping[str, float]
    """PV inverter device id -> fraction of its rated power allowed, 1.0 = free."""
    genset_run: bool | None
    """Whether the genset is asked to run; None without a genset or while it is not ours to command."""
    mode: str
    """normal, saving, emergency, blackout, black_start or unknown."""
    mode_reason: Reason
    events: Sequence[Event]
    alarms: Sequence[Reason]
    """Those that stand, the longest-standing first."""
    plant: PlantState
    memory: Memory
    genset_reason: Reason | None = None
    pv_reason: Reason | None = None
    """Why PV is limited; None while it is free."""
    voice: str = "rules"
    """Who decides now: protection, plan or rules."""
    plan: PlanStanding = PlanStanding()
    battery: Setpoint | None = None
    """None: nothing is asked of the battery; always so where its inverters form the grid."""
    grid_closed: bool | None = None
    """What the breaker to the grid is told; None: it is left as it is, or is not ours."""
    supply: Supply | None = None
    answers: Sequence[Answer] = ()
    """What became of the requests handed in at this tick."""
