"""The history as a wide table: a row for each step, a column for each series. Read a day at a time.

Values are as in the store: SI units that the names carry, power into a component positive; missing is empty.
Energy counters (`_wh`) are the meter's last reading in the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from controller.telemetry.schema import PERIOD_S, SeriesKey

STEPS_S = (10, 60, 300, 900, 3600)
"""Lengths of a step on offer: each divides a day."""
_SLICE = timedelta(days=1)


class History(Protocol):
    """What is asked of the store (`TelemetryReader`)."""

    def series(self) -> list[SeriesKey]:
        """All series ever sampled."""
        ...

    def history(
        self, series: Sequence[SeriesKey], start_utc: datetime, end_utc: datetime, step_s: int
    ) -> dict[SeriesKey, list[float | None]]:
        """Means in equal steps, None where nothing was sampled."""
        ...


class ExportError(Exception):
    """What was asked for cannot be exported; the text says why and what can."""


@dataclass(frozen=True, slots=True)
class Table:
    """What to export. Raises ExportError when it makes no sense."""

    columns: tuple[SeriesKey, ...]
    start_utc: datetime
    """Aware; a multiple of the step since midnight UTC."""
    end_utc: datetime
    step_s: int

    def __post_init__(self) -> None:
        if self.step_s not in STEPS_S:
            msg = f"a step of {self.step_s} s is not on offer: use one of {', '.join(map(str, STEPS_S))}"
            raise ExportError(msg)
        if not self.columns:
            raise ExportError("nothing to export: no series was chosen, or none was ever sampled")
        if self.end_utc <= self.start_utc:
            raise ExportError("the period is empty: it must end after it begins")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns as `subject.point`."""
        return tuple(f"{subject}.{point}" for subject, point in self.columns)

    def slices(self, history: History) -> Iterator[Slice]:
        """The table a day at a time, oldest first; days without any value are left out.

        Raises StorageError.
        """
        start = _floor(self.start_utc, self.step_s)
        while start < self.end_utc:
            end = min(start + _SLICE, self.end_utc)
            found = history.history(self.columns, start, end, self.step_s)
            steps = len(found[self.columns[0]])
            if any(value is not None for values in found.values() for value in values):
                times = [start + timedelta(seconds=self.step_s * n) for n in range(steps)]
                yield Slice(times, [found[key] for key in self.columns])
            start += _SLICE


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a table."""

    starts_utc: Sequence[datetime]
    """Start of each step."""
    values: Sequence[Sequence[float | None]]
    """One column for each series; as long as `starts_utc`."""


def choose(patterns: Sequence[str], known: Sequence[SeriesKey]) -> tuple[SeriesKey, ...]:
    """The series that patterns name: `subject.point`, `subject.*`, `*.point`, `*`; in the store's order.

    Raises ExportError for a pattern that names none, with what there is.
    """
    chosen: dict[SeriesKey, None] = {}
    for pattern in patterns:
        subject, _, point = pattern.partition(".")
        found = [key for key in known if subject in ("*", key[0]) and (point or "*") in ("*", key[1])]
        if not found:
            subjects = ", ".join(dict.fromkeys(name for name, _ in known)) or "none"
            msg = f"no series is named {pattern}: subjects are {subjects}"
            raise ExportError(msg)
        chosen.update(dict.fromkeys(found))
    return tuple(key for key in known if key in chosen)


def _floor(at: datetime, step_s: int) -> datetime:
    """The start of the step that an instant lies in."""
    step_s = max(step_s, PERIOD_S)
    return datetime.fromtimestamp(at.timestamp() // step_s * step_s, UTC)


def units_of(columns: Sequence[SeriesKey]) -> Mapping[str, str]:
    """Column name -> unit, as the suffix of the point's name tells."""
    return {f"{subject}.{point}": _unit(point) for subject, point in columns}


def _unit(point: str) -> str:
    return next((unit for suffix, unit in _UNITS.items() if point.endswith(suffix)), "1")


_UNITS = {
    "_wh": "Wh",
    "_wm2": "W/m2",
    "_w": "W",
    "_var": "var",
    "_va": "VA",
    "_v": "V",
    "_a": "A",
    "_hz": "Hz",
    "_c": "degC",
    "_s": "s",
    "_rpm": "1/min",
    "_frac": "1",
}
