"""The schema of a device profile file: what `drivers/profiles/*.yaml` may say.

Unknown keys are refused, nothing is coerced from another type, and every number is finite.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from controller.core.model import Role
from drivers.model import DataType, PollClass, Table, WordOrder

Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Word = Annotated[int, Field(ge=0, le=0xFFFF)]
Range = Annotated[tuple[float, float], Field(strict=False)]
UnitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Schema(BaseModel):
    """Base: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class VerifiedSchema(Schema):
    """How the profile is known to be right."""

    by: Literal["unconfirmed", "two_sources", "bench"]
    firmware: str | None = None
    date: datetime.date | None = None
    note: str | None = None


class BusSchema(Schema):
    """How the device wants to be talked to."""

    word_order: Annotated[WordOrder, Field(strict=False)] = WordOrder.BIG
    max_block: Annotated[int, Field(ge=1, le=125)] = 60
    timeout_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    min_gap_ms: Annotated[float, Field(ge=0, le=5000)] = 0.0


class CellSchema(Schema):
    """What read and control points have in common."""

    table: Table = Field(strict=False)
    address: Address
    type: DataType = Field(strict=False)
    word_order: Annotated[WordOrder | None, Field(strict=False)] = None
    scale: float = 1.0
    offset: float = 0.0
    unit: UnitName | None = None


class ReadSchema(CellSchema):
    """A point that is read."""

    poll: PollClass = Field(alias="class", strict=False)
    range: Range | None = None
    missing: list[Annotated[int, Field(ge=0)]] = []
    codes: dict[int, str] = {}


class WriteSchema(CellSchema):
    """A control point."""

    range: Range
    readback: str | None = None
    expires_s: Annotated[float, Field(gt=0)] | None = None
    eeprom: bool = True
    release: float | None = None
    words: dict[int, Annotated[list[Word], Field(min_length=1, max_length=123)]] = {}
    before: list[Annotated[tuple[Address, Word], Field(strict=False)]] = []
    after: list[Annotated[tuple[Address, Word], Field(strict=False)]] = []


class SumSchema(Schema):
    """A point that no register holds: the sum of read points."""

    sum: Annotated[list[str], Field(min_length=2)]


class ChannelsSchema(Schema):
    """The relays of a switch in one line: `channel_1` to `channel_N` at consecutive coils."""

    table: Literal["coil"]
    address: Address
    count: Annotated[int, Field(ge=1, le=64)]


class ProfileSchema(Schema):
    """A whole profile file."""

    format: Literal[1]
    model: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    role: Role = Field(strict=False)
    source: Annotated[str, Field(min_length=10)]
    verified: VerifiedSchema
    bus: BusSchema = BusSchema()
    missing_top: Annotated[int, Field(ge=0, le=16)] = 0
    """So many of the highest raw values of every number type mean 'not available' (GenComm)."""
    read: dict[str, ReadSchema] = {}
    derive: dict[str, SumSchema] = {}
    write: dict[str, WriteSchema] = {}
    channels: ChannelsSchema | None = None
