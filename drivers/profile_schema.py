"""The schema of a device profile file: what `drivers/profiles/*.yaml` may say.

Unknown keys are refused, nothing is coerced from another type, and every number is finite.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from controller.core.model import Role
from drivers.model import DataType, PollClass, Table, WordOrder, WriteFunction

Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Word = Annotated[int, Field(ge=0, le=0xFFFF)]
Range = Annotated[tuple[float, float], Field(strict=False)]
UnitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=10)]


class Schema(BaseModel):
    """Base: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class VerifiedSchema(Schema):
    """How the profile is known to be right, beyond the sources of each point."""

    by: Literal["documents", "bench"]
    firmware: str | None = None
    date: datetime.date | None = None
    note: str | None = None


class BusSchema(Schema):
    """How the device wants to be talked to."""

    word_order: Annotated[WordOrder, Field(strict=False)] = WordOrder.BIG
    max_block: Annotated[int, Field(ge=1, le=125)] = 60
    timeout_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    min_gap_ms: Annotated[float, Field(ge=0, le=5000)] = 0.0
    connect_delay_ms: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    window: Annotated[int, Field(ge=1, le=125)] | None = None
    max_gap: Annotated[int, Field(ge=0, le=125)] | None = None
    one_client: bool = False
    fragile_from: Address | None = None
    """Reading registers from here on makes the device restart: discovery asks it for none of them."""
    write_function: Annotated[WriteFunction, Field(strict=False)] = WriteFunction.MULTIPLE


class DefaultsSchema(Schema):
    """How the device is set up when it leaves the factory."""

    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    baud: list[Annotated[int, Field(ge=1200, le=921_600)]] = []
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    tcp_port: Annotated[int, Field(ge=1, le=65535)] | None = None


class CheckSchema(Schema):
    """A register by which the device is recognised: it has one of the values, or its text matches."""

    table: Table = Field(strict=False)
    address: Address
    words: Annotated[int, Field(ge=1, le=64)] = 1
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    one_of: list[Annotated[int, Field(ge=0)]] = []
    range: Annotated[tuple[int, int], Field(strict=False)] | None = None
    text: Annotated[str, Field(min_length=2)] | None = None


class CellSchema(Schema):
    """What read and control points have in common."""

    table: Table = Field(strict=False)
    address: Address
    type: DataType = Field(strict=False)
    word_order: Annotated[WordOrder | None, Field(strict=False)] = None
    scale: float = 1.0
    offset: float = 0.0
    unit: UnitName | None = None
    source: list[str] = []
    """Keys of `sources` that agree on the point; empty: the file's `confirmed_by`."""


class ReadSchema(CellSchema):
    """A point that is read."""

    poll: PollClass = Field(alias="class", strict=False)
    range: Range | None = None
    missing: list[Annotated[int, Field(ge=0)]] = []
    high_address: Address | None = None
    mask: Annotated[int, Field(ge=1)] | None = None
    codes: dict[int, str] = {}
    values: dict[int, float] = {}
    """What each number of a maker's state stands for; all others are missing."""
    bits: dict[Annotated[int, Field(ge=0, le=63)], str] = {}


class WriteSchema(CellSchema):
    """A control point."""

    range: Range
    readback: str | None = None
    expires_s: Annotated[float, Field(gt=0)] | None = None
    eeprom: bool = True
    release: float | None = None
    words: dict[int, Annotated[list[Word], Field(min_length=1, max_length=123)]] = {}
    before: list[Annotated[list[Word], Field(min_length=2)]] = []
    """Written first: each an address and the words that go there in one request."""
    after: list[Annotated[list[Word], Field(min_length=2)]] = []
    function: Annotated[WriteFunction | None, Field(strict=False)] = None
    codes: dict[int, str] = {}
    daily_writes: Annotated[int, Field(ge=1)] | None = None
    note: Text | None = None


class DirectionSchema(Schema):
    """A state that says which way a value without a sign flows."""

    point: str
    values: Annotated[list[int], Field(min_length=1)]


class DerivedSchema(Schema):
    """A point that no register holds: made of read points in exactly one way."""

    sum: Annotated[list[str], Field(min_length=1)] | None = None
    """A minus sign before a name subtracts it."""
    product: Annotated[list[str], Field(min_length=2)] | None = None
    """A minus sign before a name turns the product's."""
    value: str | None = None
    """A value without a sign, negative while `negative_when` holds."""
    negative_when: DirectionSchema | None = None


class ChannelsSchema(Schema):
    """The relays of a switch in one line: `channel_1` to `channel_N` at consecutive coils."""

    table: Table = Field(strict=False)
    address: Address
    count: Annotated[int, Field(ge=1, le=64)]
    source: list[str] = []


class ProfileSchema(Schema):
    """A whole profile file."""

    format: Literal[1]
    model: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    """Maker and models that it covers."""
    role: Role = Field(strict=False)
    sources: Annotated[dict[UnitName, Text], Field(min_length=1)]
    """Documents and drivers, independent of each other: one that copied another is the same source."""
    confirmed_by: list[str] = []
    """Keys of `sources` that agree on every point that names none of its own."""
    verified: VerifiedSchema
    bus: BusSchema = BusSchema()
    defaults: DefaultsSchema = DefaultsSchema()
    identify: list[CheckSchema] = []
    missing: dict[Annotated[DataType, Field(strict=False)], list[Annotated[int, Field(ge=0)]]] = {}
    """Raw values of each type (as in the registers) that mean 'not available' wherever they stand."""
    missing_top: Annotated[int, Field(ge=0, le=16)] = 0
    """So many of the highest raw values of every number type mean 'not available' (GenComm)."""
    read: dict[str, ReadSchema] = {}
    derive: dict[str, DerivedSchema] = {}
    write: dict[str, WriteSchema] = {}
    channels: ChannelsSchema | None = None
