"""What a household used in a month: by its own meter on a bus, or by readings typed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.accounts.hand import MeterChange, hand_energy
from controller.accounts.ledger import Entry
from controller.telemetry.counter_breaks import read_counter_breaks
from controller.telemetry.counter_readings import read_counter
from controller.telemetry.energy import (
    FEEDER_COUNTER,
    Gap,
    energy_between,
    energy_by_day,
    local_midnight,
    next_month,
)


class Source(StrEnum):
    """Where a household's energy is known from."""

    METER = "meter"
    """Its own meter, read by Tawan."""
    HAND = "hand"
    """Its own meter, read by people."""
    NONE = "none"
    """Nobody has read one."""


@dataclass(frozen=True, slots=True)
class Use:
    """Energy of a household in a month."""

    source: Source
    wh: int | None
    """What is known [Wh]; None: nothing is."""
    known_frac: float = 1.0
    gaps: tuple[Gap, ...] = ()
    """When the meter was not heard."""
    opening_wh: float | None = None
    """What the meter showed at the beginning [Wh]."""
    closing_wh: float | None = None
    opening_day: date | None = None
    """Of readings by hand: when they were taken."""
    closing_day: date | None = None
    changes: tuple[MeterChange, ...] = ()


NO_USE = Use(Source.NONE, None, 0.0)


def metered_use(path: Path, meter: str, month: date, zone: ZoneInfo, now_utc: datetime) -> Use:
    """By a meter on a bus, up to now in a month that runs. path: telemetry.db. Raises StorageError."""
    start_utc = local_midnight(month, zone)
    end_utc = min(local_midnight(next_month(month), zone), now_utc)
    if end_utc - start_utc < timedelta(minutes=1):
        return Use(Source.METER, None, 0.0)
    key = (meter, FEEDER_COUNTER)
    energy = energy_between(path, key, start_utc, end_utc)
    if energy.wh is None:
        return Use(Source.METER, None, energy.known_frac, energy.gaps)
    readings = read_counter(path, key, int(start_utc.timestamp()), int(end_utc.timestamp()))
    changes = tuple(
        MeterChange(at.astimezone(zone).date(), broken.before_wh, broken.after_wh)
        for broken in read_counter_breaks(path, [key])[key]
        if start_utc <= (at := datetime.fromtimestamp(broken.at_s, UTC)) < end_utc
    )
    return Use(
        Source.METER,
        round(energy.wh),
        energy.known_frac,
        energy.gaps,
        float(readings.raw_wh[0]),
        float(readings.raw_wh[-1]),
        changes=changes,
    )


def hand_use(entries: Sequence[Entry], month: date) -> Use:
    """By readings typed in. entries: those of the household that count."""
    found = hand_energy(entries, month, next_month(month))
    if found is None:
        return NO_USE
    return Use(
        Source.HAND,
        found.wh,
        opening_wh=found.opening.wh,
        closing_wh=found.closing.wh,
        opening_day=found.opening.day,
        closing_day=found.closing.day,
        changes=found.changes,
    )


def daily_use(path: Path, meter: str, month: date, zone: ZoneInfo) -> dict[date, float | None]:
    """Energy of each day [Wh] by a meter on a bus; None where nothing is known. Raises StorageError."""
    last = next_month(month) - timedelta(days=1)
    days = energy_by_day(path, (meter, FEEDER_COUNTER), month, last, zone)
    return {day: energy.wh for day, energy in days.items()}
