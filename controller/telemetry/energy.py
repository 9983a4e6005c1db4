"""Energy over any span of time: from counters where there are some, else from powers; never invented.

A counter tells how much passed between two readings even if nothing was heard in between: such energy counts
from when the counter was heard again, and the span is told as a gap. So what neighbouring spans tell adds up
exactly, and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.core.model import Site
from controller.telemetry.counter_breaks import StoredBreak, is_counter, read_counter_breaks
from controller.telemetry.counter_readings import (
    CounterReadings,
    read_counter,
    totals_of,
    without_leaps,
)
from controller.telemetry.reader import MAX_STEPS, TelemetryReader
from controller.telemetry.schema import PERIOD_S, QUARTER_S, SeriesKey

FEEDER_COUNTER = "energy_import_wh"
"""The counter of a feeder's meter."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which nothing was heard of the energy."""

    start_utc: datetime
    """Aware."""
    end_utc: datetime
    lost: bool
    """Its energy is not in the figure; else it is, but when it passed is not known."""


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy over a span of time."""

    wh: float | None
    """What is known [Wh]; a counter's is >= 0, a power's has its sign. None: nothing is."""
    known_frac: float
    """Part of the span whose energy is in `wh`, 0 to 1."""
    gaps: tuple[Gap, ...] = ()
    """In order of time; those shorter than a quarter of an hour only where energy is lost."""

    @property
    def complete(self) -> bool:
        """Whether nothing is lost: a full account of the span."""
        return self.wh is not None and not any(gap.lost for gap in self.gaps)


class Basis(StrEnum):
    """What an energy was made from."""

    COUNTER = "counter"
    """The meter's own energy counter: exact."""
    POWER = "power"
    """Power added up every 10 s."""


@dataclass(frozen=True, slots=True)
class FeederEnergy:
    """What a feeder drew over a span of time."""

    energy: Energy
    basis: Basis


def energy_between(path: Path, key: SeriesKey, start_utc: datetime, end_utc: datetime) -> Energy:
    """Energy of a counter (`*_wh`) or a power (`*_w`) over [start, end); both ends aware.

    path: telemetry.db. Ends are rounded down to 10 s; for counters, more than a week ago, to 15 min. Raises
    StorageError, ValueError for an empty or naive span or a point of another unit.
    """
    return _energies(path, key, [_seconds(start_utc), _seconds(end_utc)])[0]


def energy_by_day(path: Path, key: SeriesKey, first: date, last: date, zone: ZoneInfo) -> dict[date, Energy]:
    """Energy of each local day from first to last, both included. Raises as `energy_between`."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return _by_date(path, key, [*days, last + timedelta(days=1)], zone)


def energy_by_month(
    path: Path, key: SeriesKey, first: date, last: date, zone: ZoneInfo
) -> dict[date, Energy]:
    """Energy of each local month from that of first to that of last, by its first day. Raises likewise."""
    months = [first.replace(day=1)]
    while months[-1] <= last:
        months.append(next_month(months[-1]))
    return _by_date(path, key, months, zone)


def feeder_energy(
    path: Path, site: Site, feeder_id: str, start_utc: datetime, end_utc: datetime
) -> FeederEnergy:
    """What a feeder drew: its meter's counter where there is one, else its power.

    Raises KeyError for an unknown feeder, and as `energy_between`.
    """
    meter = next((feeder.meter for feeder in site.feeders if feeder.id == feeder_id), None)
    if feeder_id not in {feeder.id for feeder in site.feeders}:
        raise KeyError(feeder_id)
    if meter is not None:
        energy = energy_between(path, (meter, FEEDER_COUNTER), start_utc, end_utc)
        if energy.wh is not None:
            return FeederEnergy(energy, Basis.COUNTER)
    return FeederEnergy(energy_between(path, (feeder_id, "power_w"), start_utc, end_utc), Basis.POWER)


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _by_date(path: Path, key: SeriesKey, bounds: Sequence[date], zone: ZoneInfo) -> dict[date, Energy]:
    moments = [_seconds(local_midnight(day, zone)) for day in bounds]
    return dict(zip(bounds[:-1], _energies(path, key, moments), strict=True))


def _seconds(at: datetime) -> int:
    """Unix seconds, rounded down to the start of a 10 s period."""
    if at.tzinfo is None:
        raise ValueError("start and end must be aware")
    return int(at.timestamp() // PERIOD_S) * PERIOD_S


def _energies(path: Path, key: SeriesKey, bounds: Sequence[int]) -> list[Energy]:
    """Energy between each two neighbours of some moments, Unix seconds."""
    if any(end_s <= start_s for start_s, end_s in pairwise(bounds)):
        raise ValueError("the span is empty")
    if is_counter(key):
        readings = read_counter(path, key, bounds[0], bounds[-1])
        counter = _Counter(readings, read_counter_breaks(path, [key])[key])
        return [counter.between(start_s, end_s) for start_s, end_s in pairwise(bounds)]
    if key[1].endswith("_w"):
        return [_integral(path, key, start_s, end_s) for start_s, end_s in pairwise(bounds)]
    msg = f"{key[0]}.{key[1]} is neither a power (_w) nor an energy counter (_wh)"
    raise ValueError(msg)


class _Counter:
    """The readings of one counter, for several spans."""

    def __init__(self, readings: CounterReadings, breaks: Sequence[StoredBreak]) -> None:
        self._readings = readings
        self._breaks = [broken for broken in breaks if broken.kind.loses_energy]
        self._totals, leaps = without_leaps(readings, totals_of(readings, breaks))
        self._leaps = frozenset(leaps)

    def between(self, start_s: int, end_s: int) -> Energy:
        """Energy over [start, end), Unix seconds."""
        first, stop = self._readings.before(start_s), self._readings.before(end_s)
        base = max(0, first - 1)  # without an earlier reading counting begins at the first one
        if stop == first or stop == 1:
            return Energy(None, 0.0, (_gap(start_s, end_s, lost=True),))
        gaps = tuple(
            _gap(max(from_s, start_s), min(to_s, end_s), lost=lost)
            for from_s, to_s, lost in self._gaps(start_s, end_s, first, stop)
            if from_s < end_s and to_s > start_s
        )
        lost_s = sum((gap.end_utc - gap.start_utc).total_seconds() for gap in gaps if gap.lost)
        wh = float(self._totals[stop - 1] - self._totals[base])
        return Energy(wh, max(0.0, 1.0 - lost_s / (end_s - start_s)), gaps)

    def _gaps(self, start_s: int, end_s: int, first: int, stop: int) -> Iterator[tuple[int, int, bool]]:
        """From, to, and whether energy is lost; in order of time, not yet cut to the span."""
        starts, ends = self._readings.start_s[:stop], self._readings.end_s[:stop]
        if first == 0:
            yield start_s, int(ends[0]), True
        for index in range(max(0, first - 1), stop - 1):
            if index + 1 in self._leaps:
                yield int(ends[index]), int(ends[index + 1]), True
                continue
            yield from self._between_readings(int(ends[index]), int(starts[index + 1]), int(ends[index + 1]))
        if end_s - int(ends[-1]) >= QUARTER_S:
            yield int(ends[-1]), end_s, True

    def _between_readings(self, end_s: int, next_s: int, next_end_s: int) -> Iterator[tuple[int, int, bool]]:
        """The gaps between the end of a reading's period and the start and end of the next one's."""
        silent = next_s - end_s >= QUARTER_S
        for broken in self._breaks:
            if end_s <= broken.at_s < next_end_s:
                behind_s = broken.at_s + PERIOD_S
                yield end_s if silent else broken.at_s, behind_s, True
                end_s = behind_s
        if next_s - end_s >= QUARTER_S:
            yield end_s, next_s, False


def _gap(start_s: int, end_s: int, *, lost: bool) -> Gap:
    return Gap(datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC), lost)


def _integral(path: Path, key: SeriesKey, start_s: int, end_s: int) -> Energy:
    """Energy of a power over [start, end), Unix seconds."""
    start_utc, end_utc = datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC)
    reader = TelemetryReader(path)
    found = reader.energy_wh(*key, start_utc, end_utc)
    if found is None:
        return Energy(None, 0.0, (_gap(start_s, end_s, lost=True),))
    wh, known_frac = found
    return Energy(wh, known_frac, tuple(_silences(reader, key, start_utc, end_utc)))


def _silences(
    reader: TelemetryReader, key: SeriesKey, start_utc: datetime, end_utc: datetime
) -> Iterator[Gap]:
    """Where nothing was sampled for a quarter of an hour or more."""
    step = timedelta(seconds=QUARTER_S)
    silent_from: datetime | None = None
    at = start_utc
    while at < end_utc:
        until = min(end_utc, at + step * MAX_STEPS)
        for value in reader.history([key], at, until, QUARTER_S)[key]:
            if value is None:
                silent_from = silent_from or at
            elif silent_from is not None:
                yield Gap(silent_from, at, lost=True)
                silent_from = None
            at += step
        at = until
    if silent_from is not None:
        yield Gap(silent_from, end_utc, lost=True)
