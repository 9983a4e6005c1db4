"""The schema of image.json as the web process reads it; docs/architecture.md describes it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from controller.core.alarming import Severity
from controller.core.model import Health, PriorityClass, Role


class Part(BaseModel):
    """Base: what a newer controller adds is ignored, so that an upgrade never breaks the page."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class BilingualText(Part):
    """A name or sentence in Thai and English."""

    th: str
    en: str


class ReasonPart(BilingualText):
    """Why something is as it is, already rendered."""

    code: str = Field(examples=["class_rationed"])
    params: dict[str, Any] = {}


class WrittenPart(Part):
    """When and by whom the image was written."""

    monotonic_s: float = Field(description="The host's CLOCK_MONOTONIC.")
    boot_id: str | None = None
    pid: int | None = None


class ClockPart(Part):
    """The controller's clock."""

    utc: AwareDatetime
    synchronised: bool = Field(description="False until the clock was set since boot.")
    speed: float = Field(1.0, description="Above 1 only in a demonstration.")


class ContactPart(Part):
    """Whom villagers call."""

    name: BilingualText
    phone: str


class SitePart(Part):
    """Where and who the village is."""

    id: str
    name: BilingualText
    timezone: str
    households: int | None = None
    contact: ContactPart


class LatenessPart(Part):
    """How late ticks began, in milliseconds."""

    p50: float | None = None
    p99: float | None = None


class TickPart(Part):
    """The control loop's own health."""

    number: int
    skipped: int
    early: int = 0
    lateness_ms: LatenessPart = LatenessPart()


class ModePart(Part):
    """normal, saving, emergency, blackout, black_start or unknown, and why."""

    code: str
    reason: ReasonPart


class PlanStandingPart(Part):
    """How far the plan is followed."""

    in_force: bool
    reason: ReasonPart | None = Field(None, description="Why it is not followed.")
    issued_utc: AwareDatetime | None = None


class PublicGridPart(Part):
    """What is seen of the public grid."""

    sound: bool | None = Field(None, description="Whether voltage and frequency are as they should be.")
    connected: bool | None = None
    power_w: float | None = Field(None, description="Drawn > 0 W, fed in < 0")
    voltage_v: float | None = None
    frequency_hz: float | None = None
    sound_s: float = 0.0
    outage_in_s: float | None = Field(None, description="Until the next announced outage; 0 while one lasts.")


class SupplyPart(Part):
    """What supplies the village, and why."""

    state: str = Field(examples=["islanded"])
    reason: ReasonPart
    grid: PublicGridPart | None = Field(None, description="null without a public grid.")
    refusals: list[ReasonPart] = Field([], description="What the interlocks took back at this tick.")


class SharePart(Part):
    """What one feeder got of what it wanted within the days of its class."""

    served_frac: float | None = Field(None, description="null where it wanted nothing.")
    without_h: float = Field(0.0, description="Hours without power.")
    protection_h: float = Field(0.0, description="Those of them that protection took.")
    wanted_wh: float = 0.0
    without_wh: float = 0.0


class FairnessPart(Part):
    """How evenly a class was served."""

    days: float = Field(description="That the accounts look back on, at most 31.")
    spread_frac: float | None = Field(None, description="The largest served share less the smallest.")
    jain: float | None = Field(None, description="Jain's index over households; 1: all alike.")
    feeders: dict[str, SharePart] = Field({}, description="By the feeder's id.")


class SummaryPart(Part):
    """The site's sums; power into a component is positive, missing is null."""

    pv_w: float | None = Field(description="<= 0 W")
    load_w: float | None = Field(description=">= 0 W, served load")
    battery_w: float | None = Field(description="DC power into the battery in W: charging > 0")
    inverter_w: float | None = Field(description="AC power into the grid-forming inverters in W")
    genset_w: float | None = Field(description="<= 0 W")
    grid_w: float | None = Field(None, description="Import > 0 W; null without a grid or unknown")
    soc_frac: float | None = Field(description="State of charge, 0 to 1")
    energy_left_h: float | None = Field(description="Hours until the reserve; null while charging or unknown")
    missing: list[str] = Field([], description="Devices that a sum lacks")


class FeederPart(Part):
    """One line of consumers."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    id: str
    name: BilingualText
    priority: PriorityClass = Field(alias="class")
    households: int
    closed: bool | None = Field(description="true: it has power; null: not known")
    power_w: float | None
    health: Health
    reason: ReasonPart | None
    since_utc: AwareDatetime | None
    without_s: float = Field(0.0, description="Time without power within the last 30 days, in seconds")


class PvPart(Part):
    """One PV inverter."""

    id: str
    name: BilingualText
    power_w: float | None
    limit_frac: float | None
    health: Health


class BatteryPart(Part):
    """The battery."""

    id: str
    soc_frac: float | None
    power_w: float | None
    temperature_c: float | None = None
    energy_wh: float | None = None
    reserve_soc_frac: float | None = None
    health: Health
    setpoint_w: float | None = Field(None, description="Charging > 0; null where the inverters form the grid")


class GensetPart(Part):
    """The genset."""

    id: str
    name: BilingualText
    phase: str = Field(examples=["stopped"])
    power_w: float | None
    fuel_frac: float | None = None
    health: Health
    reason: ReasonPart | None


class PointPart(Part):
    """One reading of a device."""

    value: float | None
    age_s: float | None
    health: Health
    text: str | None = Field(None, description="What a state or a word of flags says.")


class AcknowledgedPart(Part):
    """Somebody sees to an alarm; who it is concerns the technicians alone."""

    utc: AwareDatetime


class AlarmPart(ReasonPart):
    """What stands as an alarm (docs/alarms.md), the sentence with its figures."""

    id: int | None = Field(None, description="It keeps it for life, also when the controller restarts.")
    subject: str = Field("site", description="A feeder id, a device id or `site`.")
    severity: Severity = Severity.WARNING
    title: BilingualText | None = None
    first: BilingualText | None = Field(None, description="What to do first.")
    raised_utc: AwareDatetime | None = None
    present: bool = Field(True, description="False: over, but not yet for long enough to be cleared.")
    acknowledged: AcknowledgedPart | None = None
    villagers: bool = Field(True, description="Whether the page for everybody shows it.")


class DiagnosisPart(ReasonPart):
    """What does not fit together in the readings of a device, with the remedy; for technicians."""

    subject: str = Field(description="A device id, or `site`.")


class DevicePart(Part):
    """One device on a bus."""

    id: str
    role: Role
    profile: str
    bus: str
    unit: int
    health: Health
    age_s: float | None
    last_error: str | None = None
    points: dict[str, PointPart] = {}


class BusPart(Part):
    """One field bus."""

    id: str
    ok: int
    failed: int
    connected: bool


class StoragePart(Part):
    """What the store takes of the disk; figures are unknown before the first look."""

    used_bytes: int | None = None
    budget_bytes: int | None = None
    free_disk_bytes: int | None = None
    written_bytes_per_day: float | None = None
    dropped_samples: int = 0
    error: str | None = Field(None, description="Why samples cannot be stored.")


class Image(Part):
    """The whole of image.json."""

    format: Literal[1]
    written: WrittenPart
    clock: ClockPart
    demo: bool
    site: SitePart
    tick: TickPart
    mode: ModePart
    voice: str | None = Field(None, examples=["plan"], description="Who decides: protection, plan or rules.")
    plan: PlanStandingPart | None = None
    supply: SupplyPart | None = None
    summary: SummaryPart
    feeders: list[FeederPart]
    fairness: dict[PriorityClass, FairnessPart] = Field({}, description="By class.")
    pv: list[PvPart] = []
    pv_reason: ReasonPart | None = None
    battery: BatteryPart
    genset: GensetPart | None = None
    alarms: list[AlarmPart] = []
    diagnoses: list[DiagnosisPart] = []
    devices: list[DevicePart] = []
    buses: list[BusPart] = []
    writes: int = 0
    storage: StoragePart | None = None
