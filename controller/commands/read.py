"""`tawan read`: every point of one device, now."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from controller.clock import SystemClock
from controller.commands.point_state import PointState, State, point_states, shown
from controller.commands.target import (
    Chosen,
    CommandError,
    Target,
    fail,
    open_or_explain,
    refuse_if_occupied,
    target,
)
from controller.core.model import Role
from controller.core.points import REQUIRED, meaning
from drivers.once import Snapshot, read_once
from drivers.recording import Exchange

_STYLES = {State.GOOD: "", State.REFUSED: "red", State.UNAVAILABLE: "dim", State.IMPLAUSIBLE: "bold yellow"}


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
    errors = dict.fromkeys(snapshot.errors) if needed else {}
    parts: list[RenderableType] = [Text(f"{found.device.id}: {error}", style="bold red") for error in errors]
    if states:
        parts.append(_points(found, states))
    if options.raw:
        parts.append(_requests(found.bus.exchanges))
    return Group(*parts)


def _points(found: Target, states: Sequence[PointState]) -> Table:
    profile = found.profile()
    table = Table(title=f"{found.device.id}: {profile.title or profile.model}", title_justify="left")
    for column in ("point", "value", "age", "what it is", "agreed"):
        table.add_column(column, no_wrap=column in ("point", "agreed"))
    for each in sorted(states, key=lambda state: state.name):
        what = meaning(each.name) or ""
        table.add_row(
            each.name,
            Text(shown(each), style=_STYLES[each.state]),
            "" if each.age_s is None else f"{each.age_s:.1f} s",
            what if each.remark is None else f"{what}: {each.remark}",
            each.agreed,
        )
    return table


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
