"""Believable plan.json files for the page's tests, and the images that go with them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from web_village import EVENING, Json, rationed, reason, village

STEPS = 48


def clock_s(at: datetime) -> int:
    """Seconds since midnight in Bangkok."""
    return int((at.timestamp() + 7 * 3600) % 86400)


def stretch(code: str, start: datetime, end: datetime, **params: Any) -> Json:
    """From when to when, and why."""
    when = {"start": clock_s(start), "end": clock_s(end)}
    return {
        "from_utc": start.isoformat(),
        "to_utc": end.isoformat(),
        "reason": reason(code, **when, **params),
    }


def cut(
    start: datetime, hours: float, *, told: datetime, code: str = "turn_announced", **params: Any
) -> Json:
    """A feeder's turn to be off."""
    if code != "waits_for_its_hours":
        params = {"class": "household", **params}
    end = start + timedelta(hours=hours)
    return {**stretch(code, start, end, **params), "announced_utc": told.isoformat()}


def plan(at: datetime = EVENING, **changes: Any) -> Json:
    """Two days ahead from the quarter before `at`, without a cut; `changes` replace top-level parts."""
    start = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    row = [100.0] * STEPS
    document: Json = {
        "format": 1,
        "issued_utc": (start + timedelta(seconds=90)).isoformat(),
        "written": {"monotonic_s": 1.0, "boot_id": "x"},
        "edges_utc": [(start + timedelta(hours=step)).isoformat() for step in range(STEPS + 1)],
        "announced_until_utc": (start + timedelta(hours=12)).isoformat(),
        "unserved_w": {"household": row},
        "soc_frac": {
            "p10": [0.24] * (STEPS + 1),
            "p50": [0.3] * (STEPS + 1),
            "p90": [0.4] * (STEPS + 1),
        },
        "genset": {"on": [False] * STEPS, "why": [None] * STEPS},
        "battery_setpoint_w": None,
        "wanted_w": {"houses_a": row},
        "cuts": {},
        "heavy_use": [
            {**stretch("heavy_use_bad_until", hour(at, 17), hour(at, 22), better=36_000), "good": False},
            {**stretch("heavy_use_good", hour(at, 34), hour(at, 38.5)), "good": True},
        ],
        "why": [],
        "expected": {
            "diesel_l": 0.0,
            "cost_thb": 12.0,
            "unserved_wh": {"household": 0.0},
            "pv_unused_wh": 1.0,
        },
        "solver": {"scenarios": 5, "gap_frac": 0.004, "solve_s": 0.2},
    }
    powers = (
        "pv_w",
        "curtailed_w",
        "served_w",
        "charge_w",
        "discharge_w",
        "genset_w",
        "import_w",
        "export_w",
    )
    document |= dict.fromkeys((*powers, "energy_thb_per_kwh"), row)
    return document | changes


def hour(at: datetime, hours: float) -> datetime:
    """So many hours after the midnight of Bangkok before `at`."""
    return at - timedelta(seconds=clock_s(at), microseconds=at.microsecond) + timedelta(hours=hours)


def evening_turns(at: datetime = EVENING) -> Json:
    """Each group of houses is off for an hour and a half, one after another; the pump waits for the sun."""
    told = hour(at, 9.25)
    cuts = {
        name: [cut(hour(at, start), 1.5, told=told)]
        for name, start in (("houses_b", 20), ("houses_c", 21.5), ("houses_a", 23), ("houses_d", 24.5))
    }
    cuts["pump"] = [cut(hour(at, 18), 15, told=told, code="waits_for_its_hours")]
    return plan(at, cuts=cuts)


def scarce_day(at: datetime = EVENING) -> Json:
    """After three days of rain: two turns a group, the genset at night, no good hour."""
    told = hour(at, 9.25)
    starts = {"houses_a": (20, 26), "houses_b": (21, 27), "houses_c": (22, 28), "houses_d": (23, 29)}
    cuts = {
        name: [
            cut(hour(at, first), 2.5, told=told),
            cut(hour(at, second), 2, told=told + timedelta(hours=6)),
        ]
        for name, (first, second) in starts.items()
    }
    cuts["pump"] = [cut(hour(at, 17), 24, told=told, code="turn_of_all_announced", **{"class": "flexible"})]
    cuts["school"] = [cut(hour(at, 29), 2, told=told, **{"class": "essential"})]
    run = reason("genset_run_in_quiet_hours", start=clock_s(hour(at, 23)), end=clock_s(hour(at, 26)))
    on = [2 <= step < 5 for step in range(STEPS)]
    bad = {**stretch("heavy_use_bad", hour(at, 17), hour(at, 41)), "good": False}
    genset = {"on": on, "why": [run if step else None for step in on]}
    return plan(at, cuts=cuts, genset=genset, heavy_use=[bad])


def fairness() -> Json:
    """A month of turns."""

    def share(served: float, without_h: float) -> Json:
        return {
            "served_frac": served,
            "without_h": without_h,
            "protection_h": 0.5,
            "wanted_wh": 400_000.0,
            "without_wh": 400_000.0 * (1 - served),
        }

    return {
        "critical": {"days": 30.4, "spread_frac": 0.0, "jain": 1.0, "feeders": {"clinic": share(1.0, 0.0)}},
        "essential": {
            "days": 30.4,
            "spread_frac": 0.011,
            "jain": 0.9999,
            "feeders": {"school": share(0.9884, 3.2), "street": share(0.9994, 0.1)},
        },
        "flexible": {
            "days": 30.4,
            "spread_frac": 0.0,
            "jain": 1.0,
            "feeders": {"pump": share(0.7312, 160.0)},
        },
        "household": {
            "days": 30.4,
            "spread_frac": 0.0071,
            "jain": 0.99998,
            "feeders": {
                "houses_a": share(0.9643, 11.25),
                "houses_b": share(0.9612, 12.0),
                "houses_c": share(0.9671, 10.5),
                "houses_d": share(0.9683, 10.75),
            },
        },
    }


def planned(at: datetime = EVENING, *, off: frozenset[str] = frozenset(), **changes: Any) -> Json:
    """An image of a village whose plan is followed; `off`: feeders in their announced turn."""
    image = rationed(at) if off else village(at)
    followed = {"in_force": True, "reason": None, "issued_utc": at.isoformat()}
    image |= {"voice": "plan", "plan": followed, "fairness": fairness()}
    image["summary"] |= {"pv_w": 0.0, "load_w": 4200.0, "battery_w": -4480.0, "soc_frac": 0.46}
    for feeder in image["feeders"]:
        feeder["closed"] = feeder["id"] not in off
        feeder["reason"] = reason("powered")
        if feeder["id"] in off:
            feeder["reason"] = cut(hour(at, 20), 1.5, told=hour(at, 9.25))["reason"]
    return image | changes


def standing(code: str, **params: Any) -> Json:
    """The plan is not followed."""
    return {"in_force": False, "reason": reason(code, **params), "issued_utc": None}


def words_of(page: str) -> str:
    """What the page says: its text without what is hidden."""
    page = re.sub(r"<(\w+)[^>]* hidden[ >].*?</\1>", " ", page.split("<main", 1)[-1], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def show(powerhouse, image: dict, document: dict | None, path: str = "/en") -> str:
    """What the page says with this image and this plan; None: no plan."""
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    if document is not None:
        powerhouse.put_plan(document)
    return words_of(await powerhouse.page(path))
