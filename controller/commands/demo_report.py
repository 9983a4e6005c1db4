"""What a demo leaves behind: its files, its running commentary and its final figures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from controller.core.model import Reason
from controller.core.reasons import render
from controller.settings import Config
from controller.telemetry.decision_log import DecisionRecord, LoggedDecision
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import StorageError


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the processes of a demo keep what they write."""

    folder: Path

    @property
    def config(self) -> Path:
        """The site's configuration with the virtual devices' addresses."""
        return self.folder / "config.yaml"

    @property
    def addresses(self) -> Path:
        """Written by the village once its devices answer."""
        return self.folder / "addresses.json"

    @property
    def village(self) -> Path:
        """The village's own truth: energies, blackouts."""
        return self.folder / "village.json"

    @property
    def image(self) -> Path:
        """The controller's image.json."""
        return self.folder / "image.json"

    @property
    def telemetry(self) -> Path:
        """The controller's telemetry.db."""
        return self.folder / "telemetry.db"


def follow_decisions(files: DemoFiles, config: Config, console: Console) -> Iterator[None]:
    """At each step print the decisions taken since the step before."""
    reader = TelemetryReader(files.telemetry)
    seen = 0
    while True:
        if not console.quiet:
            for entry in reversed(_newest(reader)):
                if entry.seq > seen and entry.record.action != "adopt":
                    _tell(entry.record, config, console)
                seen = max(seen, entry.seq)
        yield


def _newest(reader: TelemetryReader) -> list[LoggedDecision]:
    """Nothing while the store cannot be read: the controller's alarms tell of it, and the demo goes on."""
    try:
        return reader.decisions(limit=50)
    except StorageError:
        return []


def _tell(record: DecisionRecord, config: Config, console: Console) -> None:
    text = render(Reason(record.code, record.params))
    when = record.at_utc.astimezone(ZoneInfo(config.site.timezone)).strftime("%H:%M:%S")
    feeder = config.feeders.get(record.subject)
    name = config.site.name if record.subject == "site" else feeder.name if feeder else None
    subject = name.en if name else record.subject
    console.print(f"[dim]{when}[/dim] [bold]{subject}[/bold] {record.action}: {text.en}", highlight=False)
    console.print(f"         {text.th}", style="dim", highlight=False)


def demo_report(files: DemoFiles, rss_mb: Mapping[str, float | None]) -> dict[str, Any]:
    """The final figures: the controller's from image.json, the energies from the village's own ledger."""
    image = json.loads(files.image.read_text(encoding="utf-8"))
    village = json.loads(files.village.read_text(encoding="utf-8"))
    energy = village["energy_wh"]
    return {
        "ticks": image["tick"]["number"],
        "ticks_skipped": image["tick"]["skipped"],
        "tick_lateness_ms": image["tick"]["lateness_ms"],
        "requests": {bus["id"]: {"ok": bus["ok"], "failed": bus["failed"]} for bus in image["buses"]},
        "writes": image["writes"],
        "energy_wh": {
            key: energy[key]
            for key in ("pv", "battery_in", "battery_out", "genset", "load_by_class", "unserved_by_class")
        },
        "energy_balance_error_pct": village["energy_balance_error_pct"],
        "blackouts": village["blackouts"],
        "soc_frac": village["soc_frac"],
        "rss_mb": {name: rss_mb.get(name) for name in ("controller", "web", "village")},
    }
