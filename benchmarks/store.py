"""What telemetry.db costs in space, wear and time: a village of 300 points, on a real disk.

A day is written as the controller writes it (one commit of 10 s means every period, each waited for until it
is on the disk; decisions; the controller's memory every two minutes), only faster; the kernel tells what was
written. A week and a longer history are put in at once, for size and speed of reading. Run:
    python benchmarks/store.py [--hours 24] [--days 365] [--folder DIR] [--json]
The folder must be on a real file system, not on tmpfs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.signal import lfilter

from controller.config_file import load_config
from controller.core.memory import to_json
from controller.core.model import FeederMemory, Memory
from controller.core.model.ledger import FeederLedger, Tally
from controller.runtime.loop import MEMORY_SAVED_EVERY_S
from controller.settings import Config
from controller.site import site_from
from controller.telemetry.averaging import Period
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord, canonical_json
from controller.telemetry.packing import Floats
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import DAY_S, HOUR_S, PERIOD_S, QUARTER_S, SeriesKey
from controller.telemetry.stocking import stock_periods, stock_quarters
from controller.telemetry.store import TelemetryStore
from controller.telemetry.wear import written_bytes

POINTS = 300
DECISIONS_PER_DAY = 200
START = datetime(2026, 4, 1, tzinfo=UTC)
START_S = int(START.timestamp())
TEN_YEARS_D = 3652
LEDGER_DAYS = 30
SETTLING = 3 * HOUR_S // PERIOD_S
"""Periods written before the measurement: the files have grown to their sizes then."""
Json = dict[str, Any]

_SHARES = {
    "power_w": 0.34, "voltage_v": 0.2, "energy_wh": 0.14,
    "closed": 0.1, "temperature_c": 0.14, "soc_frac": 0.08,
}  # fmt: skip
"""Of the points of a village; powers are noisy, counters climb, switches hardly move."""


def village(periods: int, period_s: int = PERIOD_S, seed: int = 7) -> dict[SeriesKey, Floats]:
    """Means of POINTS series as devices of a village show them, with their resolutions."""
    rng = np.random.default_rng(seed)
    hours = ((START_S + 25_200 + period_s * np.arange(periods)) % DAY_S) / HOUR_S
    sun = np.clip(np.sin((hours - 6) / 12 * np.pi), 0, None)
    clouds = np.clip(1 - 0.4 * np.abs(_walk(rng, periods, 0.02)), 0.15, 1)
    evening = 0.4 + np.exp(-((hours - 19.5) ** 2) / 6) + 0.5 * np.exp(-((hours - 7) ** 2) / 3)
    columns: dict[SeriesKey, Floats] = {}
    points = [point for point, share in _SHARES.items() for _ in range(round(share * POINTS))][:POINTS]
    for number, point in enumerate(points):
        columns[f"device_{number}", point] = _column(rng, point, number, sun * clouds, evening)
    return columns


def _column(rng: np.random.Generator, point: str, number: int, sun: Floats, evening: Floats) -> Floats:
    count = sun.size
    if point == "power_w":
        shape = 8000 * sun if number % 3 == 0 else (300 + 40 * (number % 40)) * evening
        return np.round(shape * (1 + 0.03 * rng.standard_normal(count)) + 4 * rng.standard_normal(count), 1)
    if point == "voltage_v":
        return np.round(230 + 3 * _walk(rng, count, 0.02) + 0.4 * rng.standard_normal(count), 2)
    if point == "energy_wh":
        return np.floor(1e6 + np.cumsum((200 + 30 * number) * evening * PERIOD_S / 3600) / 10) * 10
    if point == "closed":
        return (np.cumsum(rng.random(count) < 1 / 4000) % 2).astype(float)
    if point == "temperature_c":
        return np.round(32 + 6 * sun + _walk(rng, count, 0.01), 1)
    return np.round(np.clip(0.6 + 0.3 * _walk(rng, count, 0.002), 0.05, 1), 3)


def _walk(rng: np.random.Generator, count: int, step: float) -> Floats:
    """A random walk that is drawn back to 0; of unit size."""
    found: Floats = lfilter([step], [1.0, step * step - 1.0], rng.standard_normal(count))
    return found


class AgeingMemory:
    """The controller's memory of the default village after a month, as it is stored."""

    def __init__(self, config: Config) -> None:
        self._chance = random.Random(1)
        self._past = [self._tally() for _ in range(LEDGER_DAYS)]
        self._feeders = [feeder.id for feeder in site_from(config).feeders]

    def text(self) -> str:
        """The memory a little later."""
        ledger = FeederLedger(tuple(self._past), self._tally(), self._tally())
        draw = self._chance.uniform
        feeders = {
            name: FeederMemory(
                closed=True, state_s=draw(0, 1e5), ledger=ledger, mean_w=draw(0, 3000), hold_s=draw(0, 1000),
                hourly_w=(draw(0, 3000), *(100.0 * hour for hour in range(23))),
            )
            for name in self._feeders
        }  # fmt: skip
        return canonical_json(to_json(Memory(feeders=feeders)))

    def _tally(self) -> Tally:
        return Tally(*(self._chance.uniform(0, DAY_S) for _ in Tally._fields))


def write_a_day(path: Path, hours: int, memory: AgeingMemory) -> Json:
    """Write hours of periods, each waited for until it is on the disk; what the kernel counted, per day."""
    count = hours * HOUR_S // PERIOD_S
    columns = village(SETTLING + count)
    keys = list(columns)
    table = np.stack([columns[key] for key in keys])
    database = TelemetryDatabase(path)
    database.open("benchmark", START)
    before, begun_s, slices = 0, time.perf_counter(), [0.0]
    for number in range(-SETTLING, count):
        if number == 0:
            before, begun_s = written_bytes() or 0, time.perf_counter()
        period = Period(START_S + PERIOD_S * number, True)
        values = table[:, SETTLING + number].tolist()
        period.add(dict(zip(keys, values, strict=True)))
        database.write_samples([period])
        more = True
        while more:
            slice_s = time.thread_time()
            more = database.work()
            slices.append(time.thread_time() - slice_s)
        if number % round(MEMORY_SAVED_EVERY_S / PERIOD_S) == 0 or _decisions(number):
            database.append_decisions(_decisions(number), memory.text())
    took_s = time.perf_counter() - begun_s
    database.close()
    scale = DAY_S / (hours * HOUR_S)
    return {
        "hours": hours,
        "written_mb_per_day": ((written_bytes() or 0) - before) * scale / 1e6,
        "ms_per_period": 1000 * took_s / count,
        "longest_slice_ms": 1000 * max(slices),
        "memory_json_bytes": len(memory.text()),
    }


def _decisions(number: int) -> list[DecisionRecord]:
    at = START + timedelta(seconds=PERIOD_S * number)
    if number % (DAY_S // PERIOD_S // DECISIONS_PER_DAY):
        return []
    params = {"soc_frac": 0.412, "until_utc": at.isoformat(), "feeders": ["houses_a", "houses_b"]}
    return [DecisionRecord(at, "benchmark", float(number), "houses_a", "open", "class_rationed", params)]


def sizes(folder: Path, days: int) -> Json:
    """How a store grows in its first week and with its quarters, measured in pages of files."""
    week = folder / "week.db"
    stock_periods(week, village(7 * DAY_S // PERIOD_S), START_S)
    _settle(week)
    first = _used(week)
    quarters = folder / "years.db"
    stock_quarters(quarters, _quarters(2), START_S - 2 * DAY_S)
    small = _used(quarters)
    stock_quarters(quarters, _quarters(days), START_S)
    per_day = (_used(quarters) - small) / days
    decisions = DECISIONS_PER_DAY * 520.0
    minutes = _bytes(week, "minute") / 6
    return {
        "first_week_mb_per_day": first / 7 / 1e6,
        "minutes_kb_per_day": minutes / 1e3,
        "quarters_kb_per_day": per_day / 1e3,
        "ten_years_gb": ((per_day + decisions) * TEN_YEARS_D + first + minutes * 90) / 1e9,
    }


def _quarters(days: int) -> dict[SeriesKey, Floats]:
    """Quarters: means of noisy samples, so with more digits than a device shows."""
    rng = np.random.default_rng(days)
    return {
        key: values if key[1] in {"energy_wh", "closed"} else values + 0.05 * rng.standard_normal(values.size)
        for key, values in village(days * DAY_S // QUARTER_S, QUARTER_S, seed=days).items()
    }


def _settle(path: Path) -> None:
    database = TelemetryDatabase(path)
    database.open("benchmark", START)
    # One more period: the day before it is over, and is rolled up.
    period = Period(START_S + 7 * DAY_S, True)
    period.add({("site", "pv_w"): 1.0})
    database.write_samples([period])
    database.fold_all()
    database.close()


def _used(path: Path) -> int:
    return path.stat().st_size


def _bytes(path: Path, table: str) -> float:
    question = f"SELECT total(length(samples) + length(mean) + 24) FROM {table}"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return float(connection.execute(question).fetchone()[0])


def reading_times(folder: Path, days: int) -> Json:
    """How long a chart waits: the median of some runs, and the first one with nothing in memory."""
    week, years = TelemetryReader(folder / "week.db"), TelemetryReader(folder / "years.db")
    key = [next(key for key in years.series() if key[1] == "power_w")]
    year = (START, START + timedelta(days=days))
    day = (START + timedelta(days=5), START + timedelta(days=6))
    return {
        "year_of_quarters": _timed(folder / "years.db", lambda: years.quarters(key, *year)),
        "year_as_chart": _timed(folder / "years.db", lambda: years.history(key, *year, QUARTER_S * 4)),
        "day_of_10_s": _timed(folder / "week.db", lambda: week.history(key, *day, PERIOD_S)),
        "energy_of_a_month": _timed(
            folder / "years.db", lambda: years.energy_wh(*key[0], START, START + timedelta(days=30))
        ),
        "thousand_periods": _timed(folder / "week.db", lambda: week.periods(0, 1000)),
    }


def _timed(path: Path, work: Callable[[], object]) -> Json:
    _forget_cache(path)
    runs, cpu = [], []
    for _ in range(7):
        begun_s, begun_cpu_s = time.perf_counter(), time.thread_time()
        work()
        runs.append(1000 * (time.perf_counter() - begun_s))
        cpu.append(1000 * (time.thread_time() - begun_cpu_s))
    return {"cold_ms": runs[0], "median_ms": sorted(runs)[3], "cpu_ms": sorted(cpu)[3]}


def _forget_cache(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class FastClock:
    """A clock that the benchmark moves: see controller.clock.Clock."""

    speed = 1.0

    def __init__(self) -> None:
        self.elapsed_s = 0.0

    def monotonic(self) -> float:
        """Seconds that it was moved."""
        return self.elapsed_s

    def utc_now(self) -> datetime:
        """The time of the village."""
        return START + timedelta(seconds=self.elapsed_s)

    def synchronised(self) -> bool:
        """Always."""
        return True

    async def sleep(self, duration_s: float) -> None:
        """Move it."""
        self.elapsed_s += duration_s

    async def sleep_until(self, monotonic_s: float) -> None:
        """Move it."""
        self.elapsed_s = max(self.elapsed_s, monotonic_s)


async def loop_delay(path: Path, hours: int) -> Json:
    """How long the event loop is kept from its other work while samples are written, folded and rolled up."""
    clock = FastClock()
    store = TelemetryStore(path, boot_id="benchmark", clock=clock)
    await store.open()
    columns = village(hours * HOUR_S // PERIOD_S)
    keys = list(columns)
    table = np.stack([columns[key] for key in keys])
    late: list[float] = []
    idle = await _idle_delay()
    waits: list[float] = []
    clock.elapsed_s = DAY_S - HOUR_S * (hours - 1.0)  # past midnight: a day is rolled up too
    for number in range(table.shape[1]):
        clock.elapsed_s += PERIOD_S
        values = dict(zip(keys, table[:, number].tolist(), strict=True))
        begun_s = time.perf_counter()
        store.add_samples(clock.utc_now(), True, values)
        await asyncio.sleep(0.004)
        late.append(time.perf_counter() - begun_s - 0.004)
        if number % 30 == 0:
            begun_s = time.perf_counter()
            await store.append_decisions(_decisions(0), {})
            waits.append(time.perf_counter() - begun_s)
    await store.close()
    return {
        "idle_longest_ms": 1000 * idle,
        "longest_ms": 1000 * max(late),
        "p99_ms": 1000 * float(np.quantile(late, 0.99)),
        "decision_ms": 1000 * max(waits),
    }


async def _idle_delay() -> float:
    """The longest delay of a loop that has nothing to do: what the machine itself adds."""
    late = []
    for _ in range(500):
        begun_s = time.perf_counter()
        await asyncio.sleep(0.004)
        late.append(time.perf_counter() - begun_s - 0.004)
    return max(late)


def shown(found: Json) -> Table:
    """The figures with their bars."""
    day, size, read, delay = (found[part] for part in ("day", "size", "reading", "loop"))
    table = Table("what", "measured", "bar", title=f"telemetry.db: {POINTS} points, {found['host']}")
    rows = [
        ("on disk in the first week, MB a day", f"{size['first_week_mb_per_day']:.2f}", "20"),
        ("on disk after ten years, GB (projected)", f"{size['ten_years_gb']:.2f}", "1.5"),
        ("  minutes, kB a day (kept 90 days)", f"{size['minutes_kb_per_day']:.0f}", ""),
        ("  quarters, kB a day (kept for ever)", f"{size['quarters_kb_per_day']:.0f}", ""),
        (
            f"physically written, MB a day ({day['hours']} h measured)",
            f"{day['written_mb_per_day']:.1f}",
            "60",
        ),
        ("  memory of the controller, bytes", f"{day['memory_json_bytes']}", ""),
        ("longest slice on the store's thread, CPU ms", f"{day['longest_slice_ms']:.1f}", "50"),
        ("a year of 15 min, ms (first time; CPU)", _two(read["year_of_quarters"]), "150"),
        ("a year as a chart by the hour, ms", _two(read["year_as_chart"]), "150"),
        ("a day of 10 s, ms", _two(read["day_of_10_s"]), "60"),
        ("energy of a month, ms", _two(read["energy_of_a_month"]), ""),
        ("1000 periods for export, ms", _two(read["thousand_periods"]), ""),
        ("event loop delayed, ms (p99)", f"{delay['longest_ms']:.1f} ({delay['p99_ms']:.1f})", "50"),
        ("  the same with nothing to do, ms", f"{delay['idle_longest_ms']:.1f}", ""),
        ("a decision waited for the disk, ms", f"{delay['decision_ms']:.1f}", ""),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _two(times: Json) -> str:
    return f"{times['median_ms']:.1f} ({times['cold_ms']:.1f}; {times['cpu_ms']:.1f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=24, help="hours written with a real fsync each period")
    parser.add_argument("--days", type=int, default=365, help="days of quarters that are read")
    parser.add_argument("--folder", type=Path, help="on a real disk; otherwise the one for temporary files")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    memory = AgeingMemory(load_config(root / "config.yaml"))
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="store-benchmark-") as name:
        folder = Path(name)
        found = {
            "host": f"{platform.machine()}, Python {platform.python_version()}",
            "day": write_a_day(folder / "day.db", chosen.hours, memory),
            "size": sizes(folder, chosen.days),
            "reading": reading_times(folder, chosen.days),
            "loop": asyncio.run(loop_delay(folder / "loop.db", 3)),
        }
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        Console(width=100).print(shown(found))


if __name__ == "__main__":
    main()
