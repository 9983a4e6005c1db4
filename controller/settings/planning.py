"""What the plan is told: what light is worth, and how long ahead people are told of cuts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from controller.settings.fields import Price, Settings


class UnservedPrices(Settings):
    """What a kWh that somebody wanted and did not get counts for, by class."""

    critical: Price = 2000.0
    essential: Price = 200.0
    household: Price = 40.0
    flexible: Price = 8.0


class PlanningSettings(Settings):
    """How the coming two days are planned."""

    enabled: bool = True
    """False: the rules decide alone."""
    announced_h: Annotated[float, Field(ge=1, le=24)] = 12.0
    """So long ahead cuts are told, and then kept."""
    unserved_thb_per_kwh: UnservedPrices = UnservedPrices()
    battery_wear_thb_per_kwh: Price = 1.0
    """For each kWh out of the battery."""
