"""`tawan read DEVICE`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock
from controller.commands.configuration import load_or_explain
from controller.core.model import Health, Reading
from controller.core.points import meaning
from controller.runtime.field import build_field
from drivers.device import Device
from drivers.once import Snapshot, read_once

EXIT_USAGE = 2


def read_device(config_path: Path, device_id: str) -> int:
    """Read and print every point; returns the exit status (1: it did not answer, or not everything)."""
    config = load_or_explain(config_path)
    if device_id not in config.devices:
        known = ", ".join(config.devices)
        print(f"tawan read: {config_path} has no device {device_id!r}; it has {known}", file=sys.stderr)
        return EXIT_USAGE
    settings = config.devices[device_id]
    logging.basicConfig(level=logging.ERROR)  # what fails is printed below
    console = Console()
    device = build_field(config, SystemClock()).devices[device_id]
    with console.status(f"Reading {device_id} on bus {settings.bus} ..."):
        snapshot = asyncio.run(_read(device))
    for error in dict.fromkeys(snapshot.errors):
        console.print(f"[bold red]{device_id}[/bold red]: {error}", highlight=False)
    if snapshot.readings:
        console.print(_table(device, snapshot))
    return 1 if snapshot.errors else 0


async def _read(device: Device) -> Snapshot:
    try:
        return await read_once(device, SystemClock())
    finally:
        device.bus.close()


def _table(device: Device, snapshot: Snapshot) -> Table:
    model = device.profile.model if device.profile is not None else ""
    points = device.profile.reads if device.profile is not None else {}
    table = Table(title=f"{device.id} ({model})", title_justify="left")
    for column in ("point", "value", "what it is"):
        table.add_column(column)
    for name, reading in sorted(snapshot.readings.items()):
        codes = points[name].codes if name in points else {}
        table.add_row(name, value_text(reading, codes), meaning(name) or "")
    return table


def value_text(reading: Reading, codes: Mapping[int, str]) -> str:
    """The value in the unit of the point's name, with the meaning of a code where it has one."""
    if reading.health is Health.LOST or reading.value is None:
        return "missing"
    number = f"{reading.value:.3f}".rstrip("0").rstrip(".")
    meaning = codes.get(round(reading.value))
    return number if meaning is None else f"{number} ({meaning})"
