"""The village's state as values of topics, from what the controller and the planner publish. Pure.

A topic holds one value, so that what changes every second does not carry along what does not. Powers are
magnitudes with their direction in the name; what is not known is `None`, as Home Assistant wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from controller.telemetry.decision_log import canonical_json

Json = Mapping[str, Any]
UNKNOWN = "None"
"""What a value is while nobody knows it."""
FORECAST_FRESH = timedelta(hours=6)
PLAN_FRESH = timedelta(hours=3)
"""Beyond, cuts that were announced do not stand any more (docs/architecture.md)."""
_ALARM = ("id", "code", "subject", "severity", "th", "en", "first", "raised_utc", "acknowledged")
"""What is told of an alarm."""
_NO_REASON: Json = {"code": None, "th": "", "en": ""}


def state_of(image: Json, forecast: Json | None, plan: Json | None) -> dict[str, str]:
    """Part of a topic -> its value, the same parts for the same site whatever is known.

    image, forecast, plan: the documents of docs/architecture.md. Raises KeyError, TypeError or ValueError for
    what is not one of them.
    """
    now = datetime.fromisoformat(image["clock"]["utc"])
    cuts = plan["cuts"] if plan is not None and _fresh(plan, now, PLAN_FRESH) else {}
    values = {**_site(image), **_battery(image["battery"]), **_alarms(image["alarms"])}
    values |= _outlook(forecast if forecast is not None and _fresh(forecast, now, FORECAST_FRESH) else None)
    for feeder in image["feeders"]:
        values |= _feeder(feeder, cuts.get(feeder["id"], ()), now)
    for array in image["pv"]:
        values |= _array(array)
    if image["genset"] is not None:
        values |= _genset(image["genset"])
    grid = None if image["supply"] is None else image["supply"]["grid"]
    return values if grid is None else values | _grid(grid)


def number(value: float | None, decimals: int = 0) -> str:
    """A figure as it stands in a topic."""
    if value is None:
        return UNKNOWN
    rounded = round(float(value), decimals)
    return f"{rounded + 0.0:.{decimals}f}"  # + 0.0: no minus before a zero


def _site(image: Json) -> dict[str, str]:
    summary, supply = image["summary"], image["supply"]
    return {
        "site/pv_w": _out_of(summary["pv_w"]),
        "site/load_w": _into(summary["load_w"]),
        "site/energy_left_h": number(summary["energy_left_h"], 1),
        "site/mode": image["mode"]["code"],
        "site/mode_reason": _said(image["mode"]["reason"]),
        "site/supply": UNKNOWN if supply is None else supply["state"],
        "site/clock_synchronised": _truth(image["clock"]["synchronised"]),
    }


def _battery(battery: Json) -> dict[str, str]:
    return {
        "battery/soc_percent": _percent(battery["soc_frac"]),
        "battery/charge_w": _into(battery["power_w"]),
        "battery/discharge_w": _out_of(battery["power_w"]),
        "battery/temperature_c": number(battery["temperature_c"], 1),
        "battery/health": battery["health"],
    }


def _feeder(feeder: Json, cuts: Any, now: datetime) -> dict[str, str]:  # noqa: ANN401 - a list of JSON objects
    ahead = next((cut for cut in cuts if datetime.fromisoformat(cut["to_utc"]) > now), None)
    part = f"feeder/{feeder['id']}"
    return {
        f"{part}/closed": _truth(feeder["closed"]),
        f"{part}/power_w": _into(feeder["power_w"]),
        f"{part}/reason": _said(feeder["reason"]),
        f"{part}/next_cut_from": UNKNOWN if ahead is None else ahead["from_utc"],
        f"{part}/next_cut_to": UNKNOWN if ahead is None else ahead["to_utc"],
        f"{part}/next_cut_reason": _said(None if ahead is None else ahead["reason"]),
        f"{part}/health": feeder["health"],
    }


def _array(array: Json) -> dict[str, str]:
    part = f"pv/{array['id']}"
    return {
        f"{part}/power_w": _out_of(array["power_w"]),
        f"{part}/limit_percent": _percent(array["limit_frac"]),
        f"{part}/health": array["health"],
    }


def _genset(genset: Json) -> dict[str, str]:
    return {
        "genset/power_w": _out_of(genset["power_w"]),
        "genset/fuel_percent": _percent(genset["fuel_frac"]),
        "genset/phase": genset["phase"],
        "genset/reason": _said(genset["reason"]),
        "genset/health": genset["health"],
    }


def _grid(grid: Json) -> dict[str, str]:
    return {
        "grid/import_w": _into(grid["power_w"]),
        "grid/export_w": _out_of(grid["power_w"]),
        "grid/voltage_v": number(grid["voltage_v"], 1),
        "grid/frequency_hz": number(grid["frequency_hz"], 2),
        "grid/sound": _truth(grid["sound"]),
        "grid/connected": _truth(grid["connected"]),
    }


def _alarms(alarms: Any) -> dict[str, str]:  # noqa: ANN401 - a list of JSON objects
    standing = [{name: alarm[name] for name in _ALARM if name in alarm} for alarm in alarms]
    return {"alarms/count": str(len(standing)), "alarms/standing": canonical_json({"standing": standing})}


def _outlook(forecast: Json | None) -> dict[str, str]:
    outlook: Json = {} if forecast is None else forecast["outlook"]
    return {
        "forecast/verdict": outlook.get("verdict") or UNKNOWN,
        "forecast/lasts_percent": _percent(outlook.get("lasts_until_sunrise_prob")),
        "forecast/sunrise": outlook.get("sunrise_utc") or UNKNOWN,
        "forecast/reason": _said(outlook.get("reason")),
    }


def _fresh(document: Json, now: datetime, within: timedelta) -> bool:
    return now - datetime.fromisoformat(document["issued_utc"]) <= within


def _into(power_w: float | None) -> str:
    """Power into a component [W], 0 while it flows the other way."""
    return number(None if power_w is None else max(0.0, power_w))


def _out_of(power_w: float | None) -> str:
    """Power out of a component [W], 0 while it flows the other way."""
    return number(None if power_w is None else max(0.0, -power_w))


def _percent(frac: float | None) -> str:
    return number(None if frac is None else 100.0 * frac, 1)


def _truth(value: bool | None) -> str:
    if value is None:
        return UNKNOWN
    return "ON" if value else "OFF"


def _said(reason: Json | None) -> str:
    """Code and sentences; an object also where there is nothing to say."""
    return canonical_json({name: (reason or _NO_REASON)[name] for name in ("code", "th", "en")})
