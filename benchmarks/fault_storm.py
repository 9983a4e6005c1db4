"""A storm of faults on every kind of line: no wrong value may be taken, no line may hang.

Slaves on Modbus TCP, RTU over TCP, a serial line and behind a Solarman stick answer with noise, flipped bits,
truncated frames, frames of other units and lengths, late, twice, with exceptions 1 to 11, or not at all, and
connections break within frames (a serial adapter is pulled and comes back as another tty). Every register
tells its unit, its address and when it was read. Then the storm ends, and all units must be read within 5 s.

Run: python benchmarks/fault_storm.py [--frames 100000] [--seconds 20] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from village_run import Json, finish

from controller.clock import SystemClock
from controller.core.model import Health, Role
from controller.settings import BusSettings, RtuBus, RtuOverTcpBus, SolarmanBus, TcpBus
from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DeviceUnreachableError, RequestRefusedError
from drivers.line import Line
from drivers.model import DataType, Pace, PollClass, Profile, ReadPoint, Table, WriteFunction
from drivers.wire import Tuning
from simulation.modbus.storm import GENERATIONS, UNITS, WRITABLE, StormySlaves, word_of
from simulation.modbus.storm_servers import (
    Parse,
    StormConnection,
    StormPort,
    parse_rtu,
    parse_solarman,
    parse_tcp,
)
from simulation.modbus.tcp import port_of

TRANSPORTS = ("tcp", "rtu_over_tcp", "rtu", "solarman")
SEVERITY = 0.15
TIMEOUT_S = 0.006
SPEED = 50.0
"""The bus hurries so many times: otherwise most of the time would go by in timeouts."""
TUNING = Tuning(
    timeout_floor_s=TIMEOUT_S, quiet_s=0.05, settle_s=50.0, connect_first_s=0.05, connect_cap_s=0.5
)
PACE = Pace(timeout_s=TIMEOUT_S * SPEED)
STUCK_S = 5.0
"""A request that takes longer hangs."""
POLLED_LATE_S = 0.03
"""At the speed of life late answers come up to 50 times later: they belong to the storm, not to the calm."""
HOPELESS_S = 30.0
"""What has not recovered by then is not waited for."""
READS = ((Table.HOLDING, 2), (Table.HOLDING, 2), (Table.HOLDING, 7), (Table.INPUT, 2), (Table.INPUT, 60))


@asynccontextmanager
async def slaves_on(transport: str, slaves: StormySlaves) -> AsyncIterator[BusSettings]:
    """The slaves on one kind of line, and the settings of a bus that reaches them."""
    if transport == "rtu":
        with tempfile.TemporaryDirectory(prefix="tawan-storm-") as folder:
            port = StormPort(slaves, Path(folder) / "usb-meters", away_s=0.02)
            yield RtuBus(
                type="rtu", port=str(Path(folder) / "usb-meters"), baud=115200, parity="none", stop_bits=1
            )
            port.close()
        return
    parsers: dict[str, Parse] = {"tcp": parse_tcp, "rtu_over_tcp": parse_rtu, "solarman": parse_solarman}
    make = partial(StormConnection, slaves, parsers[transport])
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    host, number = "127.0.0.1", port_of(server)
    settings: dict[str, BusSettings] = {
        "tcp": TcpBus(type="tcp", host=host, port=number),
        "rtu_over_tcp": RtuOverTcpBus(type="rtu_over_tcp", host=host, port=number, baud=115200),
        "solarman": SolarmanBus(type="solarman", host=host, port=number, serial=2712345678),
    }
    yield settings[transport]
    server.close()


class Judge:
    """Asks, and holds every answer against what the slaves really had."""

    def __init__(self, bus: Bus, slaves: StormySlaves, rng: random.Random) -> None:
        self.fates: Counter[str] = Counter()
        self.longest_s = 0.0
        self._bus = bus
        self._slaves = slaves
        self._rng = rng

    async def ask(self) -> None:
        """One random request; most are reads."""
        begun_s = time.perf_counter()
        unit = self._rng.choice(UNITS)
        try:
            fate = await (self._tell(unit) if self._rng.random() < 0.05 else self.read(unit))
        except DeviceUnreachableError:
            fate = "unreachable"
            if not self._bus.connected:
                await asyncio.sleep(self._bus.retry_s - asyncio.get_running_loop().time())
        except RequestRefusedError:
            fate = "refused"
        self.fates[fate] += 1
        self.longest_s = max(self.longest_s, time.perf_counter() - begun_s)

    async def read(self, unit: int) -> str:
        """One read; right only if all registers are those asked for, as they were after it was asked."""
        table, count = self._rng.choice(READS)
        address, before = self._rng.randrange(WRITABLE - count), self._slaves.heard
        words = await self._bus.read(unit, table, address, count)
        for heard in range(before + 1, self._slaves.heard + 1):
            if words == [word_of(unit, at, heard) for at in range(address, address + count)]:
                return "right"
        return "wrong"

    async def _tell(self, unit: int) -> str:
        """One write; right only if it is done when it is confirmed."""
        address, value = WRITABLE + self._rng.randrange(4), self._rng.randrange(0x10000)
        function = self._rng.choice(tuple(WriteFunction))
        await self._bus.write(unit, Table.HOLDING, address, [value], function)
        return "written" if self._slaves.written.get((unit, address)) == value else "wrong"

    async def recovery_s(self) -> float:
        """How long it takes until every unit has been read."""
        begun_s = time.perf_counter()
        for unit in UNITS:
            while time.perf_counter() - begun_s < HOPELESS_S:
                with suppress(DeviceUnreachableError, RequestRefusedError):
                    self.fates[await self.read(unit)] += 1
                    break
                await asyncio.sleep(0.001)
        return time.perf_counter() - begun_s


async def one_by_one(transport: str, frames: int, seed: int) -> Json:
    """Single requests in a storm, as fast as they go."""
    rng = random.Random(f"{seed} {transport}")
    slaves = StormySlaves(rng, severity=SEVERITY, patience_s=TIMEOUT_S, flips=transport != "tcp")
    async with slaves_on(transport, slaves) as settings:
        bus = Bus(transport, settings, speed=SPEED, tuning=TUNING)
        for unit in UNITS:
            bus.set_pace(unit, PACE)
        judge = Judge(bus, slaves, rng)
        while slaves.heard < frames:
            await judge.ask()
        slaves.severity = 0.0
        recovery_s = await judge.recovery_s()
        bus.close()
    return {
        "frames": slaves.heard,
        "mischief": sum(slaves.done.values()) - slaves.done["honest"],
        "kinds": len(slaves.done) - 1,
        **judge.fates,
        "longest_request_s": round(judge.longest_s, 2),
        "recovery_s": round(recovery_s, 2),
    }


def storm_profile() -> Profile:
    """Points apart from each other, so that there are gaps to read along and blocks to halve."""
    addresses = (0, 1, 5, 6, 20, 21, 22, 90)
    reads = {
        f"point_{at}": ReadPoint(f"point_{at}", Table.HOLDING, at, DataType.UINT16, PollClass.FAST)
        for at in addresses
    }
    return Profile("storm", Role.METER, "none", "unconfirmed", Pace(timeout_s=0.3), reads, {})


def wrong_readings(devices: list[Device], now_s: float) -> int:
    """Values that come from elsewhere than they pretend."""
    wrong = 0
    for device in devices:
        for name, reading in device.readings(now_s).items():
            if reading.value is not None:
                word, at = int(reading.value), int(name.removeprefix("point_"))
                wrong += all(word != word_of(device.unit, at, g) for g in range(GENERATIONS))
    return wrong


async def polled(transport: str, seconds: float, seed: int) -> Json:
    """Whole devices polled by the worker of their line, at the speed of life."""
    rng, clock = random.Random(f"{seed} polled {transport}"), SystemClock()
    slaves = StormySlaves(rng, severity=2 * SEVERITY, patience_s=POLLED_LATE_S, flips=transport != "tcp")
    async with slaves_on(transport, slaves) as settings:
        bus = Bus(transport, settings)
        devices = [Device(f"unit_{n}", Role.METER, bus, n, clock, profile=storm_profile()) for n in UNITS]
        task = asyncio.create_task(Line(bus, devices, clock).run())
        wrong, begun_s = 0, time.perf_counter()
        while time.perf_counter() - begun_s < seconds:
            await asyncio.sleep(0.05)
            wrong += wrong_readings(devices, clock.monotonic())
        slaves.severity, calm_s = 0.0, clock.monotonic()
        recovery_s = 0.0
        while recovery_s < HOPELESS_S and not all_fresh(devices, calm_s, clock.monotonic()):
            await asyncio.sleep(0.02)
            recovery_s = clock.monotonic() - calm_s
        wrong += wrong_readings(devices, clock.monotonic())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return {"frames": slaves.heard, "wrong": wrong, "recovery_s": round(recovery_s, 2)}


def all_fresh(devices: list[Device], since_s: float, now_s: float) -> bool:
    """Whether every point has been read since a time of the clock."""
    return all(
        reading.health is Health.GOOD and reading.age_s is not None and now_s - reading.age_s >= since_s
        for device in devices
        for reading in device.readings(now_s).values()
    )


async def measure(frames: int, seconds: float, seed: int) -> Json:
    """The storm on each kind of line."""
    single = {name: await one_by_one(name, frames // len(TRANSPORTS), seed) for name in TRANSPORTS}
    whole = dict(
        zip(
            TRANSPORTS,
            await asyncio.gather(*(polled(name, seconds, seed) for name in TRANSPORTS)),
            strict=True,
        )
    )
    every = [*single.values(), *whole.values()]
    return {
        "frames": sum(each["frames"] for each in every),
        "wrong": sum(each.get("wrong", 0) for each in every),
        "stuck": sum(each["longest_request_s"] > STUCK_S for each in single.values()),
        "recovery_s_max": max(each["recovery_s"] for each in every),
        "single": single,
        "polled": whole,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20, help="for how long whole devices are polled")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    logging.getLogger("drivers").setLevel(logging.ERROR)
    arguments = parser.parse_args()
    finish(asyncio.run(measure(arguments.frames, arguments.seconds, arguments.seed)), as_json=arguments.json)
