"""The forecast document: what forecast.json holds, but for the stamp that the controller adds.

The schema is in docs/architecture.md. Watts are magnitudes; each list of quantiles has one row a level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from controller.core.model import Reason, Text
from controller.planner.hindsight import Quality
from controller.planner.site import PlannedSite
from controller.runtime.child_wire import Json
from controller.runtime.image_document import said
from forecasting.grid import HOUR_S, Bools, Floats, Grid
from forecasting.outlook import Outlook
from forecasting.quantiles import LEVELS, QuantileForecast

FORMAT = 1
_SHORTEST_S = HOUR_S
"""Shorter good times are not worth a walk to the rice mill."""


@dataclass(frozen=True, slots=True)
class LearnedFacts:
    """What people may want to know of what was learned."""

    at_s: float | None
    """Unix seconds; None before anything was."""
    days: int
    """Days on which anything was measured."""
    arrays: Mapping[str, Mapping[str, float]]
    """By the array's id: capacity_w, tilt_deg, azimuth_deg."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that goes into the document."""

    pv: QuantileForecast
    load: QuantileForecast
    arrays: Mapping[str, QuantileForecast]
    feeders: Mapping[str, QuantileForecast]
    weather: Sequence[tuple[str, int]]
    """Name and issue of each run of a weather model that went in, Unix seconds."""
    weather_reason: Reason | None
    outlook: Outlook | None
    pv_quality: Quality
    load_quality: Quality
    findings: Sequence[Reason]
    learned: LearnedFacts


def document(site: PlannedSite, contents: Contents) -> Json:
    """The document, JSON values only."""
    array_names = {pv.id: pv.name for pv in site.core.pv}
    feeder_names = {feeder.id: feeder.name for feeder in site.core.feeders}
    outlook = contents.outlook
    return {
        "format": FORMAT,
        "issued_utc": iso(contents.pv.issued_s),
        "grid": _grid(contents.pv.grid),
        "levels": list(LEVELS),
        "pv_w": watts(contents.pv.values_w),
        "load_w": watts(contents.load.values_w),
        "arrays": _named(contents.arrays, array_names),
        "feeders": _named(contents.feeders, feeder_names),
        "weather": {
            "sources": [{"name": name, "issued_utc": iso(at_s)} for name, at_s in contents.weather],
            "reason": None if contents.weather_reason is None else said(contents.weather_reason),
        },
        "outlook": None if outlook is None else _outlook(outlook),
        "quality": {"pv": _quality(contents.pv_quality), "load": _quality(contents.load_quality)},
        "findings": [said(finding) for finding in contents.findings],
        "learned": {
            "at_utc": None if contents.learned.at_s is None else iso(contents.learned.at_s),
            "days": contents.learned.days,
            "arrays": {name: dict(facts) for name, facts in contents.learned.arrays.items()},
        },
    }


def iso(at_s: float) -> str:
    """A Unix time as the document writes it."""
    return datetime.fromtimestamp(round(at_s), UTC).isoformat()


def watts(values_w: Floats) -> list[list[float]]:
    """Powers to a tenth of a watt."""
    rows: list[list[float]] = np.round(values_w, 1).tolist()
    return rows


def _grid(grid: Grid) -> Json:
    return {"start_utc": iso(grid.start_s), "step_s": grid.step_s, "count": grid.count}


def _named(forecasts: Mapping[str, QuantileForecast], names: Mapping[str, Text]) -> Json:
    return {
        name: {"name": {"th": names[name].th, "en": names[name].en}, "values_w": watts(forecast.values_w)}
        for name, forecast in forecasts.items()
    }


def _quality(quality: Quality) -> Json:
    return {
        "days": quality.days,
        "coverage_80_frac": _rounded(quality.coverage_80_frac),
        "pinball_skill_frac": _rounded(quality.pinball_skill_frac),
        "reference": "climatology",
    }


def _outlook(outlook: Outlook) -> Json:
    battery = outlook.battery
    first, *more = outlook.reasons
    about = {
        "sunrise_utc": iso(outlook.sunrise_s),
        "reason": said(first),
        "more_reasons": [said(reason) for reason in more],
    }
    if battery is None:
        return {"verdict": "unknown", "lasts_until_sunrise_prob": None, **about}
    reached = zip(("p10", "p50", "p90"), battery.reserve_at_s, strict=True)
    return {
        "verdict": battery.verdict.value,
        "lasts_until_sunrise_prob": _rounded(battery.lasting_prob),
        "reserve_reached_utc": {name: None if at_s is None else iso(at_s) for name, at_s in reached},
        "above_reserve_prob": np.round(np.clip(battery.above_reserve_prob, 0.0, 1.0), 3).tolist(),
        "soc_frac": np.round(battery.soc_frac, 3).tolist(),
        "good_hours": _good_hours(battery.good_hours, outlook.grid),
        **about,
    }


def _good_hours(good: Bools, grid: Grid) -> list[Json]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    stretches = edges.reshape(-1, 2) * grid.step_s + grid.start_s
    return [
        {"from_utc": iso(from_s), "to_utc": iso(to_s)}
        for from_s, to_s in stretches.tolist()
        if to_s - from_s >= _SHORTEST_S
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(min(value, 1.0), 3)
