"""Who contributes what: groups, their rules, and households with their meters."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from controller.settings.fields import Id, NameSettings, Price, Settings

Month = Annotated[
    str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description='a month in quotes, such as "2026-10"')
]


class BeyondSettings(Settings):
    """The second block: another price beyond so much energy in a month."""

    kwh: Annotated[int, Field(ge=1, le=100_000)]
    thb_per_kwh: Price


class PrepaidSettings(Settings):
    """Paid beforehand: a balance that is not to run low."""

    low_thb: Price


class GroupSettings(Settings):
    """Feeders whose households contribute by the same rules."""

    name: NameSettings
    feeders: Annotated[list[Id], Field(min_length=1)]
    monthly_thb: Price = 0.0
    """Of each household."""
    thb_per_kwh: Price = 0.0
    beyond: BeyondSettings | None = None
    prepaid: PrepaidSettings | None = None


class HouseholdSettings(Settings):
    """A household that has an account."""

    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    feeder: Id
    meter: Id | None = None
    """None: it is read by hand, or has none."""
    since: Month | None = None
    """Its first month; None: that of all."""


class AccountsSettings(Settings):
    """The village's accounts."""

    since: Month
    """The first month that is accounted for."""
    groups: Annotated[dict[Id, GroupSettings], Field(min_length=1)]
    households: dict[Id, HouseholdSettings] = Field(default_factory=dict)
