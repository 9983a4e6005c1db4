"""`tawan message`: try the channels, and look at what waits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from controller.commands.configuration import load_or_explain
from controller.outside.messages.model import Style
from controller.outside.messages.people import writer_of
from controller.outside.messages.refusal import Answer, Outcome
from controller.outside.messages.sender import Letter, Sender
from controller.settings import Config
from controller.settings.messages import MessagesSettings
from controller.settings.outside import OUTSIDE_FILE_NAME

_NO_SECTION = "config.yaml has no section `messages`, so nobody is sent anything: docs/messages.md says how."
_SAID = {
    Outcome.SENT: "sent",
    Outcome.UNREACHABLE: "not sent, there is no way to the provider",
    Outcome.UNCERTAIN: "perhaps sent",
    Outcome.BUSY: "not sent now",
    Outcome.QUOTA: "not sent, the month's quota is used up",
    Outcome.REFUSED: "refused",
}


def send_tests(config_path: Path, to: str | None) -> int:
    """Send a test message to everybody, or to one; returns the exit status (1: not all were taken)."""
    config = load_or_explain(config_path, with_profiles=False)
    if config.messages is None:
        print(_NO_SECTION, file=sys.stderr)
        return 1
    people = config.messages.people
    if to is not None and to not in people:
        print(f"There is no {to} under messages.people: {', '.join(people)}.", file=sys.stderr)
        return 1
    targets = [(name, channel) for name in ([to] if to else people) for channel in people[name].channels]
    letters = [_test_letter(config, config.messages, name, channel) for name, channel in targets]
    return 0 if asyncio.run(_sent(targets, letters)) else 1


def _test_letter(config: Config, settings: MessagesSettings, name: str, channel: str) -> Letter:
    written = writer_of(config, settings.people[name].lang).test(Style(settings.channels[channel].style))
    return Letter(settings.channels[channel], written.title, written.body)


async def _sent(targets: Sequence[tuple[str, str]], letters: Sequence[Letter]) -> bool:
    """Whether all were taken; each answer is printed as it comes."""
    well = True
    async for number, answer in Sender().send(letters):
        name, channel = targets[number]
        print(f"{name} by {channel}: {_in_words(answer)}")
        well = well and answer.outcome is Outcome.SENT
    return well


def _in_words(answer: Answer) -> str:
    said = _SAID[answer.outcome]
    return f"{said} ({answer.said})" if answer.said else said


def show_status(config_path: Path) -> int:
    """Print how messages do; returns the exit status (1: something needs attention, or nothing runs)."""
    config = load_or_explain(config_path, with_profiles=False)
    if config.messages is None:
        print(_NO_SECTION, file=sys.stderr)
        return 1
    path = config.storage.image.with_name(OUTSIDE_FILE_NAME)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["services"]["messages"]
    except (OSError, ValueError, KeyError, TypeError):
        print(f"Nothing is known: {path} tells of no messages. Is the controller running?", file=sys.stderr)
        return 1
    if "quotas" not in told:
        print("The messages are just starting: look again in some seconds.", file=sys.stderr)
        return 1
    _print_status(told, ZoneInfo(config.site.timezone))
    return 0 if told["ok"] else 1


def _print_status(told: Mapping[str, Any], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    console.print("All well." if told["ok"] else f"Needs attention: {told['detail']}", style="bold")
    if told["quotas"]:
        table = Table("quota", "used", "of", "kept for critical", "", title=f"Quotas of {told['month']}")
        for quota in told["quotas"]:
            refused = _moment(quota["refused_until_utc"], zone)
            note = f"the provider says it is used up; asked again {refused}" if refused else ""
            kept = str(quota["kept_for_critical"])
            table.add_row(quota["id"], str(quota["spent"]), str(quota["per_month"]), kept, note)
        console.print(table)
    table = Table("channel", "", "since", "next try", title="Channels")
    for channel in told["channels"]:
        state = (
            "works" if channel["ok"] else ("refuses: " if channel["refuses"] else "fails: ") + channel["said"]
        )
        times = (_moment(channel[key], zone) for key in ("failing_since_utc", "next_try_utc"))
        table.add_row(channel["id"], state, *times)
    console.print(table)
    _print_waiting(console, told, zone)
    for refusal in told["refusals"]:
        said = f"{_moment(refusal['at_utc'], zone)}  {refusal['channel']}: {refusal['said']}"
        console.print(said, markup=False)


def _print_waiting(console: Console, told: Mapping[str, Any], zone: ZoneInfo) -> None:
    if not told["waiting"]:
        console.print("Nothing waits. ไม่มีข้อความรอส่ง")
        return
    table = Table("to", "alarm", "raised", "why it waits", title=f"Waiting: {told['waiting_count']}")
    for one in told["waiting"]:
        alarm = f"{one['severity']}: {one['title']['en']} ({one['subject']})\n{one['title']['th']}"
        why = f"{one['why']['en']}\n{one['why']['th']}"
        table.add_row(one["person"], alarm, _moment(one["raised_utc"], zone), why)
    console.print(table)


def _moment(iso: str | None, zone: ZoneInfo) -> str:
    return "" if iso is None else f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M}"
