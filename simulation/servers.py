"""The sockets and serial ports through which the village is reached."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

from controller.settings import BusSettings, RtuBus, RtuOverTcpBus, SolarmanBus, TcpBus
from simulation.host import VillageHost
from simulation.modbus.bus import Bus
from simulation.modbus.rtu import PtyPort, RtuLine, RtuOverTcpConnection
from simulation.modbus.rtu_frame import Wire
from simulation.modbus.solarman import SolarmanConnection
from simulation.modbus.tcp import TcpConnection, port_of, serve_tcp

Address = Mapping[str, str | int]
"""`{"host", "port"}` of a TCP bus, `{"port"}` of a serial one."""


def wire_of(settings: RtuBus | RtuOverTcpBus | SolarmanBus) -> Wire:
    """How fast a line is; a gateway's and a stick's are taken for 8N1."""
    if isinstance(settings, SolarmanBus):
        return Wire(9600, 10)
    if isinstance(settings, RtuOverTcpBus):
        return Wire(settings.baud, 10)
    parity_bits = 0 if settings.parity == "none" else 1
    return Wire(settings.baud, 9 + parity_bits + settings.stop_bits)


class VillageServers:
    """The sockets and serial ports of a village host."""

    def __init__(self, host: VillageHost, seed: int) -> None:
        self._host = host
        self._seed = seed
        self._speed = host.live.clock.speed
        self._servers: list[asyncio.Server] = []
        self._ports: list[PtyPort] = []
        self._lines: list[RtuLine] = []

    async def open(self) -> dict[str, Address]:
        """Bind every bus; where each is to be found."""
        return {
            bus_id: await self._open(bus, self._host.config.buses[bus_id])
            for bus_id, bus in self._host.buses.items()
        }

    async def run_lines(self) -> None:
        """Serve the serial lines, for ever."""
        async with asyncio.TaskGroup() as group:
            for line in self._lines:
                group.create_task(line.run())

    def close(self) -> None:
        """Take all of them away."""
        for server in self._servers:
            server.close()
        for port in self._ports:
            port.close()

    async def _open(self, bus: Bus, settings: BusSettings) -> Address:
        rng = random.Random(f"{self._seed} {bus.bus_id}")  # noqa: S311 - noise, not secrets
        if isinstance(settings, TcpBus):
            return await self._listen(lambda: TcpConnection(bus, self._speed, rng))
        line = RtuLine(bus, wire_of(settings), self._speed, rng)
        self._lines.append(line)
        if isinstance(settings, RtuBus):
            port = PtyPort(line)
            self._ports.append(port)
            return {"port": port.path}
        if isinstance(settings, SolarmanBus):
            serial = settings.serial
            return await self._listen(lambda: SolarmanConnection(line, serial))
        return await self._listen(lambda: RtuOverTcpConnection(line))

    async def _listen(self, make: Callable[[], asyncio.Protocol]) -> Address:
        server = await serve_tcp(make)
        self._servers.append(server)
        return {"host": "127.0.0.1", "port": port_of(server)}
