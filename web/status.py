"""The API's view of the present: image.json with the verdict on the controller."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from controller.core.language import Language
from controller.core.model import PriorityClass
from web.image import (
    AlarmPart,
    BatteryPart,
    BilingualText,
    BusPart,
    ClockPart,
    DevicePart,
    DiagnosisPart,
    FairnessPart,
    FeederPart,
    GensetPart,
    ModePart,
    Part,
    PlanStandingPart,
    PvPart,
    ReasonPart,
    SitePart,
    SummaryPart,
    SupplyPart,
    TickPart,
    WrittenPart,
)
from web.image_store import ImageStore, Snapshot
from web.stream import Update, event
from web.view import state_sentence


class ControllerVerdict(BaseModel):
    """Whether the controller is running."""

    running: bool = Field(
        description="False: everything else in the answer is the last known, not the present."
    )
    age_s: float | None = Field(description="Age of the image on the host's monotonic clock, in seconds.")
    message: BilingualText


class Status(Part):
    """image.json as docs/architecture.md describes it; all null while there is none."""

    controller: ControllerVerdict
    format: int | None = None
    written: WrittenPart | None = None
    clock: ClockPart | None = None
    demo: bool | None = None
    site: SitePart | None = None
    tick: TickPart | None = None
    mode: ModePart | None = None
    voice: str | None = None
    plan: PlanStandingPart | None = None
    supply: SupplyPart | None = None
    summary: SummaryPart | None = None
    feeders: list[FeederPart] | None = None
    fairness: dict[PriorityClass, FairnessPart] | None = None
    pv: list[PvPart] | None = None
    pv_reason: ReasonPart | None = None
    battery: BatteryPart | None = None
    genset: GensetPart | None = None
    alarms: list[AlarmPart] | None = None
    diagnoses: list[DiagnosisPart] | None = None
    devices: list[DevicePart] | None = None
    buses: list[BusPart] | None = None
    writes: int | None = None


class HistoryReply(BaseModel):
    """Means in equal steps."""

    start: AwareDatetime = Field(alias="from", description="Start of the first step.")
    end: AwareDatetime = Field(alias="to")
    step_s: int
    series: dict[str, list[float | None]] = Field(
        description="Value i covers `step_s` seconds from `from` + i * `step_s`; null: no sample.",
        examples=[{"site.pv_w": [-12000.0, None, -11800.0]}],
    )


class DecisionEntry(BaseModel):
    """One entry of the hash-chained decision log."""

    seq: int
    at_utc: AwareDatetime
    subject: str = Field(description="A feeder id, a device id or `site`.", examples=["houses_a"])
    action: str = Field(examples=["open"])
    code: str = Field(examples=["class_rationed"])
    params: dict[str, object]
    text: BilingualText = Field(description="The reason in words.")
    hash: str = Field(description="SHA-256 over this entry and the hash before it.")


class DecisionsReply(BaseModel):
    """Decisions, newest first."""

    decisions: list[DecisionEntry]
    next_before: int | None = Field(description="Give it as `before` for the next page; null at the end.")


class Health(BaseModel):
    """The web process answers; the controller's state is beside it, not mixed in."""

    ok: bool = True
    controller_running: bool
    listeners: int = Field(description="Open event streams.")


class Fault(BaseModel):
    """Why a request was not answered."""

    detail: str


def status_of(snapshot: Snapshot) -> Status:
    """The answer to GET /api/status."""
    verdict = ControllerVerdict(
        running=snapshot.running,
        age_s=None if snapshot.age_s is None else round(snapshot.age_s, 3),
        message=BilingualText(
            th=state_sentence(snapshot, Language.TH), en=state_sentence(snapshot, Language.EN)
        ),
    )
    if snapshot.image is None:
        return Status(controller=verdict)
    known = {name: getattr(snapshot.image, name) for name in type(snapshot.image).model_fields}
    return Status.model_construct(controller=verdict, **known)


class StatusView:
    """The whole status as an event, for programs."""

    def __init__(self, images: ImageStore) -> None:
        self._images = images
        self._version: int | None = None

    async def refresh(self) -> Update | None:
        """See `stream.View`."""
        snapshot = self._images.look()
        if snapshot.version == self._version:
            return None
        self._version = snapshot.version
        data = event(
            "status", status_of(snapshot).model_dump_json(by_alias=True).encode(), snapshot.written_s
        )
        return Update(data, data)

    def forget(self) -> None:
        """See `stream.View`."""
        self._version = None
