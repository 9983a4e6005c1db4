"""A believable forecast.json for the page's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from web_village import EVENING, Json, day, text

LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]


def forecast(at: datetime = EVENING, **changes: Any) -> Json:
    """Two days ahead from the quarter before `at`; `changes` replace top-level parts."""
    start = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    hours = [((start + timedelta(minutes=15 * step)).timestamp() / 3600 + 7) % 24 for step in range(192)]
    pv = [-day("pv_w", hour) for hour in hours]
    load = [day("load_w", hour) for hour in hours]
    spread = [0.4, 0.55, 0.8, 1.0, 1.1, 1.2, 1.25]
    rows = {
        "pv": [[value * k for value in pv] for k in spread],
        "load": [[value * k for value in load] for k in spread],
    }
    sunrise = datetime(2026, 11, 21, 23, 10, tzinfo=UTC)
    document: Json = {
        "format": 1,
        "issued_utc": start.isoformat(),
        "grid": {"start_utc": start.isoformat(), "step_s": 900, "count": 192},
        "levels": LEVELS,
        "pv_w": rows["pv"],
        "load_w": rows["load"],
        "arrays": {"pv_south": {"name": text("แผงด้านใต้", "South array"), "values_w": rows["pv"]}},
        "feeders": {"clinic": {"name": text("สถานีอนามัย", "Clinic"), "values_w": rows["load"]}},
        "weather": {"sources": [], "reason": None},
        "outlook": {
            "verdict": "probably",
            "lasts_until_sunrise_prob": 0.83,
            "sunrise_utc": sunrise.isoformat(),
            "reserve_reached_utc": {
                "p10": (sunrise - timedelta(hours=2)).isoformat(),
                "p50": None,
                "p90": None,
            },
            "above_reserve_prob": [0.9] * 192,
            "soc_frac": [
                [min(1.0, 0.3 + 0.05 * row + 0.001 * step) for step in range(192)] for row in range(7)
            ],
            "good_hours": [
                {
                    "from_utc": datetime(2026, 11, 22, 3, 0, tzinfo=UTC).isoformat(),
                    "to_utc": datetime(2026, 11, 22, 7, 30, tzinfo=UTC).isoformat(),
                }
            ],
            "reason": {
                "code": "lasts",
                "params": {},
                "th": "แบตเตอรี่น่าจะพอถึงเช้า",
                "en": "The battery will probably last until sunrise",
            },
        },
        "quality": {
            "pv": {
                "days": 14,
                "coverage_80_frac": 0.79,
                "pinball_skill_frac": 0.31,
                "reference": "climatology",
            },
            "load": {
                "days": 14,
                "coverage_80_frac": 0.83,
                "pinball_skill_frac": 0.22,
                "reference": "climatology",
            },
        },
        "findings": [],
        "learned": {"at_utc": start.isoformat(), "days": 31, "arrays": {"pv_south": {"capacity_w": 21000.0}}},
    }
    return document | changes
