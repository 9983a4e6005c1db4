"""`tawan alarms`: what stands, and what to do first."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from controller.commands.configuration import load_or_explain
from controller.core.alarming import AlarmRecord, Severity, alarm_text
from controller.core.alarming.book import RECURRED
from controller.core.reasons import duration
from controller.telemetry.alarm_log import read_alarms_between, read_standing_alarms
from controller.telemetry.schema import StorageError

ALL_OF = timedelta(days=30)
_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "bold yellow", Severity.NOTICE: "bold"}


def show_alarms(config_path: Path, *, every: bool, now_utc: datetime | None = None) -> int:
    """Print the alarms; 1 when something critical stands that nobody has acknowledged, or nothing is known.

    now_utc: aware; default the present.
    """
    config = load_or_explain(config_path, with_profiles=False)
    path, zone = config.storage.telemetry, ZoneInfo(config.site.timezone)
    now = now_utc or datetime.now(UTC)
    if not path.exists():
        print(f"tawan alarms: {path} does not exist: the controller (`tawan run`) writes it", file=sys.stderr)
        return 1
    try:
        standing = read_standing_alarms(path)
        over = read_alarms_between(path, now - ALL_OF, now + timedelta(days=1)) if every else []
    except StorageError as error:
        print(f"tawan alarms: {error}", file=sys.stderr)
        return 1
    console = Console(highlight=False)
    _print(console, sorted(standing, key=lambda each: (-each.severity.rank, each.id)), zone, now)
    if not standing:
        console.print("Nothing stands. ไม่มีสัญญาณเตือน")
    past = [each for each in reversed(over) if each.cleared_utc is not None]
    if every:
        console.print(f"\nOver, of the last {ALL_OF.days} days ({len(past)}):", style="bold")
    for record in past:
        console.print(_line(record, zone, now))
    calling = any(each.severity is Severity.CRITICAL and each.acknowledged_utc is None for each in standing)
    return 1 if calling else 0


def _print(console: Console, standing: Iterable[AlarmRecord], zone: ZoneInfo, now: datetime) -> None:
    for record in standing:
        said = alarm_text(record.code, record.params)
        console.print(_line(record, zone, now))
        body = Text(f"{said.sentence.th}\n{said.sentence.en}\n")
        body.append(f"→ {said.first.th}\n→ {said.first.en}\n", style="italic")
        body.append(_acknowledged(record, zone), style="dim")
        console.print(Padding(body, (0, 0, 1, 6)))


def _line(record: AlarmRecord, zone: ZoneInfo, now: datetime) -> Text:
    """Number, severity, title and times in one line."""
    title = alarm_text(record.code, record.params).title
    subject = "" if record.subject == "site" else f" ({record.subject})"
    text = Text(f"{record.id:>5} ")
    text.append(f"{record.severity.value:<9}", style=_STYLES[record.severity])
    text.append(f"{title.th} / {title.en}{subject}  ", style="bold")
    end = record.cleared_utc or now
    lasted = duration(max(0.0, (end - record.raised_utc).total_seconds()), "en")
    until = "" if record.cleared_utc is None else f" to {_local(record.cleared_utc, zone)}"
    text.append(f"{'since ' if not until else ''}{_local(record.raised_utc, zone)}{until}, {lasted}")
    recurred = record.params.get(RECURRED)
    if recurred:
        text.append(f"; came back {recurred} times")
    return text


def _acknowledged(record: AlarmRecord, zone: ZoneInfo) -> str:
    if record.acknowledged_utc is None:
        return f"Nobody has acknowledged it: tawan alarms --acknowledge {record.id}"
    return f"Acknowledged by {record.acknowledged_by}, {_local(record.acknowledged_utc, zone)}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
