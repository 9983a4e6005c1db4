"""A believable plan.json of the default village: turns in the evening, and a run of the genset."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from controller.core.model import Reason
from controller.runtime.image_document import said

ISSUED = datetime(2026, 4, 1, 5, 2, tzinfo=UTC)
"""12:02 in the village."""
FEEDERS = ("clinic", "school", "street", "pump", "houses_a", "houses_b", "houses_c", "houses_d")
STEPS_H = (0.25, 0.25, 0.5, *([1.0] * 11), *([3.0] * 12))


def edges(issued: datetime = ISSUED) -> list[datetime]:
    """The first step ends with the running quarter of an hour."""
    quarter = issued.replace(minute=issued.minute // 15 * 15, second=0, microsecond=0)
    found = [issued]
    for hours in STEPS_H:
        quarter += timedelta(hours=hours)
        found.append(quarter)
    return found


def cut(begin: datetime, end: datetime, announced: datetime) -> dict[str, Any]:
    """A turn of a household feeder."""
    when = {"start": _clock_s(begin), "end": _clock_s(end), "class": "household"}
    return {
        **stretch(begin, end, Reason("turn_announced", when)),
        "announced_utc": announced.isoformat(),
    }


def stretch(begin: datetime, end: datetime, reason: Reason) -> dict[str, Any]:
    """From when to when, and why."""
    return {"from_utc": begin.isoformat(), "to_utc": end.isoformat(), "reason": said(reason)}


def _clock_s(at: datetime) -> int:
    return int((at + timedelta(hours=7)).timestamp() % 86_400)


def plan_document(issued: datetime = ISSUED) -> dict[str, Any]:
    """The document as the planner hands it over."""
    at = edges(issued)
    count = len(at) - 1
    dusk = issued.replace(minute=0, second=0) + timedelta(hours=7)
    on = [step == 12 for step in range(count)]
    why = Reason("genset_run_planned", {"start": _clock_s(at[12]), "end": _clock_s(at[13])})
    noon = {"start": _clock_s(at[4]), "end": _clock_s(at[6])}
    night = {"start": _clock_s(at[9]), "end": _clock_s(at[14])}
    return copy.deepcopy(
        {
            "format": 1,
            "issued_utc": issued.isoformat(),
            "edges_utc": [edge.isoformat() for edge in at],
            "announced_until_utc": (issued + timedelta(hours=12)).isoformat(),
            "pv_w": [max(0.0, 9000.0 - 1500.0 * step) for step in range(count)],
            "curtailed_w": [500.0] * 4 + [0.0] * (count - 4),
            "served_w": [6000.0] * count,
            "charge_w": [2000.0] * 4 + [0.0] * (count - 4),
            "discharge_w": [0.0] * 8 + [3000.0] * (count - 8),
            "genset_w": [15000.0 if runs else 0.0 for runs in on],
            "import_w": [0.0] * count,
            "export_w": [0.0] * count,
            "unserved_w": {"household": [0.0] * 9 + [900.0] * 2 + [0.0] * (count - 11)},
            "soc_frac": {
                "p10": [0.5 - 0.005 * edge for edge in range(count + 1)],
                "p50": [0.6 - 0.005 * edge for edge in range(count + 1)],
                "p90": [0.7 - 0.005 * edge for edge in range(count + 1)],
            },
            "genset": {"on": on, "why": [said(why) if runs else None for runs in on]},
            "battery_setpoint_w": None,
            "wanted_w": {name: [800.0] * count for name in FEEDERS},
            "cuts": {
                "houses_a": [cut(dusk, dusk + timedelta(hours=1), issued)],
                "houses_b": [cut(dusk + timedelta(hours=1), dusk + timedelta(hours=2), issued)],
            },
            "heavy_use": [
                {**stretch(at[4], at[6], Reason("heavy_use_good", noon)), "good": True},
                {**stretch(at[9], at[14], Reason("heavy_use_bad", night)), "good": False},
            ],
            "energy_thb_per_kwh": [0.5] * 8 + [11.4] * (count - 8),
            "why": [],
            "expected": {
                "diesel_l": 6.2,
                "cost_thb": -310.0,
                "unserved_wh": {"household": 1800.0, "flexible": 0.0},
                "pv_unused_wh": 900.0,
            },
            "solver": {"scenarios": 5, "gap_frac": 0.004, "solve_s": 0.21},
        }
    )
