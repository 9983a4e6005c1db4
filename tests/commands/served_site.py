"""A small site on real sockets: a config.yaml, and the devices behind it in a thread of their own."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from scanned_line import CellDevice, ObedientDevice, bus_of, float_words
from typer.testing import CliRunner, Result

from controller.cli import app
from simulation.modbus.tcp import TcpConnection, port_of, serve_tcp

CONFIG = Path(__file__).resolve().parents[2] / "config.yaml"
PROFILE = """
format: 1
model: acme-hybrid
title: "Acme hybrid inverter, a made-up one"
role: meter
sources: {maker: "The maker's list of registers", driver: "A public driver of it"}
confirmed_by: [maker, driver]
verified: {by: documents}
read:
  power_w: {table: holding, address: 0, type: int16, range: [-20000, 20000], class: fast}
  voltage_v: {table: holding, address: 1, type: uint16, scale: 0.1, range: [0, 400], class: slow,
              source: [maker]}
  inverter_state: {table: holding, address: 2, type: uint16, class: fast, codes: {0: off, 1: running}}
  alarm_word_1: {table: holding, address: 3, type: uint16, class: slow, bits: {0: fan, 2: heat}}
  limit_w: {table: holding, address: 10, type: uint16, range: [0, 6000], class: slow}
  battery_setpoint_w: {table: holding, address: 11, type: int16, range: [-5000, 5000], class: slow}
  work_mode: {table: holding, address: 12, type: uint16, class: slow, codes: {0: self-use, 1: backup}}
  energy_import_wh: {table: holding, address: 20, type: uint32, class: slow}
write:
  limit_w: {table: holding, address: 10, type: uint16, range: [0, 6000], readback: limit_w, eeprom: true,
            note: "the panel shows it as P-max"}
  battery_setpoint_w: {table: holding, address: 11, type: int16, range: [-5000, 5000], release: 0,
                       readback: battery_setpoint_w, eeprom: false, expires_s: 60}
  work_mode: {table: holding, address: 12, type: uint16, range: [0, 1], readback: work_mode, eeprom: false,
              codes: {0: self-use, 1: backup}}
  enabled: {table: holding, address: 30, type: uint16, range: [0, 1], eeprom: false}
"""


def hybrid() -> ObedientDevice:
    return ObedientDevice(
        {"holding": {0: [1200], 1: [2301], 2: [1], 3: [5], 10: [5000], 11: [0], 12: [0], 20: [1, 2], 30: [1]}}
    )


def meter() -> ObedientDevice:
    floats = {52: (690.0,), 0: (230.0, 231.0, 229.0), 6: (1.0, 1.0, 1.0), 12: (230.0, 231.0, 229.0)}
    floats |= {70: (50.02,), 72: (1234.5,), 74: (0.0,)}
    return ObedientDevice({"input": {first: float_words(*values) for first, values in floats.items()}})


@dataclass
class Site:
    """What a test meets."""

    config: Path
    devices: Mapping[str, CellDevice]
    ports: Mapping[str, int]

    def tawan(self, *arguments: str, answers: str = "") -> Result:
        return CliRunner().invoke(app, [*arguments, "--config", str(self.config)], input=answers)

    def tawan_alone(self, *arguments: str) -> Result:
        """A command that knows no config.yaml."""
        return CliRunner().invoke(app, list(arguments))


@contextmanager
def serving(buses: Mapping[str, Mapping[int, CellDevice]]) -> Iterator[Mapping[str, int]]:
    """TCP ports with devices behind them, served from a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start(devices: Mapping[int, CellDevice]) -> asyncio.Server:
        bus = bus_of(devices, turnaround_s=0.0)
        return await serve_tcp(lambda: TcpConnection(bus, 1.0, random.Random(1)))

    servers = {
        name: asyncio.run_coroutine_threadsafe(start(devices), loop).result(5)
        for name, devices in buses.items()
    }
    try:
        yield {name: port_of(server) for name, server in servers.items()}
    finally:
        for server in servers.values():
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@contextmanager
def small_site(folder: Path) -> Iterator[Site]:
    """The village's config.yaml, its meters, relays and a hybrid with a profile of the site's own."""
    devices = {
        "meter": meter(),
        "relays": ObedientDevice({"coil": {0: [0] * 16}}),
        "hybrid": hybrid(),
    }
    buses = {"meters": {1: devices["meter"], 2: devices["hybrid"]}, "relays": {1: devices["relays"]}}
    (folder / "profiles").mkdir()
    (folder / "profiles" / "acme-hybrid.yaml").write_text(PROFILE, encoding="utf-8")
    with serving(buses) as ports:
        document = YAML().load(CONFIG.read_text(encoding="utf-8"))
        for name, port in ports.items():
            document["buses"][name] = {"type": "tcp", "host": "127.0.0.1", "port": port}
        document["storage"] = {"image": str(folder / "image.json"), "telemetry": str(folder / "telemetry.db")}
        document["devices"]["meter_school"]["profile"] = "acme-hybrid"
        with (folder / "config.yaml").open("w", encoding="utf-8") as out:
            YAML().dump(document, out)
        yield Site(folder / "config.yaml", devices, ports)
