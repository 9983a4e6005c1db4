"""`tawan read`: every point of one device, now."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from controller.clock import SystemClock
from controller.commands.point_state import ONE_SOURCE, PointState, State, point_states, shown
from controller.commands.target import (
    Chosen,
    CommandError,
    Target,
    fail,
    open_or_explain,
    refuse_if_occupied,
    refuse_if_silent,
    target,
)
from controller.core.model import Role
from controller.core.points import REQUIRED, meaning
from drivers.once import Snapshot, read_once
from drivers.recording import Exchange

_STYLES = {State.GOOD: "", State.REFUSED: "red", State.UNAVAILABLE: "dim", State.IMPLAUSIBLE: "bold yellow"}

_DIGITS = 4
_WIDE = 100
"""Columns that the whole table needs."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the command line asked for."""

    chosen: Chosen
    raw: bool = False
    watch_s: float | None = None
    as_json: bool = False


def read_device(options: ReadOptions) -> int:
    """Read and print every point; returns the exit status (1: what its role needs is not there)."""
    logging.basicConfig(level=logging.CRITICAL)  # what fails is printed below
    try:
        found = target(options.chosen)
        refuse_if_occupied(found, lines_only=True)
        return asyncio.run(_read(found, options))
    except CommandError as error:
        return fail("read", error)
    except KeyboardInterrupt:
        return 0


async def _read(found: Target, options: ReadOptions) -> int:
    console = Console()
    try:
        await open_or_explain(found)
        with Console(stderr=True).status(f"Reading {found.device.id} ..."):
            snapshot = await read_once(found.device, SystemClock())
        if options.watch_s is None or options.as_json:
            _print(console, found, snapshot, options)
            refuse_if_silent(found, snapshot)
            return int(bool(lacking(found.settings.role, snapshot)))
        await _watch(console, found, options, snapshot, options.watch_s)
    finally:
        found.bus.close()
    return 0


async def _watch(
    console: Console, found: Target, options: ReadOptions, snapshot: Snapshot, every_s: float
) -> None:
    """Read again and again, until Ctrl+C."""
    with Live(_page(found, snapshot, options), console=console, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(every_s)
            found.bus.exchanges.clear()
            snapshot = await read_once(found.device, SystemClock())
            live.update(_page(found, snapshot, options), refresh=True)


def lacking(role: Role, snapshot: Snapshot) -> tuple[str, ...]:
    """The points without which the device cannot fill its role, as far as they are missing."""
    readings = snapshot.readings
    return tuple(
        name for name in sorted(REQUIRED[role]) if name not in readings or readings[name].value is None
    )


def states_of(found: Target, snapshot: Snapshot) -> tuple[PointState, ...]:
    """All points of the device as they were just read; empty where it could not be asked what it is."""
    profile = found.device.profile
    if profile is None or not snapshot.readings:
        return ()
    settings = found.settings
    return point_states(profile, snapshot.readings, found.bus, settings.unit, settings.units)


def _print(console: Console, found: Target, snapshot: Snapshot, options: ReadOptions) -> None:
    if options.as_json:
        states = {each.name: asdict(each) for each in states_of(found, snapshot)}
        requests = [asdict(each) for each in found.bus.exchanges]
        print(json.dumps({"points": states, "errors": list(snapshot.errors), "requests": requests}, indent=2))
        return
    console.print(_page(found, snapshot, options))


def _page(found: Target, snapshot: Snapshot, options: ReadOptions) -> RenderableType:
    states = states_of(found, snapshot)
    needed = lacking(found.settings.role, snapshot)
    parts: list[RenderableType] = []
    if any(each.value is not None for each in states):
        parts.append(_points(found, states))
    if parts and needed:
        role = found.settings.role.replace("_", " ")
        told = f"missing, though a {role} needs it: {', '.join(needed)}. Above stands why"
        parts.append(Text(told, style="bold red"))
    if options.watch_s is not None and not parts:
        parts.append(
            Text(f"{found.device.id} gives nothing: {'; '.join(snapshot.errors[:1])}", style="bold red")
        )
    if options.raw:
        parts.append(_requests(found.bus.exchanges))
    return Group(*parts)


def _points(found: Target, states: Sequence[PointState]) -> Table:
    profile = found.profile()
    title = f"{found.device.id}: {profile.title or profile.model}"
    ordered = in_order(states)
    return _wide(title, ordered) if Console().width >= _WIDE else _narrow(title, ordered)


def _wide(title: str, states: Sequence[PointState]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("point", "value", "age", "what it is", "agreed"):
        table.add_column(column, no_wrap=column in ("point", "agreed"))
    for each in states:
        age = "" if each.age_s is None else f"{each.age_s:.1f} s"
        table.add_row(each.name, _value(each), age, _told(each), each.agreed)
    return table


def _narrow(title: str, states: Sequence[PointState]) -> Table:
    """For the terminal of a phone: without frames, ages, and what two sources agree on."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("point", "value", "what it is"):
        table.add_column(column, no_wrap=column == "point")
    for each in states:
        told = _told(each)
        table.add_row(
            each.name, _value(each), f"{told} ({ONE_SOURCE})" if each.agreed == ONE_SOURCE else told
        )
    return table


def _value(state: PointState) -> Text:
    return Text(shown(state), style=_STYLES[state.state])


def _told(state: PointState) -> str:
    what = meaning(state.name) or ""
    return what if state.remark is None else f"{what}: {state.remark}"


def in_order(states: Sequence[PointState]) -> list[PointState]:
    """By name, with numbers as numbers: 2 before 10."""
    return sorted(
        states, key=lambda each: [part.zfill(_DIGITS) for part in re.split(r"(\d+)", each.name) if part]
    )


def _requests(exchanges: Sequence[Exchange]) -> Table:
    """Each request: table, address, registers hex and decimal."""
    table = Table(title="Requests", title_justify="left")
    for column in ("unit", "table", "address", "count", "hex", "decimal"):
        table.add_column(column, overflow="fold")
    for each in exchanges:
        words = each.words or ()
        hexed = " ".join(str(word) if each.table.is_bits else f"{word:04X}" for word in words)
        decimal = each.error if each.words is None else " ".join(str(word) for word in words)
        table.add_row(str(each.unit), each.table, str(each.address), str(each.count), hexed, decimal)
    return table
