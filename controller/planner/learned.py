"""What the planner keeps from a night's learning, and what it expects at one issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.model import Reason
from controller.planner.hindsight import Quality
from forecasting.load.village import LearnedVillage
from forecasting.quantiles import QuantileForecast
from forecasting.solar.forecaster import LearnedPv


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a night's learning leaves."""

    at_s: float | None
    """Unix seconds; None: from nothing but nameplates and priors."""
    days: int
    """Days on which anything was measured."""
    pv: LearnedPv | None
    """None for a site without panels."""
    village: LearnedVillage
    weather_late_h: Mapping[str, int]
    """By how many whole hours weather sources are late, as all their runs together prove."""
    pv_quality: Quality
    load_quality: Quality
    findings: tuple[Reason, ...]
    """Of the arrays; those of sensors and weather are found anew with each forecast."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """The forecasts of one issue."""

    pv: QuantileForecast
    load: QuantileForecast
    arrays: Mapping[str, QuantileForecast]
    feeders: Mapping[str, QuantileForecast]
    pv_model: QuantileForecast
    """What the models say of the totals, before calibration."""
    load_model: QuantileForecast
