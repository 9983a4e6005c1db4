"""The schema of plan.json as the web process reads it, and the verdict on its age.

docs/architecture.md describes the file. Powers are magnitudes, one item a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from web.forecast import Frac, HoursPart, Watts
from web.image import Part, ReasonPart
from web.watched_file import FileStamp, WatchedFile

FILE_NAME = "plan.json"
"""It lies beside image.json."""
FRESH_FOR = timedelta(hours=3)
"""An older plan is not gone by, neither here nor by the controller."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Magnitude = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class StretchPart(HoursPart):
    """Something that holds for a while, and why."""

    reason: ReasonPart

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_utc >= self.to_utc:
            msg = "a stretch of time ends before it begins"
            raise ValueError(msg)
        return self


class CutPart(StretchPart):
    """A feeder's announced turn to be off."""

    announced_utc: AwareDatetime = Field(description="When people were first told of it.")


class HeavyUsePart(StretchPart):
    """Hours that are good or bad for heavy loads."""

    good: bool


class CorridorPart(Part):
    """The expected state of charge at the edges."""

    p10: list[Frac]
    p50: list[Frac]
    p90: list[Frac]


class GensetPlanPart(Part):
    """When the genset is to run."""

    on: list[bool]
    why: list[ReasonPart | None]


class ExpectedPart(Part):
    """What the plan comes to over its horizon."""

    diesel_l: Magnitude
    cost_thb: Finite
    unserved_wh: dict[str, Magnitude] = Field(description="By class.")
    pv_unused_wh: Magnitude


class SolverPart(Part):
    """How the plan was found."""

    scenarios: int
    gap_frac: Magnitude
    solve_s: Magnitude


class Plan(Part):
    """The whole of plan.json."""

    format: Literal[1]
    issued_utc: AwareDatetime
    edges_utc: list[AwareDatetime] = Field(min_length=2, description="n + 1 edges of n steps.")
    announced_until_utc: AwareDatetime = Field(
        description="Nothing is added to the cuts before it, but by protection."
    )
    pv_w: list[Watts]
    curtailed_w: list[Watts]
    served_w: list[Watts]
    charge_w: list[Watts]
    discharge_w: list[Watts]
    genset_w: list[Watts]
    import_w: list[Watts]
    export_w: list[Watts]
    unserved_w: dict[str, list[Watts]] = Field(description="By class.")
    soc_frac: CorridorPart
    genset: GensetPlanPart | None = Field(description="null without a genset.")
    battery_setpoint_w: list[Finite] | None = Field(
        description="Charging > 0; null where the inverters form the grid."
    )
    wanted_w: dict[str, list[Watts]] = Field(description="By feeder: what it would draw if it were on.")
    cuts: dict[str, list[CutPart]] = Field(description="By feeder, in order of time.")
    heavy_use: list[HeavyUsePart]
    energy_thb_per_kwh: list[Magnitude] = Field(
        description="What one more kWh in a step would cost the village."
    )
    why: list[StretchPart] = Field(description="What binds.")
    expected: ExpectedPart
    solver: SolverPart

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        """The edges are in order, each row has a value a step, each corridor a value an edge."""
        if any(before >= after for before, after in pairwise(self.edges_utc)):
            msg = "the edges are not in order"
            raise ValueError(msg)
        count = len(self.edges_utc) - 1
        corridor = self.soc_frac
        if any(len(row) != count for row in self._rows()) or any(
            len(row) != count + 1 for row in (corridor.p10, corridor.p50, corridor.p90)
        ):
            msg = "a row does not fit the steps"
            raise ValueError(msg)
        return self

    def _rows(self) -> list[Sequence[object]]:
        rows: list[Sequence[object]] = [self.pv_w, self.curtailed_w, self.served_w, self.charge_w]
        rows += [self.discharge_w, self.genset_w, self.import_w, self.export_w, self.energy_thb_per_kwh]
        rows += [*self.unserved_w.values(), *self.wanted_w.values()]
        if self.battery_setpoint_w is not None:
            rows.append(self.battery_setpoint_w)
        if self.genset is not None:
            rows += [self.genset.on, self.genset.why]
        return rows


class PlanReply(BaseModel):
    """GET /api/plan."""

    fresh: bool = Field(
        description="False: there is none, or it is too old to go by. Whether the controller follows it "
        "stands in `plan` of /api/status."
    )
    age_s: float | None = Field(description="Since it was issued, by the controller's clock.")
    plan: Plan | None


class PlanStore:
    """Reads plan.json when it was replaced."""

    def __init__(self, path: Path) -> None:
        self._file = WatchedFile(path, Plan)

    def look(self) -> tuple[FileStamp | None, Plan | None]:
        """What identifies the present file, and its content; None without a readable one."""
        self._file.reread()
        return self._file.stamp, self._file.content


def age(plan: Plan, now: datetime) -> timedelta:
    """Time since it was issued, by the controller's clock `now`."""
    return now - plan.issued_utc


def fresh(plan: Plan, now: datetime) -> bool:
    """Whether it may be gone by: not too old or at its end, nor from a clock that was set back since."""
    return timedelta(minutes=-1) <= age(plan, now) <= FRESH_FOR and now < plan.edges_utc[-1]
