"""A disk that is full, or read-only when the controller starts: what the store loses, and how it holds up.

On a small file system of its own (tmpfs in a user's own mount namespace, made by `unshare`), with the load of
benchmarks/crash_village.py. Run: python benchmarks/disk.py [--series 300] [--minutes 20]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_village import BOOT, FIRST_PERIOD, FastClock, Findings, decision, examine, keys_of, stamp, value

from controller.telemetry.schema import StorageError
from controller.telemetry.store import TelemetryStore

Json = dict[str, Any]
_SIZE = "24m"


def available() -> bool:
    """Whether this host lets us have a file system of our own."""
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-r", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@dataclass
class Run:
    """A store on the small disk, and what was seen of it."""

    path: Path
    series: int
    clock: FastClock = field(default_factory=lambda: FastClock(FIRST_PERIOD))
    longest_ms: float = 0.0
    """Longest that handing over a sample took the event loop."""
    refused: int = 0
    """Decisions that were refused, so that the controller knew."""
    errors: set[str] = field(default_factory=set)
    store: TelemetryStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = TelemetryStore(self.path, boot_id=BOOT, clock=self.clock)

    async def live(self, periods: int) -> None:
        """Hand over samples, and now and then a decision."""
        keys = keys_of(self.series)
        for _ in range(periods):
            now = self.clock.period
            values = {key: value(number, now) for number, key in enumerate(keys)}
            begun_s = time.perf_counter()
            self.store.add_samples(stamp(now), True, values)
            self.longest_ms = max(self.longest_ms, 1000 * (time.perf_counter() - begun_s))
            try:
                await self.store.append_decisions(
                    [decision(now, "open"), decision(now, "close")], {"period": now}
                )
            except StorageError as error:
                self.refused += 1
                self.errors.add(str(error))
            if self.store.sample_error is not None:
                self.errors.add(self.store.sample_error)
            self.clock.period += 1

    def report(self, first: int, last: int) -> Json:
        """Compare all samples of a time with what was handed over."""
        found = Findings()
        examine(self.path, [first, last], self.series, found, decided=False)
        return {
            "periods_handed_over": last - first,
            "periods_stored": found.periods if not found.wrong else 0,
            "wrong": found.wrong,
            "dropped_samples": self.store.dropped_samples,
            "decisions_refused": self.refused,
            "said": sorted(text.rpartition("/")[2] for text in self.errors),
            "longest_ms_of_the_event_loop": round(self.longest_ms, 1),
        }


async def refusing(
    folder: Path, series: int, periods: int, refuse: Callable[[], None], allow: Callable[[], None]
) -> Json:
    """A disk that refuses for a while in the midst of a run."""
    run = Run(folder / "telemetry.db", series)
    await run.store.open()
    await run.live(30)
    refuse()
    await run.live(periods)
    allow()
    await run.live(30)
    await run.store.close()
    return run.report(FIRST_PERIOD, run.clock.period - 1)


async def refusing_at_the_start(folder: Path, series: int, periods: int) -> Json:
    """A disk that cannot be written when the controller starts."""
    remount("ro", folder)
    run = Run(folder / "telemetry.db", series)
    with suppress(StorageError):
        await run.store.open()
    await run.live(periods)
    remount("rw", folder)
    await run.store.open_late()
    with suppress(StorageError):
        await run.store.close()
    return run.report(FIRST_PERIOD, run.clock.period - 1)


def remount(how: str, folder: Path) -> None:
    """Turn the file system read-only, or back."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room."""
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(os.urandom(4096))


def fresh(folder: Path) -> Path:
    """Mount a small file system of our own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)], check=True)
    return folder


def measure(folder: Path, series: int, minutes: int) -> Json:
    """All three, each on a fresh disk. Call it within a mount namespace of one's own."""
    periods = 6 * minutes
    table: Json = {"series": series, "refuses_for_min": minutes}
    fresh(folder)
    table["full"] = asyncio.run(
        refusing(folder, series, periods, lambda: fill(folder), (folder / "filler").unlink)
    )
    fresh(folder)
    # A file open for writing forbids it to turn read-only, as the kernel does by itself when a card fails.
    table["read-only at the start"] = asyncio.run(refusing_at_the_start(folder, series, periods))
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.inside is None:
        place = Path("/tmp") / f"tawan-disk-{os.getpid()}"
        place.mkdir()
        again = [sys.executable, __file__, "--series", str(told.series), "--minutes", str(told.minutes)]
        done = subprocess.run(["unshare", "-r", "-m", *again, "--inside", str(place)], check=False)
        place.rmdir()
        sys.exit(done.returncode)
    print(json.dumps(measure(told.inside, told.series, told.minutes), indent=2))
