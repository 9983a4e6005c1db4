"""`tawan check`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from controller.clock import SystemClock
from controller.commands.configuration import load_or_explain, profiles_of
from controller.commands.occupancy import occupied
from controller.commands.read import lacking
from controller.runtime.field import Field, build_field
from controller.settings import Config
from drivers.device import Device
from drivers.once import Snapshot, read_once
from drivers.profile import ProfileLibrary


def check_config(config_path: Path, *, devices: bool) -> int:
    """Check the file and, if wished, every device; returns the exit status."""
    logging.basicConfig(level=logging.ERROR)  # what fails is in the list, with more words
    config = load_or_explain(config_path)
    console = Console()
    console.print(f"[bold green]{config_path} is good[/bold green]: {_summary(config)}", highlight=False)
    busy = next(filter(None, (occupied(config, bus) for bus in config.buses.values())), None)
    if devices and busy is not None:
        print(f"tawan check: {busy}.", file=sys.stderr)
        return 1
    profiles = profiles_of(config_path)
    for remark in (*profiles.overrides(), *profiles.stray()):
        console.print(remark, highlight=False)
    if not devices:
        return 0
    return asyncio.run(_check_devices(config, profiles, console))


def _summary(config: Config) -> str:
    households = sum(feeder.households for feeder in config.feeders.values() if feeder.kind == "houses")
    return (
        f"{config.site.name.en} ({config.site.name.th}), {len(config.feeders)} feeders, "
        f"{households} households, {len(config.devices)} devices on {len(config.buses)} buses."
    )


async def _check_devices(config: Config, profiles: ProfileLibrary, console: Console) -> int:
    field = build_field(config, SystemClock(), profiles=profiles)
    failed = 0
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Asking every device ...", total=len(field.devices))
        async for device, snapshot in _ask_all(field):
            progress.advance(task)
            finding = _finding(device, snapshot)
            failed += finding is not None
            mark = "[green]answers[/green]" if finding is None else f"[bold red]{finding}[/bold red]"
            console.print(
                f"{device.id:16} {config.devices[device.id].bus:12} unit {device.unit:<4} {mark}",
                highlight=False,
            )
    if failed:
        console.print(
            f"\n{failed} of {len(field.devices)} devices failed. Look at supply, wiring (A and B swapped?), "
            "unit id, baud rate and parity; `tawan read DEVICE` shows one device in full.",
            highlight=False,
        )
    return 1 if failed else 0


async def _ask_all(field: Field) -> AsyncIterator[tuple[Device, Snapshot]]:
    """One device after the other: they share lines."""
    for device in field.devices.values():
        yield device, await read_once(device, SystemClock())
    for bus in field.buses.values():
        bus.close()


def _finding(device: Device, snapshot: Snapshot) -> str | None:
    """What is wrong with a device, or None."""
    needed = lacking(device.role, snapshot)
    if not needed:
        return None  # it may lack options that its profile knows
    if device.answered_s is None:
        return "; ".join(dict.fromkeys(snapshot.errors))
    return f"answers, but {', '.join(needed)} is missing or implausible"
