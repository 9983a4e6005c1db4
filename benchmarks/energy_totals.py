"""How right energy totals are after a week of meters that begin anew and a controller that is killed.

Meters count what passes; every half minute they are read, watched and stored as in `tawan run`. At random
moments the controller dies without a word (what was not yet on the disk is lost) and another one starts,
sometimes after hours, sometimes in a new boot whose clock is not known for a while. (Not in it: a counter
that breaks in the very minute of a kill, or in a boot that never learns the time; such energy is told as
lost, and counts for nothing.) In the end the energy of
the week and of its days is compared with what passed, less what no counter could tell.
Run: python benchmarks/energy_totals.py [--days 7] [--kills 60] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.core.counters import CONFIRMATIONS, CounterSpec, moduli_of
from controller.core.model import Health, ProcessImage, Reading
from controller.runtime.counter_keeper import CounterKeeper
from controller.runtime.unstamped_breaks import NOTE
from controller.telemetry.energy import energy_between, energy_by_day
from controller.telemetry.notes import read_note
from controller.telemetry.schema import SeriesKey
from controller.telemetry.store import TelemetryStore

START = datetime(2026, 10, 31, 17, tzinfo=UTC)
"""Midnight in Bangkok."""
READ_EVERY_S = 30
WARM_UP_S = 3600
DAY_S = 86_400
RATED_W = 8000.0
STEP_WH = 1.0
POINT = "energy_import_wh"
_REST_TURNS = 20


@dataclass
class Meter:
    """A meter that counts in steps of 1 Wh, and what happens to it: chances for each reading."""

    name: str
    register_wh: float = 812_400.0
    modulus_wh: float = 2.0**32 * STEP_WH
    reset: float = 0.0
    replaced: float = 0.0
    silent: float = 0.0
    nonsense: float = 0.0
    passed_wh: float = 0.0
    lost_wh: float = 0.0
    quiet_turns: int = 0
    breaks: int = 0
    rest_turns: int = 0
    seen_wh: float = field(default=0.0)

    @property
    def settling(self) -> bool:
        """Whether it broke just now, and nobody can be sure of it yet."""
        return self.rest_turns > _REST_TURNS - CONFIRMATIONS - 1

    @property
    def knowable_wh(self) -> float:
        """What a reader can know to have passed so far [Wh]."""
        return self.seen_wh - self.lost_wh

    def count(self, wh: float) -> None:
        """Let energy pass."""
        self.passed_wh += wh
        self.register_wh = (self.register_wh + wh) % self.modulus_wh

    def happen(self, rng: random.Random) -> None:
        """Whatever happens to meters."""
        self.quiet_turns = max(0, self.quiet_turns - 1)
        self.rest_turns = max(0, self.rest_turns - 1)
        if rng.random() < self.silent:
            self.quiet_turns = rng.randint(2, 600)
        if self.rest_turns == 0 and rng.random() < self.reset:
            self._begin(0.0)
        if self.rest_turns == 0 and rng.random() < self.replaced:
            self._begin(rng.uniform(1e6, 9e8))

    def show(self, rng: random.Random) -> float | None:
        """What a reading gives; None: nothing is heard."""
        if self.quiet_turns:
            return None
        if rng.random() < self.nonsense:
            return rng.choice([0.0, rng.uniform(1e9, 4e10)])
        self.seen_wh = self.passed_wh
        return self.register_wh // STEP_WH * STEP_WH

    def _begin(self, at_wh: float) -> None:
        if self.quiet_turns:  # a story that can be told: it is heard before and after
            return
        self.lost_wh += self.passed_wh - self.seen_wh
        self.register_wh = at_wh
        self.breaks += 1
        self.rest_turns = _REST_TURNS


@dataclass
class Clock:
    """A clock moved by hand, whose monotonic time starts anew with each boot."""

    at: datetime = START
    monotonic_s: float = 50.0
    known: bool = True
    speed: float = 1.0

    def pass_time(self, duration_s: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=duration_s)
        self.monotonic_s += duration_s

    def monotonic(self) -> float:
        """Seconds since the boot."""
        return self.monotonic_s

    def utc_now(self) -> datetime:
        """The time of day; 1970 while it is not known."""
        return (
            self.at if self.known else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic_s)
        )

    def synchronised(self) -> bool:
        """Whether it is right."""
        return self.known

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits here."""

    async def sleep_until(self, monotonic_s: float) -> None:
        """Nobody waits here."""


def meters() -> list[Meter]:
    """One for each trouble, and one with all."""
    return [
        Meter("well behaved"),
        Meter("register ends", register_wh=2.0**32 * STEP_WH - 90_000),
        Meter("display ends", register_wh=1e8 - 60_000, modulus_wh=1e8),
        Meter("forgets", reset=0.0005),
        Meter("is replaced", replaced=0.0005),
        Meter("falls silent", silent=0.004),
        Meter("talks nonsense", nonsense=0.02),
        Meter("all of it", 1e8 - 300_000, 1e8, reset=0.0005, replaced=0.0005, silent=0.002, nonsense=0.01),
    ]


class Village:
    """The meters, the clock, and one controller after the other."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        self.path, self.rng = path, rng
        self.clock = Clock()
        self.meters = meters()
        self.spec = CounterSpec(2 * RATED_W, STEP_WH, moduli_of(STEP_WH, 32))
        self.boot = 0
        self.unknown_turns = 0
        self.killed = 0

    async def start(self) -> None:
        """Another controller goes on from what the last one left on the disk."""
        self.store = TelemetryStore(self.path, boot_id=f"boot {self.boot}", clock=self.clock)
        await self.store.open()
        keys = [(meter.name, POINT) for meter in self.meters]
        last, note = self.store.load_counters(), read_note(self.path, NOTE)
        boot_id = f"boot {self.boot}"
        self.keeper = CounterKeeper(self.store, keys, self._spec_of, last, boot_id=boot_id, note=note)

    async def kill(self) -> None:
        """What is not on the disk is lost; time passes, perhaps with a new boot."""
        self.killed += 1
        await self.store._on_thread(lambda: None)  # noqa: SLF001 - its thread must not write on
        self.store._thread.shutdown()  # noqa: SLF001
        self._pass(self.rng.choice([0, 1, 4, 60, 400]))
        if self.rng.random() < 0.3:
            self.boot += 1
            self.clock.monotonic_s = 20.0
            self.clock.known, self.unknown_turns = False, self.rng.randint(1, 100)
        await self.start()

    def _pass(self, turns: int) -> None:
        for _ in range(turns):
            for meter in self.meters:
                meter.count(self._wh())
            self.clock.pass_time(READ_EVERY_S)

    def _wh(self) -> float:
        hour = self.clock.at.hour
        return self.rng.uniform(0.2, 1.0) * RATED_W * (0.6 if 11 <= hour < 15 else 0.2) * READ_EVERY_S / 3600

    async def turn(self) -> None:
        """Half a minute: energy passes, things happen, the meters are read."""
        self.unknown_turns = max(0, self.unknown_turns - 1)
        self.clock.known = self.clock.known or self.unknown_turns == 0
        devices = {}
        for meter in self.meters:
            meter.count(self._wh())
            meter.happen(self.rng)
            shown = meter.show(self.rng)
            health = Health.LOST if shown is None else Health.GOOD
            devices[meter.name] = {POINT: Reading(shown, 0.0, health)}
        image = ProcessImage(0, self.clock.monotonic_s, self.clock.utc_now(), self.clock.known, devices)
        self.store.add_samples(image.at, image.clock_synchronised, self.keeper.readings(image))
        await self.store._on_thread(lambda: None)  # noqa: SLF001 - time flies here, but not for the disk
        self.clock.pass_time(READ_EVERY_S)

    def _spec_of(self, _key: SeriesKey) -> CounterSpec:
        return self.spec


async def live(village: Village, days: float, kills: int) -> dict[str, float]:
    """An hour, the days, and a quiet hour in the end; what could be known after the first hour [Wh]."""
    turns = int(days * DAY_S / READ_EVERY_S)
    dying, due = 0, {village.rng.randrange(turns) for _ in range(kills)}
    await village.start()
    for _ in range(WARM_UP_S // READ_EVERY_S):
        await village.turn()
    first = {meter.name: meter.knowable_wh for meter in village.meters}
    end = START + timedelta(days=days)
    number = 0
    while village.clock.at < end:
        await village.turn()
        number += 1
        dying += number in due
        if dying and village.clock.known and not any(meter.settling for meter in village.meters):
            dying -= 1
            await village.kill()
    for meter in village.meters:
        meter.silent = meter.reset = meter.replaced = meter.nonsense = 0.0
        meter.quiet_turns = 0
    village.clock.known = True
    for _ in range(3600 // READ_EVERY_S):
        await village.turn()
    await village.keeper.close()
    await village.store.close()
    return first


def rows(village: Village, first: dict[str, float]) -> Iterator[tuple[str, ...]]:
    """What is told of each meter beside what passed."""
    end = village.clock.at
    last = end.astimezone(ZoneInfo("Asia/Bangkok")).date()
    begin = START.astimezone(ZoneInfo("Asia/Bangkok")).date()
    for meter in village.meters:
        key = (meter.name, POINT)
        told = energy_between(village.path, key, START + timedelta(seconds=WARM_UP_S), end)
        daily = energy_by_day(village.path, key, begin, last, ZoneInfo("Asia/Bangkok"))
        total_wh, by_days_wh = told.wh or 0.0, sum(day.wh or 0.0 for day in daily.values())
        before_wh = energy_between(village.path, key, START, START + timedelta(seconds=WARM_UP_S)).wh or 0.0
        knowable_wh = meter.knowable_wh - first[meter.name]
        yield (
            meter.name,
            str(meter.breaks),
            f"{knowable_wh / 1000:.2f}",
            f"{total_wh / 1000:.2f}",
            f"{100 * abs(total_wh - knowable_wh) / knowable_wh:.4f}",
            f"{abs(by_days_wh - before_wh - total_wh):.1f}",
            f"{100 * told.known_frac:.2f}",
        )


def main() -> None:
    """Live through it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    add: Callable[..., object] = parser.add_argument
    add("--days", type=int, default=7)
    add("--kills", type=int, default=60)
    add("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        village = Village(Path(folder) / "telemetry.db", random.Random(arguments.seed))
        first = asyncio.run(live(village, arguments.days, arguments.kills))
        print(
            f"{arguments.days} days, read each {READ_EVERY_S} s, {village.killed} kills, {village.boot} boots"
        )
        heads = ("meter", "breaks", "knowable kWh", "told kWh", "error %", "days - whole Wh", "known %")
        for row in (heads, *rows(village, first)):
            print("  ".join(f"{cell:>15}" for cell in row))


if __name__ == "__main__":
    main()
