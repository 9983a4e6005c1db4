"""How scarce energy is shared, and where protection takes over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from controller.core.model import PriorityClass
from controller.settings.fields import Frac, PositiveSeconds, Seconds, Settings, Watts


class ClassRulesSettings(Settings):
    """Below which SoC a priority class takes turns, and below which it is off."""

    ration_below_soc_frac: Frac
    off_below_soc_frac: Frac


class SharingSettings(Settings):
    """How scarce energy is shared."""

    turn_s: PositiveSeconds
    min_on_s: Seconds
    min_off_s: Seconds
    stagger_s: Seconds
    hysteresis_soc_frac: Annotated[float, Field(ge=0, le=0.2)]
    most_switchings_per_day: Annotated[int, Field(ge=2, le=100)] = 12
    classes: dict[Annotated[PriorityClass, Field(strict=False)], ClassRulesSettings]


class ProtectionSettings(Settings):
    """Limits that nothing overrides."""

    soc_min_frac: Frac
    soc_max_frac: Frac
    cell_voltage_min_v: Annotated[float, Field(gt=1, lt=5)]
    cell_voltage_max_v: Annotated[float, Field(gt=1, lt=5)]
    temperature_min_c: Annotated[float, Field(ge=-30, le=30)]
    temperature_max_c: Annotated[float, Field(ge=20, le=80)]
    frequency_min_hz: Annotated[float, Field(ge=40, lt=50)]
    overload_w: Watts
