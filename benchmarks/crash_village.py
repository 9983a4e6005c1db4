"""A store under full load that may be killed at any moment, and what must be in it afterwards.

As a program it is the writer: python benchmarks/crash_village.py DATABASE PERIOD SERIES [PERIODS]. Period by
period of 10 s (its clock runs as fast as the disk allows) it hands over the samples of all series, an alarm
and two decisions, waits until they are acknowledged, and then prints the period's number.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from controller.telemetry.alarm_log import AlarmRecord, Severity, read_alarms_after
from controller.telemetry.audit import verify
from controller.telemetry.database import TelemetryDatabase
from controller.telemetry.decision_log import DecisionRecord
from controller.telemetry.reader import TelemetryReader
from controller.telemetry.schema import PERIOD_S, SeriesKey, StorageError
from controller.telemetry.store import TelemetryStore

FIRST_PERIOD = 1_795_000_000 // PERIOD_S
BOOT = "crash-boot"
_FINEST_W = 0.06
"""The store keeps tenths of a watt."""


def keys_of(series: int) -> list[SeriesKey]:
    """So many series: powers, and a counter for every ten of them."""
    return [(f"meter_{each}", "energy_import_wh" if each % 10 == 0 else "power_w") for each in range(series)]


def value(number: int, period: int) -> float:
    """What a series shows in a period [W or Wh]: the same whenever it is asked."""
    if number % 10 == 0:
        return 1_000_000.0 + 1000 * number + 3 * (period - FIRST_PERIOD)
    return round(
        2000 + 900 * math.sin(period / 40 + number) + 300 * math.sin(period * period * 0.013 + number), 1
    )


def stamp(period: int) -> datetime:
    """Start of a period."""
    return datetime.fromtimestamp(period * PERIOD_S, UTC)


@dataclass
class FastClock:
    """Runs only when told; always right."""

    period: int
    speed: float = 1.0

    def monotonic(self) -> float:
        """Seconds."""
        return float(self.period * PERIOD_S)

    def utc_now(self) -> datetime:
        """Start of the period."""
        return stamp(self.period)

    def synchronised(self) -> bool:
        """Always."""
        return True

    async def sleep(self, duration_s: float) -> None:
        """Time does not pass by waiting."""

    async def sleep_until(self, monotonic_s: float) -> None:
        """Likewise."""


async def write(path: Path, period: int, series: int, periods: int | None = None) -> None:
    """Write until killed, or so many periods and then stop as one stops when the power fails: not at all."""
    clock = FastClock(period)
    store = TelemetryStore(path, boot_id=BOOT, clock=clock)
    await store.open()
    keys = keys_of(series)
    while periods is None or clock.period < period + periods:
        now = clock.period
        store.add_samples(stamp(now), True, {key: value(each, now) for each, key in enumerate(keys)})
        await store.keep_alarms([_alarm(now)])
        await store.append_decisions([decision(now, "open"), decision(now, "close")], {"period": now})
        os.write(1, f"{now}\n".encode())
        clock.period += 1
    os._exit(0)


def _alarm(period: int) -> AlarmRecord:
    cleared = None if period % 50 == 0 else stamp(period + 1)
    return AlarmRecord(
        period, "device_lost", "meter_1", Severity.WARNING, {"n": period}, stamp(period), cleared
    )


def decision(period: int, action: str) -> DecisionRecord:
    """A decision of a period."""
    at_s = float(period * PERIOD_S)
    return DecisionRecord(stamp(period), BOOT, at_s, "houses_a", action, "class_rationed", {"n": period})


@dataclass
class Findings:
    """What was wrong after crashes, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    checks: int = 0
    periods: int = 0
    """Periods whose samples were compared."""
    worst_energy_frac: float = 0.0
    """Greatest error of an energy between the first and the last acknowledged period."""
    most_lost_s: float = 0.0
    """Longest time handed over before the last acknowledgement and not there afterwards."""


def examine(
    path: Path, acknowledged: Sequence[int], series: int, found: Findings, *, decided: bool = True
) -> None:
    """Open a store after a crash and compare it with what its writer had acknowledged in its last run.

    decided: each period had its decisions and its alarm, and the memory went with them.
    """
    found.checks += 1
    database = TelemetryDatabase(path)
    try:
        restored = database.open("next-boot", stamp(acknowledged[-1] + 1 if acknowledged else FIRST_PERIOD))
        database.close()
    except StorageError as error:
        found.wrong.append(f"it cannot be opened: {error}")
        return
    found.wrong += restored.report.defects
    report = verify(path)
    if not report.ok:
        found.wrong.append(f"the chain is broken: {report.broken}")
    if not acknowledged:
        return
    first, last = acknowledged[0], acknowledged[-1]
    _examine_samples(path, first, last, series, found)
    if not decided:
        return
    if restored.memory is None or restored.memory["period"] not in {last, last + 1}:
        found.wrong.append(f"the memory is {restored.memory}, acknowledged was {last}")
    numbers = [
        each.record.params["n"]
        for each in TelemetryReader(path).decisions(limit=2 * (len(acknowledged) + 2))
        if first <= each.record.params["n"] <= last
    ]
    if sorted(numbers) != sorted([*acknowledged, *acknowledged]):
        found.wrong.append(f"decisions are missing between {first} and {last}")
    alarms = {each.id for each in read_alarms_after(path, 0, limit=10_000_000)}
    if not alarms.issuperset(acknowledged):
        found.wrong.append(f"alarms are missing: {sorted(set(acknowledged) - alarms)[:5]}")


def _examine_samples(path: Path, first: int, last: int, series: int, found: Findings) -> None:
    """All periods before the last acknowledged were over, hence safe; the last was still open."""
    if first == last:
        return
    keys, reader = keys_of(series), TelemetryReader(path)
    history = reader.history(keys, stamp(first), stamp(last), PERIOD_S)
    found.periods += last - first
    for number, key in enumerate(keys):
        values = history[key]
        missing = [first + each for each, stored in enumerate(values) if stored is None]
        if missing:
            found.most_lost_s = max(found.most_lost_s, float(PERIOD_S * len(missing)))
            found.wrong.append(f"{key}: periods {missing[0]} to {missing[-1]} are lost")
            return
        for period, stored in enumerate(values, start=first):
            if stored is not None and abs(stored - value(number, period)) > _FINEST_W:
                found.wrong.append(f"{key}: {stored} instead of {value(number, period)} in period {period}")
                return
        if key[1] == "power_w":
            energy = reader.energy_wh(*key, stamp(first), stamp(last)) if number % 50 == 1 else None
            if energy is not None:
                true_wh = sum(value(number, each) for each in range(first, last)) * PERIOD_S / 3600
                found.worst_energy_frac = max(found.worst_energy_frac, abs(energy[0] / true_wh - 1))


def next_start(last: int, dice: float, ahead: int) -> int:
    """Where the next run begins: at once, or `ahead` periods before an hour or a day is over."""
    soon = last + 2
    if dice < 0.4:
        return soon
    whole = int(timedelta(hours=1 if dice < 0.8 else 24).total_seconds()) // PERIOD_S
    return max(soon, (soon // whole + 1) * whole - ahead)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *map(int, sys.argv[4:5])))
