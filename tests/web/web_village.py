"""A believable village for the page's tests: image.json as the controller writes it, and a day of samples."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from controller.core.model import Reason
from controller.core.reasons import render
from controller.telemetry.schema import PERIOD_S
from controller.telemetry.stocking import stock_periods

BOOT = "11111111-2222-3333-4444-555555555555"
NOON = datetime(2026, 11, 21, 5, 0, 4, tzinfo=UTC)
EVENING = datetime(2026, 11, 21, 14, 20, 4, tzinfo=UTC)

Json = dict[str, Any]

_FEEDERS = (
    ("clinic", "สถานีอนามัย", "Clinic", "critical", 1, 310.0),
    ("school", "โรงเรียน", "School", "essential", 1, 1240.0),
    ("street", "ไฟถนน", "Street lights", "essential", 1, 0.0),
    ("pump", "ปั๊มน้ำ", "Water pump", "flexible", 1, 2200.0),
    ("houses_a", "บ้านกลุ่ม ก", "Houses A", "household", 16, 1480.0),
    ("houses_b", "บ้านกลุ่ม ข", "Houses B", "household", 15, 1320.0),
    ("houses_c", "บ้านกลุ่ม ค", "Houses C", "household", 15, 1150.0),
    ("houses_d", "บ้านกลุ่ม ง", "Houses D", "household", 14, 990.0),
)


def text(th: str, en: str) -> Json:
    return {"th": th, "en": en}


def reason(code: str, **params: Any) -> Json:
    words = render(Reason(code, params))
    return {"code": code, "params": params, "th": words.th, "en": words.en}


POWERED = reason("powered")
TURN_PARAMS: Json = {
    "class": "household",
    "soc_frac": 0.38,
    "limit_frac": 0.42,
    "back_frac": 0.46,
    "allowed": 2,
    "count": 4,
    "wait_s": 1260,
}
TURNS = reason("class_rationed", **TURN_PARAMS)


def feeder(index: int, closed: bool | None, at: datetime, why: Json) -> Json:
    key, th, en, priority, households, power_w = _FEEDERS[index]
    return {
        "id": key,
        "name": text(th, en),
        "class": priority,
        "households": households,
        "closed": closed,
        "power_w": 0.0 if closed is False else power_w,
        "health": "good" if closed is not None else "lost",
        "reason": why,
        "since_utc": (at - timedelta(minutes=73)).isoformat(),
        "without_s": 0.0 if closed else 4380.0,
    }


def device(key: str, role: str, points: dict[str, float | None]) -> Json:
    return {
        "id": key,
        "role": role,
        "profile": "eastron-sdm630",
        "bus": "meters",
        "unit": 1,
        "health": "good",
        "age_s": 0.6,
        "last_error": None,
        "points": {
            name: {"value": value, "age_s": 0.6, "health": "lost" if value is None else "good"}
            for name, value in points.items()
        },
    }


def village(at: datetime = NOON, *, written_s: float | None = None, **changes: Any) -> Json:
    """A sunny noon; `changes` replace top-level parts."""
    image: Json = {
        "format": 1,
        "written": {
            "monotonic_s": time.monotonic() if written_s is None else written_s,
            "boot_id": BOOT,
            "pid": 812,
        },
        "clock": {"utc": at.isoformat(), "synchronised": True, "speed": 1.0},
        "demo": False,
        "site": {
            "id": "ban-wang-won",
            "name": text("บ้านวังวน", "Ban Wang Won"),
            "timezone": "Asia/Bangkok",
            "households": 60,
            "contact": {"name": text("ช่างประจำหมู่บ้าน", "Village technician"), "phone": "080-000-0000"},
        },
        "tick": {"number": 17, "skipped": 0, "early": 0, "lateness_ms": {"p50": 0.4, "p99": 3.1}},
        "mode": {"code": "normal", "reason": reason("normal")},
        "voice": "rules",
        "plan": {"in_force": False, "reason": reason("plan_missing"), "issued_utc": None},
        "supply": {"state": "islanded", "reason": reason("supply_islanded"), "grid": None, "refusals": []},
        "summary": {
            "pv_w": -12040.0,
            "load_w": 8690.0,
            "battery_w": 3150.0,
            "inverter_w": 3350.0,
            "genset_w": 0.0,
            "grid_w": None,
            "soc_frac": 0.64,
            "energy_left_h": None,
            "missing": [],
        },
        "feeders": [feeder(index, True, at, POWERED) for index in range(len(_FEEDERS))],
        "fairness": {},
        "pv": [
            {
                "id": "pv_south",
                "name": text("แผงด้านใต้", "South array"),
                "power_w": -6000.0,
                "limit_frac": 1.0,
                "health": "good",
            }
        ],
        "pv_reason": None,
        "battery": {
            "id": "battery",
            "soc_frac": 0.64,
            "power_w": 3150.0,
            "temperature_c": 31.0,
            "energy_wh": 120000.0,
            "reserve_soc_frac": 0.2,
            "health": "good",
        },
        "genset": {
            "id": "genset",
            "name": text("เครื่องปั่นไฟ", "Genset"),
            "phase": "stopped",
            "power_w": 0.0,
            "fuel_frac": 0.8,
            "health": "good",
            "reason": reason("genset_not_needed", soc_frac=0.64, start_frac=0.22, stop_frac=0.4),
        },
        "alarms": [],
        "diagnoses": [],
        "devices": [
            device("meter_clinic", "meter", {"power_w": 310.0}),
            device("sun", "irradiance_sensor", {"irradiance_wm2": 742.0}),
        ],
        "buses": [{"id": "meters", "ok": 5012, "failed": 0, "connected": True}],
        "writes": 4,
    }
    return image | changes


def rationed(at: datetime = EVENING, **changes: Any) -> Json:
    """An evening when two groups of houses and the pump rest."""
    image = village(at, **changes)
    off = {3, 5, 7}
    image["mode"] = {
        "code": "saving",
        "reason": reason("saving", soc_frac=0.38),
    }
    image["summary"] |= {
        "pv_w": 0.0,
        "load_w": 4200.0,
        "battery_w": -4480.0,
        "soc_frac": 0.38,
        "energy_left_h": 6.31,
    }
    image["battery"] |= {"soc_frac": 0.38, "power_w": -4480.0}
    image["feeders"] = [feeder(i, i not in off, at, TURNS if i in off else POWERED) for i in range(8)]
    image["devices"][1] = device("sun", "irradiance_sensor", {"irradiance_wm2": 0.0})
    return image


def blackout(at: datetime = EVENING, **changes: Any) -> Json:
    """Nothing on the bus, and an alarm."""
    image = rationed(at, **changes)
    dark = reason("blackout")
    image["mode"] = {"code": "blackout", "reason": dark}
    image["summary"] |= {"load_w": None, "battery_w": 0.0, "energy_left_h": None, "missing": ["meter_pump"]}
    image["battery"] |= {"power_w": 0.0}
    image["feeders"] = [feeder(i, None if i == 3 else False, at, dark) for i in range(8)]
    image["alarms"] = [reason("overload_alarm_shed"), reason("device_lost", device="meter_pump", lost_s=90)]
    image["genset"] |= {"phase": "starting"}
    return image


def simulated(at: datetime = NOON, **changes: Any) -> Json:
    """The demonstration at speed 60, its clock not to be trusted."""
    return village(
        at, demo=True, clock={"utc": at.isoformat(), "synchronised": False, "speed": 60.0}, **changes
    )


def put(path: Path, image: Json) -> None:
    """Replace image.json the way the controller does."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(image, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def record_day(path: Path, until: datetime) -> None:
    """A day of telemetry up to `until`, with an hour missing in the morning, and a few decisions."""
    midnight = datetime(2026, 11, 20, 17, tzinfo=UTC)
    start_s = int(midnight.timestamp())
    periods = _periods(midnight, until)
    columns = {}
    for point in ("pv_w", "load_w", "soc_frac"):
        values = np.full(1 + (periods[-1][0] - start_s) // PERIOD_S, np.nan)
        for at_s, hour in periods:
            values[(at_s - start_s) // PERIOD_S] = day(point, hour)
        columns["site", point] = values
    stock_periods(path, columns, start_s)
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany("INSERT INTO decision VALUES (?,?,?,?,?,?,?,?,?,?)", _decisions(until))
    connection.close()


def _periods(start: datetime, end: datetime) -> list[tuple[int, float]]:
    periods = []
    at_s = int(start.timestamp())
    while at_s < end.timestamp():
        hour = (at_s - start.timestamp()) / 3600
        if not 9 <= hour < 10:
            periods.append((at_s, hour))
        at_s += PERIOD_S
    return periods


def day(point: str, hour: float) -> float:
    """A power [W, the house's sign] or the state of charge at an hour of the made-up day."""
    sun = max(0.0, math.sin((hour - 6) / 12 * math.pi)) if 6 < hour < 18 else 0.0
    if point == "pv_w":
        return -21000 * sun * (0.8 + 0.2 * math.sin(hour * 9))
    if point == "load_w":
        return 3800 + 5400 * math.exp(-((hour - 19.5) ** 2) / 4) + 1500 * math.exp(-((hour - 7) ** 2) / 2)
    return 0.34 - 0.014 * min(hour, 6) + 0.62 * (1 - math.cos(min(max(hour - 6, 0), 11) / 11 * math.pi)) / 2


def _decisions(at: datetime) -> list[tuple[Any, ...]]:
    story = [
        ("site", "mode", "normal", {}, 9.0),
        ("pump", "open", "code_of_tomorrow", {"soc_frac": 0.41}, 3.2),
        ("houses_b", "open", "class_rationed", TURN_PARAMS, 1.2),
        ("houses_a", "close", "powered", {}, 1.19),
        ("genset", "start", "genset_needed", {"soc_frac": 0.21, "start_frac": 0.22, "stop_frac": 0.4}, 0.4),
    ]
    return [
        (
            seq,
            (at - timedelta(hours=ago_h)).isoformat(timespec="milliseconds"),
            BOOT,
            1000.0 + seq,
            subject,
            action,
            code,
            json.dumps(params),
            "0" * 64,
            f"{seq:064x}",
        )
        for seq, (subject, action, code, params, ago_h) in enumerate(story, start=1)
    ]
