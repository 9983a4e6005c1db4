"""`tawan watch`: the village live in a terminal, from image.json alone."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from controller.commands.configuration import load_or_explain

OLD_AFTER_S = 5.0
_SEVERITY_STYLE = {"critical": "bold red", "warning": "bold yellow", "notice": "yellow"}
_MARKS = {"critical": "!!", "warning": "! ", "notice": "i "}
_HEALTH_STYLE = {"good": "green", "stale": "yellow", "lost": "red"}

Json = dict[str, Any]


def watch_image(config_path: Path, image: Path | None, *, once: bool) -> int:
    """Show the image until Ctrl+C; returns the exit status (1: --once and no image)."""
    path = image if image is not None else load_or_explain(config_path).storage.image
    console = Console()
    if once:
        document = _load(path)
        console.print(_page(document, path))
        return 0 if document is not None else 1
    try:
        with Live(
            _page(_load(path), path), console=console, screen=sys.stdout.isatty(), auto_refresh=False
        ) as live:
            while True:
                live.update(_page(_load(path), path), refresh=True)
                time.sleep(1.0)
    except KeyboardInterrupt:
        return 0


def _load(path: Path) -> Json | None:
    try:
        document: Json = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document


def _page(document: Json | None, path: Path) -> RenderableType:
    if document is None:
        return Panel(
            f"No controller is running: there is no {path}.\nStart one with `tawan run`.", style="red"
        )
    parts = [_header(document), _feeders(document), _devices(document), _buses(document)]
    if document["diagnoses"]:
        parts.insert(1, _diagnoses(document))
    return Group(*parts)


def _header(document: Json) -> RenderableType:
    age_s = time.monotonic() - document["written"]["monotonic_s"]
    summary, tick = document["summary"], document["tick"]
    text = Text()
    if age_s > OLD_AFTER_S:
        text.append(f"THE CONTROLLER IS NOT RUNNING: these data are {age_s:.0f} s old\n", style="bold red")
    text.append(f"{document['site']['name']['en']}  {document['clock']['utc']}  ", style="bold")
    text.append(f"{document['mode']['code']}: {document['mode']['reason']['en']}\n")
    text.append(
        f"sun {_kw(summary['pv_w'])}   load {_kw(summary['load_w'])}   {_battery(summary)}   "
        f"genset {_kw(summary['genset_w'])}\n"
    )
    late = tick["lateness_ms"]
    text.append(
        f"tick {tick['number']}  skipped {tick['skipped']}  late p50 {late['p50']} ms, p99 {late['p99']} ms  "
        f"writes {document['writes']}",
        style="dim",
    )
    for alarm in document["alarms"]:
        text.append(f"\n{_MARKS[alarm['severity']]} {alarm['id']} ", style=_SEVERITY_STYLE[alarm["severity"]])
        text.append(f"{alarm['severity']}: {alarm['en']}", style=_SEVERITY_STYLE[alarm["severity"]])
        text.append(_state_of(alarm), style="dim")
    return Panel(text)


def _state_of(alarm: Json) -> str:
    """Whether somebody sees to it, and whether it is over already."""
    seen = "" if alarm["acknowledged"] is None else f"  (acknowledged by {alarm['acknowledged']['by']})"
    return seen if alarm["present"] else f"{seen}  (over, not cleared yet)"


def _diagnoses(document: Json) -> RenderableType:
    table = Table(expand=True, title="What does not fit together, and the remedy", title_justify="left")
    for column in ("device", "diagnosis"):
        table.add_column(column)
    for diagnosis in sorted(document["diagnoses"], key=lambda each: str(each["subject"])):
        table.add_row(diagnosis["subject"], f"{diagnosis['th']}\n{diagnosis['en']}")
    return table


def _battery(summary: Json) -> str:
    if summary["soc_frac"] is None or summary["battery_w"] is None:
        return "battery unknown"
    direction = "charging" if summary["battery_w"] > 0 else "discharging"
    left = f", {summary['energy_left_h']:.1f} h left" if summary["energy_left_h"] is not None else ""
    return f"battery {summary['soc_frac']:.0%} {direction} {_kw(summary['battery_w'])}{left}"


def _feeders(document: Json) -> RenderableType:
    table = Table(expand=True, title="Feeders", title_justify="left")
    for column in ("feeder", "class", "state", "power", "why"):
        table.add_column(column)
    for feeder in document["feeders"]:
        state = {True: "on", False: "OFF", None: "unknown"}[feeder["closed"]]
        table.add_row(
            f"{feeder['name']['th']}  {feeder['name']['en']}",
            feeder["class"],
            Text(state, style={"on": "green", "OFF": "bold red"}.get(state, "yellow")),
            _kw(feeder["power_w"]),
            feeder["reason"]["en"],
        )
    return table


def _devices(document: Json) -> RenderableType:
    table = Table(expand=True, title="Devices", title_justify="left")
    for column in ("device", "profile", "bus", "unit", "health", "age", "points"):
        table.add_column(column, no_wrap=True)
    table.add_column("last error")
    for device in document["devices"]:
        points = device["points"].values()
        present = sum(point["value"] is not None for point in points)
        table.add_row(
            device["id"],
            device["profile"],
            device["bus"],
            str(device["unit"]),
            Text(device["health"], style=_HEALTH_STYLE[device["health"]]),
            "never" if device["age_s"] is None else f"{device['age_s']:.1f} s",
            f"{present} of {len(points)}",
            device["last_error"] or "",
        )
    return table


def _buses(document: Json) -> RenderableType:
    table = Table(expand=True, title="Buses", title_justify="left")
    for column in ("bus", "connected", "answered", "failed"):
        table.add_column(column)
    for bus in document["buses"]:
        table.add_row(bus["id"], "yes" if bus["connected"] else "NO", str(bus["ok"]), str(bus["failed"]))
    return table


def _kw(power_w: float | None) -> str:
    """A magnitude: no screen shows a minus."""
    return "unknown" if power_w is None else f"{abs(power_w) / 1000:.2f} kW"
