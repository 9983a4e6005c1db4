"""How well the field bus uses its lines.

    rtu     nine meters on one line at 19200 8N1, always behind with their reads: the time that the frames of
            an ideal packing take on the wire, as a part of the time that passed
    tcp     reads one after the other on one connection: our bus, a bare pymodbus loop, a bare asyncio socket,
            in turns; the medians of the rounds, ratios within a round
    many    10, 50 and 200 devices on TCP, polled every second: CPU of this process, and age of readings

Run: python benchmarks/bus.py [--seconds 10] [--rounds 25] [--only rtu] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from modbus_server import REQUEST_BYTES, SILENT_CHARS, serving
from pymodbus.client import AsyncModbusTcpClient
from village_run import Json, finish, percentile

from controller.clock import SystemClock
from controller.core.model import Role
from controller.settings import RtuBus, TcpBus
from drivers.bus import Bus
from drivers.device import Device
from drivers.line import Line
from drivers.model import PollClass, Profile, Table
from drivers.profile import load_profile

BAUD = 19200
METERS = 9
READ_COUNT = 60
BURST = 250
"""Requests of one kind before the next kind has its turn."""
REPLY_FRAME_BYTES = 5
"""Unit, function, length and CRC around the registers of a reply."""
CLOCK = SystemClock()


def meter_profile(poll: PollClass) -> Profile:
    """A meter all of whose points are in one class."""
    profile = load_profile("eastron-sdm630")
    return replace(profile, reads={name: replace(p, poll=poll) for name, p in profile.reads.items()})


@asynccontextmanager
async def polled(*lines: Line) -> AsyncIterator[None]:
    """Lines at work."""
    tasks = [asyncio.create_task(line.run()) for line in lines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure_rtu(seconds: float) -> Json:
    """Line use of nine meters that are to be read more often than the line can carry."""
    profile = meter_profile(PollClass.URGENT)
    with serving("rtu", str(BAUD)) as path:
        bus = Bus("meters", RtuBus(type="rtu", port=path, baud=BAUD, parity="none", stop_bits=1))
        meters = [
            Device(f"meter_{unit}", Role.METER, bus, unit, CLOCK, profile=profile)
            for unit in range(1, METERS + 1)
        ]
        blocks = [poll.block.count for poll in meters[0].polls()]
        chars = sum(REQUEST_BYTES + REPLY_FRAME_BYTES + 2 * count + 2 * SILENT_CHARS for count in blocks)
        ideal_s = chars * 10 / BAUD / len(blocks)
        async with polled(Line(bus, meters, CLOCK)):
            await asyncio.sleep(1)
            first, begun_s = bus.ok, time.perf_counter()
            await asyncio.sleep(seconds)
            exchanges, elapsed_s = bus.ok - first, time.perf_counter() - begun_s
    return {
        "rtu_registers_a_request": blocks,
        "rtu_requests_s": round(exchanges / elapsed_s, 1),
        "rtu_failed": bus.failed,
        "rtu_line_use": round(exchanges * ideal_s / elapsed_s, 4),
    }


class BareSocket(asyncio.Protocol):
    """The least that a client can do: it sends a request and waits for as many bytes as there must come."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand the registers over once all are there."""
        self._received += data
        if len(self._received) >= 9 + 2 * READ_COUNT:
            self._answer.set_result(struct.unpack_from(f">{READ_COUNT}H", self._received, 9))

    def read(self) -> asyncio.Future[tuple[int, ...]]:
        """Ask once."""
        self._received = b""
        self._answer: asyncio.Future[tuple[int, ...]] = asyncio.get_running_loop().create_future()
        self._transport.write(struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, READ_COUNT))
        return self._answer


async def rate(read: Callable[[], Awaitable[object]]) -> float:
    """Requests a second of one burst."""
    begun_s = time.perf_counter()
    for _ in range(BURST):
        await read()
    return BURST / (time.perf_counter() - begun_s)


async def measure_tcp(rounds: int) -> Json:
    """Requests a second on one connection; the kinds take turns, for the host is not ours alone."""
    with serving("tcp") as where:
        port = int(where)
        bus = Bus("tcp", TcpBus(type="tcp", host="127.0.0.1", port=port))
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        _, bare = await asyncio.get_running_loop().create_connection(BareSocket, "127.0.0.1", port)
        kinds: dict[str, Callable[[], Awaitable[object]]] = {
            "bus": lambda: bus.read(1, Table.HOLDING, 0, READ_COUNT),
            "pymodbus": lambda: client.read_holding_registers(0, count=READ_COUNT, device_id=1),
            "socket": bare.read,
        }
        rates: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(rounds + 1):
            for kind, read in kinds.items():
                measured = await rate(read)
                if number:  # the first round warms up
                    rates[kind].append(measured)
        bus.close()
        client.close()
    return {
        "tcp_requests_s": {kind: round(statistics.median(values)) for kind, values in rates.items()},
        "tcp_bus_to_pymodbus": ratio(rates["bus"], rates["pymodbus"]),
        "tcp_pymodbus_to_socket": ratio(rates["pymodbus"], rates["socket"]),
        "tcp_bus_to_socket": ratio(rates["bus"], rates["socket"]),
    }


def ratio(these: list[float], those: list[float]) -> float:
    """The median of what these are to those, round by round."""
    return round(statistics.median(a / b for a, b in zip(these, those, strict=True)), 3)


async def measure_many(devices: int, seconds: float) -> Json:
    """CPU and ages with so many devices, each on a connection of its own, all points every second."""
    profile = meter_profile(PollClass.FAST)
    ages: list[float] = []
    chance = random.Random(devices)
    async with AsyncExitStack() as stack:
        port = int(stack.enter_context(serving("tcp")))
        polls: list[Device] = []
        lines: list[Line] = []
        for number in range(devices):
            bus = Bus(f"bus_{number}", TcpBus(type="tcp", host="127.0.0.1", port=port))
            polls.append(Device(f"meter_{number}", Role.METER, bus, 1, CLOCK, profile=profile))
            lines.append(Line(bus, [polls[-1]], CLOCK))
        await stack.enter_async_context(polled(*lines))
        await asyncio.sleep(3)
        begun_s, cpu_s = time.perf_counter(), time.process_time()
        while time.perf_counter() - begun_s < seconds:
            await asyncio.sleep(0.1)
            for device in chance.sample(polls, 10):
                age_s = device.readings(CLOCK.monotonic())["power_w"].age_s
                ages.append(float("inf") if age_s is None else age_s)
        used = (time.process_time() - cpu_s) / (time.perf_counter() - begun_s)
    return {"cpu": round(used, 3), "age_p99_s": round(percentile(ages, 99), 3)}


async def measure(seconds: float, rounds: int, only: str | None) -> Json:
    """All that is asked for."""
    result: Json = {}
    if only in (None, "rtu"):
        result |= await measure_rtu(seconds)
    if only in (None, "tcp"):
        result |= await measure_tcp(rounds)
    if only in (None, "many"):
        result["many"] = {str(count): await measure_many(count, seconds) for count in (10, 50, 200)}
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--only", choices=("rtu", "tcp", "many"))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    finish(asyncio.run(measure(arguments.seconds, arguments.rounds, arguments.only)), as_json=arguments.json)
